"""A panel around a generator."""

import asyncio
import time

import torch
from helpers import GREY, bound, grey, panel_of, press, until

from cnnlab.live import Frame, seed, slider


def count(settings):
    """Ever further; the caption tells the step, the settings and where it began."""
    start = getattr(settings, "start", 0)
    step = 0
    while True:
        yield Frame(GREY, caption=f"{start}+{step} x{getattr(settings, 'rate', 1)}", score=step)
        step += 1


def three(settings):
    """Three frames, from coarse to fine."""
    for step in range(3):
        yield Frame(grey(settings.level), caption=f"{step} of {settings.level}")


def caption(panel):
    return panel.view.caption.value


def test_waits_at_its_first_frame_until_it_is_played():
    async def scenario():
        with panel_of(count) as panel:
            await asyncio.sleep(0.15)
            assert caption(panel) == "0+0 x1" and "Ready" in panel.view.line.value
            press(panel, "Play")
            await until(lambda: panel.runner.step_count > 3)
            assert "Playing" in panel.view.line.value

    asyncio.run(scenario())


def test_pause_holds_and_twice_is_harmless():
    async def scenario():
        with panel_of(count) as panel:
            press(panel, "Play")
            await until(lambda: panel.runner.step_count > 3)
            press(panel, "Pause")
            press(panel, "Pause")
            await until(lambda: panel.runner.task is None)
            held = caption(panel)
            press(panel, "Pause")
            await asyncio.sleep(0.15)
            assert caption(panel) == held and "Paused" in panel.view.line.value
            press(panel, "Play")
            await until(lambda: caption(panel) != held)

    asyncio.run(scenario())


def test_paused_is_said_only_when_the_step_under_way_is_done():
    def slow(settings):
        for frame in count(settings):
            time.sleep(0.1)
            yield frame

    async def scenario():
        with panel_of(slow) as panel:
            press(panel, "Play")
            await until(lambda: panel.runner.step_count > 1)
            press(panel, "Pause")
            await until(lambda: "Paused" in panel.view.line.value)
            shown = caption(panel)
            await asyncio.sleep(0.3)
            assert caption(panel) == shown

    asyncio.run(scenario())


def test_step_and_reset():
    async def scenario():
        with panel_of(count) as panel:
            press(panel, "Step")
            press(panel, "Step")
            await until(lambda: caption(panel) == "0+2 x1")
            await until(lambda: panel.runner.task is None)
            assert caption(panel) == "0+2 x1"
            press(panel, "Reset")
            await until(lambda: caption(panel) == "0+0 x1")
            await asyncio.sleep(0.1)
            assert caption(panel) == "0+0 x1"

    asyncio.run(scenario())


def test_a_slider_acts_while_it_runs_and_restart_begins_again():
    async def scenario():
        with panel_of(count, rate=slider(1, 1, 9), start=slider(0, 0, 50, restart=True)) as panel:
            press(panel, "Play")
            await until(lambda: panel.runner.step_count > 3)
            bound(panel, "rate").field.value = 7
            await until(lambda: caption(panel).endswith("x7"))
            assert panel.runner.step_count > 3  # it went on
            before = panel.runner.step_count
            bound(panel, "start").field.value = 30
            await until(lambda: caption(panel).startswith("30+"))
            assert panel.runner.step_count < before
            await until(lambda: panel.runner.step_count > 3)  # and goes on playing

    asyncio.run(scenario())


def test_restart_while_paused_shows_the_new_first_frame_only():
    async def scenario():
        with panel_of(count, start=seed(0)) as panel:
            press(panel, "Play")
            await until(lambda: panel.runner.step_count > 2)
            press(panel, "Pause")
            press(panel, "Draw anew")
            await until(lambda: caption(panel) == "1+0 x1")
            await asyncio.sleep(0.1)
            assert caption(panel) == "1+0 x1"

    asyncio.run(scenario())


def test_autoplay_refines_to_the_end_and_again_after_a_change():
    async def scenario():
        with panel_of(three, autoplay=True, level=slider(0.0, 0, 1, restart=True)) as panel:
            await until(lambda: "Finished" in panel.view.line.value)
            assert caption(panel) == "2 of 0.0"
            bound(panel, "level").field.value = 1.0
            await until(lambda: caption(panel) == "2 of 1.0" and "Finished" in panel.view.line.value)
            press(panel, "Play")  # at the end: from the start
            await until(lambda: caption(panel) == "0 of 1.0")
            press(panel, "Pause")
            await until(lambda: panel.runner.task is None)
            bound(panel, "level").field.value = 0.5
            await until(lambda: caption(panel) == "0 of 0.5")
            await asyncio.sleep(0.15)
            assert caption(panel) == "0 of 0.5"  # the reader had paused

    asyncio.run(scenario())


def test_after_the_last_frame_a_change_shows_the_first_frame_and_does_not_play():
    async def scenario():
        with panel_of(three, level=slider(0.0, 0, 1, restart=True)) as panel:
            press(panel, "Play")
            await until(lambda: "Finished" in panel.view.line.value)
            bound(panel, "level").field.value = 1.0
            await until(lambda: caption(panel) == "0 of 1.0")
            await asyncio.sleep(0.15)
            assert caption(panel) == "0 of 1.0" and "Ready" in panel.view.line.value
            press(panel, "Play")
            await until(lambda: "Finished" in panel.view.line.value)
            press(panel, "Defaults")
            await until(lambda: caption(panel) == "0 of 0.0")
            await asyncio.sleep(0.15)
            assert caption(panel) == "0 of 0.0"
            press(panel, "Play")
            await until(lambda: caption(panel) == "2 of 0.0")

    asyncio.run(scenario())


def test_a_run_that_broke_goes_on_playing_once_the_cause_is_put_right():
    def picky(settings):
        if settings.level > 0.5:
            raise ValueError("too high")
        yield from count(settings)

    async def scenario():
        with panel_of(picky, level=slider(0.0, 0, 1, restart=True)) as panel:
            press(panel, "Play")
            await until(lambda: panel.runner.step_count > 2)
            bound(panel, "level").field.value = 1.0
            await until(lambda: "too high" in panel.view.message.value)
            bound(panel, "level").field.value = 0.2
            await until(lambda: panel.runner.step_count > 2 and panel.view.message.value == "")

    asyncio.run(scenario())


def test_a_step_asked_for_just_after_a_change_is_not_lost():
    async def scenario():
        with panel_of(three, level=slider(0.0, 0, 1, restart=True)) as panel:
            press(panel, "Step")
            press(panel, "Step")
            bound(panel, "level").field.value = 1.0  # the steps before it belong to the old run
            press(panel, "Step")
            await until(lambda: panel.runner.task is None and caption(panel) == "1 of 1.0")
            press(panel, "Step")
            await until(lambda: caption(panel) == "2 of 1.0")
            press(panel, "Step")
            await until(lambda: "Finished" in panel.view.line.value)
            press(panel, "Step")  # the first frame again
            await until(lambda: caption(panel) == "0 of 1.0")
            await asyncio.sleep(0.1)
            assert caption(panel) == "0 of 1.0"

    asyncio.run(scenario())


def test_at_most_thirty_frames_a_second():
    async def scenario():
        with panel_of(count) as panel:
            press(panel, "Play")
            await until(lambda: panel.runner.step_count > 0)
            first, began = panel.runner.step_count, time.monotonic()
            await asyncio.sleep(1)
            assert (panel.runner.step_count - first) / (time.monotonic() - began) < 31

    asyncio.run(scenario())


def test_an_error_ends_the_run_and_play_starts_again():
    def fragile(settings):
        yield GREY
        if settings.level > 0.5:
            raise RuntimeError("fell over")
        yield Frame(GREY, caption="got through")

    async def scenario():
        with panel_of(fragile, level=slider(1.0, 0, 1)) as panel:
            press(panel, "Play")
            await until(lambda: "RuntimeError: fell over" in panel.view.message.value)
            bound(panel, "level").field.value = 0.0
            press(panel, "Play")
            await until(lambda: caption(panel) == "got through")
            assert panel.view.message.value == ""

    asyncio.run(scenario())


def test_a_generator_keeps_its_gradient_mode_to_itself():
    seen = []

    def without_gradients(settings):
        with torch.no_grad():
            for _ in range(50):
                assert not torch.is_grad_enabled()
                yield GREY

    def in_inference(settings):
        with torch.inference_mode():
            for _ in range(50):
                assert torch.is_inference_mode_enabled()
                yield GREY

    def with_gradients(settings):
        while True:
            seen.append(torch.is_grad_enabled() and not torch.is_inference_mode_enabled())
            yield GREY

    async def scenario():
        with (
            panel_of(without_gradients) as one,
            panel_of(in_inference) as two,
            panel_of(with_gradients) as three,
        ):
            for panel in (one, two, three):
                press(panel, "Play")
            await until(lambda: len(seen) > 5)
            for panel in (one, two):
                press(panel, "Reset")  # closes generators inside their blocks
            count = len(seen)
            await until(lambda: len(seen) > count + 3)
            assert one.view.message.value == two.view.message.value == ""

    asyncio.run(scenario())
    assert all(seen)


def test_a_frame_can_ask_for_a_pause_and_play_goes_on():
    def stops(settings):
        for step in range(1000):
            yield Frame(GREY, caption=f"at {step}", pause=step == 5)

    async def scenario():
        with panel_of(stops, autoplay=True) as panel:
            await until(lambda: "Paused" in panel.view.line.value)
            await asyncio.sleep(0.1)
            assert caption(panel) == "at 5"
            press(panel, "Play")
            await until(lambda: panel.runner.step_count > 8)
            press(panel, "Reset")
            await until(lambda: caption(panel) == "at 5" and "Paused" in panel.view.line.value)

    asyncio.run(scenario())


def test_closing_ends_the_generator():
    closed = []

    def tidy(settings):
        try:
            while True:
                yield GREY
        finally:
            closed.append(True)

    async def scenario():
        with panel_of(tidy) as panel:
            press(panel, "Play")
            await until(lambda: panel.runner.step_count > 1)
        await until(lambda: bool(closed))
        await asyncio.sleep(0.1)
        assert panel.runner.task is None

    asyncio.run(scenario())


def test_a_script_can_step_without_a_loop():
    with panel_of(three, level=slider(0.5, 0, 1)) as panel:
        press(panel, "Step")
        assert caption(panel) == "1 of 0.5"
        press(panel, "Play")
        assert caption(panel) == "2 of 0.5" and "Finished" in panel.view.line.value
