"""The camera's control, spoken to as the browser does: what the function receives, and what goes back."""

import asyncio
import io
import subprocess
import sys
import threading

import pytest
import torch
from helpers import GREY, bound, grey, press, until
from PIL import Image

from cnnlab import pictures
from cnnlab.live import camera, choice, live, slider
from cnnlab.live.camera import OWN

WIDTH, HEIGHT = 64, 48


class Browser:
    """Sends what the buttons of a panel's camera send, and notes what comes back."""

    def __init__(self, panel, name="frame"):
        self.bound, self.heard, self.number = bound(panel, name), [], 0
        self.field = self.bound.field
        self.field.camera.send = self.heard.append

    def send(self, kind, *buffers, **content):
        self.field.camera._handle_custom_msg({"kind": kind, **content}, [memoryview(one) for one in buffers])

    def picture(self, level, again=True, moves=True, **content):
        """A plain picture, 0 to 255."""
        buffer = io.BytesIO()
        Image.new("RGB", (WIDTH, HEIGHT), (level,) * 3).save(buffer, "JPEG")
        self.number += 1
        content = {"rate": 0, "delay": 0, **content}
        self.send("picture", buffer.getvalue(), number=self.number, again=again, moves=moves, **content)

    def film(self, *levels):
        for i, level in enumerate(levels):
            self.picture(level, again=i > 0)

    @property
    def plays(self):
        """Whether pictures go on to come."""
        return self.bound.lazy.moves

    @property
    def back(self):
        """The numbers of the pictures that came back."""
        return [content["number"] for content in self.heard if content["kind"] == "shown"]


@pytest.fixture
def made():
    """Makes a panel with a camera around a function."""
    panels = []

    def make(function, **controls):
        more = {"frame": camera(WIDTH, HEIGHT), **controls}
        panels.append(live(function, alt="a picture", autoplay=True, **more))
        return panels[-1], Browser(panels[-1])

    yield make
    for panel in panels:
        panel.close()


def mean(picture):
    return round(255 * picture.mean().item())


def animation(*levels):
    first, *rest = [Image.new("RGB", (120, 60), (level,) * 3) for level in levels]
    first.save(buffer := io.BytesIO(), "GIF", save_all=True, append_images=rest)
    return buffer.getvalue()


def test_before_a_camera_there_is_a_photograph_of_the_wanted_size(made):
    seen = []
    panel, _ = made(lambda frame: seen.append(frame) or frame)
    assert torch.equal(seen[0], pictures.fit(pictures.read("panda"), (HEIGHT, WIDTH)))
    assert seen[0].shape == (1, 3, HEIGHT, WIDTH) and seen[0].dtype == torch.float32
    bound(panel, "frame").field.value = "cheetah"
    assert torch.equal(seen[-1], pictures.fit(pictures.read("cheetah"), (HEIGHT, WIDTH)))


def test_pictures_arrive_and_each_comes_back_once(made):
    levels = []
    panel, browser = made(lambda frame: levels.append(mean(frame)) or frame)
    browser.film(10, 90, 200)
    assert levels[1:] and [level for level in dict.fromkeys(levels[1:])] == [10, 90, 200]
    assert browser.back == [1, 2, 3]
    assert browser.field.value == OWN and mean(panel.frame.picture) == 200
    press(panel, "Defaults")
    assert browser.heard[-1] == {"kind": "stop"} and browser.field.frame is None
    browser.picture(50)  # it was on its way
    assert browser.field.value == "panda" and mean(panel.frame.picture) != 50


def test_the_next_one_is_asked_for_only_when_the_last_is_in_sight(made):
    free, threads = threading.Event(), set()

    def slow(frame, level):
        threads.add(threading.current_thread().name)
        if mean(frame) == 90:
            free.wait(5)
        return frame

    async def scenario():
        panel, browser = made(slow, level=slider(0, 0, 9))
        browser.film(90)
        await until(lambda: browser.field.frame.used)
        bound(panel, "level").field.value = 3  # a control that moves meanwhile does not bring it back
        await asyncio.sleep(0.1)
        assert browser.back == []
        free.set()
        await until(lambda: browser.back == [1])
        assert mean(panel.frame.picture) == 90
        await until(lambda: panel.settings.level == 3 and panel.runner.task is None)
        assert browser.back == [1]  # once

    asyncio.run(scenario())
    assert len(threads) == 1


def test_a_picture_that_the_call_under_way_did_not_take_has_not_come_back(made):
    free = threading.Event()

    def slow(frame, level):
        if level == 1:
            free.wait(5)
        return frame

    async def scenario():
        panel, browser = made(slow, level=slider(0, 0, 9))
        bound(panel, "level").field.value = 1
        await until(lambda: panel.runner.task is not None and panel.settings.level == 1)
        await asyncio.sleep(0.05)
        browser.film(90)  # the call under way began without it
        await asyncio.sleep(0.05)
        shown = []
        panel.runner.shown = lambda *a: shown.append(list(browser.back)) or panel._show(*a)
        free.set()
        await until(lambda: browser.back == [1])
        assert shown == [[], []]  # not back after the first of the two calls

    asyncio.run(scenario())


def test_pictures_are_decoded_in_the_worker_thread(made, monkeypatch):
    threads, real = [], pictures.read

    def read(source):
        threads.append((isinstance(source, bytes), threading.current_thread() is threading.main_thread()))
        return real(source)

    _, browser = made(lambda frame: frame)
    monkeypatch.setattr(pictures, "read", read)
    browser.film(10, 20)
    assert threads == [(True, False)] * 2  # once each


def test_an_error_in_the_function_does_not_stop_the_film(made):
    def touchy(frame):
        if mean(frame) == 90:
            raise ValueError("not this one")
        return frame

    panel, browser = made(touchy)
    browser.film(10, 90)
    assert "not this one" in panel.view.message.value and browser.back == [1, 2]
    browser.picture(200)
    assert panel.view.message.value == "" and browser.back == [1, 2, 3]


def test_a_picture_that_is_none_gets_a_sentence_and_the_film_goes_on(made):
    panel, browser = made(lambda frame: frame)
    browser.send("picture", b"nonsense", number=1, again=False, moves=True, rate=0, delay=0)
    assert "is not a picture this course can read" in panel.view.message.value and browser.back == [1]


def test_a_generator_sees_the_newest_picture_and_goes_on_where_a_source_is_new_it_starts_again(made):
    starts, levels = [], []

    def forever(settings):
        starts.append(settings.style)
        while True:
            levels.append(mean(settings.frame))
            yield settings.frame

    async def scenario():
        panel, browser = made(forever, style=choice(["a", "b"]))
        await until(lambda: len(levels) > 2)
        browser.film(10)
        await until(lambda: browser.back == [1] and len(starts) == 2)
        for level in (90, 200):
            browser.picture(level)
            await until(lambda: len(browser.back) == browser.number)
        bound(panel, "style").field.value = "b"
        await asyncio.sleep(0.1)
        assert len(starts) == 2
        browser.picture(30, again=False)  # another camera, or a clip
        await until(lambda: len(browser.back) == 4 and len(starts) == 3)
        browser.send("stopped")
        press(panel, "Pause")
        await until(lambda: panel.runner.task is None)
        assert len(starts) == 3

    asyncio.run(scenario())
    assert [level for level in dict.fromkeys(levels[2:]) if level in (10, 90, 200, 30)] == [10, 90, 200, 30]


def test_a_generator_at_its_end_starts_again_for_each_picture(made):
    starts = []

    def short(settings):
        starts.append(mean(settings.frame))
        yield settings.frame
        yield settings.frame

    async def scenario():
        panel, browser = made(short)
        for number, level in enumerate((10, 90, 200), start=1):
            browser.picture(level, again=number > 1)
            await until(lambda number=number: browser.back == list(range(1, number + 1)))
            await until(lambda: panel.runner.exhausted)
        assert starts[-3:] == [10, 90, 200]
        browser.send("stopped")
        await until(lambda: "Finished" in panel.view.line.value)
        press(panel, "Pause")
        browser.picture(60)
        await asyncio.sleep(0.2)
        assert starts[-1] == 200  # who pauses is not overrun

    asyncio.run(scenario())


def test_the_rate_and_the_delay_stand_in_the_line_while_a_film_plays(made):
    panel, browser = made(lambda frame: frame)
    panel.meter.due = lambda: True
    browser.picture(10, again=False)
    assert "Live" in panel.view.line.value
    browser.picture(20, rate=13.7, delay=81.4)
    assert "14 frames/s" in panel.view.line.value and "81 ms behind" in panel.view.line.value
    browser.send("stopped")
    assert "Ready" in panel.view.line.value and "behind" not in panel.view.line.value
    assert mean(panel.frame.picture) == 20  # it is held, to look at


def test_what_a_reader_s_camera_saw_is_in_no_state_and_no_output(made):
    panel, browser = made(lambda frame: frame)
    kept, stored = panel.view.picture.value, panel._repr_mimebundle_()
    sent = []
    panel.view.picture.send = lambda content, buffers: sent.append(buffers[0])
    browser.film(10, 20)
    browser.send("stopped")
    assert panel.view.picture.value == kept
    for ours, theirs in zip(panel._repr_mimebundle_(), stored, strict=True):
        assert ours == theirs
    shown = Image.open(io.BytesIO(sent[-1]))
    assert shown.format == "PNG" and abs(shown.getpixel((5, 5))[0] - 20) < 3
    bound(panel, "frame").field.value = "cheetah"
    assert panel.view.picture.value == kept  # for good: a result may hold what it saw before
    states = [panel.view.picture.get_state(), browser.field.get_state(), browser.field.camera.get_state()]
    assert not any(isinstance(value, bytes) and value != kept for state in states for value in state.values())


def test_a_still_is_taken_and_does_not_play(made):
    panel, browser = made(lambda frame: frame)
    browser.picture(70, again=False, moves=False)
    assert mean(panel.frame.picture) == 70 and not browser.plays
    assert "Ready" in panel.view.line.value


def test_an_animation_plays_at_the_browser_s_pace(made):
    levels = []
    _, browser = made(lambda frame: levels.append(mean(frame)) or frame)
    browser.send("file", animation(10, 90, 200), name="three.gif")
    assert browser.heard[-1] == {"kind": "play"} and levels[-1] == 10
    for number in range(1, 5):
        browser.send("next", number=number, again=number > 1, rate=0, delay=0)
    assert browser.back[-4:] == [1, 2, 3, 4]
    assert levels[-4:] == [90, 200, 10, 90]


def test_a_file_that_cannot_be_read_gets_a_sentence_and_the_last_picture_stays(made):
    panel, browser = made(lambda frame: frame)
    before = panel.frame.picture
    for content, words in ((b"words", "is not a picture"), (animation(1, 2)[:40], "broken.gif")):
        browser.send("file", content, name="broken.gif")
        assert "broken.gif: " in panel.view.message.value and words in panel.view.message.value
    assert panel.frame.picture is before and browser.field.value == "panda"
    Image.new("L", (9, 9), 40).save(buffer := io.BytesIO(), "PNG")
    browser.send("file", buffer.getvalue(), name="good.png")
    assert mean(panel.frame.picture) == 40 and panel.view.message.value == ""
    assert {"kind": "play"} not in browser.heard


def test_a_refusal_is_said_and_forgotten_when_something_else_is_taken(made):
    panel, browser = made(lambda frame: frame)
    browser.send("refused", words="No camera here: press Upload.")
    assert "No camera here: press Upload." in panel.view.message.value
    browser.film(10)
    assert panel.view.message.value == "" and mean(panel.frame.picture) == 10


def test_a_camera_is_in_no_line_of_settings(made):
    panel, browser = made(lambda frame, x: frame, x=slider(1, 0, 9))
    browser.film(10)
    bound(panel, "x").field.value = 2
    assert panel.state == "x=2"
    with pytest.raises(ValueError, match="begins with its button"):
        panel.state = f"frame={OWN}"
    assert browser.plays  # nothing changed
    panel.state = "frame=cheetah"
    assert not browser.plays and panel.state == "frame=cheetah"
    browser.field.value = OWN
    assert "press Camera or Upload first" in panel.view.message.value


def test_a_page_that_opens_anew_plays_nothing(made):
    _, browser = made(lambda frame: frame)
    browser.send("stopped")  # before anything
    assert browser.field.frame is None
    browser.film(10)
    browser.send("stopped")
    assert not browser.plays
    browser.send("next", number=9, again=False, rate=0, delay=0)  # of an animation that is not there
    assert not browser.plays


def test_what_makes_no_sense_is_refused_in_words():
    with pytest.raises(ValueError, match="'unicorn' is not among"):
        camera(value="unicorn")
    with pytest.raises(ValueError, match="above 0"):
        camera(0, 10)


def test_closing_a_panel_closes_its_camera(made):
    panel, browser = made(lambda frame: GREY if frame is None else grey(0.5))
    panel.close()
    assert browser.field.camera.comm is None


@pytest.mark.slow
def test_no_other_lesson_loads_what_reads_films():
    program = (
        "import sys, cnnlab.live\n"
        "cnnlab.live.live(lambda x: x, alt='a picture', x=cnnlab.live.camera(64, 48))\n"
        "print([name for name in sys.modules if name in ('av', 'imageio')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
