"""The networks that ship: they load, are small, keep sizes, and paint nearer to the goal than photographs."""

import pytest
import torch
from safetensors.torch import save_file
from small import noise, one_sentence

from cnnlab import pictures
from cnnlab.datasets import styles
from cnnlab.pictures import Film, PictureError
from cnnlab.pictures.films import frames
from cnnlab.style.fast import (
    PerceptualLoss,
    TransformerNet,
    load_pretrained,
    pretrained_styles,
    save_pretrained,
    stylise_clip,
)  # fmt: skip
from cnnlab.style.fast.pretrained import FOLDER

CLIP = noise(3, 3, 24, 32)


def test_three_styles_or_more_ship():
    assert len(pretrained_styles()) >= 3
    assert set(pretrained_styles()) <= set(styles.names("painted"))


@pytest.mark.parametrize("style", pretrained_styles())
def test_a_shipped_style(style, squeezenet):
    assert (FOLDER / f"{style}.safetensors").stat().st_size < 1_100_000
    transformer = load_pretrained(style)
    photograph = pictures.resize(pictures.read("alpaca"), (96, 128))
    with torch.no_grad():
        picture = transformer(photograph)
        assert picture.shape == photograph.shape and picture.min() >= 0 and picture.max() <= 1
        assert picture.std() > 0.1  # neither grey nor washed out
        goal = PerceptualLoss(squeezenet, pictures.resize(styles.read(style), transformer.about["side"]))
        ours, own = goal(picture, photograph), goal(photograph, photograph)
    weights = transformer.about["weights"]
    assert ours["style"] < 0.5 * own["style"]
    assert sum(weights[name] * ours[name] for name in ours) < sum(weights[name] * own[name] for name in own)


@pytest.mark.parametrize("style", pretrained_styles())
def test_a_shipped_style_says_how_it_was_trained(style):
    about = load_pretrained(style).about
    assert about["style"] == style and about["begin"] in (None, *pretrained_styles())
    assert {"seed", "minutes", "size", "batch", "weights", "held_out", "curve"} <= about.keys()
    steps, _, *parts = zip(*about["curve"], strict=True)
    assert list(steps) == sorted(steps) and len(parts) == 3
    first, last = (
        sum(weight * parts[k][row] for k, weight in enumerate(about["weights"].values())) for row in (0, -1)
    )
    assert last < first


def test_what_is_saved_comes_back_in_half_precision(tmp_path):
    transformer = TransformerNet(4, 1, seed=5).eval()
    save_pretrained(transformer, tmp_path / "own.safetensors", style="mine")
    again = load_pretrained(tmp_path / "own.safetensors")
    assert again.about == {"style": "mine"}
    photograph = noise(1, 3, 20, 24)
    with torch.no_grad():
        assert (again(photograph) - transformer(photograph)).abs().max() < 0.02


def test_what_is_no_transformer_gets_a_sentence(tmp_path):
    with pytest.raises(ValueError, match=r"style 'oyl'.*oil"):
        load_pretrained("oyl")
    other = tmp_path / "other.safetensors"
    save_file({"x": torch.zeros(3)}, other, {"about": '{"filters": 4, "blocks": 1}'})
    for file in (other, tmp_path / "none.safetensors"):
        with pytest.raises(ValueError) as caught:
            load_pretrained(file)
        assert one_sentence(caught.value)
    save_file({"layers.0.0.weight": torch.zeros(4, 3, 9, 9)}, other, {"about": "{}"})
    with pytest.raises(ValueError, match="holds no TransformerNet"):
        load_pretrained(other)
    with pytest.raises(ValueError, match=r"does not end in .safetensors"):
        save_pretrained(TransformerNet(4, 1), tmp_path / "own.pt")


# --- clips ---


@pytest.mark.usefixtures("video")
@pytest.mark.parametrize("ending", ["gif", "webp", "mp4"])
def test_a_clip_is_painted_frame_by_frame(tmp_path, ending):
    transformer, film = TransformerNet(4, 1).eval(), Film(tmp_path / f"painted.{ending}")
    shots = list(stylise_clip(transformer, CLIP, film))
    with torch.no_grad():
        assert torch.equal(shots[1], transformer(CLIP[1:2]))
    assert not shots[1].is_inference()  # it can go wherever a picture can
    found = frames(film.path)
    assert found.shape == CLIP.shape
    assert (found - torch.cat(shots)).abs().mean() < 0.06
    with pytest.raises(PictureError, match="is closed: begin another film") as caught:
        next(stylise_clip(transformer, CLIP, film))
    assert one_sentence(caught.value)


@pytest.mark.usefixtures("video")
def test_a_stop_keeps_what_is_finished(tmp_path):
    film = Film(tmp_path / "painted.mp4")
    shots = stylise_clip(TransformerNet(4, 1).eval(), CLIP, film)
    next(shots), next(shots)
    shots.close()
    assert len(frames(film.path)) == 2
