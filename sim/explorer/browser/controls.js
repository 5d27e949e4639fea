// The controls: native inputs, so that keyboards, screen readers and fingers work as everywhere.
// One question is under way at a time. What is moved meanwhile is asked once the answer is there: the latest counts.

const MONTHS = 12

function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "")
    else if (value !== false && value !== "") element.setAttribute(name, value)
  }
  element.append(...children)
  return element
}

function monthOf(date) {
  const [year, month] = date.split("-").map(Number)
  return year * MONTHS + month - 1
}

function dateOf(month) {
  const year = String(Math.floor(month / MONTHS)).padStart(4, "0")
  return `${year}-${String((month % MONTHS) + 1).padStart(2, "0")}-01`
}

// Inputs of one control: each shows a value and tells of a new one.
function inputsOf(control, id, tell) {
  if (control.kind === "switch") return switchOf(id, tell)
  if (control.kind === "choice") return choiceOf(control, id, tell)
  return control.kind === "date" ? dateInputs(control, id, tell) : numberInputs(control, id, tell)
}

function switchOf(id, tell) {
  const input = made("input", {type: "checkbox", id})
  input.addEventListener("change", () => tell(input.checked))
  return {elements: [input], show: (value) => { input.checked = value }}
}

function choiceOf(control, id, tell) {
  const options = control.options.map((word) => made("option", {value: word}, word.replaceAll("_", " ")))
  const input = made("select", {id}, ...options)
  input.addEventListener("change", () => tell(input.value))
  return {elements: [input], show: (value) => { input.value = value }}
}

function numberInputs(control, id, tell) {
  const ends = {min: control.low, max: control.high}
  const slider = made("input", {type: "range", id, step: control.step, ...ends})
  const exact = made("input", {type: "number", step: control.kind === "integer" ? 1 : "any", "aria-label": `${control.name}, typed`})
  const show = (value) => { slider.value = value; exact.value = value }
  slider.addEventListener("input", () => { exact.value = slider.value; tell(slider.valueAsNumber) })
  exact.addEventListener("change", () => {
    if (!Number.isFinite(exact.valueAsNumber)) return
    slider.value = exact.value
    tell(exact.valueAsNumber)
  })
  return {elements: [slider, made("span", {class: "exact"}, exact, control.unit ? ` ${control.unit}` : "")], show}
}

function dateInputs(control, id, tell) {
  const slider = made("input", {type: "range", id, step: control.step, min: monthOf(control.low), max: monthOf(control.high)})
  const exact = made("input", {type: "date", "aria-label": `${control.name}, typed`})
  const show = (value) => { slider.value = monthOf(value); exact.value = value; slider.setAttribute("aria-valuetext", value) }
  slider.addEventListener("input", () => { show(dateOf(slider.valueAsNumber)); tell(exact.value) })
  exact.addEventListener("change", () => {
    if (!exact.value) return
    show(exact.value)
    tell(exact.value)
  })
  return {elements: [slider, made("span", {class: "exact"}, exact)], show}
}

class Row {
  constructor(control, id, moved) {
    this.control = control
    const tell = (value) => { this.mark(value); moved(control.path, value) }
    this.inputs = inputsOf(control, id, tell)
    this.note = made("p", {class: "note"})
    this.reset = made("button", {type: "button", "aria-label": `Reset ${control.name}`}, "reset")
    this.reset.addEventListener("click", () => { this.show(undefined); moved(control.path, undefined) })
    const hint = [control.help, control.source && `Source: ${control.source}`].filter(Boolean).join("\n\n")
    const label = made("label", {for: id, title: hint}, control.title)
    const parts = control.kind === "switch" ? [...this.inputs.elements, label] : [label, ...this.inputs.elements]
    this.element = made("div", {class: `control ${control.kind}`, "data-path": control.path}, ...parts, this.note)
    this.show(undefined)
  }

  show(value) {
    this.inputs.show(value === undefined ? this.control.value : value)
    this.mark(value)
  }

  mark(value) {
    const {drawn} = this.control
    const moved = value !== undefined && (drawn !== "" || value !== this.control.value)
    this.element.classList.toggle("moved", moved)
    const words = drawn ? (moved ? `fixed; drawn before from ${drawn}` : `drawn from ${drawn}`) : moved ? `was ${this.was()}` : ""
    this.note.replaceChildren(...(words ? [words] : []), ...(moved ? [this.reset] : []))
  }

  was() {
    const {kind, value, unit} = this.control
    return kind === "switch" ? (value ? "in force" : "off") : `${String(value).replaceAll("_", " ")}${unit ? ` ${unit}` : ""}`
  }
}

function sectionOf(section, rowOf) {
  const parts = new Map()
  for (const control of section.controls) {
    if (!parts.has(control.part)) parts.set(control.part, made("fieldset", {}, made("legend", {}, control.part)))
    parts.get(control.part).append(rowOf(control).element)
  }
  return made("details", {open: section.open}, made("summary", {}, section.title), ...parts.values())
}

// A field that leaves only the controls in which all words typed occur, and opens what they stand in.
function searchOf(sections, rows) {
  const input = made("input", {type: "search", id: "search", placeholder: "such as price, aws, licence"})
  const found = made("span", {class: "found", role: "status"})
  const wasOpen = new Map(sections.map((section) => [section, section.open]))
  const texts = new Map([...rows.values()].map(({element, control}) =>
    [element, [control.title, control.part, control.path, control.help].join(" ").toLowerCase()]))
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean)
    let count = 0
    for (const [element, text] of texts) {
      element.hidden = !words.every((word) => text.includes(word))
      if (!element.hidden) count += 1
    }
    for (const section of sections) {
      for (const group of section.querySelectorAll("fieldset")) group.hidden = !group.querySelector(".control:not([hidden])")
      section.hidden = !section.querySelector(".control:not([hidden])")
      section.open = words.length ? true : wasOpen.get(section)
    }
    found.textContent = words.length ? `${count} of ${texts.size}` : ""
  })
  return made("p", {class: "search"}, made("label", {for: "search"}, "Search"), input, found)
}

export function render({model}) {
  const status = made("p", {class: "status", role: "status"})
  const rows = new Map()
  let moved = {...model.moved}, asked = JSON.stringify(moved), sent = model.answered, begun = 0, busy = false

  const ask = () => {
    const wanted = JSON.stringify(moved)
    if (busy || wanted === asked) return
    busy = true
    asked = wanted
    begun = performance.now()
    sent += 1
    status.className = "status busy"
    status.textContent = "Running …"
    model.request = {number: sent, moved: {...moved}}
  }
  const answered = () => {
    if (model.answered < sent) return
    busy = false
    const seconds = ((performance.now() - begun) / 1000).toFixed(1)
    status.className = "status"
    status.textContent = `Answered in ${seconds} s`
    status.dataset.answered = String(model.answered)
    ask()
  }
  const move = (path, value) => {
    if (value === undefined) delete moved[path]
    else moved[path] = value
    ask()
  }
  const rowOf = (control) => {
    const row = new Row(control, `control-${rows.size}`, move)
    rows.set(control.path, row)
    return row
  }
  const putBack = () => {
    moved = {}
    asked = "{}"
    for (const row of rows.values()) row.show(undefined)
  }

  const whole = made("div", {class: "controls"})
  const build = () => {
    rows.clear()
    const sections = model.sections.map((section) => sectionOf(section, rowOf))
    for (const [path, row] of rows) if (path in moved) row.show(moved[path])
    whole.replaceChildren(status, searchOf(sections, rows), ...sections)
  }
  status.textContent = "Move a control: the market answers."
  if (model.address) history.replaceState(null, "", model.address)
  const dark = window.matchMedia("(prefers-color-scheme: dark)")
  const tellDark = () => { if (model.dark !== dark.matches) model.dark = dark.matches }
  dark.addEventListener("change", tellDark)
  setTimeout(tellDark)
  model.on("answered", answered)
  model.on("resets", putBack)
  model.on("sections", build)
  build()
  return whole
}
