"""t-SNE step by step: its gradient, its divergence, and that it goes down, whatever is changed meanwhile.

openTSNE's maps: as good as scikit-learn's, repeatable, and for data that are hardly data.
"""

from itertools import islice

import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.manifold import TSNE

from cnnlab.embedding.affinities import affinities
from cnnlab.embedding.tsne import TSNESettings, divergence, start, tsne, tsne_steps


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def after(steps, settings):
    return next(islice(tsne_steps(settings), steps, None))


def two_clouds():
    return torch.cat([noise(30, 5), noise(30, 5, seed=1) + 20])


def by_hand(p, points):
    kernel = 1 / (1 + torch.cdist(points, points).square())
    kernel.fill_diagonal_(0)
    q = kernel / kernel.sum()
    off = ~torch.eye(len(p), dtype=torch.bool)
    return (p[off] * (p[off] / q[off]).log()).sum().item()


def test_the_divergence_is_the_formulas():
    p, points = affinities(noise(20, 4), 5).double(), noise(20, 2).double()
    assert divergence(p, points) == pytest.approx(by_hand(p, points), rel=1e-6)


def test_the_first_step_goes_against_autograds_gradient():
    codes = noise(25, 4)
    settings = TSNESettings(codes, perplexity=6, early=0, learning_rate=2.0)
    first, second = islice(tsne_steps(settings), 2)
    points, p = first.points.double().requires_grad_(), affinities(codes, 6).double()
    kernel = (1 + (points[:, None] - points).square().sum(2)).reciprocal() * (1 - torch.eye(25))
    loss = -(p * (kernel / kernel.sum() + torch.eye(25)).log()).sum()
    [gradient] = torch.autograd.grad(loss, points)
    gains = 1.2  # where the speed was 0, a gain grows by 0.2
    moved = second.points.double() - first.points
    expected = -2.0 * gains * gradient
    moved = moved - moved.mean(0)  # the map is centred at every step
    assert torch.allclose(moved, expected - expected.mean(0), rtol=1e-3, atol=1e-9)


def test_the_divergence_falls_and_the_step_says_it():
    steps = list(islice(tsne_steps(TSNESettings(two_clouds(), perplexity=10)), 301))
    assert [m.number for m in steps] == list(range(301))
    assert steps[-1].kl < 0.3 * steps[0].kl
    assert steps[-1].kl == pytest.approx(divergence(affinities(two_clouds(), 10), steps[-1].points), rel=1e-3)


def test_it_ends_as_low_as_scikit_learn():
    codes = torch.from_numpy(load_digits().data[:500]).float()
    p = affinities(codes, 30)
    theirs = torch.from_numpy(TSNE(random_state=0).fit_transform(codes.numpy()))
    assert divergence(p, after(500, TSNESettings(codes)).points) <= 1.02 * divergence(p, theirs)


def test_clouds_come_apart():
    points = after(200, TSNESettings(two_clouds(), perplexity=10)).points
    near = torch.cdist(points, points).fill_diagonal_(torch.inf).argmin(1)
    assert torch.equal(near < 30, torch.arange(60) < 30)


def test_settings_are_read_anew_and_the_map_goes_on_from_where_it_is():
    settings = TSNESettings(two_clouds(), perplexity=10)
    moving = tsne_steps(settings)
    before = next(islice(moving, 150, None))
    settings.codes, settings.perplexity = noise(60, 8, seed=3), 20.0
    changed = next(moving)
    assert changed.number == 151 and (changed.points - before.points).abs().max() < 10
    assert changed.kl == pytest.approx(divergence(affinities(settings.codes, 20), changed.points), rel=1e-3)
    assert next(islice(moving, 200, None)).kl < changed.kl


def test_exaggeration_begins_anew_with_other_codes():
    settings = TSNESettings(two_clouds(), perplexity=10, early=30)
    moving = tsne_steps(settings)
    assert [step.exaggerated for step in islice(moving, 40)] == [True] * 30 + [False] * 10
    settings.codes = noise(60, 8, seed=3)
    assert [step.exaggerated for step in islice(moving, 40)] == [True] * 30 + [False] * 10


def test_exaggeration_pulls_together():
    spread = {
        e: after(120, TSNESettings(two_clouds(), perplexity=10, exaggeration=e, early=120)).points.std()
        for e in (1.0, 8.0)
    }
    assert spread[8.0] < 0.5 * spread[1.0]


def test_the_seed_draws_the_start_and_nothing_else():
    codes = noise(20, 3)
    assert torch.equal(start(codes, 1), start(codes, 1)) and not torch.equal(start(codes, 1), start(codes, 2))
    again = [after(50, TSNESettings(codes, perplexity=5, seed=1)).points for _ in range(2)]
    assert torch.equal(*again)


@pytest.mark.parametrize("codes", [torch.ones(12, 3), torch.tensor([[0.0], [1.0]]), torch.zeros(3, 1)])
def test_hardly_any_data_still_make_a_map(codes):
    assert after(60, TSNESettings(codes, perplexity=1.0)).points.isfinite().all()


@pytest.mark.parametrize("rate", [3e4, 1e9])
def test_a_learning_rate_that_is_too_large_is_said(rate):
    with pytest.raises(ValueError, match="flew apart: take a smaller learning rate"):
        after(500, TSNESettings(two_clouds(), perplexity=10, learning_rate=rate))


def test_other_codes_must_have_as_many_points():
    settings = TSNESettings(noise(10, 3), perplexity=3)
    moving = tsne_steps(settings)
    next(moving)
    settings.codes = noise(11, 3)
    with pytest.raises(ValueError, match="10 points and the codes 11: start anew"):
        next(moving)


def test_a_perplexity_that_became_impossible_is_said():
    settings = TSNESettings(noise(10, 3), perplexity=3)
    moving = tsne_steps(settings)
    next(moving)
    settings.perplexity = 30
    with pytest.raises(ValueError, match="take 1 to 9"):
        next(moving)


@pytest.fixture(scope="module")
def codes():
    return torch.from_numpy(load_digits().data[:600]).float()


@pytest.mark.slow
def test_opentsnes_map_is_as_good_as_scikit_learns(codes):
    p = affinities(codes, 30)
    theirs = torch.from_numpy(TSNE(random_state=0).fit_transform(codes.numpy()))
    points = tsne(codes)
    assert points.shape == (600, 2) and points.dtype == torch.float32
    assert divergence(p, points) <= 1.02 * divergence(p, theirs)


def test_the_same_again_and_the_seed_only_counts_for_a_random_start(codes):
    few = codes[:150]
    assert torch.equal(tsne(few), tsne(few))
    one, two = (tsne(few, start="random", seed=seed) for seed in (1, 2))
    assert not torch.allclose(one, two, atol=1)


@pytest.mark.parametrize("count, width", [(2, 3), (3, 1), (5, 4), (40, 1), (40, 60)])
@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_few_points_and_every_possible_perplexity(count, width, share, capfd):
    points = tsne(noise(count, width), 1 + share * (count - 2))
    assert points.shape == (count, 2) and points.isfinite().all()
    assert not capfd.readouterr().out


def test_many_copies_of_one_point_are_no_trouble():
    assert tsne(torch.cat([torch.zeros(40, 3), noise(5, 3)]), 10).isfinite().all()


@pytest.mark.parametrize(
    "codes, perplexity, words",
    [
        (torch.ones(9, 3), 3, "All 9 codes are the same"),
        (noise(9, 3), 30, "take 1 to 8"),
        (noise(2, 3), 30, "take 1 to 1"),
        (torch.full((9, 3), torch.nan), 3, "9 of 9 codes hold NaN"),
        (noise(1, 3), 1, "at least 2"),
    ],
)
def test_what_cannot_be_mapped_gets_a_sentence(codes, perplexity, words):
    with pytest.raises(ValueError, match=words):
        tsne(codes, perplexity)


def test_a_start_that_is_not_there_gets_a_sentence():
    with pytest.raises(ValueError, match="take 'pca' or 'random'"):
        tsne(noise(9, 3), 3, start="zeros")
