// A layout editor: label maps as arrays of class ids, drawn into a canvas with one canvas pixel per layout pixel.
// Names of classes and messages come from files: they are only ever set as text.
const HISTORY = 40;

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".editor");
  const editor = root.editor || (root.editor = open(root));
  editor.send = (layout) => setTriggerValue("render", layout);
  if (editor.start !== data.start) load(editor, data);
  show(editor, data);
}

function open(root) {
  const find = (selector) => root.querySelector(selector);
  const editor = {
    root, find, canvas: find("canvas"), cursor: find(".cursor"), size: find(".size"), history: [], filling: false,
    chosen: 0, at: null, start: null, answer: null,
  };
  editor.paper = editor.canvas.getContext("2d");
  listen(editor);
  return editor;
}

// ── loading and showing ─────────────────────────────────────────────────────────────────────────────────────────────

function load(editor, data) {
  editor.start = data.start;
  [editor.height, editor.width] = data.shape;
  editor.colours = data.classes.map((one) => one.colour);
  editor.first = decode(data.layout);
  editor.layout = editor.first.slice();
  editor.history = [];
  editor.canvas.width = editor.width;
  editor.canvas.height = editor.height;
  editor.at = [editor.width >> 1, editor.height >> 1];
  editor.size.max = Math.max(2, editor.width >> 2);
  editor.size.value = Math.max(1, editor.width >> 4);
  editor.chosen = Math.min(editor.chosen, data.classes.length - 1);
  legend(editor, data.classes);
  redraw(editor);
  sized(editor);
}

function show(editor, data) {
  const result = editor.find(".result");
  if (data.image) result.src = data.image;
  else result.removeAttribute("src");
  result.alt = data.image ? "The image painted from the layout" : "";
  result.style.aspectRatio = `${editor.width} / ${editor.height}`;
  editor.find(".by").textContent = data.by;
  editor.find(".render").disabled = !data.able;
  editor.find(".always").disabled = !data.able;
  if (data.answer !== editor.answer || !data.able) {
    editor.answer = data.answer;
    editor.root.classList.remove("busy");
    say(editor, data.able ? data.message : "", data.failed);
  }
  editor.find(".wait").textContent = data.image ? "" : data.able ? "No image yet: press “Paint image”." : data.message;
}

function legend(editor, classes) {
  const swatches = editor.find(".swatches");
  swatches.replaceChildren(...classes.map((one, index) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const colour = document.createElement("i");
    const name = document.createElement("span");
    Object.assign(input, { type: "radio", name: "class", value: index, checked: index === editor.chosen });
    colour.style.background = css(one.colour);
    name.textContent = one.name;
    input.onchange = () => { editor.chosen = index; };
    label.append(input, colour, name);
    return label;
  }));
}

const css = (colour) => `rgb(${colour.map(Number).join(",")})`;

function redraw(editor) {
  const picture = editor.paper.createImageData(editor.width, editor.height);
  for (let i = 0; i < editor.layout.length; i++) {
    const colour = editor.colours[editor.layout[i]] || [0, 0, 0];
    picture.data.set([colour[0], colour[1], colour[2], 255], 4 * i);
  }
  editor.paper.putImageData(picture, 0, 0);
  editor.find(".undo").disabled = editor.history.length === 0;
}

function say(editor, text, failed = false) {
  const status = editor.find(".status");
  status.textContent = text || "";
  status.classList.toggle("failed", failed);
}

// ── drawing ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function remember(editor) {
  editor.history.push(editor.layout.slice());
  if (editor.history.length > HISTORY) editor.history.shift();
}

function undo(editor) {
  const before = editor.history.pop();
  if (before) {
    editor.layout = before;
    redraw(editor);
    ended(editor);
  }
}

function dab(editor, x, y) {
  const radius = Number(editor.size.value) / 2;
  const reach = Math.ceil(radius);
  for (let row = Math.max(0, Math.floor(y) - reach); row <= Math.min(editor.height - 1, Math.floor(y) + reach); row++)
    for (let column = Math.max(0, Math.floor(x) - reach); column <= Math.min(editor.width - 1, Math.floor(x) + reach); column++)
      if (Math.hypot(column + 0.5 - x, row + 0.5 - y) <= Math.max(radius, 0.71))
        editor.layout[row * editor.width + column] = editor.chosen;
}

function stroke(editor, from, to) {
  const steps = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1])));
  for (let i = 0; i <= steps; i++)
    dab(editor, from[0] + ((to[0] - from[0]) * i) / steps, from[1] + ((to[1] - from[1]) * i) / steps);
  redraw(editor);
}

function fill(editor, x, y) {
  const { layout, width, height, chosen } = editor;
  const first = Math.floor(y) * width + Math.floor(x);
  const old = layout[first];
  if (old === chosen) return;
  const left = [first];
  layout[first] = chosen;
  while (left.length) {
    const here = left.pop();
    const column = here % width;
    for (const [next, inside] of [
      [here - 1, column > 0], [here + 1, column < width - 1], [here - width, here >= width],
      [here + width, here < width * (height - 1)],
    ])
      if (inside && layout[next] === old) {
        layout[next] = chosen;
        left.push(next);
      }
  }
  redraw(editor);
}

// ── what the reader does ────────────────────────────────────────────────────────────────────────────────────────────

function listen(editor) {
  const { canvas, find } = editor;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * editor.width;
    const y = ((event.clientY - box.top) / box.height) * editor.height;
    return [Math.min(Math.max(x, 0), editor.width - 0.01), Math.min(Math.max(y, 0), editor.height - 0.01)];
  };
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    editor.at = place(event);
    remember(editor);
    if (editor.filling) fill(editor, ...editor.at);
    else stroke(editor, editor.at, editor.at);
    editor.drawing = true;
  };
  canvas.onpointermove = (event) => {
    const here = place(event);
    if (editor.drawing && !editor.filling) stroke(editor, editor.at, here);
    editor.at = here;
    point(editor);
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (editor.drawing) ended(editor);
    editor.drawing = false;
  };
  canvas.onpointerleave = () => { editor.cursor.style.display = "none"; };
  canvas.onkeydown = (event) => key(editor, event);
  canvas.onfocus = () => point(editor);
  canvas.onblur = () => { editor.cursor.style.display = "none"; };
  editor.size.oninput = () => sized(editor);
  find(".fill").onclick = () => toggleFill(editor);
  find(".undo").onclick = () => undo(editor);
  find(".reset").onclick = () => {
    remember(editor);
    editor.layout = editor.first.slice();
    redraw(editor);
    ended(editor);
  };
  find(".render").onclick = () => render(editor);
}

function key(editor, event) {
  const step = event.shiftKey ? Math.max(2, editor.width >> 4) : 1;
  const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
  if (moves[event.key]) {
    editor.at = [
      Math.min(Math.max(editor.at[0] + moves[event.key][0], 0), editor.width - 0.01),
      Math.min(Math.max(editor.at[1] + moves[event.key][1], 0), editor.height - 0.01),
    ];
    point(editor);
  } else if (event.key === " ") {
    remember(editor);
    if (editor.filling) fill(editor, ...editor.at);
    else stroke(editor, editor.at, editor.at);
    ended(editor);
  } else if (event.key === "[" || event.key === "]") {
    editor.size.value = Number(editor.size.value) + (event.key === "]" ? 1 : -1);
    sized(editor);
  } else if (event.key.toLowerCase() === "f") toggleFill(editor);
  else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) undo(editor);
  else if (event.key === "Enter") render(editor);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function toggleFill(editor) {
  editor.filling = !editor.filling;
  editor.find(".fill").setAttribute("aria-pressed", String(editor.filling));
}

function sized(editor) {
  editor.find(".tools output").textContent = `${editor.size.value} px`;
  if (editor.cursor.style.display === "block") point(editor);
}

function point(editor) {
  const scale = editor.canvas.clientWidth / editor.width;
  const across = Math.max(4, editor.size.value * scale);
  Object.assign(editor.cursor.style, {
    display: "block", width: `${across}px`, height: `${across}px`,
    left: `${editor.at[0] * scale - across / 2}px`, top: `${editor.at[1] * scale - across / 2}px`,
  });
}

function ended(editor) {
  if (editor.find(".always").checked) render(editor);
}

function render(editor) {
  if (editor.find(".render").disabled) return;
  editor.root.classList.add("busy");
  say(editor, "Painting…");
  editor.send(encode(editor.layout));
}

// ── bytes as text ───────────────────────────────────────────────────────────────────────────────────────────────────

function decode(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function encode(bytes) {
  let text = "";
  for (let start = 0; start < bytes.length; start += 32768)
    text += String.fromCharCode(...bytes.subarray(start, start + 32768));
  return btoa(text);
}
