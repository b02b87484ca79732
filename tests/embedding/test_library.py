"""openTSNE's maps: as good as scikit-learn's, repeatable, and for data that are hardly data."""

import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.manifold import TSNE

from cnnlab.embedding.affinities import affinities
from cnnlab.embedding.descent import divergence
from cnnlab.embedding.library import tsne


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def codes():
    return torch.from_numpy(load_digits().data[:600]).float()


def test_it_is_as_good_as_scikit_learns(codes):
    p = affinities(codes, 30)
    theirs = torch.from_numpy(TSNE(random_state=0).fit_transform(codes.numpy()))
    points = tsne(codes)
    assert points.shape == (600, 2) and points.dtype == torch.float32
    assert divergence(p, points) <= 1.02 * divergence(p, theirs)


def test_it_says_how_far_it_is(codes):
    seen = []
    points = tsne(codes[:200], watch=lambda *moment: seen.append(moment), every=50)
    assert [step for step, _, _ in seen] == list(range(50, 601, 50))
    assert seen[-1][1] < seen[0][1]
    assert (seen[-1][2] - points).abs().max() < 0.1  # the last iteration follows
    assert (seen[0][2] - points).abs().max() > 1  # each is a copy


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
