// The table of answers: HTML made and escaped by the page.
export function render({model}) {
  const table = document.createElement("div")
  const show = () => { table.innerHTML = model.html }
  model.on("html", show)
  show()
  return table
}
