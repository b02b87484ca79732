"""The lessons' exercises: each folded solution passes its check, and the stub in the cell does not."""

import re
from copy import deepcopy
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam

from cnnlab import networks
from cnnlab.adversarial import checks as adversarial_checks
from cnnlab.agent import checks as agent_checks
from cnnlab.attribution import checks as attribution_checks
from cnnlab.attribution import checks as occlusion_checks
from cnnlab.attribution.occlusion import filled
from cnnlab.course import checks as start_checks
from cnnlab.embedding import checks as embedding_checks
from cnnlab.flaws import checks as flaw_checks
from cnnlab.neurons import checks as filter_checks
from cnnlab.optvis import checks as dream_checks
from cnnlab.optvis import checks as inversion_checks
from cnnlab.optvis import checks as visualization_checks
from cnnlab.style import checks as fast_style_checks
from cnnlab.style import checks as style_checks
from cnnlab.surfaces import checks as landscape_checks
from cnnlab.training import checks as training_checks

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
EXERCISES = {
    "00_start_here": (start_checks, ["fade"]),
    "01_loss_surfaces": (landscape_checks, ["violation", "times", "reordered"]),
    "02_neurons_and_filters": (filter_checks, ["how_grey", "field_side", "preferred_orientation"]),
    "03_live_training": (training_checks, ["parameters", "dead_maps", "momentum_step", "one_number"]),
    "04_tsne_of_codes": (embedding_checks, ["perplexity", "share_kept", "newcomers", "slope"]),
    "05_tsne_of_an_agent": (agent_checks, ["discounted", "distinct_share", "nearest_elsewhere"]),
    "06_occlusion": (occlusion_checks, ["worst_square", "smallest_square", "keyhole"]),
    "07_gradients_and_deconvolution": (attribution_checks, ["smooth_grad", "doubled", "grad_cam_map"]),
    "08_class_visualization": (visualization_checks, ["roughness", "jittered", "hybrid"]),
    "09_feature_inversion": (inversion_checks, ["error", "keep_largest", "chimera"]),
    "10_adversarial_images": (adversarial_checks, ["best_change", "border", "message", "within_mask"]),
    "11_deep_dream": (dream_checks, ["octave_sizes", "next_start", "guide_gradient"]),
    "12_neural_style": (style_checks, ["covariance", "shuffled", "keep_colours", "gram_gradient"]),
    "13_fast_neural_style": (fast_style_checks, ["instance_norm", "listeners", "flicker"]),
    "14_find_the_flaw": (flaw_checks, ["share_turned", "third_case", "mended"]),
}
ASK_A_NETWORK = {
    "smallest_square",
    "message",
    "within_mask",
    "doubled",
    "grad_cam_map",
    "hybrid",
    "preferred_orientation",
}  # exercises whose check hands the learner's function a network


def sources(lesson, kind):
    """What stands in the lesson's cells of this kind, but for the one that installs the course."""
    cells = nbformat.read(NOTEBOOKS / f"{lesson}.ipynb", as_version=4).cells
    return [c.source for c in cells if c.cell_type == kind and "install" not in c.metadata.get("tags", [])]


def solutions(lesson):
    """The code of each folded solution, by the name of the function that it defines."""
    text = "\n".join(sources(lesson, "markdown"))
    blocks = re.findall(r"<summary>Solution</summary>\s*```python\n(.*?)```", text, re.DOTALL)
    return {re.match(r"def (\w+)", block).group(1): block for block in blocks}


@pytest.mark.parametrize("lesson", EXERCISES)
def test_every_exercise_has_a_solution(lesson):
    assert sorted(solutions(lesson)) == sorted(EXERCISES[lesson][1])


@pytest.mark.parametrize("lesson, name", [(k, name) for k, (_, names) in EXERCISES.items() for name in names])
def test_the_solution_is_right_and_nothing_is_not(lesson, name, capsys):
    scope: dict = {}
    exec(sources(lesson, "code")[0], scope)  # the lesson's imports
    exec(solutions(lesson)[name], scope)
    capsys.readouterr()
    check = getattr(EXERCISES[lesson][0], name)
    more = [networks.load()] if name in ASK_A_NETWORK else []
    check(scope[name], *more)
    assert capsys.readouterr().out == "Right!\n"
    check(lambda *arguments: None, *more)
    assert capsys.readouterr().out == "Not yet: it returned nothing.\n"
    check(lambda *arguments: 1 / 0, *more)
    assert capsys.readouterr().out == "Not yet: it raised ZeroDivisionError: division by zero\n"


@pytest.mark.parametrize(
    "name, wrong, words",
    [
        ("worst_square", lambda p, tops, lefts: (tops[0], lefts[0]), "the least value stands at"),
        ("smallest_square", lambda *_: 3, "is the smallest"),
        ("keyhole", lambda picture, *_: picture, "outside the square"),
        ("keyhole", lambda picture, *_: filled(picture, "blur"), "inside the square"),
        ("keyhole", lambda picture, *_: picture[0], "shape"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(name, wrong, words, capsys):
    more = [networks.load()] if name == "smallest_square" else []
    getattr(occlusion_checks, name)(wrong, *more)
    assert words in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [lambda p, share: p, lambda p, share: 0.5, lambda p, share: 1 - share * p])
def test_fade_is_checked_at_both_ends(wrong, capsys):
    start_checks.fade(wrong)
    assert capsys.readouterr().out.startswith("Not yet: ")


@pytest.mark.parametrize(
    "name, wrong, words",
    [
        ("roughness", lambda picture: picture.diff(dim=3).abs().mean(), "a ramp in steps of 0.1"),
        ("roughness", lambda picture: 0.0484, "no gradient"),
        ("jittered", lambda picture, *_: picture, "only 1 of the 9"),
        ("jittered", lambda picture, *_: picture.roll(2, 2), "not the picture rolled"),
        (
            "jittered",
            lambda p, *_: p.roll(tuple(torch.randint(-1, 2, (2,)).tolist()), (2, 3)),
            "same generator",
        ),
        ("hybrid", lambda *_: torch.full((1, 3, 160, 160), 0.5), "of each are wanted"),
    ],
)
def test_a_wrong_class_image_is_told_what_is_wrong(name, wrong, words, capsys):
    more = [networks.load()] if name in ASK_A_NETWORK else []
    getattr(visualization_checks, name)(wrong, *more)
    assert words in capsys.readouterr().out


def once(gradient_of, picture, noise, count, generator):
    return gradient_of(picture + noise * torch.randn(picture.shape, generator=generator))


def summed(*arguments):
    return 50 * mean(*arguments)


def mean(gradient_of, picture, noise, count, generator):
    return torch.stack([once(gradient_of, picture, noise, count, generator) for _ in range(count)]).mean(0)


def even(gradient_of, picture, noise, count, generator):
    drawn = noise * torch.randn(count, generator=generator)
    return torch.stack([gradient_of(picture + one) for one in drawn]).mean(0)


def louder(gradient_of, picture, noise, *more):
    return mean(gradient_of, picture, 2 * noise, *more)


def sizes(gradient_of, *more):
    return mean(lambda picture: gradient_of(picture).abs(), *more)


def still(gradient_of, picture, noise, count, generator):
    return torch.stack([gradient_of(picture) for _ in range(count)]).mean(0)


@pytest.mark.parametrize(
    "name, wrong, words",
    [
        ("smooth_grad", once, "asked for 1 gradients"),
        ("smooth_grad", still, "draw new noise"),
        ("smooth_grad", even, "noise of its own"),
        ("smooth_grad", louder, "they vary by 0.40"),
        ("smooth_grad", sizes, "not the mean"),
        ("smooth_grad", summed, "not the mean"),
        ("smooth_grad", lambda *arguments: mean(*arguments)[0], "shape"),
        ("doubled", lambda network, picture, objective: picture, "double it"),
        ("doubled", lambda network, picture, objective: picture * 0.5, "a pixel moved by"),
        ("doubled", lambda network, picture, objective: picture + 0.5, "leave [0, 1]"),
        ("doubled", lambda network, picture, objective: picture[0], "shape"),
        ("grad_cam_map", lambda network, picture, layer, label: picture, "shape"),
        ("grad_cam_map", lambda *_: -torch.ones(1, 1, 14, 14), "positive"),
        ("grad_cam_map", lambda *_: torch.ones(1, 1, 14, 14), "not captum's"),
        ("grad_cam_map", lambda *arguments: 196 * grad_cam(*arguments), "times a constant"),
    ],
)
def test_a_wrong_map_is_told_what_is_wrong(name, wrong, words, capsys):
    more = [networks.load()] if name in ASK_A_NETWORK else []
    getattr(attribution_checks, name)(wrong, *more)
    assert words in capsys.readouterr().out


def grad_cam(network, picture, layer, label):
    cam = LayerGradCam(network, network.layer(layer))
    return cam.attribute(picture, network.class_index(label), relu_attributions=True).detach()


@pytest.mark.parametrize(
    "name, wrong, words",
    [
        ("how_grey", lambda filters: filters.mean(1).square().sum((1, 2)), "are right"),
        ("how_grey", lambda filters: 0.5, "5 numbers"),
        ("field_side", lambda layers: sum(kernel for kernel, _ in layers), "7 pixels a side"),
        ("preferred_orientation", lambda network, channel: 90, "it likes stripes at 135 best"),
        ("preferred_orientation", lambda network, channel: "90", "one number"),
        ("preferred_orientation", lambda network, channel: torch.ones(2), "one number"),
        ("preferred_orientation", lambda network, channel: [90], "one number"),
        ("preferred_orientation", lambda network, channel: float("nan"), "one number"),
    ],
)
def test_a_wrong_measure_of_a_filter_is_told_what_is_wrong(name, wrong, words, capsys):
    more = [networks.load()] if name in ASK_A_NETWORK else []
    getattr(filter_checks, name)(wrong, *more)
    assert words in capsys.readouterr().out


@pytest.mark.parametrize("kind", [float, np.int64, torch.tensor])
def test_an_orientation_may_be_any_kind_of_number(kind, capsys):
    liked = dict(zip(filter_checks.STRIPED, (90, 135, 45, 150), strict=True))
    filter_checks.preferred_orientation(lambda network, channel: kind(liked[channel]), networks.load())
    assert capsys.readouterr().out == "Right!\n"


def same(network, order):
    return network


def swapped(network, order):
    copy = deepcopy(network)
    first, _, last = copy
    first.weight.data, first.bias.data = first.weight.data[order], first.bias.data[order]
    last.weight.data = last.weight.data[:, order]
    return copy


def in_place(network, order):
    network[0].weight.data = network[0].weight.data[order]
    return network


@pytest.mark.parametrize(
    "name, wrong, words",
    [
        ("violation", lambda loss, a, b: 0.0, "above its chord"),
        ("violation", lambda loss, a, b: loss((a + b) / 2) - (loss(a) + loss(b)) / 2, "above its chord"),
        ("violation", lambda loss, a, b: torch.nan, "it says nan"),
        ("violation", lambda loss, a, b: torch.zeros(101), "one number"),
        ("times", lambda x, y: (x[0] * y[0], x[1] * y[1]), "is (-4, 8)"),
        ("times", lambda x, y: x[0] * y[0], "two numbers"),
        ("reordered", lambda network, order: swapped(network, torch.tensor(order).argsort()), "order[k]"),
        ("times", lambda x, y: (min(x[0] * y[1], x[1] * y[0]), x[1] * y[1]), "times"),
        ("reordered", same, "order[k]"),
        ("reordered", in_place, "work on a copy"),
        ("reordered", lambda network, order: torch.nn.Sequential(*network[:2]), "something else"),
    ],
)
def test_a_wrong_answer_about_surfaces_is_told_what_is_wrong(name, wrong, words, capsys):
    getattr(landscape_checks, name)(wrong)
    assert words in capsys.readouterr().out
