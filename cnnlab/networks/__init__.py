"""Networks to look into. Each takes RGB pictures in [0, 1] and normalises them inside itself.

network = load()                 # SqueezeNet 1.1, trained on ImageNet, out of the package: no connection
network = load("vgg16")          # any torchvision classifier; its weights come from the network, once
network = wrap(module, mean, std, labels)                                            # one of your own
network(pictures)                # (N, 3, H, W) in [0, 1] -> logits (N, classes)
network.predict(picture)         # the five likeliest labels
network.layers                   # names, shapes and receptive fields, in forward order
"""

from .hooks import Hooks
from .layers import Layer, Layers
from .models import CAFFE_MEAN, load, names, wrap
from .network import Guess, Network, Prediction, SizeError, answers
from .probes import LOGITS, Reader, activations, average_pooling, leaky_relus
from .receptive_fields import Field, Tracing, trace

__all__ = [
    "CAFFE_MEAN", "LOGITS", "Field", "Guess", "Hooks", "Layer", "Layers", "Network", "Prediction",
    "Reader", "SizeError", "Tracing", "activations", "answers", "average_pooling", "leaky_relus", "load",
    "names", "trace", "wrap",
]  # fmt: skip
