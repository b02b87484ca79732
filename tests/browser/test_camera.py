"""The camera's control as a reader meets it: Chromium films its own clock, or what a test draws."""

import base64
import io
import json

import nbformat
import pytest
from lab import at_rest, control, fresh_page, press, soon, source, with_camera
from PIL import Image
from playwright.sync_api import expect

CODE = "_esm", "_css"
PANEL = """
from cnnlab import live

seen, sums = [], []  # some pixels of each picture, red, red, green, green, blue, blue; and its sum

def paint(frame, style):
    sums.append(round(frame.sum().item()))
    seen.append([round(255 * level.item()) for level in frame[0, :, 40, [20, 100]].flatten()])
    return live.Frame(frame if style == "plain" else 1 - frame, caption=f"{style}, {tuple(frame.shape)}")

panel = live.live(
    paint, alt="A painted picture", frame=live.camera(128, 96), style=live.choice(["plain", "negative"])
)
panel
"""
LOG = """
camera, log = panel.controls[0].field.camera, []
send = camera.send
camera.on_msg(lambda widget, content, buffers: log.append(("sent", content.get("number"))))
camera.send = lambda content, **more: (log.append(("shown", content.get("number"))), send(content, **more))
"""
TRACKS = """
window.tracks = [];
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (what) => {
    const stream = await ask(what);
    tracks.push(...stream.getTracks());
    return stream;
};
"""
HALVES = """
navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 400, height: 100 });
    const paint = canvas.getContext('2d');
    setInterval(() => {
        paint.fillStyle = '#f00'; paint.fillRect(0, 0, 200, 100);
        paint.fillStyle = '#00f'; paint.fillRect(200, 0, 200, 100);
    }, 30);
    return canvas.captureStream();
};
"""
REFUSED = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', '%s'); }"
CLIP = """async () => {  // a clip of red and blue by turns, as the base64 of a WebM file
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 160, height: 120 });
    const paint = canvas.getContext('2d');
    const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: 'video/webm' });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.start();
    for (let i = 0; i < 40; i++) {
        paint.fillStyle = i % 20 < 10 ? '#f00' : '#00f';
        paint.fillRect(0, 0, 160, 120);
        await new Promise((resolve) => setTimeout(resolve, 40));
    }
    await new Promise((resolve) => { recorder.onstop = resolve; recorder.stop(); });
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}"""


@pytest.fixture
def opened(lab, filming):
    """A notebook with a camera that is off, in a page that counts the tracks that it was given."""
    with fresh_page(filming) as page:
        page.add_init_script(TRACKS)
        notebook = lab.open(page, lab.write("camera.ipynb", PANEL))
        notebook.run()
        yield notebook


def live_tracks(notebook):
    """How many cameras are on."""
    return notebook.page.evaluate("tracks.filter(track => track.readyState === 'live').length")


def count(notebook):
    """How many pictures the function has received."""
    return int(notebook.ask("print(len(seen))"))


def film(notebook):
    """Start the camera and wait for some pictures."""
    before = count(notebook)
    press(notebook.panel(), "Camera")
    assert soon(lambda: count(notebook) > before + 5)


def upload(panel, name, kind, content):
    """Choose a file of one's own."""
    with panel.page.expect_file_chooser() as chooser:
        press(panel, "Upload")
    chooser.value.set_files({"name": name, "mimeType": kind, "buffer": content})


def file(format, *levels, **options):
    """The bytes of a picture, or of an animation of plain frames."""
    first, *rest = [Image.new("RGB", (64, 64), (level,) * 3) for level in levels]
    first.save(buffer := io.BytesIO(), format, **({"save_all": True, "append_images": rest} if rest else {}))
    return buffer.getvalue()


def test_pictures_come_one_at_a_time_and_differ(opened):
    panel = opened.panel()
    expect(panel).to_contain_text("plain, (1, 3, 96, 128)")  # the panda
    opened.ask(LOG)
    film(opened)
    first = source(panel)
    expect(panel.locator("img").first).not_to_have_attribute("src", first)
    expect(panel.locator(".cnnlab-status")).to_contain_text("ms behind")
    control(panel, "Style", "combobox").select_option("negative")
    expect(panel).to_contain_text("negative, (1, 3, 96, 128)")
    assert soon(lambda: count(opened) > 60)
    log = json.loads(opened.ask("import json; print(json.dumps(log))"))
    assert all(one == [kind, i + 1] for i, pair in enumerate(zip(log[::2], log[1::2], strict=False))
               for one, kind in zip(pair, ("sent", "shown"), strict=True))  # fmt: skip
    assert len(log) > 60
    assert int(opened.ask("print(len(set(sums[-60:])))")) > 5


def test_stop_switches_the_camera_off_and_holds_the_picture(opened):
    panel = opened.panel()
    film(opened)
    assert live_tracks(opened) == 1
    press(panel, "Stop")
    assert soon(lambda: live_tracks(opened) == 0)
    expect(panel.locator(".cnnlab-status")).to_contain_text("Ready")
    held = at_rest(panel)
    opened.page.wait_for_timeout(400)
    assert source(panel) == held
    expect(control(panel, "Frame", "combobox")).to_have_value("camera or upload")
    film(opened)  # and on again
    control(panel, "Frame", "combobox").select_option("cheetah")
    assert soon(lambda: live_tracks(opened) == 0)
    expect(control(panel, "Frame", "combobox")).to_have_value("cheetah")


@pytest.mark.parametrize(
    "leave",
    [
        lambda notebook: notebook.run(),
        lambda notebook: notebook.command("notebook:clear-all-cell-outputs"),
        lambda notebook: notebook.page.evaluate("void jupyterapp.commands.execute('launcher:create')"),
        lambda notebook: notebook.command("notebook:delete-cell"),
        lambda notebook: notebook.ask("panel.close()"),
        lambda notebook: notebook.page.evaluate("window.dispatchEvent(new Event('pagehide'))"),
        lambda notebook: notebook.page.evaluate(
            """Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
               document.dispatchEvent(new Event('visibilitychange'));"""
        ),
        lambda notebook: notebook.page.evaluate(
            "jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
        ),
    ],
    ids=["run again", "output cleared", "another tab", "cell deleted", "closed", "page left", "page hidden",
         "kernel restarted"],
)  # fmt: skip
def test_the_camera_goes_off_when_its_panel_goes(opened, leave):
    film(opened)
    assert live_tracks(opened) == 1
    leave(opened)
    assert soon(lambda: live_tracks(opened) == 0)


def test_nothing_of_it_is_in_the_saved_notebook(opened, lab):
    """Not even where JupyterLab is told to save the state of widgets."""
    path, toggle = lab.folder / "camera.ipynb", "@jupyter-widgets/jupyterlab-manager:saveWidgetState"
    opened.save()
    still = output_of(nbformat.read(path, as_version=4))
    opened.command(toggle)
    try:
        assert soon(lambda: opened.page.evaluate("id => jupyterapp.commands.isToggled(id)", toggle))
        film(opened)
        opened.save()
        during = nbformat.read(path, as_version=4)
        press(opened.panel(), "Stop")
        expect(opened.panel().locator(".cnnlab-status")).to_contain_text("Ready")
        opened.save()
    finally:
        opened.command(toggle)
    for notebook in (during, nbformat.read(path, as_version=4)):
        assert output_of(notebook) == still
        models = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"].state.values()
        buffers = [base64.b64decode(one.data) for model in models for one in model.get("buffers", [])]
        assert {pixels(content) for content in buffers if content} == {still}
        for model in models:  # and no picture as text
            assert all(len(str(value)) < 20_000 for name, value in model.state.items() if name not in CODE)


def output_of(notebook):
    """The pixels of the picture that the first cell has put out."""
    (output,) = notebook.cells[0].outputs
    return pixels(base64.b64decode(output.data["image/png"]))


def pixels(content):
    """The pixels of an encoded picture."""
    return Image.open(io.BytesIO(content)).convert("RGB").tobytes()


def test_a_refusal_gets_one_sentence_and_an_upload_does_instead(lab, browser):
    with with_camera(browser, "deny") as strict, fresh_page(strict) as page:
        notebook = lab.open(page, lab.write("refused.ipynb", PANEL))
        notebook.run()
        panel = notebook.panel()
        press(panel, "Camera")
        expect(panel.get_by_role("alert")).to_contain_text(
            "The browser may not use the camera here: allow it"
        )
        expect(panel.get_by_role("button", name="Camera")).to_be_visible()
        upload(panel, "dark.png", "image/png", file("PNG", 30))
        expect(panel.get_by_role("alert")).to_have_count(0)
        assert soon(lambda: notebook.ask("print(set(seen[-1]))") == "{30}")


@pytest.mark.parametrize(
    "script, words",
    [
        ("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })", "http://localhost"),
        (REFUSED % "NotFoundError", "The browser finds no camera"),
        (REFUSED % "NotReadableError", "perhaps because another program uses it"),
        (REFUSED % "OddError", "(OddError)"),
    ],
)
def test_a_page_without_a_camera_says_why_in_one_sentence(lab, filming, script, words):
    with fresh_page(filming) as page:
        page.add_init_script(script)
        notebook = lab.open(page, lab.write("none.ipynb", PANEL))
        notebook.run()
        press(notebook.panel(), "Camera")
        alert = notebook.panel().get_by_role("alert")
        expect(alert).to_contain_text(words)
        assert alert.inner_text().count(".") == 1 and "press Upload" in alert.inner_text()


def test_an_answer_that_comes_too_late_switches_nothing_on(lab, filming):
    wait = "await new Promise((resolve) => setTimeout(resolve, 1500))"
    slow = TRACKS.replace("const stream", f"{wait}; const stream")
    with fresh_page(filming) as page:
        page.add_init_script(slow)
        notebook = lab.open(page, lab.write("late.ipynb", PANEL))
        notebook.run()
        press(notebook.panel(), "Camera")
        notebook.run()  # while the browser still asks
        assert soon(lambda: page.evaluate("tracks.length") == 1)
        assert soon(lambda: live_tracks(notebook) == 0)
        expect(notebook.panel().get_by_role("button", name="Camera")).to_be_visible()


def test_a_camera_is_a_mirror_and_shows_its_middle(lab, filming):
    with fresh_page(filming) as page:
        page.add_init_script(HALVES)
        unlike = PANEL.replace("live.camera(128, 96)", "live.camera(128, 96, mirror=False)")
        notebook = lab.open(page, lab.write("mirror.ipynb", PANEL, unlike))
        notebook.run()
        for index, expected in enumerate(("blue red", "red blue")):
            press(notebook.show(index), "Camera")
            assert soon(lambda expected=expected: sides(notebook) == expected)
            press(notebook.panel(index), "Stop")


def sides(notebook):
    """The colours at the left and at the right of the newest picture."""
    r, R, _, _, b, B = json.loads(notebook.ask("print(seen[-1])"))
    return " ".join("red" if x > 2 * y else "blue" if y > 2 * x else "?" for x, y in ((r, b), (R, B)))


def test_a_clip_plays_and_one_that_cannot_gets_a_sentence(opened):
    panel, page = opened.panel(), opened.page
    content = base64.b64decode(page.evaluate(CLIP))
    upload(panel, "colours.webm", "video/webm", content)
    for expected in ("red red", "blue blue", "red red"):
        assert soon(lambda expected=expected: sides(opened) == expected)
    upload(panel, "broken.mp4", "video/mp4", b"no film")
    expect(panel.get_by_role("alert")).to_contain_text("broken.mp4 cannot be played by this browser")
    expect(panel.get_by_role("button", name="Camera")).to_be_visible()


def test_an_animation_plays_and_stops(opened):
    panel = opened.panel()
    upload(panel, "steps.gif", "image/gif", file("GIF", 20, 90, 160, 230))
    assert soon(lambda: int(opened.ask("print(len({s[0] for s in seen[1:]}))")) >= 4, 90)
    press(panel, "Stop")
    expect(panel.locator(".cnnlab-status")).to_contain_text("Ready", timeout=30_000)
    opened.page.wait_for_timeout(400)  # what was under way comes to its end
    stopped = count(opened)
    opened.page.wait_for_timeout(400)
    assert count(opened) == stopped
    upload(panel, "words.gif", "image/gif", b"words")
    expect(panel.get_by_role("alert")).to_contain_text("words.gif: ")


def test_another_camera_is_chosen_by_name(opened):
    film(opened)
    which = opened.panel().get_by_role("combobox", name="Which camera")
    expect(which.locator("option")).to_have_count(2)
    used = which.input_value()
    (other,) = {one.get_attribute("value") for one in which.locator("option").all()} - {used}
    which.select_option(other)
    device = "tracks.filter(track => track.readyState === 'live').map(track => track.getSettings().deviceId)"
    assert soon(lambda: opened.page.evaluate(device) == [other])
    before = count(opened)
    assert soon(lambda: count(opened) > before + 5)
    expect(which).to_have_value(other)


def test_by_keyboard_and_in_words(opened):
    panel, page = opened.panel(), opened.page
    expect(panel.get_by_role("group", name="Frame: camera or upload")).to_be_visible()
    control(panel, "Frame", "combobox").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Camera"
    before = count(opened)
    page.keyboard.press("Enter")
    assert soon(lambda: count(opened) > before + 5)
    assert page.evaluate("document.activeElement.textContent") == "Stop"
    page.keyboard.press("Space")
    assert soon(lambda: live_tracks(opened) == 0)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Upload"


def test_the_server_holds_no_message_back(lab):
    log = (lab.folder.parent / "lab.log").read_text()
    assert "cnnlab.live.server | extension was successfully loaded" in log
