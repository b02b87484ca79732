"""The checks of lesson 10's exercises tell a wrong answer what is wrong with it."""

import pytest
import torch

from cnnlab.adversarial import Attack, checks, fast_gradient_sign


def over(network, picture, label, levels=6):
    """Far too strong, and not in whole levels."""
    return Attack(network, picture, goal=label, eps=levels / 255).run(10).pictures


@pytest.mark.parametrize(
    "name, wrong, words",
    [
        ("best_change", lambda weights, eps, norm: eps * weights.sign(), "the change's L2 is"),
        ("best_change", lambda weights, eps, norm: 0.5 * eps * weights.sign(), "is possible"),
        ("best_change", lambda weights, eps, norm: weights.sum(), "shape (200,)"),
        ("border", lambda weights, logits: 0.0, "a class draws level at"),
        ("border", lambda weights, logits: "near", "one number"),
        ("border", lambda weights, logits: (0 * logits / 0).min(), "it says nan"),
        (
            "message",
            lambda *asked: fast_gradient_sign(*asked[:2], 0.01, goal=asked[2]),
            "return its .pictures",
        ),
        ("message", lambda network, picture, label: picture, "and gives teapot 0%"),
        ("message", over, "not whole levels"),
        ("message", lambda *asked: (over(*asked) * 255).round() / 255, "3 are allowed"),
        ("message", lambda network, picture, label: picture * 2, "leave [0, 1]"),
        ("within_mask", lambda network, picture, mask, label, steps: picture.flip(3), "outside the mask"),
        ("within_mask", lambda network, picture, mask, label, steps: picture, "gives pineapple 0%"),
        ("within_mask", lambda network, picture, mask, label, steps: mask, "shape (1, 3, 160, 160)"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(name, wrong, words, squeezenet, capsys):
    more = [squeezenet] if name in ("message", "within_mask") else []
    getattr(checks, name)(wrong, *more)
    said = capsys.readouterr().out
    assert said.startswith("Not yet: ")
    assert words in said


def test_the_best_change_is_asked_for_both_norms(capsys):
    checks.best_change(lambda weights, eps, norm: eps * weights / weights.norm())
    assert "within the max-norm" in capsys.readouterr().out
    checks.best_change(lambda weights, eps, norm: eps * torch.sign(weights) / 200**0.5)
    assert "Not yet" in capsys.readouterr().out
