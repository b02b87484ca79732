"""The stylists that ship: they load, are small, keep sizes, and paint nearer to the goal than photographs."""

import pytest
import torch
from safetensors.torch import save_file
from small import noise, one_sentence

from cnnlab import painted, pictures
from cnnlab.style import fast as fast_style
from cnnlab.style.fast import Perceptual, Stylist
from cnnlab.style.fast.shelf import SHELF


def test_three_styles_or_more_ship():
    assert len(fast_style.names()) >= 3
    assert set(fast_style.names()) <= set(painted.names("painted"))


@pytest.mark.parametrize("style", fast_style.names())
def test_a_shipped_style(style, squeezenet):
    assert (SHELF / f"{style}.safetensors").stat().st_size < 1_100_000
    stylist = fast_style.load(style)
    photograph = pictures.resize(pictures.read("alpaca"), (96, 128))
    with torch.no_grad():
        picture = stylist(photograph)
        assert picture.shape == photograph.shape and picture.min() >= 0 and picture.max() <= 1
        assert picture.std() > 0.1  # neither grey nor washed out
        goal = Perceptual(squeezenet, pictures.resize(painted.read(style), stylist.about["side"]))
        ours, own = goal(picture, photograph), goal(photograph, photograph)
    weights = stylist.about["weights"]
    assert ours["style"] < 0.5 * own["style"]
    assert sum(weights[name] * ours[name] for name in ours) < sum(weights[name] * own[name] for name in own)


@pytest.mark.parametrize("style", fast_style.names())
def test_a_shipped_style_says_how_it_was_trained(style):
    about = fast_style.load(style).about
    assert about["style"] == style and about["begin"] in (None, *fast_style.names())
    assert {"seed", "minutes", "size", "batch", "weights", "held_out", "curve"} <= about.keys()
    steps, _, *parts = zip(*about["curve"], strict=True)
    assert list(steps) == sorted(steps) and len(parts) == 3
    first, last = (
        sum(weight * parts[k][row] for k, weight in enumerate(about["weights"].values())) for row in (0, -1)
    )
    assert last < first


def test_what_is_saved_comes_back_in_half_precision(tmp_path):
    stylist = Stylist(4, 1, seed=5).eval()
    fast_style.save(stylist, tmp_path / "own.safetensors", style="mine")
    again = fast_style.load(tmp_path / "own.safetensors")
    assert again.about == {"style": "mine", "filters": 4, "blocks": 1}
    photograph = noise(1, 3, 20, 24)
    with torch.no_grad():
        assert (again(photograph) - stylist(photograph)).abs().max() < 0.02


def test_what_is_no_stylist_gets_a_sentence(tmp_path):
    with pytest.raises(ValueError, match=r"style 'oyl'.*oil"):
        fast_style.load("oyl")
    other = tmp_path / "other.safetensors"
    save_file({"x": torch.zeros(3)}, other, {"about": '{"filters": 4, "blocks": 1}'})
    for file in (other, tmp_path / "none.safetensors"):
        with pytest.raises(ValueError) as caught:
            fast_style.load(file)
        assert one_sentence(caught.value)
    save_file({"x": torch.zeros(3)}, other, {"about": '{"filters": 1000000, "blocks": 9000}'})
    with pytest.raises(ValueError, match="holds no stylist"):
        fast_style.load(other)
    with pytest.raises(ValueError, match=r"does not end in .safetensors"):
        fast_style.save(Stylist(4, 1), tmp_path / "own.pt")
