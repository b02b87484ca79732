// Words for lines in a picture: those of the nearest appear beside the pointer.
const NEAR = 10; // CSS pixels

// How far the point (x, y) is from the line between two others.
function distance(x, y, x0, y0, x1, y1) {
  const [along, across] = [x1 - x0, y1 - y0];
  const length = along * along + across * across;
  const share = length ? clamp(((x - x0) * along + (y - y0) * across) / length, 0, 1) : 0;
  return Math.hypot(x - x0 - share * along, y - y0 - share * across);
}

// The hint nearest to (x, y), in CSS pixels from the picture's corner, or undefined; scale: CSS pixels a pixel.
function nearest(hints, x, y, scale) {
  let [found, least] = [undefined, NEAR];
  for (const hint of hints) {
    const far = distance(x, y, ...hint.slice(0, 4).map((place) => place * scale));
    if (far <= least) [found, least] = [hint, far];
  }
  return found;
}

// A small note in `box` that `show(hint, x, y)` places beside (x, y), or hides where there is no hint.
function noteIn(box, overlay) {
  const glow = element(overlay, "path", { class: "cnnlab-glow" }, SVG);
  const note = element(box, "div", { class: "cnnlab-hint", role: "tooltip" });
  note.hidden = true;
  return (hint, x, y) => {
    note.hidden = !hint;
    const [x0, y0, x1, y1, words] = hint ?? [];
    glow.setAttribute("d", hint ? `M${x0},${y0}L${x1},${y1}` : "");
    if (!hint) return;
    if (note.textContent !== words) note.textContent = words;
    const right = x > box.clientWidth / 2; // where there is more room
    note.style.left = right ? "" : `${x + 14}px`;
    note.style.right = right ? `${box.clientWidth - x + 10}px` : "";
    note.style.top = `${clamp(y + 14, 0, Math.max(0, box.clientHeight - note.offsetHeight))}px`;
  };
}
