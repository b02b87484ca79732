"""A panel around a plain function."""

import asyncio
import base64
import gc
import io
import itertools
import weakref

import numpy as np
import pytest
from helpers import GREY, bound, grey, panel_of, press, shown, until
from ipywidgets.widgets.widget import _instances
from PIL import Image

from cnnlab.live import Frame, Hint, Preset, bars, camera, drawing, live, picture, point, seed, slider, text


def test_first_picture_is_there_before_display_and_is_exact():
    with panel_of(lambda level: grey(level), level=slider(0.5, 0, 1)) as panel:
        assert shown(panel).shape == (40, 60, 3)
        assert (shown(panel) == 128).all()
        assert panel.view.picture.alt == "a grey picture"


def test_stored_output_is_words_picture_and_widget():
    with panel_of(lambda level: grey(level), title="Grey", level=slider(0.5, 0, 1)) as panel:
        data, metadata = panel._repr_mimebundle_()
    assert data["text/plain"] == "Grey: a grey picture"
    assert Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).size == (60, 40)
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert metadata["image/png"] == {"alt": "Grey: a grey picture", "width": 448}


def test_a_new_value_gives_a_new_picture_without_a_loop_too():
    with panel_of(lambda level: grey(level), level=slider(0.5, 0, 1)) as panel:
        bound(panel, "level").field.value = 1.0
        assert (shown(panel) == 255).all()
        press(panel, "Defaults")
        assert (shown(panel) == 128).all()
        assert bound(panel, "level").field.value == 0.5


def test_an_error_is_one_sentence_and_the_last_picture_stays():
    def touchy(level):
        if level > 0.9:
            raise ValueError("level <b>too</b> high")
        return grey(level)

    with panel_of(touchy, level=slider(0.5, 0, 1)) as panel:
        bound(panel, "level").field.value = 1.0
        assert "ValueError: level &lt;b&gt;too&lt;/b&gt; high" in panel.view.message.value
        assert 'role="alert"' in panel.view.message.value
        assert (shown(panel) == 128).all()
        bound(panel, "level").field.value = 0.0
        assert panel.view.message.value == ""
        assert (shown(panel) == 0).all()


def test_the_course_s_own_errors_speak_for_themselves():
    with panel_of(lambda level: grey(level), level=slider(0.5, 0, 2)) as panel:
        bound(panel, "level").field.value = 2.0
        assert "a picture lies in [0, 1]" in panel.view.message.value
        assert "PictureError" not in panel.view.message.value


def test_an_error_in_the_first_call_is_raised():
    with pytest.raises(ZeroDivisionError):
        live(lambda level: 1 / 0, alt="nothing", level=slider(0.5, 0, 1))


def test_a_frame_brings_caption_score_and_text():
    def frame(level):
        return Frame(grey(level), caption=f"{level} < 1", score=12.3456, text=bars([("<i>", level)]))

    with panel_of(frame, level=slider(0.5, 0, 1)) as panel:
        assert panel.view.caption.value == "0.5 &lt; 1"
        assert "score 12.35" in panel.view.line.value
        assert "&lt;i&gt;" in panel.view.text.value and "50.0%" in panel.view.text.value
        assert panel.frame.score == 12.3456


def test_hints_go_to_the_picture():
    def frame(level):
        return Frame(
            grey(level), hints=[Hint(np.float32(1.26), 2, 30, 4, f"w = {level}"), Hint(5, 5, 5, 5, "b")]
        )

    with panel_of(frame, level=slider(0.5, 0, 1)) as panel:
        assert panel.view.picture.hints == [[1.3, 2, 30, 4, "w = 0.5"], [5, 5, 5, 5, "b"]]
        bound(panel, "level").field.value = 1.0
        assert panel.view.picture.hints[0][4] == "w = 1.0"


def test_what_is_not_a_control_is_refused_in_words():
    with pytest.raises(TypeError, match=r"window=5 is not a control.*slider"):
        live(lambda window: GREY, alt="nothing", window=5)


def test_a_closed_panel_is_silent_and_frees_its_widgets():
    calls = []

    async def scenario():
        panel = live(lambda level: calls.append(level) or GREY, alt="grey", level=slider(0.5, 0, 1))
        field = bound(panel, "level").field
        panel.close()
        panel.close()
        field.value = 1.0
        await asyncio.sleep(0.1)
        assert field.comm is None and panel.view.picture.comm is None

    asyncio.run(scenario())
    assert calls == [0.5]


def test_what_a_control_refuses_is_said_before_what_the_run_said():
    def parse(words):
        if words == "konv":
            raise ValueError("'konv' is no layer")
        return words

    def fragile(settings):
        if settings.lines == "pool":
            raise ValueError("pool does not fit")
        yield Frame(GREY, caption=settings.lines)

    async def scenario():
        with panel_of(fragile, lines=text("conv", parse=parse)) as panel:
            for words, sentence in (("pool", "pool does not fit"), ("konv", "is no layer")):
                bound(panel, "lines").field.value = words
                await until(lambda sentence=sentence: sentence in panel.view.message.value)
            assert "does not fit" not in panel.view.message.value
            bound(panel, "lines").field.value = "relu"
            await until(lambda: panel.view.caption.value == "relu" and panel.view.message.value == "")

    asyncio.run(scenario())


def test_hints_are_sent_a_few_times_a_second_and_at_rest():
    def many(settings):
        for step in range(1000):
            yield Frame(GREY, hints=[Hint(0, 0, 9, 9, f"step {step}")])

    async def scenario():
        with panel_of(many) as panel:
            sent = []
            panel.view.picture.observe(lambda change: sent.append(change["new"][0][4]), "hints")
            press(panel, "Play")
            await until(lambda: panel.runner.step_count > 20)
            press(panel, "Pause")
            await until(lambda: "Paused" in panel.view.line.value)
            assert 1 < len(sent) <= panel.runner.step_count / 3
            assert sent[-1] == f"step {panel.runner.step_count}"

    asyncio.run(scenario())


def test_closed_panels_are_freed_with_all_their_widgets():
    def play(settings):
        yield GREY

    def show(**values):
        return GREY

    kinds = [
        {"level": slider(0.5, 0, 1)}, {"level": camera(64, 48)}, {"level": drawing(("a", "b"))},
        {"level": point(1, 2)}, {"level": seed(1)}, {"level": picture("panda")},
    ]  # fmt: skip
    more = {"presets": {"First": Preset("")}, "shareable": True}

    async def scenario():
        gc.collect()
        widgets, kept = len(_instances), []
        for function, controls in itertools.product((show, play), kinds):
            with panel_of(function, **more, **controls) as panel:
                parts = panel, panel.runner, panel.view.picture, panel.controls[0]
                kept += map(weakref.ref, parts)
        del panel, parts
        await asyncio.sleep(0.1)
        gc.collect()
        assert len(kept) == 48 and not [part() for part in kept if part() is not None]
        assert len(_instances) == widgets

    asyncio.run(scenario())
