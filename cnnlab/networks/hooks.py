"""Hooks on layers that see the calls of one thread alone, and come off when their `with` block ends."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from threading import get_ident

from torch import nn

Hook = Callable[..., object]


class Hooks(ExitStack):
    """Hooks for calls in this thread: a live panel runs the same network in a thread of its own.

    However the block ends, they are gone.

        with Hooks() as hooks:
            hooks.after(network.layer("features.3"), lambda layer, inputs, output: print(output.shape))
            network(panda)
    """

    def before(self, layer: nn.Module, hook: Hook) -> None:
        """Call `hook(layer, inputs)` before each call of `layer`, which gets what it returns, if not None."""
        self.callback(layer.register_forward_pre_hook(_here(hook)).remove)

    def after(self, layer: nn.Module, hook: Hook) -> None:
        """Call `hook(layer, inputs, output)` after each call of `layer`."""
        self.callback(layer.register_forward_hook(_here(hook)).remove)

    def instead(self, layer: nn.Module, hook: Hook) -> None:
        """Let what `hook(layer, inputs, output)` returns be the output, for all other hooks as well."""
        self.callback(layer.register_forward_hook(_here(hook), prepend=True).remove)


def _here(hook: Hook) -> Hook:
    owner = get_ident()
    return lambda *call: hook(*call) if get_ident() == owner else None
