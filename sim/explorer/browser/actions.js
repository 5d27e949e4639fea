// What is changed now, and the buttons. Only one request is under way at a time.

function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) if (value !== "") element.setAttribute(name, value)
  element.append(...children)
  return element
}

// A piece of the line that charts draw for a pin.
function sampleOf(pin) {
  const space = "http://www.w3.org/2000/svg"
  const [picture, line] = ["svg", "line"].map((tag) => document.createElementNS(space, tag))
  for (const [name, value] of Object.entries({width: 40, height: 12, "aria-hidden": "true"})) picture.setAttribute(name, value)
  const looks = {x1: 0, x2: 40, y1: 6, y2: 6, stroke: pin.colour, "stroke-width": 3, "stroke-dasharray": pin.dashes}
  for (const [name, value] of Object.entries(looks)) line.setAttribute(name, value)
  picture.append(line)
  return picture
}

export function render({model}) {
  let sent = model.done.number ?? 0, tab = null
  const name = made("input", {type: "text", id: "scenario-name", spellcheck: "false", placeholder: "lower_case_words"})
  const said = made("p", {class: "said", role: "status"})
  const question = made("p", {class: "question"})
  const words = made("code", {})
  const heading = made("p", {})
  const copy = made("button", {type: "button"}, "Copy")
  const pinned = made("ul", {class: "pins", "aria-label": "Pinned variants"})

  const enable = (may) => { for (const element of whole.querySelectorAll("button, .pins input")) element.disabled = !may }
  const ask = (action, more = {}) => {
    sent += 1
    enable(false)
    said.className = "said"
    said.textContent = "One moment …"
    question.replaceChildren()
    model.asked = {number: sent, action, name: name.value, part: part.value, ...more}
  }
  const button = (title, action, more = {}, attributes = {}) => {
    const element = made("button", {type: "button", ...attributes}, title)
    element.addEventListener("click", () => {
      if (action === "report" && model.opens) tab = window.open("", "_blank")
      ask(action, more)
    })
    return element
  }
  const finish = () => {
    const {number, text, refused, link, question: wanted} = model.done
    if (number !== sent) return
    enable(true)
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
  const showPins = () => pinned.replaceChildren(...model.pins.map((pin) => {
    const title = made("input", {type: "text", "aria-label": `Name of pin ${pin.number}`, maxlength: 120, spellcheck: "false"})
    title.value = title.title = pin.name
    title.addEventListener("change", () => ask("rename", {pin: pin.number, name: title.value}))
    const remove = button("Remove", "unpin", {pin: pin.number}, {"aria-label": `Remove pin ${pin.number}`})
    return made("li", {}, sampleOf(pin), made("span", {}, `pin ${pin.number}`), title, remove)
  }))
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(model.words.join(" "))
    said.textContent = "Copied."
  })
  model.on("done", finish)
  model.on("words", showWords)
  model.on("pins", showPins)
  const save = made("span", {class: "save"}, made("label", {for: "scenario-name"}, "Name"), name,
    button("Save as scenario YAML", "save"))
  const part = made("select", {id: "part"}, ...model.parts.map((word) => made("option", {value: word}, word)))
  const add = button("Add", "add", {}, {"aria-label": "Add the part, as a new scenario of that name"})
  const added = made("span", {class: "save"}, made("label", {for: "part"}, "A new"), part, add)
  const row = made("div", {class: "actions"}, button("Reset all", "reset"), button("Pin this variant", "pin"),
    button("Make this the reference", "reference"), button("Sweep the last control", "sweep"),
    button("Open report", "report"), save, added)
  const changed = made("div", {class: "changed"}, heading, words, copy)
  const whole = made("div", {class: "page-actions"}, changed, row, said, question, pinned)
  showWords()
  showPins()
  return whole
}
