"""Looking inside a network while it runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn

from .networks import Network


@contextmanager
def activations(network: Network, *names: str) -> Iterator[dict[str, Tensor]]:
    """Collect what the named layers put out at each call of `network` inside the `with` block.

    Yields a dictionary, {name: output}, renewed by each call; outputs are usually (N, C, H, W). They are
    copies, so that a ReLU that works in place later cannot overwrite them, and gradients flow through
    them. The hooks are gone when the block ends, however it ends. A name that the network does not have
    raises ValueError.

        with activations(network, "features.3") as seen:
            network(panda)
        seen["features.3"]  # (1, 128, 55, 55)
    """
    seen: dict[str, Tensor] = {}

    def keep(name: str):
        def hook(module: nn.Module, inputs: tuple, output: Tensor) -> None:
            seen[name] = output.clone()

        return hook

    handles = []
    try:
        for name in names:
            handles.append(network.layer(name).register_forward_hook(keep(name)))
        yield seen
    finally:
        for handle in handles:
            handle.remove()
