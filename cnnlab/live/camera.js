// A camera, a clip or a still, as small JPEG pictures for the kernel. One is under way at a time: the next is
// taken when what the panel made of the last one is in sight. Pictures go as messages: a message is never part
// of a widget's state, so that no notebook keeps them.
const LARGEST = 8_000_000; // bytes of a file that the kernel decodes
const PACE = 80; // ms that each picture of an animation stays
const RATED = 20; // pictures over which the rate is taken
const QUALITY = 0.85; // of the JPEGs
const UPLOAD = "or press Upload to take a picture or a clip of your own.";
const LOCAL = `Browsers lend a camera only to pages that come by https or from this computer itself: open this one by https or as http://localhost, ${UPLOAD}`;
const NO_CAMERA = `The browser finds no camera: connect one and press Camera again, ${UPLOAD}`;
const GONE = `The camera is gone: connect it, or allow it, and press Camera again, ${UPLOAD}`;
const REFUSALS = {
  NotAllowedError: `The browser may not use the camera here: allow it beside this page's address and press Camera again, ${UPLOAD}`,
  NotFoundError: NO_CAMERA,
  OverconstrainedError: NO_CAMERA,
  NotReadableError: `The camera does not answer, perhaps because another program uses it: close that and press Camera again, ${UPLOAD}`,
};

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const painted = () => new Promise((resolve) => { requestAnimationFrame(resolve); });

// What `image` shows as JPEG bytes: its middle, as large as `canvas`.
async function jpeg(canvas, image, mirrored) {
  const { width, height } = canvas;
  const [wide, high] = [image.videoWidth ?? image.width, image.videoHeight ?? image.height];
  const scale = Math.max(width / wide, height / high);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.setTransform(mirrored ? -1 : 1, 0, 0, 1, mirrored ? width : 0, 0);
  context.fillStyle = "#fff"; // under what is transparent
  context.fillRect(0, 0, width, height);
  context.drawImage(image, (width - wide * scale) / 2, (height - high * scale) / 2, wide * scale, high * scale);
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", QUALITY); });
  return blob.arrayBuffer();
}

async function playing(video) {
  Object.assign(video, { muted: true, loop: true, playsInline: true });
  await video.play();
  while (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) await pause(10);
  return video;
}

// A camera as a film, or an exception by its name in REFUSALS.
async function camera(device, mirror) {
  const which = device ? { deviceId: { exact: device } } : { facingMode: "user" };
  const size = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...size, ...which } });
  const [track] = stream.getTracks();
  const { deviceId, facingMode } = track.getSettings();
  const image = document.createElement("video");
  image.srcObject = stream;
  const stop = () => { track.stop(); image.srcObject = null; };
  return { image, track, stop, device: deviceId, mirrored: mirror && facingMode !== "environment" };
}

function clip(file) {
  const address = URL.createObjectURL(file);
  const image = document.createElement("video");
  image.src = address;
  return { image, stop() { image.removeAttribute("src"); image.load(); URL.revokeObjectURL(address); } };
}

// Plays one film at a time for `model`, wherever and however often it is shown. changed(): something is otherwise.
function projector(model, changed) {
  const canvas = document.createElement("canvas");
  const views = new Set();
  let film = null; // what plays: { image, mirrored, stop } or, where the kernel holds the pictures, { stop }
  let tries = 0; // an answer to an earlier press comes too late
  let number = 0; // of the picture that was sent last
  let arrived = () => {}; // it came back, or nothing will
  let times = []; // when the last ones came back
  let delay = 0; // ms from taking a picture to seeing what became of it
  let devices = [];

  const say = (content, ...buffers) => model.send(content, undefined, buffers);
  const inSight = () => [...views].some((el) => el.checkVisibility?.() ?? el.isConnected);

  function stop() {
    tries += 1;
    arrived();
    if (!film) return;
    film.stop();
    film = null;
    say({ kind: "stopped" });
    changed();
  }

  // Send a picture and wait until it has come back.
  function sent(content, ...buffers) {
    number += 1;
    const rate = times.length > 1 ? (1000 * (times.length - 1)) / (times.at(-1) - times[0]) : 0;
    const back = new Promise((resolve) => { arrived = resolve; });
    say({ ...content, number, rate, delay }, ...buffers);
    return back;
  }

  async function seen(taken) {
    times = [...times.slice(1 - RATED), performance.now()];
    const picture = [...views][0]?.closest(".cnnlab-panel")?.querySelector("img");
    await picture?.decode().catch(() => {}); // the next one may have come
    await painted();
    const late = performance.now() - taken;
    delay = delay ? 0.8 * delay + 0.2 * late : late;
  }

  async function play(mine) {
    [film, times, delay] = [mine, [], 0];
    changed();
    for (let again = false; film === mine; again = true) {
      if (!inSight()) { stop(); return; }
      const taken = performance.now();
      if (mine.image) {
        const bytes = await jpeg(canvas, mine.image, mine.mirrored);
        if (film !== mine) return;
        await sent({ kind: "picture", moves: true, again }, bytes);
      } else await Promise.all([sent({ kind: "next", again }), pause(PACE)]);
      if (film === mine) seen(taken);
    }
  }

  // Play what `make` gives, unless something else was wanted meanwhile.
  async function begin(make, sentence) {
    stop();
    const [mine, refuse] = [tries, (words) => say({ kind: "refused", words })];
    let made = null;
    try {
      made = await make();
      await playing(made.image);
    } catch (error) {
      made?.stop();
      if (mine === tries) refuse(sentence(error));
      return;
    }
    if (mine !== tries) { made.stop(); return; }
    made.track?.addEventListener("ended", () => { stop(); refuse(GONE); });
    if (made.track) devices = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
    if (mine !== tries) { made.stop(); return; }
    play(made);
  }

  function start(device) {
    if (!navigator.mediaDevices) { stop(); say({ kind: "refused", words: LOCAL }); return; }
    const other = (error) => `The camera does not start (${error.name}): press Camera again, ${UPLOAD}`;
    begin(() => camera(device, model.get("mirror")), (error) => REFUSALS[error.name] ?? other(error));
  }

  async function upload(file) {
    if (file.type.startsWith("video/")) {
      begin(() => clip(file), () => `${file.name} cannot be played by this browser: save it as MP4 or WebM, or as a GIF.`);
      return;
    }
    stop();
    const mine = tries;
    if (!/gif|webp|png/.test(file.type)) { // these may move, and the kernel shows them whole
      const image = await createImageBitmap(file).catch(() => null);
      if (image) {
        const bytes = await jpeg(canvas, image, false);
        if (mine === tries) sent({ kind: "picture", moves: false, again: false }, bytes);
        return;
      }
    }
    if (file.size > LARGEST) {
      const size = `${Math.ceil(file.size / 1e6)} MB, and ${LARGEST / 1e6} MB are the most here`;
      say({ kind: "refused", words: `${file.name} has ${size}: make it smaller, or save it as JPEG, MP4 or WebM.` });
    } else {
      const bytes = await file.arrayBuffer();
      if (mine === tries) say({ kind: "file", name: file.name }, bytes);
    }
  }

  function hear(content) {
    if (content.kind === "shown" && content.number === number) arrived();
    if (content.kind === "stop") stop();
    if (content.kind === "play" && !film) play({ stop() {} });
  }

  const hide = () => { if (document.visibilityState === "hidden") stop(); };
  Object.assign(canvas, { width: model.get("width"), height: model.get("height") });
  model.on("msg:custom", hear);
  model.on("comm_live_update", stop); // the kernel ended
  document.addEventListener("visibilitychange", hide);
  window.addEventListener("pagehide", stop);
  return {
    views, upload, stop, start,
    state: () => ({ on: film !== null, devices, device: film?.device }),
    end() {
      stop();
      model.off("msg:custom", hear);
      model.off("comm_live_update", stop);
      document.removeEventListener("visibilitychange", hide);
      window.removeEventListener("pagehide", stop);
    },
  };
}

function element(parent, name, properties, attributes = {}) {
  const made = Object.assign(document.createElement(name), properties);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return parent.appendChild(made);
}

// The buttons. All views of a widget steer its one projector.
function show({ el, model }, film, changes) {
  const box = element(el, "div", { className: "cnnlab-camera-buttons" }, {
    role: "group", "aria-label": model.get("words"), "data-lm-suppress-shortcuts": "true",
  });
  const [toggle, upload] = ["", "Upload"].map((words) => {
    const button = element(box, "button", { type: "button", className: "jupyter-button widget-button" });
    element(button, "i", { className: "fa fa-upload" }, { "aria-hidden": "true" });
    element(button, "span", { textContent: words });
    return button;
  });
  const input = element(box, "input", { type: "file", accept: "image/*,video/*", hidden: true });
  const which = element(box, "select", { title: "Which camera", hidden: true }, { "aria-label": "Which camera" });
  upload.title = "A picture or a clip of your own; it is not kept";

  function draw() {
    const { on, devices, device } = film.state();
    toggle.querySelector("i").className = `fa fa-${on ? "stop" : "video-camera"}`;
    toggle.querySelector("span").textContent = on ? "Stop" : "Camera";
    toggle.title = on ? "Hold this picture and switch the camera off" : "Your camera, live; nothing is recorded";
    which.hidden = !device || devices.length < 2;
    which.replaceChildren();
    for (const [i, { deviceId, label }] of devices.entries()) element(which, "option", { value: deviceId, textContent: label || `Camera ${i + 1}` });
    if (device) which.value = device;
  }

  toggle.addEventListener("click", () => (film.state().on ? film.stop() : film.start()));
  upload.addEventListener("click", () => input.click());
  which.addEventListener("change", () => film.start(which.value));
  input.addEventListener("change", () => {
    const [file] = input.files;
    input.value = ""; // so that the same file can be chosen again
    if (file) film.upload(file);
  });
  film.views.add(el);
  changes.add(draw);
  draw();
  return () => {
    film.views.delete(el);
    changes.delete(draw);
    if (!film.views.size) film.stop(); // the output was taken away
  };
}

export default () => { // called once for every widget
  const changes = new Set();
  let film = null;
  return {
    initialize({ model }) {
      film = projector(model, () => { for (const draw of changes) draw(); });
      model.send({ kind: "stopped" }); // of an earlier page
      return film.end;
    },
    render: (shown) => show(shown, film, changes),
  };
};
