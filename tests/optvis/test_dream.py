"""Deep Dream: its gradient against finite differences and by hand, its octaves, guide, zoom and refusals."""

import math
import subprocess
import sys
from itertools import islice

import pytest
import torch
from small import convolutional, hooks, noise, seen_by
from torch import nn

from cnnlab import networks, pictures
from cnnlab.networks import SizeError
from cnnlab.optvis.dream import DreamSettings, dream, google_settings, guided, least_side, octaves, zoom
from cnnlab.optvis.objectives import Seen, channel, energy

LAYER = "features.7"


@pytest.fixture(scope="module")
def wall():
    return pictures.resize(pictures.read("great_wall"), (96, 128))


def plain(layer=LAYER, **changes):
    """Deep Dream's rule and nothing else."""
    words = {"octaves": 1, "steps": 4, "jitter": 0, "smoothing": 0.0, "colours": "rgb", "step_size": 0.01}
    return DreamSettings(**{"objective": energy(layer), **words, **changes})


# --- the gradient -----------------------------------------------------------------------------------------


def test_setting_the_gradient_to_the_activation_is_the_gradient_of_the_energy(squeezenet, wall):
    picture = wall.clone().requires_grad_()
    seen = seen_by(squeezenet, LAYER, picture)
    activation = seen.outputs[LAYER]
    [by_hand] = torch.autograd.grad(activation, picture, activation.detach(), retain_graph=True)
    [of_energy] = torch.autograd.grad(energy(LAYER)(seen).sum(), picture)
    assert of_energy.any()
    torch.testing.assert_close(by_hand, of_energy)


def test_the_energys_gradient_equals_finite_differences():
    network = convolutional(activation=nn.Tanh).double()
    picture = noise(1, 3, 9, 8).double().requires_grad_()
    [gradient] = torch.autograd.grad(energy("3")(seen_by(network, "3", picture)).sum(), picture)

    def score(moved):
        with torch.no_grad():
            return energy("3")(seen_by(network, "3", moved)).item()

    for place in ((0, 0, 0, 0), (0, 1, 4, 3), (0, 2, 8, 7)):
        nudge = torch.zeros_like(picture)
        nudge[place] = 1e-5
        slope = (score(picture.detach() + nudge) - score(picture.detach() - nudge)) / 2e-5
        assert gradient[place].item() == pytest.approx(slope, rel=1e-5)


def test_it_equals_deep_dream_written_by_hand(squeezenet, wall):
    by_hand = wall
    for _ in range(2):  # rounding makes a max pooling choose another pixel, sooner or later
        picture = by_hand.clone().requires_grad_()
        activation = seen_by(squeezenet, LAYER, picture).outputs[LAYER]
        [gradient] = torch.autograd.grad(activation, picture, activation)
        by_hand = (by_hand + 0.01 * gradient / gradient.abs().mean()).clamp(0, 1)
    *_, last = dream(squeezenet, wall, plain(steps=2))
    assert ((last.picture - by_hand).abs() < 1e-4).float().mean() > 0.98


@pytest.mark.parametrize("objective", [energy(LAYER), channel("features.7.expand3x3", 5)])
def test_every_octave_climbs(squeezenet, wall, objective):
    frames = list(dream(squeezenet, wall, DreamSettings(objective, octaves=2, steps=6, jitter=2)))
    for number in (1, 2):
        scores = [frame.score for frame in frames if frame.octave == number]
        assert len(scores) == 7 and scores[-1] > scores[0]
    assert frames[-1].picture.shape == wall.shape
    assert frames[-1].picture.min() >= 0 and frames[-1].picture.max() <= 1


# --- octaves ----------------------------------------------------------------------------------------------


def test_the_plan_is_what_the_original_would_take():
    assert octaves((320, 480), 3, 1.4) == ((163, 245), (229, 343), (320, 480))
    assert octaves((5, 7), 1) == ((5, 7),)
    assert str(octaves((320, 480), 2, 2)).splitlines() == [
        "octave         size",
        "     1    160 x 240 px    25% of the pixels",
        "     2    320 x 480 px   100% of the pixels",
    ]


@pytest.mark.parametrize("count, ratio", [(0, 1.4), (-1, 1.4), (2.5, 1.4), (3, 1), (3, 0.5), (3, math.nan)])
def test_a_plan_that_makes_no_sense_is_refused(count, ratio):
    with pytest.raises(ValueError, match=r"take a ratio|whole number"):
        octaves((100, 100), count, ratio)


def test_detail_is_carried_to_the_next_octave(squeezenet, wall):
    frames = list(dream(squeezenet, wall, plain(octaves=2, ratio=2, steps=3)))
    finished = next(frame for frame in reversed(frames) if frame.octave == 1).picture
    started = next(frame for frame in frames if frame.octave == 2).picture
    detail = finished - pictures.resize(wall, (48, 64))
    larger = nn.functional.interpolate(detail, (96, 128), mode="bilinear", align_corners=False)
    torch.testing.assert_close(started, (wall + larger).clamp(0, 1), rtol=0, atol=1e-5)


def test_the_least_side_is_the_least(squeezenet):
    side = least_side(squeezenet, LAYER)
    squeezenet(torch.rand(1, 3, side, side))
    with pytest.raises(SizeError):
        squeezenet(torch.rand(1, 3, side - 1, side - 1))


def test_octaves_that_are_too_small_are_refused_with_what_would_fit(squeezenet, wall):
    with pytest.raises(
        ValueError, match=r"octave 1 of 9 would be 7 x 9 pixels.*take at most 6 octave"
    ) as told:
        next(dream(squeezenet, wall, plain(octaves=9)))
    assert "\n" not in str(told.value)
    next(dream(squeezenet, wall, plain(octaves=6)))
    with pytest.raises(ValueError, match="at most 5"):
        next(dream(squeezenet, wall, plain(octaves=6, ratio=1.5)))


# --- settings ---------------------------------------------------------------------------------------------


def test_settings_are_read_anew_at_each_step(squeezenet, wall):
    settings = plain(steps=50)
    frames = dream(squeezenet, wall, settings)
    first, second = islice(frames, 2)
    assert (second.picture - first.picture).abs().max() > 0
    settings.step_size = 0.0
    third = next(frames)
    torch.testing.assert_close(third.picture, second.picture)
    settings.step_size, settings.objective, settings.steps = 0.01, energy("features.3"), 5
    rest = list(frames)
    assert [frame.step for frame in rest] == [3, 4, 5]
    assert rest[-1].score > rest[1].score


def test_the_same_seed_dreams_the_same_and_another_does_not(squeezenet, wall):
    def last(seed):
        *_, frame = dream(squeezenet, wall, DreamSettings(energy(LAYER), octaves=1, steps=2, jitter=8), seed)
        return frame.picture

    assert torch.equal(last(1), last(1))
    assert not torch.equal(last(1), last(2))


def test_a_one_channel_network_dreams_in_grey():
    *_, last = dream(
        convolutional(1), noise(1, 1, 20, 24), DreamSettings(energy("3"), octaves=2, steps=3, jitter=1)
    )
    assert last.picture.shape == (1, 1, 20, 24)


def test_a_grey_picture_dreams_too(squeezenet):
    frames = list(dream(squeezenet, torch.full((1, 3, 64, 64), 0.5), plain()))
    assert frames[-1].score > frames[0].score


def test_the_original_runs_on_googlenet():
    network = networks.load("googlenet", weights=None)
    settings = google_settings()
    assert (settings.octaves, settings.ratio, settings.steps, settings.jitter) == (4, 1.4, 10, 32)
    assert settings.step_size * 255 == pytest.approx(1.5)
    settings.steps, settings.octaves, settings.jitter = 3, 2, 0  # a shift moves the score, too
    frames = list(dream(network, pictures.resize(pictures.read("great_wall"), (90, 120)), settings))
    assert frames[-1].score > frames[4].score
    assert network.layers["inception4c"].shape[0] == 512


# --- large pictures ---------------------------------------------------------------------------------------


def test_a_large_picture_is_never_looked_at_whole(squeezenet):
    looked = []
    hook = squeezenet.layer("features.0").register_forward_hook(lambda _, given, __: looked.append(given[0]))
    try:
        picture = pictures.resize(pictures.read("great_wall"), (200, 330))
        frames = list(
            dream(squeezenet, picture, DreamSettings(energy("features.7"), octaves=1, steps=4, tile=128))
        )
    finally:
        hook.remove()
    dreamt = [given for given in looked if min(given.shape[2:]) > 40]  # less: the search for the least side
    assert len([given for given in looked if tuple(given.shape[2:]) == (100, 110)]) == 6 * 5
    assert max(max(given.shape[2:]) for given in dreamt[-30:]) <= 128
    assert frames[-1].score > frames[0].score


PEAK = """
from pathlib import Path
from cnnlab import networks, pictures
from cnnlab.optvis.dream import DreamSettings, dream
from cnnlab.optvis.objectives import energy
picture = pictures.resize(pictures.read("great_wall"), (768, 1024))
list(dream(networks.load(), picture, DreamSettings(energy("features.12"), octaves=1, steps=1)))
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
"""  # not ru_maxrss, in which the memory of the process that started this one counts, too


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process its own peak")
def test_a_picture_of_1024_pixels_needs_less_than_2_gb():
    said = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True).stdout
    assert int(said) * 1024 < 2e9


# --- what to ask for --------------------------------------------------------------------------------------


def test_the_guides_gradient_is_what_the_original_writes_into_the_layer(squeezenet, wall):
    guide = pictures.resize(pictures.read("sunflower"), (80, 80))
    y = seen_by(squeezenet, LAYER, guide).outputs[LAYER][0].flatten(1)
    x = seen_by(squeezenet, LAYER, wall).outputs[LAYER].requires_grad_()
    score = guided(squeezenet, LAYER, guide)(Seen(squeezenet, wall, {LAYER: x}))
    [gradient] = torch.autograd.grad(score.sum(), x)
    best = (x[0].flatten(1).T @ y).argmax(1)  # their A.argmax(1)
    torch.testing.assert_close(gradient[0].flatten(1), y[:, best])


def test_a_guided_dream_grows_like_its_guide(squeezenet, wall):
    guide = pictures.fit(pictures.read("sunflower"), 96)
    frames = list(dream(squeezenet, wall, plain(objective=guided(squeezenet, LAYER, guide), steps=6)))
    assert frames[-1].score > frames[0].score


# --- the zoom ---------------------------------------------------------------------------------------------


def test_the_zoom_goes_on_from_the_middle_of_the_last_dream(squeezenet, wall):
    settings = plain(steps=1, step_size=0.0)
    first, second = islice(zoom(squeezenet, wall, settings, share=0.5), 2)
    torch.testing.assert_close(first, wall, rtol=0, atol=1e-5)
    middle = nn.functional.interpolate(
        wall[..., 24:72, 32:96], (96, 128), mode="bilinear", align_corners=False
    )
    inside = (..., slice(4, -4), slice(4, -4))
    torch.testing.assert_close(second[inside], middle[inside], rtol=0, atol=1e-4)


@pytest.mark.parametrize("share", [-0.1, 1, 2])
def test_a_zoom_past_the_picture_is_refused(squeezenet, wall, share):
    with pytest.raises(ValueError, match="from 0 to below 1"):
        next(zoom(squeezenet, wall, plain(), share))


# --- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"objective": energy("features.99")}, "near it: features.9"),
        ({"objective": channel(LAYER, 256)}, "channels 0 to 255"),
        ({"objective": channel(LAYER, -1)}, "channels 0 to 255"),
        ({"step_size": float("nan")}, "step size"),
        ({"tile": 20}, "tiles of 20 pixels are too small"),
        ({"colours": "neon"}, "rgb"),
    ],
)
def test_bad_settings_get_one_sentence(squeezenet, wall, changes, words):
    with pytest.raises(ValueError, match=words) as told:
        list(dream(squeezenet, wall, plain(**changes)))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "picture, words",
    [
        (torch.full((1, 3, 1, 1), 0.5), "1 x 1 pixels.*take a larger picture"),
        (torch.full((1, 3, 40, 40), float("nan")), "NaN"),
        (torch.zeros(1).expand(1, 3, 2100, 2100), "make it smaller"),
        (torch.full((3, 40, 40), 0.5), "add the first axis"),
    ],
)
def test_pictures_that_cannot_be_dreamt_of_get_one_sentence(squeezenet, picture, words):
    with pytest.raises(ValueError, match=words) as told:
        next(dream(squeezenet, picture, plain()))
    assert "\n" not in str(told.value)


def test_a_score_that_is_no_number_stops_at_the_last_good_picture(squeezenet, wall):
    settings = plain(steps=9)
    kept = []
    with pytest.raises(ValueError, match="not a number any more"):
        for frame in dream(squeezenet, wall, settings):
            kept.append(frame.picture)
            if frame.step == 2:
                settings.objective = float("nan") * energy(LAYER)
    assert len(kept) == 4 and kept[-1].isfinite().all()


def test_no_hook_is_left_when_a_dream_is_abandoned(squeezenet, wall):
    for _ in islice(dream(squeezenet, wall, plain()), 2):
        pass
    assert hooks(squeezenet) == 0


def test_it_dreams_where_the_network_is(gpu, wall):
    network = networks.load().to(gpu)
    objective = guided(network, LAYER, wall) + energy(LAYER)
    *_, last = dream(network, wall, DreamSettings(objective, octaves=2, steps=2, tile=100))
    assert last.picture.device.type == gpu.type
