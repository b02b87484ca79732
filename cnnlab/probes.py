"""Looking inside a network while it runs."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import get_ident

from torch import Tensor, nn

from .networks import Network

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

    handles = []
    try:
        for name in names:
            handles.append(network.layer(name).register_forward_hook(_here(note(name))))
        yield seen
    finally:
        for handle in handles:
            handle.remove()


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
        with activations(self.network, *layers) as seen, ExitStack() as hooks:
            for name in layers:
                handle = self.network.layer(name).register_forward_hook(_here(self._counter(name, counted)))
                hooks.callback(handle.remove)
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


def _here(hook):
    """`hook` for calls in this thread alone: a live panel runs the same network in a thread of its own."""
    owner = get_ident()
    return lambda *call: hook(*call) if get_ident() == owner else None


class _Enough(Exception):
    """All that was asked for is there."""


@contextmanager
def leaky_relus(network: Network, leak: float = 0.1) -> Iterator[None]:
    """What `network` computes inside the `with` block, lets gradients leak through ReLUs that are off.

    Its outputs are the same; `leak` is the share of the gradient that passes where a ReLU's output is 0. So a
    neuron that is switched off by a whole picture can be woken, after lucid's `redirected_relu_grad`. Only
    `nn.ReLU` modules leak: a network's own calls of `relu` cannot be seen.
    """

    def hook(module: nn.Module, inputs: tuple[Tensor], output: Tensor) -> Tensor:
        off = (output == 0) * leak
        return output + off * (inputs[0] - inputs[0].detach())

    relus = [layer for layer in network.modules() if isinstance(layer, nn.ReLU)]
    with ExitStack() as hooks:
        for relu in relus:
            hooks.callback(relu.register_forward_hook(_here(hook)).remove)
        yield


@contextmanager
def average_pooling(network: Network) -> Iterator[None]:
    """Inside the `with` block, every max pooling of `network` takes the average instead.

    Max pooling sends the gradient to one pixel of each window, which pictures that climb show as a grain.
    Average pooling spreads it. The network's answers are not the same, either, so use it for climbing only.
    """
    parents = [
        (parent, name)
        for parent in network.modules()
        for name, layer in parent.named_children()
        if isinstance(layer, nn.MaxPool2d)
    ]
    pools = [getattr(parent, name) for parent, name in parents]
    try:
        for (parent, name), pool in zip(parents, pools, strict=True):
            average = nn.AvgPool2d(pool.kernel_size, pool.stride, pool.padding, pool.ceil_mode, False)
            setattr(parent, name, average)
        yield
    finally:
        for (parent, name), pool in zip(parents, pools, strict=True):
            setattr(parent, name, pool)
