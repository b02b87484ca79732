"""The loop behind a panel: a task on the kernel's event loop, and one thread that does every panel's work.

All state changes on the event loop. The thread only computes, so the loop stays free to receive slider
values. Widget callbacks can arrive on any thread (ipykernel 7 runs some in subshells): they go through
`Runner.later`.

The thread and the cells take turns with the processor's cores. OpenMP keeps a pool of threads for every
thread that has called torch. When there are more of them than cores, GNU's puts all to sleep at every wait: a
network then learns at less than half of its speed, in a cell as in a panel, even if the other one rests. So
who does not compute gives its pool back.
"""

import asyncio
import contextlib
import contextvars
import ctypes
import functools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch

FRAME_SECONDS = 1 / 30  # a browser paints no more than it needs to look smooth
EXECUTOR = ThreadPoolExecutor(1, thread_name_prefix="cnnlab-live")
SOFT = 1  # omp_pause_soft: all settings are kept
GNU = next((Path(torch.__file__).parent / "lib").glob("libgomp*"), None)  # other systems have another OpenMP
OPENMP = ctypes.CDLL(str(GNU)) if GNU else None

Buttons = dict[str, tuple[str, str, Callable[[], None]]]  # label -> icon, tooltip, what it does


class Runner:
    """Computes while `_next_job` has something to do; then rests until `wake`.

    shown(result, seconds) receives each result, failed(error) each exception and rested() the end of a
    stretch of work, all on the event loop. Without a running loop (a plain script) work is done at once.

    What follows is as for a plain function, which has neither steps nor an end:
    playing: whether it goes on by itself. exhausted: whether it has come to its end.
    step_count: how many steps were made since the start, or -1.
    """

    playing, exhausted, step_count = True, False, -1

    def __init__(self, shown: Callable[[Any, float], None], failed: Callable, rested: Callable) -> None:
        self.shown, self.failed, self.rested = shown, failed, rested
        self.loop = _running_loop()
        self.context = contextvars.copy_context()  # so that prints belong to the cell that made the panel
        self.task: asyncio.Task | None = None
        self.ended = False

    def later(self, callback: Callable, *arguments: Any) -> None:
        """Call `callback` on the event loop, from whatever thread this is."""
        if self.loop is None or self.loop.is_closed():
            callback(*arguments)
        else:
            self.loop.call_soon_threadsafe(callback, *arguments, context=self.context)

    def wake(self) -> None:
        """Start to work if there is something to do and nobody is at it. On the event loop only."""
        if self.task is not None or self.ended:
            return
        if self.loop is None or self.loop.is_closed():
            asyncio.run(self._work())
        else:
            self.task = self.loop.create_task(self._work())

    def end(self) -> None:
        """Stop for good after the call that is under way."""
        self.ended = True

    def first(self) -> Any:
        """The first result, computed now; an exception is the caller's."""
        job = self._next_job()
        assert job is not None
        result = submit(job).result()
        self._took(result)
        return result

    def buttons(self) -> Buttons:
        """What the reader can press."""
        return {}

    def pause(self) -> None:
        """Stop after the step that is under way. Harmless when paused."""

    def change(self, restart: bool) -> None:
        """A control changed; `restart` is for what has steps."""
        raise NotImplementedError

    @property
    def state(self) -> str:
        """A word for the reader."""
        return "Ready"

    def words(self, score: list[str], rate: float, seconds: float) -> list[str]:
        """What stands beside it: the score and, of the frames a second and the seconds a call took, what
        matters here."""
        return [*score, f"{1000 * seconds:.0f} ms"]

    async def _work(self) -> None:
        try:
            while not self.ended and (job := self._next_job()):
                began = time.perf_counter()
                try:
                    result = await asyncio.wrap_future(submit(job))
                    self._took(result)
                    if not self.ended and result is not None:
                        self.shown(result, time.perf_counter() - began)
                except Exception as error:
                    self._broke()
                    self.failed(error)
                await asyncio.sleep(max(0.0, FRAME_SECONDS - (time.perf_counter() - began)))
        finally:
            self.task = None
        if not self.ended:
            self.rested()

    def _next_job(self) -> Callable[[], Any] | None:
        """What the worker thread should do next, if anything."""
        raise NotImplementedError

    def _took(self, result: Any) -> None:
        """A job ended: with a result, or with None where there is none."""

    def _broke(self) -> None:
        """A job raised."""


class Recompute(Runner):
    """Calls `compute` once more when something changed since the last call began: the newest value wins."""

    def __init__(self, compute: Callable[[], Any], **callbacks: Callable) -> None:
        super().__init__(**callbacks)
        self.compute = compute
        self.version, self.seen = 1, 0

    def change(self, restart: bool) -> None:
        """A control changed: what is shown is out of date."""
        self.version += 1
        self.wake()

    def _next_job(self) -> Callable[[], Any] | None:
        return self._call if self.seen != self.version else None

    def _call(self) -> Any:
        self.seen = self.version  # before the values are read: a later change asks for another call
        return self.compute()


class Playback(Runner):
    """Plays a generator: `make()` gives a fresh one, `render(frame)` runs in the worker thread.

    autoplay: play from the start, and again after `reset`.
    """

    def __init__(
        self,
        make: Callable[[], Iterator],
        render: Callable[[Any], Any],
        *,
        autoplay: bool,
        **callbacks: Callable,
    ) -> None:
        super().__init__(**callbacks)
        self.make, self.render, self.autoplay = make, render, autoplay
        self.frames: Iterator = iter(())
        self.playing = autoplay  # the reader's wish; the last frame fulfils it
        self.exhausted = False
        self.restarting = True
        self.single_steps = 0
        self.step_count = -1  # the first frame is step 0
        self._modes = (torch.is_inference_mode_enabled(), torch.is_grad_enabled())

    def buttons(self) -> Buttons:
        """What the reader can press."""
        return {
            "Play": ("play", "Go on from here", self.play),
            "Pause": ("pause", "Stop after the step under way", self.pause),
            "Step": ("step-forward", "One step, then pause", self.step),
            "Reset": ("undo", "Back to the first step", self.reset),
        }

    def play(self) -> None:
        """Go on; after the last frame, start again."""
        self.playing = True
        self.restarting |= self.exhausted
        self.wake()

    def pause(self) -> None:
        self.playing, self.single_steps = False, 0

    def step(self) -> None:
        """Show one more frame and pause."""
        self.playing = False
        if self.exhausted and not self.restarting:
            self.restarting = True  # the first frame is the step
        else:
            self.single_steps += 1
        self.wake()

    def reset(self) -> None:
        """Back to the first frame, paused unless this panel plays by itself."""
        self.playing = self.autoplay
        self.change(restart=True)

    def change(self, restart: bool) -> None:
        """A control changed: the generator reads it at its next step, or starts again and goes on playing if
        the reader was."""
        if restart:
            self.restarting, self.single_steps = True, 0
            self.wake()

    @property
    def state(self) -> str:
        if self.exhausted:
            return "Finished"
        if self.playing:
            return "Playing"
        if self.task is not None:
            return "Finishing this step"  # it may still change the picture
        return "Paused" if self.step_count > 0 else "Ready"

    def words(self, score: list[str], rate: float, seconds: float) -> list[str]:
        steps = [f"step {self.step_count}"] if self.step_count >= 0 else []
        return [*steps, *score, *([f"{rate:.0f} frames/s"] if rate else [])]

    def end(self) -> None:
        """Stop for good, and end the generator too.

        Only once: ipywidgets closes a widget again when Python frees it, and that may happen inside `submit`,
        whose lock a second call would wait for without end.
        """
        if self.ended:
            return
        super().end()
        with contextlib.suppress(RuntimeError):  # the thread is gone when Python itself ends
            submit(self._close)

    def _next_job(self) -> Callable[[], Any] | None:
        wanted = not self.exhausted and (self.playing or self.single_steps)
        if not (self.restarting or wanted):
            return None
        restart, self.restarting = self.restarting, False  # a change from here on starts again
        self.single_steps = max(0, self.single_steps - (not restart))
        return functools.partial(self._advance, restart)

    def _took(self, result: Any) -> None:
        self.exhausted = result is None
        self.playing &= self.autoplay or not self.exhausted
        self.step_count += not self.exhausted

    def _broke(self) -> None:
        self.exhausted = True  # a generator that raised is at its end, but what the reader wished goes on

    def _advance(self, restart: bool) -> Any:
        """The next frame, rendered; None after the last."""
        if restart:
            self._close()
            self.frames, self.step_count, self._modes = self.make(), -1, (False, True)
        return next(map(self.render, self._one()), None)

    def _one(self) -> list:
        """The next frame, if there is one, under the gradient mode in which this generator paused.

        `with torch.no_grad():` around a `yield` would otherwise reach every panel's work in this thread.
        """
        inference, grad = self._modes
        with torch.inference_mode(inference), torch.set_grad_enabled(grad):
            try:
                return [next(self.frames)]
            except StopIteration:
                return []
            finally:
                self._modes = (torch.is_inference_mode_enabled(), torch.is_grad_enabled())

    def _close(self) -> None:
        if hasattr(self.frames, "close"):
            self.frames.close()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def submit(job: Callable[[], Any]) -> Future:
    """What `job` will return, or raise. The caller's thread gives up its pool until it needs one again."""
    release()
    return EXECUTOR.submit(_do, job)


def release() -> None:
    """End this thread's pool; its next large operation makes a new one, within a tenth of a millisecond."""
    if OPENMP and hasattr(OPENMP, "omp_pause_resource_all"):  # since GCC 9
        OPENMP.omp_pause_resource_all(SOFT)


def _do(job: Callable[[], Any]) -> Any:
    try:
        return job()
    finally:
        release()
