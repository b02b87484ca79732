"""Occlusion maps: the same as captum's, the same as brute force, coarse answers first."""

import numpy as np
import pytest
import torch
from captum.attr import Occlusion as Captum
from small import hooks, noise
from torch import nn

from cnnlab import networks, pictures
from cnnlab.attribution.occlusion import FILLS, cover, filled, occlusion, occlusions, positions
from cnnlab.networks.probes import activations
from cnnlab.pictures import PictureError


@pytest.fixture(scope="module")
def panda():
    return pictures.fit(pictures.read("panda"), 112)


def small(channels: int = 3) -> networks.Network:
    module = nn.Sequential(
        nn.Conv2d(channels, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True),
        nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 4),
    )  # fmt: skip
    return networks.wrap(module, (0.5,) * channels, (0.25,) * channels, list("abcd"), 28)


@pytest.mark.parametrize(("size", "window", "stride"), [((112, 112), 32, 16), ((75, 113), 20, 13)])
def test_it_equals_captum(squeezenet, panda, size, window, stride):
    picture = torch.nn.functional.interpolate(panda, size).clamp(0, 1)
    target = squeezenet.class_index("giant panda")
    expected = Captum(squeezenet).attribute(
        picture,
        sliding_window_shapes=(3, window, window),
        strides=(3, stride, stride),
        baselines=0.5,
        target=target,
        perturbations_per_eval=8,
    )[0, 0]
    result = occlusion(squeezenet, picture, window, stride, "grey")
    got = result.spread(result.clean[target] - result.logits[..., target])
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))


@torch.no_grad()
@pytest.mark.parametrize("fill", FILLS)
def test_it_equals_brute_force_under_every_fill(squeezenet, panda, fill):
    result = occlusion(squeezenet, panda, 40, 30, fill)
    expected = torch.stack(
        [
            torch.cat([squeezenet(cover(panda, int(top), int(left), 40, fill)) for left in result.lefts])
            for top in result.tops
        ]
    )
    torch.testing.assert_close(result.logits, expected, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(result.clean, squeezenet(panda)[0], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(result.probability(388), expected.softmax(-1)[..., 388], rtol=1e-3, atol=1e-5)
    assert torch.equal(result.most_probable(), expected.argmax(-1))


@torch.no_grad()
@pytest.mark.parametrize("layer", ["features.5", "features.9.expand3x3"])
def test_the_strongest_feature_map_is_followed(squeezenet, panda, layer):
    result = occlusion(squeezenet, panda, 40, 30, layer=layer)
    with activations(squeezenet, layer) as seen:
        squeezenet(panda)
        assert result.strongest == int(seen[layer][0].sum((1, 2)).argmax())
        for i, top in enumerate(result.tops):
            for j, left in enumerate(result.lefts):
                squeezenet(cover(panda, int(top), int(left), 40))
                expected = float(seen[layer][0, result.strongest].sum())
                assert float(result.activity[i, j]) == pytest.approx(expected, rel=1e-3)


def test_a_coarse_map_comes_first_and_every_map_is_complete(squeezenet, panda):
    frames = list(occlusions(squeezenet, panda, 16, 8))
    count = frames[-1].logits.shape[0] * frames[-1].logits.shape[1]
    assert frames[0].done <= 25 / count + 1e-9
    assert [frame.done for frame in frames] == sorted(frame.done for frame in frames)
    assert frames[-1].done == 1
    for frame in frames:
        assert frame.logits.shape == frames[-1].logits.shape
        assert frame.probability(388).isfinite().all()
    unlike_clean = (frames[0].logits != frames[0].clean).any(-1)
    assert unlike_clean.all(), "the first frame leaves squares without a coarse neighbour's value"
    assert torch.equal(frames[-1].logits, occlusion(squeezenet, panda, 16, 8).logits)


@pytest.mark.parametrize(
    ("side", "window", "stride"), [(224, 32, 16), (227, 32, 16), (31, 7, 7), (5, 5, 5), (1, 1, 1)]
)
def test_windows_cover_every_pixel(side, window, stride):
    first = positions(side, window, stride)
    covered = np.zeros(side, bool)
    for start in first:
        assert 0 <= start < side
        covered[start : start + window] = True
    assert covered.all()


def test_each_pixel_gets_the_mean_of_the_squares_over_it(squeezenet, panda):
    result = occlusion(small(), noise(1, 3, 11, 9), 4, 3)
    values = noise(*result.logits.shape[:2])
    expected = torch.zeros(11, 9)
    for y in range(11):
        for x in range(9):
            over = [
                float(values[i, j])
                for i, top in enumerate(result.tops)
                for j, left in enumerate(result.lefts)
                if top <= y < top + 4 and left <= x < left + 4
            ]
            expected[y, x] = sum(over) / len(over)
    torch.testing.assert_close(result.spread(values), expected)


@torch.no_grad()
@pytest.mark.parametrize(("shape", "window", "stride"), [((1, 1, 28, 28), 6, 4), ((1, 1, 1, 1), 1, 1)])
def test_grey_pictures_down_to_one_pixel(shape, window, stride):
    network, picture = small(1), noise(*shape)
    result = occlusion(network, picture, window, stride, "black")
    for i, top in enumerate(result.tops):
        for j, left in enumerate(result.lefts):
            expected = network(cover(picture, int(top), int(left), window, "black"))[0]
            torch.testing.assert_close(result.logits[i, j], expected, rtol=1e-4, atol=1e-5)


def test_one_seed_one_noise():
    network, picture = small(), noise(1, 3, 20, 20)
    before = torch.get_rng_state()
    first, again, other = (filled(picture, "noise", seed) for seed in (0, 0, 1))
    assert torch.equal(first, again) and not torch.equal(first, other)
    maps = [occlusion(network, picture, 8, 6, "noise", seed=seed).logits for seed in (0, 0, 1)]
    assert torch.equal(maps[0], maps[1]) and not torch.allclose(maps[0], maps[2])
    assert torch.equal(torch.get_rng_state(), before)


def test_a_cover_is_cut_at_the_border_and_leaves_the_picture_alone():
    picture = noise(1, 3, 10, 10)
    kept = picture.clone()
    assert (cover(picture, -3, 8, 5, "white")[..., :2, 8:] == 1).all()
    assert torch.equal(cover(picture, -3, 8, 5, "white")[..., 2:, :], picture[..., 2:, :])
    assert torch.equal(cover(picture, -9, 0, 5), picture)
    assert torch.equal(picture, kept)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"window": 0}, "at least 1"),
        ({"stride": 0}, "at least 1"),
        ({"stride": -4}, "at least 1"),
        ({"window": 8.5}, "whole pixels"),
        ({"window": 200, "stride": 20}, "does not fit into a picture of 28"),
        ({"window": 4, "stride": 5}, "would leave gaps"),
        ({"fill": "pink"}, "choose one of grey, black"),
        ({"layer": "9"}, "layer '9' is not known"),
        ({"layer": "7"}, "no feature maps"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(options, says):
    network = small()
    with pytest.raises(ValueError, match=says) as failed:
        occlusion(network, noise(1, 3, 28, 28), **{"window": 8, "stride": 4, **options})
    assert "\n" not in str(failed.value)
    assert hooks(network) == 0


def test_one_proper_picture_at_a_time():
    with pytest.raises(ValueError, match="one picture at a time, not 2"):
        occlusion(small(), noise(2, 3, 28, 28), 8, 4)
    with pytest.raises(PictureError, match="NaN"):
        occlusion(small(), torch.full((1, 3, 28, 28), torch.nan), 8, 4)
    with pytest.raises(ValueError, match="channel"):
        occlusion(small(1), noise(1, 3, 28, 28), 8, 4)


def test_no_hook_is_left_when_the_network_fails_on_the_way(panda):
    network = small()

    class Failing(nn.Module):
        def forward(self, x):
            if len(x) > 1:
                raise RuntimeError("halfway")
            return x

    network.module.insert(2, Failing())
    with pytest.raises(RuntimeError, match="halfway"):
        occlusion(network, panda, 40, 30, layer="0")
    assert hooks(network) == 0


def test_covering_one_animal_raises_the_others_probability(squeezenet):
    """Two animals, one softmax: without the lemur the cheetah's probability rises, though not its logit."""
    picture = pictures.fit(pictures.read("lemur_and_cheetah"), 227)
    cheetah, lemur = squeezenet.class_index("cheetah"), squeezenet.class_index("Madagascar cat")
    result = occlusion(squeezenet, picture, 32, 16)
    probability = result.probability(cheetah)
    i, j = divmod(int(probability.argmax()), probability.shape[1])
    assert result.lefts[j] + 32 < 227 / 2, "the square lies over the lemur, in the left half"
    assert result.clean.softmax(0)[cheetah] < 0.5 and probability[i, j] > 0.9
    change = result.logits[i, j] - result.clean
    assert change[cheetah] < 0 and change[lemur] < -8
