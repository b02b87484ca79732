"""Networks by name: the one in this package, torchvision's classifiers, and one's own."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from unittest.mock import patch
from urllib.error import URLError

import torch
import torchvision
from safetensors.torch import load_file
from torch import nn
from torchvision.models import get_model, get_model_weights, list_models
from torchvision.models._meta import _IMAGENET_CATEGORIES

from ..arguments.names import unknown
from .network import Network

EMBEDDED = "squeezenet"
CAFFE_MEAN = tuple(value / 255 for value in (123.68, 116.779, 103.939))  # RGB; the embedded network's


def names() -> list[str]:
    """All names that `load` knows: the embedded network's and torchvision's classifiers'."""
    return [EMBEDDED, *list_models(module=torchvision.models)]


def load(name: str = EMBEDDED, weights: str | None = "DEFAULT", seed: int = 0) -> Network:
    """A network by name, ready to look into: in evaluation mode, its weights fixed.

    `"squeezenet"`, the default, is SqueezeNet 1.1 (Iandola et al. 2016, arXiv:1602.07360) out of this
    package. Any other name is a classifier of torchvision's, as `names()` lists them. `weights` chooses
    among torchvision's sets, such as `"IMAGENET1K_V1"`; None leaves the network untrained, its weights
    drawn with `seed`. Trained weights are downloaded once into torch's cache (`TORCH_HOME`).

    Raises ValueError for a name that is not known, and ConnectionError where weights are neither on disk
    nor to be had.
    """
    if name == EMBEDDED:
        return _embedded()
    if name not in names():
        raise unknown("network", name, names(), "cnnlab.networks.names() lists all of them.")
    sets = get_model_weights(name)
    if weights is not None and weights not in (*sets.__members__, "DEFAULT"):
        raise unknown(f"{name}'s set of weights", weights, sets.__members__, "None leaves it untrained.")
    chosen = sets["DEFAULT" if weights is None else weights]
    module = _untrained(name, seed) if weights is None else _trained(name, chosen)
    look = chosen.transforms()
    network = Network(module, look.mean, look.std, chosen.meta["categories"], look.crop_size[0], name)
    return _ready(network)


def wrap(
    module: nn.Module, mean: Sequence[float], std: Sequence[float], labels: Sequence[str], size: int = 224
) -> Network:
    """Your own classifier as a `Network`: `module` maps normalised pictures (N, C, H, W) to logits.

    `mean` and `std` have one number for each of its 3 or 1 channels, for pictures in [0, 1]; `labels` one
    name for each class; `size` is the side of its pictures in pixels. Its weights stay yours to train.
    """
    return Network(module, mean, std, labels, size)


def _ready(network: Network) -> Network:
    """Fixed weights, in the memory layout in which convolutions are fastest on most machines."""
    return network.requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _embedded() -> Network:
    module = torchvision.models.squeezenet1_1(weights=None)
    with as_file(files("cnnlab") / "assets" / "squeezenet1_1.safetensors") as path:
        module.load_state_dict(load_file(path))  # float16 on disk; copied into float32
    return _ready(Network(module, CAFFE_MEAN, (1 / 255,) * 3, _IMAGENET_CATEGORIES, 227, EMBEDDED))


def _untrained(name: str, seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return get_model(name, weights=None)


def _trained(name: str, weights) -> nn.Module:
    """torchvision's own loading: its cache, progress bar and check of the downloaded file's hash."""
    home = os.path.join(torch.hub.get_dir(), "checkpoints")
    file = os.path.join(home, os.path.basename(weights.url))
    try:
        with _tensors_only():
            return get_model(name, weights=weights)
    except (URLError, OSError) as error:
        raise ConnectionError(
            f"The weights of {name} are not on this machine and could not be downloaded ({error}). Try again "
            f"with a connection, put {weights.url} into {home}, or go on with load(), which needs none."
        ) from error
    except (RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise ValueError(
            f"The weights of {name} in {file} are damaged: delete that file and load again."
        ) from error


@contextmanager
def _tensors_only() -> Iterator[None]:
    """torch.load within admits tensors and nothing that could run code."""
    with patch.dict(os.environ, TORCH_FORCE_WEIGHTS_ONLY_LOAD="1"):
        yield
