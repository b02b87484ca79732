// Formulas, repeated pictures, and text that shrinks until its slide holds it.
const SMALLEST = 0.6;  // below this share of the usual size nobody in the last row can read: then it scrolls

let shown = null;
for (const image of document.querySelectorAll("figure img")) {
  if (image.hasAttribute("data-again")) image.src = shown ? shown.src : "";
  else shown = image;
}

renderMathInElement(document.querySelector(".slides"), {
  delimiters: [{ left: "$$", right: "$$", display: true }, { left: "$", right: "$", display: false }],
  ignoredClasses: ["notes", "code", "printed"],
  throwOnError: false,
});

function overflows(frame) {
  const parts = [...frame.querySelectorAll(".code pre, .katex-display")];
  const wide = parts.some((part) => part.scrollWidth > part.clientWidth + 1);
  return wide || frame.scrollHeight > frame.clientHeight + 1;
}

function fit(slide) {
  const frame = slide && slide.querySelector(".frame");
  if (!frame || frame.dataset.share) return;
  let share = 1;
  while (overflows(frame) && share > SMALLEST) {
    share -= 0.04;
    frame.style.fontSize = `${share}em`;
  }
  frame.dataset.share = share.toFixed(2);
  frame.classList.toggle("scrolls", overflows(frame));
}

Reveal.on("ready", (event) => fit(event.currentSlide));
Reveal.on("slidechanged", (event) => fit(event.currentSlide));
Reveal.on("pdf-ready", () => document.querySelectorAll(".slides section").forEach(fit));
Reveal.initialize({
  width: 1280, height: 720, margin: 0.02, center: false, hash: true, slideNumber: "h.v",
  transition: "none", backgroundTransition: "none", defaultTiming: 60, plugins: [RevealNotes],
});
