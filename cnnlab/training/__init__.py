"""Networks that learn before your eyes: the playground, and a convolutional network layer by layer."""

from . import checks, layer_view, playground

__all__ = ["checks", "layer_view", "playground"]
