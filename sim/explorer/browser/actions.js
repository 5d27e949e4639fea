// What is changed now, and the buttons. Only one request is under way at a time.

function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) if (value !== "") element.setAttribute(name, value)
  element.append(...children)
  return element
}

export function render({model}) {
  let sent = model.done.number ?? 0, tab = null
  const name = made("input", {type: "text", id: "scenario-name", spellcheck: "false", placeholder: "lower_case_words"})
  const said = made("p", {class: "said", role: "status"})
  const question = made("p", {class: "question"})
  const words = made("code", {})
  const heading = made("p", {})
  const copy = made("button", {type: "button"}, "Copy")

  const buttons = []
  const ask = (action) => {
    sent += 1
    for (const button of buttons) button.disabled = true
    said.className = "said"
    said.textContent = "One moment …"
    question.replaceChildren()
    model.asked = {number: sent, action, name: name.value}
  }
  const button = (title, action) => {
    const element = made("button", {type: "button"}, title)
    element.addEventListener("click", () => {
      if (action === "report" && model.opens) tab = window.open("", "_blank")
      ask(action)
    })
    buttons.push(element)
    return element
  }
  const finish = () => {
    const {number, text, refused, link, question: wanted} = model.done
    if (number !== sent) return
    for (const element of buttons) element.disabled = false
    said.textContent = text
    said.className = refused ? "said refused" : "said"
    if (tab && link) tab.location.replace(new URL(link, document.baseURI))
    else if (tab) tab.close()
    tab = null
    if (wanted) question.replaceChildren(button(wanted, "replace"))
  }
  const showWords = () => {
    heading.textContent = model.words.length ? "Changed now, as options of the command:" : "Nothing is changed."
    words.textContent = model.words.join(" \\\n")
    copy.hidden = !model.words.length
  }
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(model.words.join(" "))
    said.textContent = "Copied."
  })
  model.on("done", finish)
  model.on("words", showWords)
  showWords()
  const save = made("span", {class: "save"}, made("label", {for: "scenario-name"}, "Name"), name,
    button("Save as scenario YAML", "save"))
  const row = made("div", {class: "actions"}, button("Reset all", "reset"), button("Make this the reference", "reference"),
    button("Sweep the last control", "sweep"),
    button("Open report", "report"), save)
  return made("div", {class: "page-actions"}, made("div", {class: "changed"}, heading, words, copy), row, said, question)
}
