"""Looking inside a network while it runs."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

import torch.nn.functional as F
from torch import Tensor, nn

from .hooks import Hook, Hooks
from .network import Network

LOGITS = ""  # PyTorch's name for a network as a whole; what that puts out are the logits


@contextmanager
def activations(
    network: Network, *names: str, keep: Callable[[Tensor], Tensor] = Tensor.clone
) -> Iterator[dict[str, Tensor]]:
    """Collect what the named layers put out at each call of `network` inside the `with` block.

    Yields a dictionary, {name: output}, renewed by each call; outputs are usually (N, C, H, W). They are
    copies, so that a ReLU that works in place later cannot overwrite them, and gradients flow through
    them; `keep` may take less, such as each channel's maximum, so that no output has to stay in memory.
    Calls from other threads are not seen. The hooks are gone when the block ends, however it ends. A name
    that the network does not have raises ValueError.

        with activations(network, "features.3") as seen:
            network(panda)
        seen["features.3"]  # (1, 128, 55, 55)
    """
    seen: dict[str, Tensor] = {}

    def note(name: str):
        def hook(module: nn.Module, inputs: tuple, output: object) -> None:
            if not isinstance(output, Tensor):
                kind = type(output).__name__
                raise ValueError(f"layer {name!r} puts out a {kind}, not one tensor: take one inside it.")
            seen[name] = keep(output)

        return hook

    with Hooks() as hooks:
        for name in names:
            hooks.after(network.layer(name), note(name))
        yield seen


class Reader:
    """Runs a network just as far as some layers: `Reader(network, names)(normalised)` is {name: output}.

    The first call runs all of it and counts how often each layer is called, as some are more than once. Later
    calls stop where the last output is there, so that an early layer costs little. The name "" stands for the
    network as a whole, and its output is the logits. No hook is left after a call, however it ends.
    """

    def __init__(self, network: Network, names: Iterable[str]) -> None:
        self.network, self.names = network, frozenset(names)
        self.calls: Counter[str] | None = None

    def __call__(self, normalised: Tensor) -> dict[str, Tensor]:
        """What the layers put out for pictures that `network.normalise` has been through; gradients flow."""
        if not self.names:
            return {}
        layers, counted = self.names - {LOGITS}, Counter[str]()
        with activations(self.network, *layers) as seen, Hooks() as hooks:
            for name in layers:
                hooks.after(self.network.layer(name), self._counter(name, counted))
            with suppress(_Enough):
                logits = self.network.logits(normalised)
                self.calls = counted
            if idle := layers - seen.keys():
                raise ValueError(f"layer {min(idle)!r} is not used by {self.network.name}: take another.")
            return dict(seen) if layers == self.names else {**seen, LOGITS: logits}

    def _counter(self, name: str, counted: Counter[str]):
        def hook(module: nn.Module, inputs: tuple, output: Tensor) -> None:
            counted[name] += 1
            if counted == self.calls and LOGITS not in self.names:
                raise _Enough

        return hook


class _Enough(Exception):
    """All that was asked for is there."""


@contextmanager
def leaky_relus(network: Network, leak: float = 0.1) -> Iterator[None]:
    """What this thread computes inside the `with` block lets gradients leak through ReLUs that are off.

    Its outputs are the same; `leak` is the share of the gradient that passes where a ReLU's output is 0. So a
    neuron that is switched off by a whole picture can be woken, after lucid's `redirected_relu_grad`. Only
    `nn.ReLU` modules leak: a network's own calls of `relu` cannot be seen.
    """

    def leaky(relu: nn.Module, inputs: tuple[Tensor], output: Tensor) -> Tensor:
        off = (output == 0) * leak
        return output + off * (inputs[0] - inputs[0].detach())

    with _instead(network, nn.ReLU, leaky):
        yield


@contextmanager
def average_pooling(network: Network) -> Iterator[None]:
    """Inside the `with` block, every max pooling of `network` takes the average instead, in this thread.

    Max pooling sends the gradient to one pixel of each window, which pictures that climb show as a grain.
    Average pooling spreads it. The network's answers are not the same, either, so use it for climbing only.
    """

    def average(pool: nn.MaxPool2d, inputs: tuple[Tensor], output: Tensor) -> Tensor:
        return F.avg_pool2d(inputs[0], pool.kernel_size, pool.stride, pool.padding, pool.ceil_mode, False)

    with _instead(network, nn.MaxPool2d, average):
        yield


@contextmanager
def _instead(network: Network, kind: type[nn.Module], hook: Hook) -> Iterator[None]:
    """Inside the `with` block, all layers of one kind put out what `hook(layer, inputs, output)` returns."""
    with Hooks() as hooks:
        for layer in network.modules():
            if isinstance(layer, kind):
                hooks.instead(layer, hook)
        yield
