"""A panel around a plain function."""

import asyncio
import base64
import contextlib
import io
import threading
import time

import numpy as np
import pytest
import torch
from helpers import GREY, grey, knob, press, until
from matplotlib.figure import Figure
from PIL import Image

from cnnlab.live import Frame, Hint, bars, large_type, live, slider, toggle


@contextlib.contextmanager
def made(*arguments, **keywords):
    panel = live(*arguments, alt="a grey picture", **keywords)
    try:
        yield panel
    finally:
        panel.close()


def shown(panel):
    """The picture in the page, as an array (H, W, ...)."""
    return np.asarray(Image.open(io.BytesIO(panel.view.picture.value)))


def test_first_picture_is_there_before_display_and_is_exact():
    with made(lambda level: grey(level), level=slider(0.5, 0, 1)) as panel:
        assert shown(panel).shape == (40, 60, 3)
        assert (shown(panel) == 128).all()
        assert panel.view.picture.alt == "a grey picture"


def test_stored_output_is_words_picture_and_widget():
    with made(lambda level: grey(level), title="Grey", level=slider(0.5, 0, 1)) as panel:
        data, metadata = panel._repr_mimebundle_()
    assert data["text/plain"] == "Grey: a grey picture"
    assert Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).size == (60, 40)
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert metadata["image/png"] == {"alt": "Grey: a grey picture", "width": 448}


def test_a_new_value_gives_a_new_picture_without_a_loop_too():
    with made(lambda level: grey(level), level=slider(0.5, 0, 1)) as panel:
        knob(panel, "level").field.value = 1.0
        assert (shown(panel) == 255).all()
        press(panel, "Defaults")
        assert (shown(panel) == 128).all()
        assert knob(panel, "level").field.value == 0.5


def test_newest_value_wins_and_one_stale_call_ends():
    ended = []

    def slow(level):
        time.sleep(0.15)
        ended.append(level)
        return grey(level / 10)

    async def scenario():
        with made(slow, level=slider(0, 0, 10)) as panel:
            for level in range(1, 10):  # nine changes in 90 ms; the first of them starts a call
                knob(panel, "level").field.value = level
                await asyncio.sleep(0.01)
            await until(lambda: panel.settings.level == 9 and panel.runner.task is None)
            assert (shown(panel) == round(0.9 * 255)).all()

    asyncio.run(scenario())
    assert ended == [0, 1, 9]


def test_calls_run_in_one_thread_and_leave_the_loop_free():
    threads, gaps = set(), []

    def slow(level):
        threads.add(threading.current_thread().name)
        time.sleep(0.1)
        return GREY

    async def scenario():
        with made(slow, level=slider(0, 0, 10)) as one, made(slow, level=slider(0, 0, 10)) as other:
            knob(one, "level").field.value = knob(other, "level").field.value = 1
            last = began = time.monotonic()
            while last < began + 0.3:
                await asyncio.sleep(0.002)
                gaps.append(time.monotonic() - last)
                last = time.monotonic()

    asyncio.run(scenario())
    assert len(threads) == 1 and threading.current_thread().name not in threads
    assert max(gaps) < 0.09


def test_callbacks_from_another_thread_only_post_to_the_loop():
    """ipykernel 7 runs some callbacks in a subshell's thread."""
    touched = []

    async def scenario():
        with made(lambda level: grey(level), level=slider(0.5, 0, 1)) as panel:
            panel.view.picture.observe(lambda _: touched.append(threading.current_thread()), "value")
            setting = threading.Thread(target=lambda: setattr(knob(panel, "level").field, "value", 1.0))
            setting.start()
            await until(lambda: (shown(panel) == 255).all())
            setting.join()

    asyncio.run(scenario())
    assert set(touched) == {threading.main_thread()}


def test_an_error_is_one_sentence_and_the_last_picture_stays():
    def touchy(level):
        if level > 0.9:
            raise ValueError("level <b>too</b> high")
        return grey(level)

    with made(touchy, level=slider(0.5, 0, 1)) as panel:
        knob(panel, "level").field.value = 1.0
        assert "ValueError: level &lt;b&gt;too&lt;/b&gt; high" in panel.view.message.value
        assert 'role="alert"' in panel.view.message.value
        assert (shown(panel) == 128).all()
        knob(panel, "level").field.value = 0.0
        assert panel.view.message.value == ""
        assert (shown(panel) == 0).all()


def test_the_course_s_own_errors_speak_for_themselves():
    with made(lambda level: grey(level), level=slider(0.5, 0, 2)) as panel:
        knob(panel, "level").field.value = 2.0
        assert "a picture lies in [0, 1]" in panel.view.message.value
        assert "PictureError" not in panel.view.message.value


def test_an_error_in_the_first_call_is_raised():
    with pytest.raises(ZeroDivisionError):
        live(lambda level: 1 / 0, alt="nothing", level=slider(0.5, 0, 1))


@pytest.mark.parametrize(
    "picture, mode",
    [
        (GREY, "RGB"),
        (GREY[0], "RGB"),
        (GREY[:, :1], "L"),
        (Image.new("RGB", (60, 40)), "RGB"),
        (Image.new("RGBA", (60, 40)), "RGB"),
        (np.zeros((40, 60, 3), np.uint8), "RGB"),
    ],
)
def test_pictures_of_many_kinds(picture, mode):
    with made(lambda: picture) as panel:
        image = Image.open(io.BytesIO(panel.view.picture.value))
        assert (image.size, image.mode) == ((60, 40), mode)


def test_a_figure_is_drawn_at_its_own_size():
    def figure():
        fig = Figure((3, 2), dpi=50)
        fig.subplots().plot([0, 1])
        return fig

    with made(figure) as panel:
        assert shown(panel).shape == (100, 150, 3)
        assert shown(panel).std() > 10


@pytest.mark.parametrize("wrong", [None, 3, "panda", torch.zeros(5), np.zeros((4, 4))])
def test_what_is_not_a_picture_is_refused_in_words(wrong):
    with pytest.raises((TypeError, ValueError), match="picture"):
        live(lambda: wrong, alt="nothing")


def test_a_frame_brings_caption_score_and_text():
    def frame(level):
        return Frame(grey(level), caption=f"{level} < 1", score=12.3456, text=bars([("<i>", level)]))

    with made(frame, level=slider(0.5, 0, 1)) as panel:
        assert panel.view.caption.value == "0.5 &lt; 1"
        assert "score 12.35" in panel.view.line.value
        assert "&lt;i&gt;" in panel.view.text.value and "50.0%" in panel.view.text.value
        assert panel.frame.score == 12.3456


def test_hints_go_to_the_picture():
    def frame(level):
        return Frame(
            grey(level), hints=[Hint(np.float32(1.26), 2, 30, 4, f"w = {level}"), Hint(5, 5, 5, 5, "b")]
        )

    with made(frame, level=slider(0.5, 0, 1)) as panel:
        assert panel.view.picture.hints == [[1.3, 2, 30, 4, "w = 0.5"], [5, 5, 5, 5, "b"]]
        knob(panel, "level").field.value = 1.0
        assert panel.view.picture.hints[0][4] == "w = 1.0"


def test_six_controls_in_sight_and_the_others_folded():
    controls = {f"c{i}": toggle(False) for i in range(8)}
    with made(lambda **_: GREY, **controls) as panel:
        right = panel.view.body.children[1]
        in_sight = [row for row in right.children if "cnnlab-control" in row._dom_classes]
        more, folded = right.children[6:8]
        assert (len(in_sight), len(folded.children), more.description) == (6, 2, "More")
        assert folded.layout.display == "none"
        more.value = True
        assert folded.layout.display != "none"
        more.value = False
        assert folded.layout.display == "none"


def test_the_switch_for_large_letters_is_for_all_panels_now_and_later():
    with made(lambda on: GREY, on=toggle(False)) as first, made(lambda on: GREY, on=toggle(False)) as second:
        try:
            large_type()
            with made(lambda on: GREY, on=toggle(False)) as third:
                assert all("cnnlab-large" in panel._dom_classes for panel in (first, second, third))
            buttons = first.view.body.children[1].children[1].children
            (button,) = (one for one in buttons if one.description == "Aa")
            button.click()
            assert not any("cnnlab-large" in panel._dom_classes for panel in (first, second))
            button.click()
            assert all("cnnlab-large" in panel._dom_classes for panel in (first, second))
        finally:
            large_type(False)


def test_what_is_not_a_control_is_refused_in_words():
    with pytest.raises(TypeError, match=r"window=5 is not a control.*slider"):
        live(lambda window: GREY, alt="nothing", window=5)


def test_a_closed_panel_is_silent_and_frees_its_widgets():
    calls = []

    async def scenario():
        panel = live(lambda level: calls.append(level) or GREY, alt="grey", level=slider(0.5, 0, 1))
        field = knob(panel, "level").field
        panel.close()
        panel.close()
        field.value = 1.0
        await asyncio.sleep(0.1)
        assert field.comm is None and panel.view.picture.comm is None

    asyncio.run(scenario())
    assert calls == [0.5]
