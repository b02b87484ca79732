"""The check at the door: it lets pictures through, and says of all else what is wrong with it."""

import numpy as np
import pytest
import torch

from cnnlab import pictures
from cnnlab.pictures import PictureError

GOOD = torch.rand(2, 3, 5, 4, generator=torch.Generator().manual_seed(0))

REFUSED = {
    "an array": (np.zeros((1, 3, 4, 4), np.float32), r"ndarray, not a tensor: pictures\.read"),
    "a name": ("panda", r"a str, not a tensor: pictures\.read"),
    "no batch": (GOOD[0], r"shape \(3, 5, 4\).* x\[None\]"),
    "no batch, colours last": (GOOD[0].permute(1, 2, 0), r"colours last.*permute\(2, 0, 1\)"),
    "no channels": (GOOD[0, 0], r"x\[None, None\]"),
    "colours last": (GOOD.permute(0, 2, 3, 1), r"permute\(0, 3, 1, 2\)"),
    "opacity": (torch.zeros(1, 4, 5, 5), r"x\[:, :3\]"),
    "feature maps": (torch.zeros(1, 64, 5, 5), "64 channels"),
    "five axes": (torch.zeros(1, 1, 3, 5, 5), r"\(N, C, H, W\)"),
    "nothing": (GOOD[:0], "no pixels"),
    "whole numbers": ((GOOD * 255).byte(), r"uint8.* x\.float\(\) / 255"),
    "doubles": (GOOD.double(), r"float64.* x\.float\(\)"),
    "NaN": (GOOD.clone().fill_(torch.nan), "NaN"),
    "one NaN": (GOOD.clone().index_fill_(0, torch.tensor([1]), torch.nan), "NaN"),
    "infinity": (GOOD / 0, "infinite"),
    "0 to 255": (GOOD * 255, "divide by 255"),
    "normalised": ((GOOD - 0.5) / 0.25, "undo the normalisation"),
    "slightly too bright": (GOOD.clone().fill_(1.001), r"rescale it, or use \.clamp\(0, 1\)"),
}


@pytest.mark.parametrize(("thing", "sentence"), REFUSED.values(), ids=REFUSED)
def test_refused_in_one_sentence(thing, sentence):
    with pytest.raises(PictureError, match=sentence) as caught:
        pictures.check(thing, "x")
    words = str(caught.value)
    assert words.startswith("x ") and "\n" not in words and len(words) < 250


@pytest.mark.parametrize(
    "picture",
    [
        GOOD,
        GOOD[:, :1],
        GOOD[:1, :, :1, :1],
        GOOD.clone().requires_grad_() * 1,
        GOOD.flip(-1).transpose(2, 3),
    ],
)
def test_pictures_pass(picture):
    pictures.check(picture)


def test_what_rounding_does_passes():
    pictures.check(torch.tensor([-9e-5, 1 + 9e-5]).view(1, 1, 1, 2))
    for beyond in (-2e-4, 1 + 2e-4):
        with pytest.raises(PictureError):
            pictures.check(torch.full((1, 1, 1, 1), beyond))


def test_remedies_work():
    pictures.check(GOOD[0][None])
    pictures.check(GOOD.permute(0, 2, 3, 1).permute(0, 3, 1, 2))
    pictures.check((GOOD * 255).byte().float() / 255)


def test_every_door_is_guarded():
    doors = [
        lambda x: pictures.resize(x, 4),
        lambda x: pictures.fit(x, 4),
        pictures.encode,
        lambda x: pictures.save(x, "never_written.png"),
        lambda x: pictures.tile(x, alt="words"),
        lambda x: pictures.show(x, alt="words"),
        lambda x: pictures.compare({"a": x}),
        lambda x: pictures.overlay(x, torch.zeros(2, 2)),
    ]
    for door in doors:
        with pytest.raises(PictureError, match="divide by 255"):
            door(GOOD[:1] * 255)


def test_on_an_accelerator(gpu):
    pictures.check(GOOD.to(gpu))
    with pytest.raises(PictureError, match="divide by 255"):
        pictures.check(GOOD.to(gpu) * 255)
