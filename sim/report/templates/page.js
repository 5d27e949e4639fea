// Headings of tables become buttons that sort the rows: numbers by their full value, words by the alphabet.
for (const heading of document.querySelectorAll("thead th")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = heading.textContent;
  button.title = "Sort by this column";
  button.addEventListener("click", () => sort(heading));
  heading.replaceChildren(button);
}

function sort(heading) {
  const rising = heading.getAttribute("aria-sort") !== "ascending";
  const body = heading.closest("table").tBodies[0];
  const place = heading.cellIndex;
  const isNumber = heading.classList.contains("number");
  const key = (row) => {
    const cell = row.cells[place];
    const held = cell.querySelector("data");
    if (!isNumber) return cell.textContent.trim().toLowerCase();
    const value = held === null || held.value === "" ? NaN : Number(held.value);
    return value;
  };
  const missing = (value) => isNumber && Number.isNaN(value);
  const rows = Array.from(body.rows, (row) => [key(row), row]);
  rows.sort(([one], [other]) => {
    if (missing(one) || missing(other)) return missing(one) - missing(other);
    const order = isNumber ? one - other : one.localeCompare(other);
    return rising ? order : -order;
  });
  for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", rising ? "ascending" : "descending");
  body.append(...rows.map(([, row]) => row));
}

// Each chart can be kept as a picture with all its words, as large as paper needs it.
const SCALE = 3;
for (const figure of document.querySelectorAll("figure")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Save as PNG";
  button.addEventListener("click", () => save(figure.querySelector("svg[data-whole]"), figure.dataset.name));
  figure.querySelector("figcaption").append(" ", button);
}

function save(drawn, name) {
  const [width, height] = drawn.dataset.whole.split(" ").map((points) => SCALE * points);
  const whole = drawn.cloneNode(true);
  whole.removeAttribute("style");
  whole.setAttribute("viewBox", `0 0 ${width / SCALE} ${height / SCALE}`);
  whole.setAttribute("width", width);
  whole.setAttribute("height", height);
  const picture = new Image();
  picture.addEventListener("load", () => {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const ground = canvas.getContext("2d");
    ground.fillStyle = "white";
    ground.fillRect(0, 0, width, height);
    ground.drawImage(picture, 0, 0);
    Object.assign(document.createElement("a"), { href: canvas.toDataURL(), download: `${name}.png` }).click();
  });
  picture.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(whole))}`;
}
