"""The climb: it rises, repeats itself, obeys what is changed meanwhile, and stops in time.

Its L-BFGS against a hill whose top is known, and against the same with one call for many moves.
"""

from itertools import islice

import pytest
import torch
from small import convolutional, hooks, linear, noise, one_sentence
from torch import nn
from torch.optim import LBFGS

from cnnlab import networks, pictures
from cnnlab.optvis import ascent as module
from cnnlab.optvis.ascent import REACH, RULES, SCALE, Ascent, Climb, QuasiNewton
from cnnlab.optvis.canvases import Canvas, fourier, pixels
from cnnlab.optvis.objectives import NOTHING, Objective, channel, energy, logit, probability
from cnnlab.optvis.regularisers import (
    blur,
    clip_small_contribution,
    clip_small_norm,
    decay,
    l2,
    total_variation,
)
from cnnlab.optvis.transforms import jitter, rotate, scale, tint

MOVES = [jitter(3), scale(0.9, 1.1), rotate(10), tint(0.05)]
FAMILIES = {  # the smallest of each of torchvision's kinds of classifiers, at a size it takes
    "alexnet": 64, "convnext_tiny": 64, "densenet121": 64, "efficientnet_b0": 64, "efficientnet_v2_s": 64,
    "googlenet": 64, "inception_v3": 80, "maxvit_t": 224, "mnasnet0_5": 64, "mobilenet_v2": 64,
    "mobilenet_v3_small": 64, "regnet_x_400mf": 64, "regnet_y_400mf": 64, "resnet18": 64,
    "resnext50_32x4d": 64, "shufflenet_v2_x0_5": 64, "squeezenet1_0": 64, "squeezenet1_1": 64, "swin_t": 64,
    "swin_v2_t": 64, "vgg11": 64, "vgg11_bn": 64, "vit_b_32": 224, "wide_resnet50_2": 64,
}  # fmt: skip


def climb(steps: int = 4, **settings) -> Climb:
    given = {"network": convolutional(), "objective": logit("hen"), "canvas": fourier(32), **settings}
    return Ascent(**given).run(steps)


# --- it rises ---


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("channels", [1, 3])
def test_every_rule_climbs(rule, channels):
    step_size = {"gradient": 3.0, "momentum": 0.5, "lbfgs": 1.0}.get(rule, 0.01)
    network, canvas = convolutional(channels), pixels(32, channels=channels)
    result = climb(20, network=network, canvas=canvas, rule=rule, step_size=step_size)
    assert result.rose and result.before < result.after
    assert len(result.scores) == 21 and result.scores[-1] > result.scores[0]
    assert result.picture.shape == (1, channels, 32, 32)
    with torch.no_grad():
        logits = network(result.picture)
    assert result.after == pytest.approx(float(logits[0, 1]), rel=1e-5)


def test_a_wrong_sign_does_not_rise():
    assert not climb(5, step_size=-0.05).rose


def test_a_gradient_step_on_a_linear_network_is_its_weights():
    network, start = linear((1, 4, 5)), torch.full((1, 1, 4, 5), 0.5)
    weights = network.module[1].weight[1].view(1, 1, 4, 5) / 0.25
    canvas = pixels((4, 5), "grey", channels=1)
    result = climb(1, network=network, canvas=canvas, rule="gradient", step_size=0.01)
    torch.testing.assert_close(result.picture, start + 0.01 * weights)
    canvas = pixels((4, 5), "grey", channels=1)
    result = climb(1, network=network, canvas=canvas, rule="normalised", step_size=0.01)
    torch.testing.assert_close(result.picture, start + 0.01 * weights / weights.abs().mean())
    canvas = pixels((4, 5), "grey", channels=1)
    result = climb(1, network=network, canvas=canvas, rule="adam", step_size=0.01)
    torch.testing.assert_close(result.picture, start + 0.01 * weights.sign(), rtol=0, atol=1e-5)


def test_it_comes_to_the_top_of_a_hill_that_is_known():
    """A linear score w x less an L2 penalty is highest where its gradient w - 8 a (x - 0.5) / n is 0."""
    network = linear((1, 4, 5))
    weights = network.module[1].weight[1].view(1, 1, 4, 5) / 0.25
    strength = 200.0
    expected = 0.5 + weights / (8 * strength / 20)
    assert ((expected > 0.05) & (expected < 0.95)).all()
    canvas = pixels((4, 5), channels=1)
    result = climb(
        300, network=network, canvas=canvas, objective=logit("hen") - strength * l2(), rule="gradient",
        step_size=0.004,
    )  # fmt: skip
    torch.testing.assert_close(result.picture, expected, rtol=0, atol=1e-4)


def test_no_move_no_change():
    canvas = fourier(32)
    before = canvas().detach()
    result = climb(0, canvas=canvas)
    assert torch.equal(result.picture, before) and result.before == result.after and not result.rose


@pytest.mark.parametrize(("size", "channels"), [((1, 1), 3), ((1, 40), 3), ((37, 20), 1), ((33, 64), 3)])
@pytest.mark.parametrize("canvas", [pixels, fourier])
def test_pictures_of_any_shape_climb(canvas, size, channels):
    drawn = canvas(size, channels=channels, batch=2)
    result = climb(5, network=convolutional(channels), canvas=drawn, transforms=MOVES, objective=energy("0"))
    assert result.picture.shape == (2, channels, *size) and result.rose


def test_a_batch_climbs_as_each_would_alone():
    start = noise(2, 3, 32, 32)
    both = climb(3, canvas=pixels(32, start, batch=2), objective=logit(["hen", "panda"]))
    for i, label in enumerate(("hen", "panda")):
        alone = climb(3, canvas=pixels(32, start[i : i + 1]), objective=logit(label))
        torch.testing.assert_close(both.picture[i : i + 1], alone.picture, rtol=0, atol=1e-4)


def test_the_embedded_network_comes_to_see_what_was_asked_for():
    network = networks.load()
    canvas = fourier(96, seed=1)
    moves = [jitter(4), scale(0.9, 1.1), rotate(10)]
    result = climb(40, network=network, canvas=canvas, objective=logit("flamingo"), transforms=moves)
    assert result.rose and network(result.picture).argmax() == network.class_index("flamingo")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "size"), FAMILIES.items())
def test_every_family_of_torchvisions_classifiers_climbs(name, size):
    network = networks.load(name, weights=None, seed=1)
    for layer in network.modules():  # ViT's last layer starts at 0, and nothing flows through it
        if isinstance(layer, nn.Linear) and not layer.weight.any():
            layer.weight.copy_(noise(*layer.weight.shape) - 0.5)
    result = climb(2, network=network, canvas=fourier(size), objective=logit("flamingo"))
    assert len(result.scores) == 3 and result.picture.shape == (1, 3, size, size)
    assert torch.tensor(result.scores).isfinite().all() and hooks(network) == 0


# --- it repeats itself ---


def test_a_seed_gives_the_same_climb():
    first, again, other = (climb(6, transforms=MOVES, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(first.picture, again.picture) and first.scores == again.scores
    assert not torch.equal(first.picture, other.picture)
    before = torch.get_rng_state()
    climb(2, transforms=MOVES)
    assert torch.equal(before, torch.get_rng_state())


def test_pausing_changes_nothing():
    ascent = Ascent(convolutional(), logit("hen"), fourier(32))
    assert [step.number for step in islice(ascent, 4)] == [0, 1, 2, 3]  # three moves
    *_, last = islice(ascent, 4)
    assert last.number == 6
    torch.testing.assert_close(last.picture, climb(6).picture)


def test_yielded_pictures_do_not_change_later():
    ascent = Ascent(convolutional(), logit("hen"), pixels(32))
    steps = list(islice(ascent, 3))
    copies = [step.picture.clone() for step in steps]
    list(islice(ascent, 3))
    assert all(torch.equal(step.picture, copy) for step, copy in zip(steps, copies, strict=True))
    assert not any(step.picture.requires_grad for step in steps)


# --- it obeys what is changed meanwhile ---


def moved(**changes) -> tuple[torch.Tensor, torch.Tensor]:
    """The third picture and the one after it, where settings were changed in between."""
    ascent = Ascent(convolutional(), logit("hen"), fourier(32))
    steps = iter(ascent)
    third = [next(steps) for _ in range(3)][-1]
    for name, value in changes.items():
        setattr(ascent, name, value)
    fourth = next(steps)
    assert (third.number, fourth.number) == (2, 3)  # no new start
    return third.picture, fourth.picture


@pytest.mark.parametrize(
    "change",
    [
        {"step_size": 0.5},
        {"rule": "normalised"},
        {"after": [decay(0.5)]},
        {"after": [clip_small_contribution(50)]},
    ],
    ids=["step size", "rule", "decay", "contributions"],
)
def test_the_next_move_obeys(change):
    before, after = moved(**change)
    same, usual = moved()
    assert torch.equal(before, same) and not torch.allclose(after, usual, atol=1e-3)


def test_a_step_size_of_0_stands_still():
    before, after = moved(step_size=0.0)
    assert torch.equal(before, after)


@pytest.mark.parametrize(
    "change",
    [{"objective": logit("panda")}, {"objective": energy("0")}, {"transforms": [jitter(9)]},
     {"network": convolutional(seed=5)}],
    ids=["objective", "layer", "transforms", "network"],
)  # fmt: skip
def test_the_next_look_obeys(change):
    ascent = Ascent(convolutional(), logit("hen"), fourier(32))
    next(steps := iter(ascent))
    for name, value in change.items():
        setattr(ascent, name, value)
    second = next(steps)
    expected = Ascent(ascent.network, ascent.objective, fourier(32, second.picture), ascent.transforms)
    assert second.score == pytest.approx(next(iter(expected)).score, rel=1e-3)


def test_another_canvas_climbs_on():
    ascent = Ascent(convolutional(), logit("hen"), fourier(32))
    next(steps := iter(ascent))
    first, ascent.canvas = ascent.canvas, pixels(32)
    before = first().detach()
    climbed = list(islice(steps, 6))
    assert [step.number for step in climbed] == list(range(6)) and torch.equal(first(), before)
    assert climbed[-1].score > climbed[0].score


def test_another_objective_makes_lbfgs_forget_the_curvature():
    ascent = Ascent(convolutional(), logit("hen"), pixels(32), rule="lbfgs", step_size=1.0)
    steps = iter(ascent)

    def moves_met():
        return ascent._optimizer().state[ascent.canvas.held]["n_iter"]

    list(islice(steps, 8))
    assert moves_met() == 7
    ascent.objective = logit("panda")
    list(islice(steps, 2))  # the last move for the hen, the first for the panda
    assert moves_met() == 1


# --- operators ---


@pytest.mark.parametrize(
    "operator", [decay(0.3), blur(1.0, every=1), clip_small_norm(50), clip_small_contribution(50)]
)
@pytest.mark.parametrize("make", [pixels, fourier])
def test_operators_come_after_the_move(operator, make):
    plain, operated = Ascent(convolutional(), logit("hen"), make(32)), None
    list(islice(plain, 2))
    canvas = make(32)
    shown = canvas()
    network = convolutional()
    (gradient,) = torch.autograd.grad(network(shown)[:, 1].sum(), shown)
    operated = Ascent(network, logit("hen"), canvas, after=[operator])
    *_, last = islice(operated, 2)
    expected = operator(plain.canvas().detach(), gradient, 0)
    torch.testing.assert_close(last.picture, expected, rtol=0, atol=2e-4)


@pytest.mark.parametrize("make", [pixels, fourier])
def test_a_step_past_black_and_white_comes_back(make):
    canvas = make(32, bounds="clip", contrast=0.3)
    climb(3, canvas=canvas, rule="normalised", step_size=0.5)
    raw = torch.einsum("nchw,dc->ndhw", canvas.spread(canvas.held).detach(), canvas.axes)
    assert 0.49 < raw.abs().max() <= 0.5  # beyond, the gradient would be cut off


# --- it stops in time ---


def last_good(ascent: Ascent, says: str) -> None:
    """Climb until it stops with a sentence: the canvas must show the last picture that came out."""
    picture = None
    with pytest.raises(ValueError, match=says) as failed:
        for step in islice(ascent, 10):
            assert step.picture.isfinite().all()
            picture = step.picture
    assert one_sentence(failed.value)
    assert torch.equal(ascent.canvas(), picture) and hooks(ascent.network) == 0


class Poison(nn.Module):
    """Passes on what comes in for so many calls; then NaN flows back, or forth."""

    def __init__(self, calls: int, forth: bool) -> None:
        super().__init__()
        self.calls, self.forth = calls, forth

    def forward(self, x):
        self.calls -= 1
        if self.calls >= 0:
            return x
        return x * float("nan") if self.forth else x + 0 * (x - x.detach()).sqrt()


@pytest.mark.parametrize("forth", [True, False])
@pytest.mark.parametrize("make", [pixels, fourier])
def test_nan_out_of_the_network_stops_it(make, forth):
    network = convolutional()
    network.module.insert(0, Poison(3, forth))
    last_good(Ascent(network, logit("hen"), make(32)), "not a number any more")


@pytest.mark.parametrize("bounds", ["sigmoid", "clip"])
@pytest.mark.parametrize("make", [pixels, fourier])
@pytest.mark.parametrize(
    ("step_size", "says"),
    [(float("nan"), "step size is nan"), (float("inf"), "step size is inf"), (1e38, "too large")],
)
def test_a_step_size_that_cannot_be_stops_it(make, bounds, step_size, says):
    ascent = Ascent(convolutional(), logit("hen"), make(32, bounds=bounds))
    list(islice(ascent, 3))
    ascent.step_size = step_size
    last_good(ascent, says)
    ascent.step_size = 0.05  # and it goes on where it was
    assert ascent.run(5).rose


@pytest.mark.parametrize("objective", [NOTHING, 0 * logit("hen"), Objective(lambda seen: torch.ones(1))])
def test_nothing_to_climb_is_said(objective):
    last_good(Ascent(convolutional(), objective, fourier(32)), "No gradient reaches the picture")


def test_a_dead_relu_is_said():
    network = convolutional()
    network.module[0].bias -= 100
    last_good(Ascent(network, channel("1", 0), fourier(32)), "No gradient reaches the picture")


def test_a_dead_relu_can_be_woken():
    network = convolutional()
    network.module[0].bias.fill_(-0.3)
    ascent = Ascent(network, channel("1", 0), pixels(32, "grey"), step_size=0.1)
    last_good(ascent, "No gradient reaches the picture")
    ascent.wake = 10
    assert ascent.run(10).rose and hooks(network) == 0


def test_a_photograph_with_nan_is_turned_away():
    photograph = pictures.fit(pictures.read("panda"), 32)
    photograph[0, 1, 2, 3] = float("nan")
    with pytest.raises(ValueError, match="holds NaN"):
        fourier(32, photograph)


def test_an_operator_that_gives_nan_stops_it():
    ascent = Ascent(convolutional(), logit("hen"), fourier(32), after=[lambda p, g, step: p * float("nan")])
    with pytest.raises(ValueError, match="NaN"):
        ascent.run(2)
    assert ascent.canvas().isfinite().all()


def test_an_exception_in_the_network_leaves_no_hook():
    class Breaks(nn.Module):
        def forward(self, x):
            raise RuntimeError("the network fell over")

    network = convolutional()
    for place in (1, 7):
        network.module.insert(place, Breaks())
        with pytest.raises(RuntimeError, match="fell over"):
            climb(1, network=network, objective=energy("0") + probability("hen"))
        assert hooks(network) == 0
        del network.module[place]


def test_leaving_early_leaves_no_hook():
    network = convolutional()
    steps = iter(Ascent(network, energy("0"), fourier(32)))
    next(steps), next(steps)
    assert hooks(network) == 0
    steps.close()
    assert hooks(network) == 0


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"rule": "adams"}, "rule 'adams' is not known; near it: adam"),
        ({"objective": logit("flamingos")}, "near it: flamingo"),
        ({"objective": energy("30")}, "layer '30' is not known; near it: "),
        ({"network": convolutional(1)}, "looks at pictures with 1 channel"),
    ],
)
def test_what_is_not_known_is_said(settings, says):
    with pytest.raises(ValueError, match=says) as failed:
        climb(1, **settings)
    assert one_sentence(failed.value)


def test_layers_that_are_near_are_named():
    with pytest.raises(ValueError, match=r"near it: features\.3\.expand1x1, features\.3\.expand3x3"):
        climb(1, network=networks.load(), objective=energy("features.3.expand"))


# --- L-BFGS ---


def bowl(size: int = 12):
    """A positive definite matrix (size, size), its conditions 1 to 100, and where its bowl is lowest."""
    drawn = torch.randn(size, size + 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    turned = torch.linalg.qr(drawn[:, :size]).Q
    return turned * torch.logspace(0, 2, size, dtype=torch.float64) @ turned.T, drawn[:, size] / 10


def loss(held, matrix, lowest):
    away = held.flatten() - lowest
    return away @ matrix @ away / 2


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_it_comes_to_the_bottom_of_a_narrow_bowl_and_to_the_top_of_a_hill(sign):
    matrix, lowest = bowl()
    held = torch.zeros(3, 4, dtype=torch.float64, requires_grad=True)
    optimizer = QuasiNewton([held], maximize=sign < 0)
    for _ in range(80):
        optimizer.zero_grad()
        (sign * loss(held, matrix, lowest)).backward()
        optimizer.step()
    torch.testing.assert_close(held.detach().flatten(), lowest, rtol=0, atol=1e-4)


def test_a_gradient_for_each_move_leads_where_one_call_for_all_of_them_leads(monkeypatch):
    monkeypatch.setattr(module, "REACH", 10.0)  # torch's cuts no move short
    matrix, lowest = bowl()
    ours, theirs = (torch.zeros(12, dtype=torch.float64, requires_grad=True) for _ in range(2))
    first = QuasiNewton([ours])
    for _ in range(15):
        first.zero_grad()
        loss(ours, matrix, lowest).backward()
        first.step()

    second = LBFGS([theirs], max_iter=15, history_size=10, tolerance_grad=0.0, tolerance_change=0.0)

    def closure():
        second.zero_grad()
        scaled = SCALE * loss(theirs, matrix, lowest)
        scaled.backward()
        return scaled

    second.step(closure)
    torch.testing.assert_close(ours, theirs)
    assert loss(ours, matrix, lowest) < 0.1 * loss(torch.zeros_like(ours), matrix, lowest)


def test_no_move_goes_further_than_is_known():
    held = torch.zeros(4, requires_grad=True)
    optimizer = QuasiNewton([held], maximize=True)
    for _ in range(20):
        before = held.detach().clone()
        optimizer.zero_grad()
        (held.sum() + 0.1 * held.square().sum()).backward()  # a slope without a top
        optimizer.step()
        assert 0 < (held.detach() - before).min() <= (held.detach() - before).max() <= REACH + 1e-6


def test_it_moves_where_the_slope_is_faint():
    held = torch.full((4,), 0.5, requires_grad=True)
    optimizer = QuasiNewton([held])
    for _ in range(20):
        optimizer.zero_grad()
        (1e-6 * held.square().sum()).backward()
        optimizer.step()
    assert held.detach().abs().max() < 1e-3


# --- where it works ---


def test_it_climbs_where_the_network_is(gpu):
    network, canvas = convolutional().to(gpu), fourier(32)
    ascent = Ascent(network, logit("hen") - total_variation(), canvas, MOVES, after=[blur(0.5)])
    result = ascent.run(10)
    assert result.picture.device.type == gpu.type and isinstance(ascent.canvas, Canvas)
    settings = {"objective": logit("hen") - total_variation(), "transforms": MOVES, "after": [blur(0.5)]}
    torch.testing.assert_close(result.picture.cpu(), climb(10, **settings).picture, rtol=0, atol=0.02)
