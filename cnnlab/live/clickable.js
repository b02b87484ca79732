// A picture with a mark that follows pointer and keyboard. Coordinates are whole pixels of the picture.
const SVG = "http://www.w3.org/2000/svg";
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HOW = {
  point: "Arrow keys move the point, with Shift ten pixels at a time; Enter clicks.",
  square: "Arrow keys move the square, with Shift ten pixels at a time; Enter clicks.",
  rectangle: "Enter sets a corner, arrow keys move, Enter again sets the other corner, Escape gives up.",
};
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

function element(parent, name, attributes = {}, namespace) {
  const made = namespace ? document.createElementNS(namespace, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return parent.appendChild(made);
}

// A function that runs `act` at most once a painted frame.
function framed(act) {
  let waiting = 0;
  return () => {
    waiting ||= requestAnimationFrame(() => { waiting = 0; act(); });
  };
}

function render({ model, el }) {
  const box = element(el, "div", { class: "cnnlab-clickable", "data-lm-suppress-shortcuts": "true" });
  const img = element(box, "img", { draggable: "false" });
  const overlay = element(box, "svg", { "aria-hidden": "true", preserveAspectRatio: "none" }, SVG);
  const marks = ["cnnlab-mark-dark", "cnnlab-mark-light"].map((name) => element(overlay, "path", { class: name }, SVG));
  const said = element(box, "span", { class: "cnnlab-said", "aria-live": "polite" });

  let position = model.get("position");
  let rectangle = model.get("rectangle");
  let corner = null; // where a rectangle began
  let dragging = false;
  let speaking = 0;

  const wide = () => model.get("width") || img.naturalWidth || 1;
  const high = () => model.get("height") || img.naturalHeight || 1;
  const mode = () => model.get("mode");

  function outline() {
    if (mode() === "point") {
      const [x, y] = [position[0] + 0.5, position[1] + 0.5];
      const arm = wide() / 40;
      return `M${x - arm},${y}h${2 * arm}M${x},${y - arm}v${2 * arm}`;
    }
    let [left, top, width, height] = rectangle;
    if (mode() === "square") {
      width = Math.min(model.get("size"), wide());
      height = Math.min(model.get("size"), high());
      left = clamp(position[0] - Math.floor(width / 2), 0, wide() - width);
      top = clamp(position[1] - Math.floor(height / 2), 0, high() - height);
    }
    return width ? `M${left},${top}h${width}v${height}h${-width}z` : "";
  }

  function draw() {
    overlay.setAttribute("viewBox", `0 0 ${wide()} ${high()}`);
    box.style.maxWidth = `calc(min(70vh, 560px) * ${wide() / high()})`; // a tall picture still fits the page
    for (const mark of marks) mark.setAttribute("d", mode() ? outline() : "");
  }

  const send = framed(() => model.save_changes());

  function report(changes) {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    send();
    draw();
    clearTimeout(speaking); // speak once it rests, not at every pixel
    speaking = setTimeout(() => { said.textContent = words(); }, 400);
  }

  function words() {
    const [left, top, width, height] = rectangle;
    const drawn = mode() === "rectangle" && width;
    return drawn ? `${width} by ${height} pixels at ${left}, ${top}` : `x ${position[0]}, y ${position[1]}`;
  }

  // Where the position may be along an axis: a square's centre stays where the square is inside.
  function room(length) {
    if (mode() !== "square") return [0, length - 1];
    const side = Math.min(model.get("size"), length);
    return [Math.floor(side / 2), length - side + Math.floor(side / 2)];
  }

  function move([x, y]) {
    position = [clamp(x, ...room(wide())), clamp(y, ...room(high()))];
    if (corner) {
      const [left, right] = [corner[0], position[0]].sort((a, b) => a - b);
      const [top, bottom] = [corner[1], position[1]].sort((a, b) => a - b);
      rectangle = [left, top, right - left + 1, bottom - top + 1];
      report({ position, rectangle });
    } else report({ position });
  }

  function at(event) {
    const shown = img.getBoundingClientRect();
    return [
      clamp(Math.floor(((event.clientX - shown.left) / shown.width) * wide()), 0, wide() - 1),
      clamp(Math.floor(((event.clientY - shown.top) / shown.height) * high()), 0, high() - 1),
    ];
  }

  function press(event) {
    if (!mode() || event.button > 0) return;
    box.focus({ preventScroll: true });
    box.setPointerCapture(event.pointerId);
    dragging = true;
    corner = mode() === "rectangle" ? at(event) : null;
    move(at(event));
    event.preventDefault();
  }

  function hover(event) {
    if (dragging) move(at(event));
    if (model.get("hover")) {
      model.set("hovered", event.type === "pointerleave" ? [] : at(event));
      send();
    }
  }

  function release(event) {
    if (!dragging) return;
    dragging = false;
    corner = null;
    if (event.type === "pointerup") report({ clicks: model.get("clicks") + 1 });
  }

  function key(event) {
    const arrow = ARROWS[event.key];
    if (!mode() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrow) {
      const far = event.shiftKey ? 10 : 1;
      move([position[0] + far * arrow[0], position[1] + far * arrow[1]]);
    } else if (event.key === "Enter") {
      if (mode() === "rectangle") corner = corner ? null : [...position];
      move(position);
      report({ clicks: model.get("clicks") + 1 });
    } else if (event.key === "Escape" && corner) {
      corner = null;
      rectangle = [];
      report({ rectangle });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function load() {
    const address = URL.createObjectURL(new Blob([model.get("value")]));
    const old = img.src;
    img.src = address;
    if (old) URL.revokeObjectURL(old);
  }

  function describe() {
    const how = HOW[mode()];
    img.alt = how ? "" : model.get("alt"); // the box speaks for the picture when it can be moved in
    box.classList.toggle("cnnlab-active", Boolean(how));
    for (const [name, value] of [["tabindex", 0], ["role", "application"], ["aria-label", `${model.get("alt")}. ${how}`]])
      if (how) box.setAttribute(name, value);
      else box.removeAttribute(name);
  }

  function follow() { // the kernel moved the mark; while the reader drags, the reader leads
    if (dragging) return;
    position = model.get("position");
    rectangle = model.get("rectangle");
    draw();
  }

  const heard = {
    "change:value": load, "change:alt change:mode": describe, "change:position change:rectangle": follow,
    "change:size change:width change:height change:mode": draw,
  };
  for (const [names, act] of Object.entries(heard)) for (const name of names.split(" ")) model.on(name, act);
  const listeners = {
    pointerdown: press, pointermove: hover, pointerleave: hover, pointerup: release, pointercancel: release, keydown: key,
  };
  for (const [name, act] of Object.entries(listeners)) box.addEventListener(name, act);
  img.addEventListener("load", draw);
  load();
  describe();
  draw();
  return () => {
    clearTimeout(speaking);
    URL.revokeObjectURL(img.src);
    for (const [names, act] of Object.entries(heard)) for (const name of names.split(" ")) model.off(name, act);
  };
}

export default { render };
