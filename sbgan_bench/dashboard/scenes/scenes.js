// A grid of scenes: one row per model, one column per scene. What comes from files is only ever set as text or as the
// source of an image.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const grid = parentElement.querySelector(".grid");
  const wanted = JSON.stringify(data);
  if (grid.dataset.shown !== wanted) {
    grid.dataset.shown = wanted;
    draw(grid, data);
  }
  const pick = (button) => setTriggerValue("tile", Number(button.dataset.tile));
  grid.onclick = (event) => {
    const button = event.target.closest("button");
    if (button) pick(button);
  };
  grid.onkeydown = (event) => move(grid, event);
  grid.onpointerover = (event) => light(grid, event.target.closest("button"));
  grid.onpointerleave = () => light(grid, null);
}

function draw(grid, data) {
  grid.replaceChildren();
  grid.style.setProperty("--n", data.numbers.length);
  for (const row of data.rows) {
    const label = element("div", "label");
    label.append(element("b", "", row.label));
    if (row.detail) label.append(element("small", "", row.detail));
    const tiles = element("div", "tiles");
    data.numbers.forEach((number, column) => {
      const button = element("button", number === data.selected ? "tile chosen" : "tile");
      button.type = "button";
      button.dataset.tile = number;
      button.dataset.column = column;
      button.setAttribute("aria-label", `Scene ${number} of ${row.label}`);
      if (number === data.selected) button.setAttribute("aria-pressed", "true");
      for (const kind of ["layouts", "images"]) {
        const source = row[kind] && row[kind][column];
        if (!source) continue;
        const image = element("img", kind);
        image.loading = "lazy";
        image.decoding = "async";
        image.alt = "";
        image.style.aspectRatio = `${row.shape[1]} / ${row.shape[0]}`;
        image.src = source;
        button.append(image);
      }
      tiles.append(button);
    });
    const strip = element("div", "strip");
    strip.append(label, tiles);
    grid.append(strip);
  }
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function light(grid, under) {
  for (const button of grid.querySelectorAll("button"))
    button.classList.toggle("lit", !!under && button.dataset.column === under.dataset.column);
}

function move(grid, event) {
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const step = steps[event.key];
  const here = event.target.closest("button");
  if (!step || !here) return;
  const rows = [...grid.querySelectorAll(".strip")].map((strip) => [...strip.querySelectorAll("button")]);
  const row = rows.findIndex((buttons) => buttons.includes(here));
  const next = (rows[row + step[0]] || [])[rows[row].indexOf(here) + step[1]];
  if (next) {
    event.preventDefault();
    next.focus();
    light(grid, next);
  }
}
