"""The network in the package is SqueezeNet 1.1 as its authors trained it."""

import hashlib
import importlib.util
import io
import os
import pickle
import socket
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file
from torchvision.transforms import functional as TF

from cnnlab import networks

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "cnnlab" / "assets" / "squeezenet1_1.safetensors"


@pytest.fixture(scope="module")
def script():
    """scripts/make_squeezenet.py as a module."""
    spec = importlib.util.spec_from_file_location("make_squeezenet", ROOT / "scripts" / "make_squeezenet.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(path: Path) -> torch.Tensor:
    """A photograph (1, 3, 227, 227) as ImageNet's networks are tested: short side 256, the middle of it."""
    with Image.open(path) as image:
        return TF.to_tensor(TF.center_crop(TF.resize(image.convert("RGB"), 256), 227))[None]


def by_hand(pictures: torch.Tensor) -> torch.Tensor:
    """Logits of plain torchvision's network with Caffe's weights on Caffe's pictures: BGR, 0 to 255."""
    module = torchvision.models.squeezenet1_1(weights=None).eval()
    state = {name: value.float() for name, value in load_file(WEIGHTS).items()}
    state["features.0.weight"] = state["features.0.weight"].flip(1)
    module.load_state_dict(state)
    bgr = 255 * pictures.flip(1) - torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)
    return module(bgr)


@pytest.mark.slow
@torch.no_grad()
def test_it_is_as_accurate_as_its_authors_say(photographs):
    network = networks.load()
    files = sorted(photographs.glob("*.jpg"))
    assert len(files) == 500
    truth = torch.tensor([int(file.name.split("_")[0]) for file in files])
    guesses = []
    for start in range(0, len(files), 25):
        batch = torch.cat([read(file) for file in files[start : start + 25]])
        logits = network(batch)
        guesses.append(logits.topk(5).indices)
        if start % 125 == 0:
            expected = by_hand(batch)
            torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))
    hits = torch.cat(guesses) == truth[:, None]
    assert hits[:, 0].float().mean() >= 0.61
    assert hits.any(1).float().mean() >= 0.80


def test_it_needs_no_connection(monkeypatch):
    def refuse(*_):
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert len(networks.load().labels) == 1000


def test_its_origin_is_on_record():
    sources = (WEIGHTS.parent / "SOURCES.md").read_text(encoding="utf-8")
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() in sources


# --- how it was made ---


def test_the_script_unpickles_arrays(script):
    arrays = {"conv1": [np.arange(6, dtype=np.float32).reshape(2, 3)]}
    stored = pickle.dumps(arrays, protocol=2).replace(b"numpy._core.", b"numpy.core.")  # as numpy 1 wrote
    (array,) = script.ArraysOnly(io.BytesIO(stored)).load()["conv1"]
    np.testing.assert_array_equal(array, arrays["conv1"][0])


class Bomb:
    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("function", [os.system, eval, print, np.load])
def test_the_script_unpickles_nothing_else(script, function, capsys):
    with pytest.raises(pickle.UnpicklingError, match="refused"):
        script.ArraysOnly(io.BytesIO(pickle.dumps(Bomb(function, "print('boom')")))).load()
    assert capsys.readouterr().out == ""


def keras_like() -> dict[str, list[np.ndarray]]:
    """Weights under Keras' names and in its layout (H, W, in, out), with shapes taken from torchvision."""
    fires = {3: 2, 4: 3, 6: 4, 7: 5, 9: 6, 10: 7, 11: 8, 12: 9}
    found: dict[str, list[np.ndarray]] = {}
    random = np.random.default_rng(0)
    for name, value in torchvision.models.squeezenet1_1(weights=None).state_dict().items():
        place, *inner, _ = name.removeprefix("features.").split(".")
        caffe = (
            {"0": "conv1", "classifier": "conv10"}[place] if place in ("0", "classifier") else
            f"fire{fires[int(place)]}/{inner[0].replace('squeeze', 'squeeze1x1')}"
        )  # fmt: skip
        shape = [value.shape[i] for i in (2, 3, 1, 0)] if value.ndim == 4 else value.shape
        found.setdefault(caffe, []).append(random.normal(size=shape).astype(np.float32))
    return found


def test_the_script_turns_kernels_about_and_bgr_to_rgb(script):
    given = keras_like()
    made = script.convert(given)
    kernel, bias = given["conv1"]
    for y, x, channel, out in [(0, 0, 0, 0), (2, 1, 0, 5), (1, 2, 2, 63)]:
        exact = float(kernel[y, x, channel, out])
        assert float(made["features.0.weight"][out, 2 - channel, y, x]) == pytest.approx(exact, rel=1e-3)
    kernel, bias = given["fire6/expand3x3"]
    assert float(made["features.9.expand3x3.weight"][7, 3, 0, 2]) == pytest.approx(
        float(kernel[0, 2, 3, 7]), rel=1e-3
    )
    np.testing.assert_allclose(made["features.9.expand3x3.bias"], bias, rtol=1e-3)
