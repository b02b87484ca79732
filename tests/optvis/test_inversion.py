"""Inversion against closed forms: a network that can be inverted exactly, distances worked out by hand."""

import csv
import math
from importlib.resources import files
from itertools import islice

import pytest
import torch
from scipy.spatial.distance import pdist
from small import hooks
from torch import nn

from cnnlab import networks, pictures
from cnnlab import optvis as inv
from cnnlab.networks.probes import LOGITS
from cnnlab.optvis.canvases import fourier, pixels
from cnnlab.optvis.inversion import HEADER
from cnnlab.optvis.regularisers import alpha_norm, total_variation


@pytest.fixture(scope="module")
def panda():
    return pictures.fit(pictures.read("panda"), 64)


def mixing(channels=3):
    """A network whose first layer mixes the colours by an orthogonal matrix: nothing is lost in its code."""
    mix = nn.Conv2d(channels, channels, 1, bias=False)
    drawn = torch.randn(channels, channels, generator=torch.Generator().manual_seed(3))
    mix.weight.data = torch.linalg.qr(drawn).Q[..., None, None]
    module = nn.Sequential(mix, nn.Flatten(1), nn.LazyLinear(2)).eval()
    module(torch.zeros(1, channels, 16, 16))
    return networks.wrap(module, (0.5,) * channels, (0.25,) * channels, ["a", "b"], 16).requires_grad_(False)


def distance(one, other):
    return ((one - other).norm() / other.norm()).item()


@pytest.mark.parametrize("layer, depth", [("features.3", 4), ("features.8", 9)])
def test_a_code_is_what_the_network_computes_up_to_there(squeezenet, panda, layer, depth):
    expected = squeezenet.module.features[:depth](squeezenet.normalise(panda))
    torch.testing.assert_close(inv.code(squeezenet, panda, layer), expected)


def test_the_last_code_is_the_logits(squeezenet, panda):
    torch.testing.assert_close(inv.code(squeezenet, panda, LOGITS), squeezenet(panda))


def test_the_goal_is_the_papers_formula(squeezenet, panda):
    code = inv.code(squeezenet, panda, "features.3")
    climb = inv.inversion(squeezenet, "features.3", code, pixels(64), smooth=7.0, wall=0.3)
    picture = climb.canvas().detach()
    steps = (picture[..., 1:, :-1] - picture[..., :-1, :-1]) ** 2
    steps = steps + (picture[..., :-1, 1:] - picture[..., :-1, :-1]) ** 2
    off = ((inv.code(squeezenet, picture, "features.3") - code) ** 2).sum() / (code**2).sum()
    expected = off + 7 * steps.mean() + 0.3 * ((2 * picture - 1).abs() ** 6).mean()
    assert climb.score() == pytest.approx(-expected.item(), rel=1e-4)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("canvas", [pixels, fourier])
def test_a_code_that_lost_nothing_gives_the_picture_back(channels, canvas):
    network = mixing(channels)
    picture = 0.2 + 0.6 * torch.rand(1, channels, 16, 16, generator=torch.Generator().manual_seed(1))
    code = inv.code(network, picture, "0")
    climb = inv.inversion(network, "0", code, canvas(16, channels=channels), smooth=0, wall=0, step_size=0.2)
    before = climb.score()
    *_, last = inv.cooling(climb, 400)
    assert climb.score() > before
    assert (last.picture - picture).abs().max() < 0.02


@pytest.mark.parametrize("layer", ["features.3", "features.8", LOGITS])
def test_noise_comes_nearer_to_the_code(squeezenet, panda, layer):
    code = inv.code(squeezenet, panda, layer)
    climb = inv.inversion(squeezenet, layer, code, 64)
    before = distance(inv.code(squeezenet, climb.canvas().detach(), layer), code)
    result = climb.run(40)
    assert result.rose
    assert distance(inv.code(squeezenet, result.picture, layer), code) < 0.6 * before


def test_an_early_code_gives_the_photograph_back(squeezenet, panda):
    code = inv.code(squeezenet, panda, "features.1")
    climb = inv.inversion(squeezenet, "features.1", code, pixels(64), smooth=0.1, wall=0, step_size=0.03)
    *_, last = inv.cooling(climb, 300)
    inner = (..., slice(2, -2), slice(2, -2))  # the first layer hardly sees the border
    assert (last.picture - panda)[inner].abs().mean() < 0.01


def test_the_regularisers_make_their_own_numbers_small(squeezenet, panda):
    code = inv.code(squeezenet, panda, "features.8")
    shown = [inv.inversion(squeezenet, "features.8", code, 64, smooth=w).run(30).picture for w in (0, 300)]
    steps = [(p[..., 1:, :] - p[..., :-1, :]).square().mean() for p in shown]
    assert steps[1] < 0.7 * steps[0]


def test_the_same_seed_gives_the_same_picture_and_another_seed_another(squeezenet, panda):
    code = inv.code(squeezenet, panda, "features.5")
    one, same, other = (
        inv.inversion(squeezenet, "features.5", code, 64, seed=seed).run(5).picture for seed in (0, 0, 1)
    )
    torch.testing.assert_close(one, same)
    assert (one - other).abs().mean() > 0.005


def test_each_code_of_a_batch_gets_a_picture_of_its_own(squeezenet):
    batch = torch.cat([pictures.fit(pictures.read(name), 64) for name in ("panda", "toucan")])
    codes = inv.code(squeezenet, batch, "features.3")
    *_, last = inv.cooling(inv.inversion(squeezenet, "features.3", codes, 64), 60)
    found = inv.code(squeezenet, last.picture, "features.3")
    unit = inv.mean_distance(codes)
    assert inv.normalised_error(found, codes, unit).max() < 0.5
    assert inv.normalised_error(found, codes.flip(0), unit).min() > 0.8


def test_the_layer_may_change_while_it_climbs(squeezenet, panda):
    climb = inv.inversion(squeezenet, "features.3", inv.code(squeezenet, panda, "features.3"), 64)
    steps = iter(climb)
    *_, last = islice(steps, 4)
    deep = inv.code(squeezenet, panda, "features.8")
    climb.objective = inv.goal("features.8", deep, smooth=0)
    further = list(islice(steps, 20))
    assert further[0].number == last.number + 1
    assert further[-1].score > further[1].score


def test_an_all_but_finished_climb_moves_less_and_less_and_then_has_its_step_size_back(squeezenet, panda):
    climb = inv.inversion(
        squeezenet, "features.1", inv.code(squeezenet, panda, "features.1"), 64, step_size=0.08
    )
    sizes = [climb.step_size for _ in inv.cooling(climb, 4)]
    assert sizes == pytest.approx([0.08 * (1 + math.cos(math.pi * k / 4)) / 2 for k in range(5)])
    assert climb.step_size == 0.08
    assert climb.number == 4
    for _ in inv.cooling(climb, 4):
        break
    assert climb.step_size == 0.08


def test_the_unit_is_the_mean_distance_of_all_pairs():
    codes = torch.rand(6, 2, 3, 4, generator=torch.Generator().manual_seed(0))
    assert inv.mean_distance(codes) == pytest.approx(pdist(codes.flatten(1).numpy()).mean(), rel=1e-5)
    found = codes.clone()
    found[2, 0, 0, 0] += 3
    assert inv.normalised_error(found, codes, 2.0).tolist() == pytest.approx([0, 0, 1.5, 0, 0, 0], abs=1e-6)


@pytest.mark.parametrize("bits", range(1, 9))
def test_a_packed_code_comes_back_to_half_a_level(bits):
    code = 5 * torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(bits))
    again = inv.unpack(inv.pack(code, bits))
    level = (code.max() - code.min()) / (2**bits - 1)
    assert again.shape == code.shape and again.dtype == torch.float32
    assert (again - code).abs().max() <= level / 2 + 1e-5
    assert len(again.unique()) <= 2**bits


def test_fewer_bits_and_more_zeros_take_fewer_bytes(squeezenet, panda):
    code = inv.code(squeezenet, panda, "features.3")
    sizes = [len(inv.pack(code, bits)) for bits in (1, 2, 4, 8)]
    assert sizes == sorted(sizes)
    assert len(inv.pack(code.where(code > code.mean(), 0))) < sizes[-1]


@pytest.mark.parametrize("value", [0.0, -2.5])
def test_an_even_code_can_be_packed(value):
    code = torch.full((1, 3), value)
    torch.testing.assert_close(inv.unpack(inv.pack(code)), code)


def test_broken_bytes_are_told_so():
    whole = inv.pack(torch.rand(1, 4, 4))
    for broken in (
        b"",
        whole[:5],
        whole[:-9],
        whole[:22] + b"nonsense",
        HEADER.pack(0, 1, 8, 255) + whole,
    ):
        with pytest.raises(ValueError, match="no packed code"):
            inv.unpack(broken)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda n, p: inv.code(n, p, "features.33"), "features.3"),
        (lambda n, p: inv.code(n, p * float("nan"), "features.3"), "holds NaN"),
        (lambda n, p: inv.code(n, p[0], "features.3"), r"shape \(3, 64, 64\)"),
        (lambda n, p: inv.goal("features.3", torch.zeros(1, 4)), "0 everywhere"),
        (lambda n, p: inv.goal("features.3", torch.full((1, 4), math.nan)), "NaN or infinite"),
        (lambda n, p: inv.mean_distance(torch.zeros(1, 4)), "two or more"),
        (lambda n, p: inv.pack(torch.rand(3), 9), "from 1 to 8"),
        (lambda n, p: inv.pack(torch.tensor([math.inf])), "NaN or infinite"),
        (
            lambda n, p: inv.inversion(n, "features.3", inv.code(n, p, "features.3"), 80).run(1),
            "picture of the same size",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(squeezenet, panda, call, words):
    with pytest.raises(ValueError, match=words):
        call(squeezenet, panda)


def test_no_hook_is_left_behind(squeezenet, panda):
    climb = inv.inversion(squeezenet, "features.3", inv.code(squeezenet, panda, "features.3"), 64)
    climb.objective = inv.goal("features.3", torch.rand(1, 2, 3, 4)) - total_variation() - alpha_norm()
    with pytest.raises(ValueError):
        climb.run(1)
    assert hooks(squeezenet) == 0


def test_the_stored_table_is_whole():
    with (files("cnnlab") / "assets" / "inversion_errors.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    cells = {(row["canvas"], row["layer"], row["picture"]) for row in rows}
    assert len(cells) == len(rows) == 2 * 7 * 20
    assert {len({cell[i] for cell in cells}) for i in range(3)} == {2, 7, 20}
    assert all(0 < float(row["error"]) < 1 for row in rows)
