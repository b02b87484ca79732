// Strokes that a pen leaves on a picture. A stroke is [pen, x, y, x, y, ...] in whole pixels of the picture.
const MOST = 10_000; // points in a drawing

function pathOf([, ...places]) {
  let path = `M${places[0] + 0.5},${places[1] + 0.5}`;
  for (let i = 2; i < places.length; i += 2) path += `L${places[i] + 0.5},${places[i + 1] + 0.5}`;
  return places.length > 2 ? path : `${path}h0.001`;
}

// A drawing in `overlay`. changed(strokes) is told of what the reader does, at most once a painted frame.
// room(): where drawing is taken, [[left, right], [top, bottom]]. A full drawing takes no more.
function drawingIn(overlay, model, room, changed) {
  const group = element(overlay, "g", { class: "cnnlab-ink" }, SVG);
  let strokes = model.get("strokes");
  let [down, settled] = [false, strokes.length]; // is the pen on the paper; strokes that the picture may show

  function paint() {
    const seen = strokes.slice(model.get("ink") ? 0 : settled);
    const [lines, dots] = [seen.filter((stroke) => stroke.length > 3), seen.filter((stroke) => stroke.length === 3)];
    group.replaceChildren();
    for (const [kind, drawn] of [["line", lines], ["dot", dots]]) {
      for (const halo of [true, false]) for (const [pen, colour] of model.get("colours").entries()) {
        const path = drawn.filter((stroke) => stroke[0] === pen).map(pathOf).join("");
        if (!path) continue;
        element(group, "path", { d: path, class: `cnnlab-${kind}${halo ? "-halo" : ""}`, ...(halo ? {} : { stroke: colour }) }, SVG);
      }
    }
  }

  const tell = framed(() => { paint(); changed(strokes); });

  function change(now) {
    strokes = now;
    tell();
  }

  const full = () => strokes.reduce((sum, stroke) => sum + (stroke.length - 1) / 2, 0) >= MOST;

  function inside([x, y]) {
    const [[left, right], [top, bottom]] = room();
    return x >= left && x <= right && y >= top && y <= bottom;
  }

  return {
    isDown: () => down,
    // Put the pen down at a place, if drawing is taken there.
    begin(at) {
      down = inside(at) && !full();
      if (down) change([...strokes, [model.get("pen"), ...at]]);
    },
    // Draw on to some places; outside the area the stroke ends, and back inside another begins.
    draw(places) {
      for (const at of places) {
        const last = strokes.at(-1);
        if (!down) this.begin(at);
        else if (!inside(at) || full()) down = false;
        else if (last.at(-2) !== at[0] || last.at(-1) !== at[1]) change([...strokes.slice(0, -1), [...last, ...at]]);
      }
    },
    lift() { down = false; },
    undo() {
      down = false;
      change(strokes.slice(0, -1));
    },
    // The kernel says what is drawn.
    follow() {
      if (down) return; // the reader leads
      strokes = model.get("strokes");
      settled = Math.min(settled, strokes.length);
      paint();
    },
    // Another picture has come.
    settle() {
      if (down) return;
      settled = strokes.length;
      if (!model.get("ink")) paint();
    },
    words: () => `${strokes.length} stroke${strokes.length === 1 ? "" : "s"}${down ? ", pen down" : ""}`,
  };
}
