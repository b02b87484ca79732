"""Networks by name, networks of one's own, and what is said at the door."""

import os
import re
import socket
from pathlib import Path

import pytest
import torch
import torchvision
from small import noise
from torch import nn

from cnnlab import networks, pictures
from cnnlab.networks import Network
from cnnlab.pictures import PictureError

IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """torch's folder for weights, empty, and no connection that could fill it."""

    def refuse(*_):
        raise OSError("no connection in this test")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def weights_of(name: str, **options) -> tuple[nn.Module, str]:
    """A torchvision network with random weights, and the name of the file where torch looks for them."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        module = torchvision.models.get_model(name, weights=None, **options).eval()
        for parameter in module.parameters():
            parameter.data.add_(0.01 * torch.randn(parameter.shape))
    return module, os.path.basename(torchvision.models.get_model_weights(name)["DEFAULT"].url)


def one_sentence(error: BaseException) -> bool:
    return "\n" not in str(error) and str(error).endswith(".")


# --- torchvision's networks ---


@torch.no_grad()
@pytest.mark.parametrize("name", ["squeezenet1_1", "resnet18", "mobilenet_v2"])
def test_weights_on_disk_give_what_torchvision_gives(cache, name):
    module, file = weights_of(name)
    torch.save(module.state_dict(), cache / file)
    network = networks.load(name)
    picture = noise(2, 3, 224, 224)
    mean, std = (torch.tensor(numbers).view(1, 3, 1, 1) for numbers in IMAGENET)
    torch.testing.assert_close(network(picture), module((picture - mean) / std), rtol=1e-3, atol=1e-3)
    assert (network.size, network.name, len(network.labels)) == (224, name, 1000)
    assert not any(parameter.requires_grad for parameter in network.parameters())


@torch.no_grad()
def test_googlenet_normalises_as_torchvision_does_and_keeps_its_last_head(cache):
    module, file = weights_of("googlenet", aux_logits=True, transform_input=True, init_weights=False)
    torch.save(module.state_dict(), cache / file)
    network = networks.load("googlenet")
    picture = noise(1, 3, 224, 224)
    mean, std = (torch.tensor(numbers).view(1, 3, 1, 1) for numbers in IMAGENET)
    torch.testing.assert_close(network(picture), module((picture - mean) / std), rtol=1e-3, atol=1e-3)
    network.module.train()
    assert network(noise(2, 3, 224, 224)).shape == (2, 1000)  # with heads along the way, the last counts


@torch.no_grad()
def test_networks_for_larger_pictures_say_their_size():
    network = networks.load("inception_v3", weights=None)
    assert network.size == 299
    assert network(noise(1, 3, 299, 299)).shape == (1, 1000)
    assert len(network.predict(noise(1, 3, 120, 200), k=3)) == 3


def test_without_a_connection_one_sentence_says_what_to_do(cache):
    with pytest.raises(ConnectionError, match="vgg16 are not on this machine") as failed:
        networks.load("vgg16")
    assert one_sentence(failed.value)
    assert str(cache) in str(failed.value) and "load()" in str(failed.value)
    assert len(networks.load().predict(noise(1, 3, 64, 64))) == 5


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "of another network"])
def test_damaged_weights_get_one_sentence(cache, damage):
    module, file = weights_of("squeezenet1_1")
    torch.save(module.state_dict(), cache / file)
    whole = (cache / file).read_bytes()
    if damage == "of another network":
        torch.save({"features.0.weight": torch.zeros(1)}, cache / file)
    else:
        (cache / file).write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "text": b"<html>"}[damage])
    with pytest.raises(ValueError, match="damaged: delete that file") as failed:
        networks.load("squeezenet1_1")
    assert one_sentence(failed.value)
    assert str(cache / file) in str(failed.value)


class Bomb:
    """Creates a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self):
        return (Path.touch, (self.target,))


@pytest.mark.parametrize("new_format", [True, False])
def test_weights_that_would_run_code_are_refused(cache, tmp_path, new_format):
    _, file = weights_of("squeezenet1_1")
    target = tmp_path / "exploded"
    torch.save({"state": Bomb(target)}, cache / file, _use_new_zipfile_serialization=new_format)
    with pytest.raises(ValueError, match="damaged"):
        networks.load("squeezenet1_1")
    assert not target.exists()
    torch.load(cache / file, weights_only=False)  # the file would have done it
    assert target.exists()


def test_seeds_decide_untrained_weights_and_nothing_else_changes():
    before = torch.get_rng_state()
    first, again, other = (networks.load("resnet18", weights=None, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), before)
    picture = noise(1, 3, 64, 64)
    assert torch.equal(first(picture), again(picture))
    assert not torch.allclose(first(picture), other(picture))


# --- names that are not there ---


@pytest.mark.parametrize(
    ("ask", "near"),
    [
        (lambda _: networks.load("resnet81"), "resnet18"),
        (lambda _: networks.load("VGG-16"), "vgg16"),
        (lambda _: networks.load("vgg16", weights="IMAGENET1K_V2"), "IMAGENET1K_V1"),
        (lambda net: net.class_index("pandas"), "giant panda"),
        (lambda net: net.class_index(1000), "0 to 999"),
        (lambda net: net.class_index(-1), "0 to 999"),
        (lambda net: net.layer("feature.3"), "features.3"),
    ],
)
def test_unknown_names_bring_up_near_ones(squeezenet, ask, near):
    with pytest.raises(ValueError, match=re.escape(near)) as failed:
        ask(squeezenet)
    assert one_sentence(failed.value) or str(failed.value).count(". ") == 1


def test_classes_by_name_in_any_case_and_by_number(squeezenet):
    assert squeezenet.class_index("giant panda") == squeezenet.class_index(" Giant Panda ") == 388
    assert squeezenet.class_index(388) == 388
    assert squeezenet.labels[388] == "giant panda"


def test_all_names_can_be_listed():
    assert networks.names()[0] == "squeezenet"
    assert {"vgg16", "googlenet", "convnext_tiny", "vit_b_16"} <= set(networks.names())


# --- at the door ---


@pytest.mark.parametrize(
    ("picture", "says"),
    [
        (torch.zeros(3, 64, 64), "(N, C, H, W)"),
        (torch.full((1, 3, 64, 64), 255.0), "[0, 1]"),
        (torch.full((1, 3, 64, 64), -1.0), "[0, 1]"),
        (torch.full((1, 3, 64, 64), torch.nan), "NaN"),
        (torch.zeros(1, 3, 64, 64, dtype=torch.uint8), "uint8"),
        (torch.zeros(1, 4, 64, 64), "channels"),
        ("panda.jpg", "not a tensor"),
    ],
)
def test_what_is_no_picture_is_turned_away(squeezenet, picture, says):
    for call in (squeezenet, squeezenet.predict):
        with pytest.raises(PictureError, match=re.escape(says)):
            call(picture)


def test_the_wrong_number_of_channels_is_said(squeezenet):
    with pytest.raises(ValueError, match=re.escape("3 channel(s), this one has 1")):
        squeezenet(torch.zeros(1, 1, 64, 64))
    grey = networks.wrap(nn.Conv2d(1, 2, 1), (0.5,), (0.5,), ["a", "b"])
    with pytest.raises(ValueError, match=re.escape("1 channel(s), this one has 3")):
        grey(torch.zeros(1, 3, 64, 64))


# --- a network of one's own ---


def tiny(channels: int = 1, classes: int = 3) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(channels, 4, 3), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(4, classes),
    )  # fmt: skip


def test_a_network_of_ones_own_normalises_inside_and_stays_trainable():
    module = tiny()
    network = networks.wrap(module, (0.25,), (0.5,), ["one", "two", "three"], 28)
    picture = noise(2, 1, 28, 28)
    torch.testing.assert_close(network(picture), module((picture - 0.25) / 0.5))
    network(picture).sum().backward()
    assert all(parameter.grad is not None for parameter in module.parameters())
    assert (network.name, network.size) == ("Sequential", 28)
    assert [guess.label for guess in network.predict(picture[:1])][-1] in ("one", "two", "three")


@pytest.mark.parametrize(
    ("mean", "std", "says"),
    [
        ((0.5, 0.5, 0.5), (0.5,), "3 and 1"),
        ((0.5, 0.5), (0.5, 0.5), "2 and 2"),
        ((0.5,), (0.0,), "above 0"),
        ((0.5,), (-1.0,), "above 0"),
        ((0.5,), (float("nan"),), "above 0"),
    ],
)
def test_a_normalisation_that_cannot_be_is_said(mean, std, says):
    with pytest.raises(ValueError, match=says) as failed:
        networks.wrap(tiny(), mean, std, ["a", "b", "c"])
    assert one_sentence(failed.value)


def test_too_few_labels_are_said():
    network = networks.wrap(tiny(), (0.5,), (0.5,), ["only one"], 28)
    with pytest.raises(ValueError, match="3 classes and 1 label"):
        network.predict(noise(1, 1, 28, 28))


def test_nothing_overwrites_what_a_lesson_looks_at(squeezenet):
    for network in (squeezenet, networks.load("mobilenet_v2", weights=None)):
        activations = [layer for layer in network.modules() if hasattr(layer, "inplace")]
        assert activations and not any(layer.inplace for layer in activations)


# --- what it says of a picture ---


@torch.no_grad()
def test_the_likeliest_labels_come_first_with_their_probabilities(squeezenet):
    panda = pictures.fit(pictures.read("panda"), 227)
    prediction = squeezenet.predict(panda, k=1000)
    assert prediction[0].label == "giant panda"
    assert sum(p for _, p in prediction) == pytest.approx(1, abs=1e-4)
    assert [p for _, p in prediction] == sorted((p for _, p in prediction), reverse=True)
    expected = squeezenet(panda).softmax(1)[0, 388]
    assert prediction[0].probability == pytest.approx(float(expected), rel=1e-5)
    assert len(squeezenet.predict(panda)) == 5


def test_pictures_of_other_sizes_are_fitted_first(squeezenet):
    picture = pictures.read("panda")
    assert picture.shape[2:] != (227, 227)
    assert squeezenet.predict(picture) == squeezenet.predict(pictures.fit(picture, 227))


def test_one_picture_at_a_time(squeezenet):
    with pytest.raises(ValueError, match="one picture at a time, not at 2"):
        squeezenet.predict(noise(2, 3, 64, 64))


def test_a_prediction_can_be_read_and_seen():
    prediction = networks.Prediction([networks.Guess("<b>panda", 0.75), networks.Guess("cat", 0.25)])
    assert repr(prediction) == " 75.0%  <b>panda\n 25.0%  cat"
    html = prediction._repr_html_()
    assert "&lt;b&gt;panda" in html and "<b>panda" not in html
    assert "width:150px" in html and "width:50px" in html


# --- where it computes ---


def test_the_network_decides_where_work_is_done(gpu, squeezenet):
    moved = networks.load().to(gpu)
    picture = noise(1, 3, 227, 227)
    assert moved.device.type == gpu.type and moved(picture).device.type == gpu.type
    torch.testing.assert_close(moved(picture).cpu(), squeezenet(picture), rtol=1e-2, atol=1e-2)
    assert moved.predict(picture)[0].label == squeezenet.predict(picture)[0].label


def test_a_network_can_be_a_module_with_several_heads():
    class Heads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = tiny(3)

        def forward(self, x):
            return self.head(x), None

    network = Network(Heads(), *IMAGENET, ["a", "b", "c"], 32)
    assert network(noise(2, 3, 32, 32)).shape == (2, 3)
