// A picture that is clicked, drawn on and pointed at, with a mark that follows. Coordinates are whole pixels of the picture.
const SVG = "http://www.w3.org/2000/svg";
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HOW = {
  point: "Arrow keys move the point, with Shift ten pixels at a time; Enter clicks.",
  square: "Arrow keys move the square, with Shift ten pixels at a time; Enter clicks.",
  drawing: "Arrow keys move the pen, with Shift ten pixels at a time; Enter puts a point down, "
    + "Space lowers and raises the pen, Backspace takes the last stroke away.",
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
  const drawing = drawingIn(overlay, model, () => [room(0), room(1)], (strokes) => report({ strokes }));
  const marks = ["cnnlab-mark-dark", "cnnlab-mark-light"].map((name) => element(overlay, "path", { class: name }, SVG));
  const note = noteIn(box, overlay);
  const said = element(box, "span", { class: "cnnlab-said", "aria-live": "polite" });

  let position = model.get("position");
  let dragging = false;
  let pointer = null; // [x, y] in CSS pixels
  let speaking = 0;

  const wide = () => model.get("width") || img.naturalWidth || 1;
  const high = () => model.get("height") || img.naturalHeight || 1;
  const mode = () => model.get("mode");

  function outline() {
    const shy = mode() === "drawing" || !model.get("mark");
    if (shy && !(model.get("keyed") && box.matches(":focus"))) return "";
    if (mode() === "point" || mode() === "drawing") {
      const [x, y] = [position[0] + 0.5, position[1] + 0.5];
      const arm = wide() / 40;
      return `M${x - arm},${y}h${2 * arm}M${x},${y - arm}v${2 * arm}`;
    }
    const [width, height] = [Math.min(model.get("size"), wide()), Math.min(model.get("size"), high())];
    const left = clamp(position[0] - Math.floor(width / 2), 0, wide() - width);
    const top = clamp(position[1] - Math.floor(height / 2), 0, high() - height);
    return `M${left},${top}h${width}v${height}h${-width}z`;
  }

  function draw() {
    overlay.setAttribute("viewBox", `0 0 ${wide()} ${high()}`);
    box.style.maxWidth = `calc(min(70vh, 560px) * ${wide() / high()})`; // a tall picture still fits the page
    for (const mark of marks) mark.setAttribute("d", mode() ? outline() : "");
    hint();
  }

  // The words for the line that the pointer is near.
  function hint() {
    const scale = img.clientWidth / wide();
    const near = pointer && !dragging ? nearest(model.get("hints"), ...pointer, scale) : undefined;
    note(near, ...(pointer ?? []));
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
    const place = `x ${position[0]}, y ${position[1]}`;
    return mode() === "drawing" ? `${drawing.words()}, ${place}` : place;
  }

  // Where the position may be along an axis, 0 or 1: a square's centre stays where the square is inside.
  function room(axis) {
    const [length, area] = [[wide(), high()][axis], model.get("area")];
    if (mode() === "drawing" && area.length) return [area[axis], area[axis] + area[axis + 2] - 1];
    if (mode() !== "square") return [0, length - 1];
    const side = Math.min(model.get("size"), length);
    return [Math.floor(side / 2), length - side + Math.floor(side / 2)];
  }

  function move([x, y]) {
    position = [clamp(x, ...room(0)), clamp(y, ...room(1))];
    report({ position });
  }

  function spot(event) { // it may lie outside
    const shown = img.getBoundingClientRect();
    return [
      Math.floor(((event.clientX - shown.left) / shown.width) * wide()),
      Math.floor(((event.clientY - shown.top) / shown.height) * high()),
    ];
  }

  function at(event) {
    const [x, y] = spot(event);
    return [clamp(x, 0, wide() - 1), clamp(y, 0, high() - 1)];
  }

  function press(event) {
    if (!mode() || event.button > 0) return;
    box.focus({ preventScroll: true });
    box.setPointerCapture(event.pointerId);
    dragging = true;
    model.set("keyed", false);
    if (mode() === "drawing") drawing.begin(spot(event));
    else move(at(event));
    event.preventDefault();
  }

  function hover(event) {
    const leaves = event.type === "pointerleave";
    if (dragging && mode() === "drawing") drawing.draw(passed(event).map(spot));
    else if (dragging) move(at(event));
    if (model.get("hover")) {
      model.set({ hovered: leaves ? [] : at(event), keyed: model.get("keyed") && leaves });
      send();
    }
    const shown = img.getBoundingClientRect();
    pointer = leaves ? null : [event.clientX - shown.left, event.clientY - shown.top];
    hint();
  }

  // The browser gathers what a fast pointer passes between two frames.
  function passed(event) {
    const events = event.getCoalescedEvents?.() ?? [];
    return events.length ? events : [event];
  }

  function release(event) {
    if (!dragging) return;
    dragging = false;
    drawing.lift();
    if (event.type === "pointerup") report({ clicks: model.get("clicks") + 1 });
  }

  function key(event) {
    if (!mode() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!keyMoves(event) && !(mode() === "drawing" ? keyDraws(event.key) : keyClicks(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
  }

  function keyMoves(event) {
    const arrow = ARROWS[event.key];
    if (!arrow) return false;
    const far = event.shiftKey ? 10 : 1;
    model.set("keyed", true);
    move([position[0] + far * arrow[0], position[1] + far * arrow[1]]);
    pointer = position.map((place) => (place + 0.5) * (img.clientWidth / wide()));
    hint();
    if (mode() === "drawing" && drawing.isDown()) drawing.draw([position]);
    return true;
  }

  function keyClicks(name) {
    if (name !== "Enter") return false;
    move(position);
    report({ clicks: model.get("clicks") + 1 });
    return true;
  }

  function keyDraws(name) {
    const begins = name === "Enter" || (name === " " && !drawing.isDown());
    if (begins) drawing.begin(position);
    if (name === "Backspace") drawing.undo();
    else if (name === "Enter" || name === "Escape" || (name === " " && !begins)) drawing.lift();
    else if (!begins) return false;
    report({ keyed: true });
    return true;
  }

  function load(data) {
    const address = URL.createObjectURL(new Blob([data]));
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
    draw();
  }

  const heard = {
    "change:value": () => load(model.get("value")), "msg:custom": (content, [data]) => load(data),
    "change:alt change:mode": describe, "change:position": follow,
    "change:size change:width change:height change:mode": draw,
    "change:strokes change:colours change:ink": drawing.follow, "change:hints": hint,
  };
  for (const [names, act] of Object.entries(heard)) for (const name of names.split(" ")) model.on(name, act);
  const listeners = {
    pointerdown: press, pointermove: hover, pointerleave: hover, pointerup: release, pointercancel: release, keydown: key,
  };
  for (const [name, act] of Object.entries(listeners)) box.addEventListener(name, act);
  box.addEventListener("blur", () => { drawing.lift(); draw(); });
  img.addEventListener("load", () => { drawing.settle(); draw(); });
  load(model.get("value"));
  describe();
  drawing.follow();
  draw();
  return () => {
    clearTimeout(speaking);
    URL.revokeObjectURL(img.src);
    for (const [names, act] of Object.entries(heard)) for (const name of names.split(" ")) model.off(name, act);
  };
}

export default { render };
