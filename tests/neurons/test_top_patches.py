"""The index of top patches, against a search by brute force; and that nothing is lost or mixed up on disk."""

from itertools import islice
from pathlib import Path

import pytest
import torch
from small import choosing, convolutional, hooks, noise, one_sentence
from torch import Tensor, nn
from torch.utils.data import Dataset, Subset
from torchvision.datasets import FakeData
from torchvision.transforms.functional import to_tensor

from cnnlab import networks, pictures
from cnnlab.networks import Network
from cnnlab.networks.probes import activations
from cnnlab.networks.receptive_fields import Field
from cnnlab.neurons.top_patches import TopPatches, top_patches

PICTURES = {f"picture {i}": noise(1, 3, 32, 32, seed=i) for i in range(21)}
LAYERS = ["0", "1", "4", "7"]


def whole(*arguments, **options) -> TopPatches:
    *_, index = top_patches(*arguments, **options)
    return index


def answers(network: Network, layer: str, named: dict[str, Tensor], size: int) -> list[tuple]:
    """(name, output (C, H, W)) for each picture, one by one, from a hook of our own."""
    found = []
    with activations(network, layer) as seen:
        for name, picture in named.items():
            network(pictures.fit(picture, size))
            output = seen[layer][0]
            found.append((name, output if output.ndim == 3 else output[:, None, None]))
    return found


def by_brute_force(network: Network, layer: str, channel: int, named: dict, size: int, k: int) -> list[tuple]:
    """(activation, name, row, column) of the best place of each picture; the `k` best of them."""
    found = []
    for name, output in answers(network, layer, named, size):
        rows = output[channel].tolist()
        value, row, column = max((v, -r, -c) for r, line in enumerate(rows) for c, v in enumerate(line))
        found.append((value, name, -row, -column))
    return sorted(found, key=lambda item: -item[0])[:k]


def same(index: TopPatches, other: TopPatches) -> bool:
    return index.names == other.names and all(
        torch.allclose(index.activations[name], other.activations[name], atol=1e-5)
        and torch.equal(index.places[name], other.places[name])
        for name in index.layers
    )


@pytest.mark.parametrize("layer", LAYERS)
def test_the_top_patches_are_those_that_brute_force_finds(layer):
    network = convolutional()
    index = whole(network, PICTURES, LAYERS, k=5)
    channels = len(index.activations[layer])
    assert channels in (5, 6, 8)
    for channel in range(channels):
        expected = by_brute_force(network, layer, channel, PICTURES, 32, 5)
        if expected[-1][0] == 0:
            continue  # silent: no place is better than another
        peaks = index.top(layer, channel)
        assert [peak.picture for peak in peaks] == [name for _, name, _, _ in expected]
        assert [(peak.row, peak.column) for peak in peaks] == [tuple(item[2:]) for item in expected]
        assert [peak.activation for peak in peaks] == pytest.approx([item[0] for item in expected], abs=1e-5)


def test_all_layers_of_squeezenet_agree_with_brute_force_on_photographs():
    network, named = networks.load(), pictures.sample(count=11, seed=1)
    network.size = 96
    index = whole(network, named, k=3)
    assert index.layers == network.layers.names
    for layer, channel in [
        ("features.0", 3),
        ("features.5", 9),
        ("features.9.expand3x3", 77),
        ("classifier.1", 388),
    ]:
        expected = by_brute_force(network, layer, channel, named, 96, 3)
        assert [peak.picture for peak in index.top(layer, channel)] == [item[1] for item in expected]
        assert [(p.row, p.column) for p in index.top(layer, channel)] == [
            tuple(item[2:]) for item in expected
        ]


def test_a_patch_alone_excites_the_neuron_as_much_as_its_picture_did():
    """At conv 0 a 3 x 3 patch is all that a unit sees."""
    network = convolutional()
    index = whole(network, PICTURES, ["0"], k=4)
    conv = network.layer("0")
    checked = 0
    for channel in range(6):
        for peak, patch in zip(index.top("0", channel), index.patches("0", channel), strict=True):
            if patch.shape == (1, 3, 3, 3):
                alone = (conv.weight[channel] * network.normalise(patch)).sum() + conv.bias[channel]
                assert alone.item() == pytest.approx(peak.activation, abs=1e-5)
                checked += 1
    assert checked > 10


@pytest.mark.parametrize("layer, side, least", [("0", 3, 0), ("1", 3, 0), ("4", 8, 4), ("7", 32, 0)])
def test_squares_are_patches_of_one_size_with_pale_grey_beyond_the_border(layer, side, least):
    index = whole(convolutional(), PICTURES, LAYERS)
    assert index.largest_field(layer) == (side, side)
    cut = 0
    for channel in range(5):
        for peak, square in zip(index.top(layer, channel), index.squares(layer, channel), strict=True):
            assert square.shape == (1, 3, side, side)
            framed = torch.nn.functional.pad(PICTURES[peak.picture], (16, 16, 16, 16), value=0.92)
            field = peak.field
            top = field.top if field.top else field.bottom - side  # where the whole field begins
            left = field.left if field.left else field.right - side
            expected = framed[..., top + 16 : top + 16 + side, left + 16 : left + 16 + side]
            assert torch.equal(square, expected)
            cut += square.shape != (1, 3, field.bottom - field.top, field.right - field.left)
    assert cut >= least


def test_a_picture_counts_once_and_fewer_pictures_than_k_give_fewer_peaks():
    few = dict(islice(PICTURES.items(), 4))
    index = whole(convolutional(), few, ["0"])
    assert sorted(peak.picture for peak in index.top("0", 2)) == sorted(few)
    assert len(index.patches("0", 2)) == 4


def test_progress_is_told_and_a_stop_keeps_what_is_done():
    run = top_patches(convolutional(), PICTURES, LAYERS)
    shares = [index.done for index in islice(run, 3)]
    run.close()
    assert shares == [0, 8 / 21, 16 / 21]
    *_, index = islice(top_patches(convolutional(), PICTURES, LAYERS), 3)
    assert len(index.names) == 16 and len(index.top("0", 0)) == 9
    assert [index.done for index in top_patches(convolutional(), PICTURES)][-1] == 1


def test_a_file_reloads_without_asking_the_network_again(tmp_path, monkeypatch):
    network, file = convolutional(), tmp_path / "new folder" / "top.safetensors"
    first = whole(network, PICTURES, file=file)
    run = top_patches(network, PICTURES, file=file)
    monkeypatch.setattr(network, "logits", None)
    (again,) = run
    assert again.done == 1 and same(first, again)
    assert again.top("3", 1) == first.top("3", 1)
    assert [path.name for path in file.parent.iterdir()] == ["top.safetensors"]


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    network, file = convolutional(), tmp_path / "top.safetensors"
    run = top_patches(network, PICTURES, LAYERS, file=file)
    for index in islice(run, 2):
        assert len(index.names) in (0, 8)
    run.close()
    run, looked, logits = top_patches(network, PICTURES, LAYERS, file=file), [], network.logits
    monkeypatch.setattr(network, "logits", lambda x: looked.append(len(x)) or logits(x))
    *_, resumed = run
    assert looked == [8, 5]
    assert same(resumed, whole(network, PICTURES, LAYERS))


def test_a_run_that_fails_keeps_what_is_done(tmp_path):
    network, file = convolutional(), tmp_path / "top.safetensors"
    run = top_patches(network, PICTURES, LAYERS, file=file)
    next(run)
    next(run)
    with pytest.raises(RuntimeError):
        run.throw(RuntimeError("interrupted"))
    assert len(next(top_patches(network, PICTURES, LAYERS, file=file)).names) == 8


def renamed(named: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"other {name}": picture for name, picture in named.items()}


OTHERS = {
    "network": lambda: {"network": convolutional(seed=1)},
    "layers": lambda: {"layers": ["0"]},
    "number of patches": lambda: {"k": 3},
    "size": lambda: {"network": networks.wrap(convolutional().module, (0.5,) * 3, (0.25,) * 3, "abcde", 24)},
    "pictures": lambda: {"source": renamed(PICTURES)},
    "other pictures": lambda: {"source": PICTURES | {"picture 0": noise(1, 3, 32, 32, seed=99)}},
    "of other pictures": lambda: {"source": dict(islice(PICTURES.items(), 20))},
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_file_made_for_something_else_is_refused_or_rebuilt(what, tmp_path):
    file = tmp_path / "top.safetensors"
    options = {"network": convolutional(), "source": PICTURES, "layers": LAYERS, "file": file}
    whole(**options)
    before = file.read_bytes()
    changed = options | OTHERS[what]()
    with pytest.raises(ValueError, match=f"was made .*{what}") as caught:
        whole(**changed)
    assert one_sentence(caught.value) and file.read_bytes() == before
    rebuilt = whole(**changed, rebuild=True)
    changed.pop("file")
    assert same(rebuilt, whole(**changed))
    assert len(list(top_patches(**changed, file=file))) == 1


@pytest.mark.parametrize("content", [b"", b"no index", b"\x80\x04."])
def test_a_damaged_file_is_refused_or_rebuilt(content, tmp_path):
    file = tmp_path / "top.safetensors"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="damaged") as caught:
        whole(convolutional(), PICTURES, LAYERS, file=file)
    assert one_sentence(caught.value)
    assert whole(convolutional(), PICTURES, LAYERS, file=file, rebuild=True).done == 1


def test_a_source_that_has_grown_is_looked_at_further(tmp_path):
    file = tmp_path / "top.safetensors"
    whole(convolutional(), dict(islice(PICTURES.items(), 10)), LAYERS, file=file)
    grown = whole(convolutional(), PICTURES, LAYERS, file=file)
    assert same(grown, whole(convolutional(), PICTURES, LAYERS))


@pytest.fixture
def folder(tmp_path) -> Path:
    place = tmp_path / "pictures"
    (place / "more").mkdir(parents=True)
    for i, name in enumerate(["b.png", "a.png", "more/c.png"]):
        pictures.save(noise(1, 3, 40, 32, seed=i), place / name)
    (place / "broken.jpg").write_bytes((place / "a.png").read_bytes()[:60])
    (place / "notes.txt").write_text("no picture")
    return place


def test_a_broken_picture_in_a_folder_is_left_out_and_named(folder):
    index = whole(convolutional(), folder, ["0"])
    assert index.names == ["a.png", "b.png", "broken.jpg", "more/c.png"]
    assert list(index.skipped) == ["broken.jpg"] and index.done == 1
    assert {peak.picture for peak in index.top("0", 0)} == {"a.png", "b.png", "more/c.png"}
    picture = pictures.fit(pictures.read(folder / index.top("0", 0)[0].picture), 32)
    patch, field = index.patches("0", 0)[0], index.top("0", 0)[0].field
    assert torch.equal(patch, picture[..., field.top : field.bottom, field.left : field.right])


def test_patches_of_a_picture_that_has_changed_or_gone_are_refused(folder):
    index = whole(convolutional(), folder, ["0"])
    pictures.save(noise(1, 3, 40, 32, seed=9), folder / "a.png")
    with pytest.raises(pictures.PictureError, match=r"a\.png.*has changed"):
        index.patches("0", 0)
    (folder / "a.png").unlink()
    with pytest.raises(pictures.PictureError, match="not there any more") as caught:
        index.patches("0", 0)
    assert one_sentence(caught.value)


def test_data_sets_pairs_and_iterators_hold_pictures_too():
    data = FakeData(5, (3, 32, 32), 5)
    named = {str(i): to_tensor(data[i][0])[None] for i in range(5)}
    expected = whole(convolutional(), named, LAYERS)
    for source in (data, Subset(data, range(5)), list(named.items()), iter(named.items())):
        assert same(whole(convolutional(), source, LAYERS), expected)
    assert isinstance(data, Dataset) and whole(convolutional(), data, LAYERS).patches("0", 1)


def test_a_grey_network_sees_grey_patches():
    index = whole(convolutional(channels=1), PICTURES, ["0"])
    assert index.patches("0", 0)[0].shape[1] == 1


def test_layers_with_their_channels_last_are_left_out():
    class ChannelsLast(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.norm, self.head = nn.Conv2d(3, 4, 3), nn.LayerNorm(4), nn.Linear(4, 2)

        def forward(self, x):
            return self.head(self.norm(self.conv(x).permute(0, 2, 3, 1))).mean((1, 2))

    network = networks.wrap(ChannelsLast(), (0.5,) * 3, (0.25,) * 3, ["a", "b"], 32)
    assert whole(network, PICTURES).layers == ["conv"]
    with pytest.raises(ValueError, match="'norm' has no feature maps"):
        whole(network, PICTURES, ["norm"])


def test_swins_layers_are_those_with_maps():
    network = networks.load("swin_t", weights=None)
    network.size = 96
    layers = next(top_patches(network, PICTURES)).layers
    assert "features.0.0" in layers and "head" in layers
    assert not any(part in layer for layer in layers for part in ("attn", "mlp", "norm1"))


def test_a_network_that_cannot_be_followed_has_whole_pictures_for_patches():
    assert whole(choosing(32), PICTURES).top("conv", 0)[0].field == Field(0, 0, 32, 32)


def test_values_that_are_no_numbers_never_win():
    network = convolutional()
    with torch.no_grad():
        network.layer("0").bias[0] = torch.nan
    index = whole(network, PICTURES, ["0"])
    assert index.top("0", 0) == [] and len(index.top("0", 1)) == 9


WRONG = {
    "no such layer": lambda: top_patches(convolutional(), PICTURES, ["9"]),
    "one name": lambda: top_patches(convolutional(), PICTURES, "0"),
    "no layers": lambda: top_patches(convolutional(), PICTURES, []),
    "no patches": lambda: top_patches(convolutional(), PICTURES, k=0),
    "no folder": lambda: top_patches(convolutional(), "nowhere"),
    "nothing": lambda: top_patches(convolutional(), {}),
    "no names": lambda: top_patches(convolutional(), list(PICTURES.values())),
    "a batch": lambda: top_patches(convolutional(), noise(4, 3, 32, 32)),
    "a number": lambda: top_patches(convolutional(), 7),
    "all broken": lambda: top_patches(convolutional(), {"a": noise(1, 3, 32, 32) * 9}),
    "an iterator with a file": lambda: top_patches(convolutional(), iter(PICTURES.items()), file="x"),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_input_gets_one_sentence(case):
    with pytest.raises(ValueError) as caught:
        list(WRONG[case]())
    assert one_sentence(caught.value)


def test_asking_for_a_layer_or_channel_that_is_not_there_gets_a_sentence():
    index = whole(convolutional(), PICTURES, ["0"])
    for layer, channel in [("1", 0), ("0", 6), ("0", -1)]:
        with pytest.raises(ValueError) as caught:
            index.top(layer, channel)
        assert str(caught.value).endswith(".")


def test_no_hooks_are_left_after_success_or_failure(monkeypatch):
    network = convolutional()
    whole(network, PICTURES)
    monkeypatch.setattr(network.layer("7"), "forward", lambda x: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        whole(network, PICTURES, LAYERS)
    assert not hooks(network)


def test_a_gpu_finds_the_same_patches(gpu):
    network = convolutional()
    expected = whole(network, PICTURES, LAYERS)
    found = whole(network.to(gpu), PICTURES, LAYERS)
    for layer in LAYERS:
        torch.testing.assert_close(
            found.activations[layer], expected.activations[layer], atol=1e-3, rtol=1e-3
        )
