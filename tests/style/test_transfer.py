"""The transfer: it rises at every size, obeys at every step, and says in a sentence what it cannot do."""

import io
import math
from dataclasses import replace
from itertools import islice

import pytest
import torch
from PIL import Image
from small import convolutional, hooks, noise, one_sentence

from cnnlab import networks, pictures
from cnnlab.networks.probes import average_pooling
from cnnlab.optvis.inversion import code
from cnnlab.style import TransferSettings, grams, transfer
from cnnlab.style.settings import LAYER_WEIGHTS, RULES

SMALL = TransferSettings(content_layer="4", layers={"0": 0.5, "4": 0.5}, steps=12, jitter=6)
CONTENT, STYLE = noise(1, 3, 40, 32), noise(1, 3, 48, 48, seed=1).round()


def frames(settings=SMALL, content=CONTENT, styles=(STYLE,), sizes=(32, 48), network=None, **more):
    return list(transfer(network or convolutional(), content, styles, settings, sizes, **more))


def steady(**changes):
    """Settings under which the score of two steps can be compared."""
    return replace(SMALL, jitter=0, **changes)


def apart(network, picture, content, style, settings):
    """The losses, worked out anew for a picture."""
    losses = {}
    wanted, found = grams(network, style, settings.layers), grams(network, picture, settings.layers)
    for layer in settings.layers:
        off = (found[layer] - wanted[layer]).square().sum() / wanted[layer].square().sum()
        losses[layer] = off.item()
    wanted, found = (code(network, shown, settings.content_layer) for shown in (content, picture))
    losses["content"] = ((found - wanted).square().sum() / wanted.square().sum()).item()
    down = picture[..., 1:, :-1] - picture[..., :-1, :-1]
    right = picture[..., :-1, 1:] - picture[..., :-1, :-1]
    losses["smooth"] = (down**2 + right**2).mean().item()
    return losses


# --- it rises ---


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("start", ["content", "noise", "style"])
@pytest.mark.parametrize("colours", ["style", "matched", "luminance"])
def test_it_rises_at_every_size(rule, start, colours):
    all_frames = frames(steady(rule=rule, colours=colours, content=0.05), start=start)
    for number, shape in ((1, (1, 3, 32, 26)), (2, (1, 3, 48, 38))):
        scores = [frame.score for frame in all_frames if frame.size == number]
        assert len(scores) == 13 and scores[-1] > scores[0]
        assert all(frame.picture.shape == shape for frame in all_frames if frame.size == number)
    assert [frame.step for frame in all_frames] == [*range(13), *range(13)]


@pytest.mark.parametrize("rule", RULES)
def test_the_embedded_network_paints(squeezenet, rule):
    content = pictures.read("gibbon", max_side=128)
    style = pictures.read("dahlia", max_side=128)
    found = frames(TransferSettings(steps=15, rule=rule), content, [style], (64, 96), squeezenet)
    one = slice(0, 16), slice(16, 32)
    for size in one:
        assert found[size][-1].score > found[size][0].score
    last = found[-1].losses
    assert set(last) == {"content", "smooth", *LAYER_WEIGHTS}
    assert all(last[layer] < found[0].losses[layer] for layer in LAYER_WEIGHTS)
    assert hooks(squeezenet) == 0


def test_content_alone_comes_back_out_of_noise():
    found = frames(steady(layers={}, content=1.0, content_layer="0", smooth=0.0, steps=150), start="noise")
    assert found[-1].losses["content"] < 0.01 < found[0].losses["content"]
    assert set(found[-1].losses) == {"content"}


def test_style_alone_forgets_the_content():
    one, other = (
        frames(steady(content=0.0, steps=5), content, start="noise") for content in (CONTENT, 1 - CONTENT)
    )
    assert torch.equal(one[-1].picture, other[-1].picture)
    assert "content" not in one[-1].losses


@pytest.mark.parametrize("average", [True, False])
def test_the_losses_are_what_they_say(average):
    network, settings = convolutional(), steady(steps=3, average=average)
    content, style = noise(1, 3, 40, 40), noise(1, 3, 40, 40, seed=1)
    found = frames(settings, content, [style], (40,), network)
    for frame in found:
        if average:
            with average_pooling(network):
                expected = apart(network, frame.picture, content, style, settings)
        else:
            expected = apart(network, frame.picture, content, style, settings)
        assert frame.losses == pytest.approx(expected, rel=1e-4, abs=1e-6)
        weighted = 0.1 * expected["content"] + 0.3 * expected["smooth"]
        assert -frame.score == pytest.approx(weighted + 0.5 * (expected["0"] + expected["4"]), rel=1e-4)


def test_near_to_the_mean_of_two_styles_is_near_to_both():
    """The sum of squared distances to two Gram matrices is that to their mean, and a constant."""
    network, other = convolutional(), noise(1, 3, 48, 48, seed=2)
    shares = (0.25, 0.75)
    settings = steady(blend=shares, content=0.0, smooth=0.0, layers={"4": 1.0}, average=False, steps=6)
    found = frames(settings, noise(1, 3, 48, 48), [STYLE, other], (48,), network)
    wanted = [grams(network, style, ["4"])["4"] for style in (STYLE, other)]
    mean = shares[0] * wanted[0] + shares[1] * wanted[1]
    constants = []
    for frame in found:
        gram = grams(network, frame.picture, ["4"])["4"]
        both = sum(s * (gram - one).square().sum() for s, one in zip(shares, wanted, strict=True))
        constants.append((both - frame.losses["4"] * mean.square().sum()).item())
    assert max(constants) - min(constants) < 1e-4 * mean.square().sum()
    assert found[-1].score > found[0].score


def test_a_share_of_all_is_that_style_alone():
    other = noise(1, 3, 48, 48, seed=2)
    both = frames(replace(SMALL, blend=(0, 1)), styles=(STYLE, other))
    assert torch.equal(both[-1].picture, frames(styles=(other,))[-1].picture)


def test_centred_it_asks_for_covariances():
    network = convolutional()
    settings = steady(centred=True, average=False, steps=1)
    content = noise(1, 3, 48, 48)
    last = frames(settings, content, [STYLE], (48,), network)[-1]
    found, wanted = (
        torch.cov(code(network, one, "4")[0].flatten(1), correction=0) for one in (last.picture, STYLE)
    )
    expected = (found - wanted).square().sum() / wanted.square().sum()
    assert last.losses["4"] == pytest.approx(expected.item(), rel=1e-4)


def test_luminance_alone_keeps_the_colours():
    content = pictures.read("gibbon", max_side=64)
    last = frames(replace(SMALL, colours="luminance"), content, sizes=(64,))[-1]
    inner = ((last.picture > 0.01) & (last.picture < 0.99)).all(1)  # where nothing was cut off
    for one, other in ((0, 1), (1, 2)):  # I and Q are made of these differences
        was, now = content[:, one] - content[:, other], last.picture[:, one] - last.picture[:, other]
        torch.testing.assert_close(now[inner], was[inner], rtol=0, atol=1e-4)
    assert (last.picture - content).abs().mean() > 0.01


# --- it repeats itself ---


def test_a_seed_gives_the_same_painting():
    one, same, other = (frames(start="noise", seed=seed)[-1].picture for seed in (0, 0, 1))
    assert torch.equal(one, same) and not torch.equal(one, other)
    before = torch.get_rng_state()
    frames()
    assert torch.equal(before, torch.get_rng_state())


# --- it obeys ---

CHANGES = {
    "content": 3.0, "content_layer": "0", "layers": {"0": 1.0}, "blend": (1, 0), "smooth": 50.0, "scale": 2.0,
    "colours": "matched", "centred": True, "average": False, "jitter": 0, "rule": "lbfgs", "step_size": 0.2,
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_setting_acts_at_the_next_step_without_a_restart(name):
    styles = (STYLE, noise(1, 3, 48, 48, seed=2))
    settings, kept = replace(SMALL), replace(SMALL)
    changed = transfer(convolutional(), CONTENT, styles, settings, (48,))
    same = transfer(convolutional(), CONTENT, styles, kept, (48,))
    for one, other in islice(zip(changed, same, strict=True), 4):
        assert torch.equal(one.picture, other.picture)
    setattr(settings, name, CHANGES[name])
    further = list(islice(zip(changed, same, strict=True), 3))
    assert [one.step for one, _ in further] == [4, 5, 6]
    assert not torch.equal(further[-1][0].picture, further[-1][1].picture)


def test_more_steps_are_made_where_more_are_asked_for():
    settings = replace(SMALL, steps=3)
    running = transfer(convolutional(), CONTENT, [STYLE], settings, (32, 48))
    assert [next(running).step for _ in range(3)] == [0, 1, 2]
    settings.steps = 5
    assert [(frame.size, frame.step) for frame in islice(running, 4)] == [(1, 3), (1, 4), (1, 5), (2, 0)]


def test_layers_changed_in_place_act_too():
    settings = replace(SMALL, layers=dict(SMALL.layers))
    running = transfer(convolutional(), CONTENT, [STYLE], settings, (48,))
    assert set(next(running).losses) == {"content", "0", "4", "smooth"}
    settings.layers["0"] = 0.0
    assert set(next(running).losses) == {"content", "4", "smooth"}


def test_what_went_wrong_leaves_the_last_good_picture():
    settings, shown = replace(SMALL), []
    with pytest.raises(ValueError, match="weight of content is nan") as caught:
        for frame in transfer(convolutional(), CONTENT, [STYLE], settings, (48,)):
            shown.append(frame.picture)
            if frame.step == 3:
                settings.content = math.nan
    assert len(shown) == 4 and shown[-1].isfinite().all() and one_sentence(caught.value)


# --- sizes and kinds of pictures ---


def test_a_huge_content_and_a_narrow_one_are_scaled():
    huge = noise(1, 3, 20, 20).repeat_interleave(400, 2).repeat_interleave(20, 3)  # 8000 x 400
    assert frames(content=huge, sizes=(64,))[-1].picture.shape == (1, 3, 64, 3)


def test_of_an_animation_the_first_frame_is_painted():
    file, colours = io.BytesIO(), ("red", "blue")
    first, second = (Image.new("RGB", (48, 48), colour) for colour in colours)
    first.save(file, "GIF", save_all=True, append_images=[second], duration=100)
    found = frames(content=pictures.read(file.getvalue()), sizes=(48,))[0]
    assert found.picture[0, 0].mean() > 0.9 and found.picture[0, 2].mean() < 0.1


@pytest.mark.slow
def test_vgg_paints_with_layers_of_its_own():
    network = networks.load("vgg19", weights=None)
    settings = TransferSettings(
        content_layer="features.22", layers={"features.1": 0.5, "features.6": 0.5}, steps=3
    )
    found = frames(settings, sizes=(48,), network=network)
    assert found[-1].score > found[0].score


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"content_layer": "9"}, "not known"),
        ({"layers": {"features.1": 1.0}}, "not known"),
        ({"content": 0, "smooth": 0, "layers": {"0": 0.0}}, "all weights are 0"),
        ({"content": math.nan}, "weight of content is nan"),
        ({"layers": {"0": math.inf}}, "weight of 0 is inf"),
        ({"smooth": -1}, "weight of smooth is -1"),
        ({"blend": (1, 2)}, "2 shares for 1"),
        ({"blend": (0,)}, "share of 0"),
        ({"blend": (math.nan,)}, "style 1 is nan"),
        ({"rule": "momentum"}, "adam, lbfgs"),
        ({"colours": "sepia"}, "luminance"),
        ({"scale": 0}, "0.1 to 4"),
        ({"jitter": -1}, "0 to 64"),
        ({"step_size": 0}, "above 0"),
        ({"step_size": math.nan}, "above 0"),
    ],
)
def test_settings_that_make_no_sense_are_told_so(changes, words):
    with pytest.raises(ValueError, match=words) as caught:
        frames(replace(SMALL, **changes))
    assert one_sentence(caught.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"styles": [noise(1, 3, 1, 1)]}, "1 x 1 pixels, too few"),
        ({"styles": []}, "no style picture"),
        ({"styles": [noise(1, 1, 48, 48)]}, "three channels"),
        ({"content": noise(2, 3, 48, 48)}, "one picture"),
        ({"content": noise(1, 3, 48, 48) * math.nan}, "NaN"),
        ({"sizes": ()}, "sizes are"),
        ({"sizes": (64, 5000)}, "32 to 1024"),
        ({"start": "black"}, "content, noise, style"),
    ],
)
def test_pictures_that_cannot_be_painted_are_told_so(given, words):
    with pytest.raises(ValueError, match=words) as caught:
        frames(**given)
    assert one_sentence(caught.value)


def test_it_paints_where_the_network_is(gpu):
    found = frames(network=convolutional().to(gpu), settings=replace(SMALL, colours="luminance"))
    assert found[-1].picture.device.type == gpu.type and found[-1].score > found[0].score
