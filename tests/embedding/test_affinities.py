"""Affinities: their perplexity, against openTSNE's and scikit-learn's, and on data that are hardly data."""

import math

import numpy as np
import pytest
import torch
from openTSNE.affinity import PerplexityBasedNN
from scipy.spatial.distance import pdist, squareform

from cnnlab.embedding.affinities import affinities, check, from_distances, squared_distances


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def conditional(p):
    """The perplexities that the rows of 2 N p have where p is symmetric to begin with, as on a ring."""
    rows = p * len(p)
    return torch.special.entr(rows).sum(1).exp()


def ring(count):
    angles = torch.arange(count) * (2 * math.pi / count)
    return torch.stack([angles.cos(), angles.sin()], 1)


def test_distances_are_scipys_and_zero_where_points_coincide():
    codes = torch.cat([noise(30, 7) + 100, noise(5, 7)[:1].repeat(3, 1) + 100])
    assert np.allclose(squared_distances(codes), squareform(pdist(codes.double().numpy(), "sqeuclidean")))
    assert (squared_distances(codes)[-3:, -3:] == 0).all()


@pytest.mark.parametrize("perplexity", [3, 5, 20, 38])
def test_on_a_ring_every_point_has_the_perplexity_that_was_asked_for(perplexity):
    p = affinities(ring(40), perplexity)
    assert torch.allclose(conditional(p), torch.tensor(float(perplexity)), rtol=1e-3)


def test_they_are_opentsnes_where_that_looks_at_all_neighbours():
    codes = noise(60, 10)
    theirs = PerplexityBasedNN(codes.double().numpy(), 12, k_neighbors=59, method="exact").P.toarray()
    assert np.allclose(affinities(codes, 12).numpy(), theirs, atol=2e-5 * theirs.max())


def test_they_are_symmetric_and_sum_to_one_with_nothing_on_the_diagonal():
    p = affinities(noise(50, 3), 7)
    assert p.dtype == torch.float32 and torch.equal(p, p.T) and (p >= 0).all()
    assert p.sum().item() == pytest.approx(1, abs=1e-5) and (p.diagonal() == 0).all()


def test_the_scale_of_codes_does_not_matter():
    codes = noise(40, 5)
    for scale in (1e-6, 1e6):
        assert torch.allclose(affinities(scale * codes, 8), affinities(codes, 8), atol=1e-7)


def test_one_far_outlier_keeps_its_perplexity():
    codes = noise(40, 3)
    codes[0] += 1e4
    assert affinities(codes, 5)[0].max() > 0.9 / 80 / 39  # half of its row, shared among its neighbours


def test_points_that_all_coincide_share_alike():
    p = affinities(torch.ones(10, 4), 3)
    assert torch.allclose(p + torch.eye(10) / 90, torch.full((10, 10), 1 / 90), atol=1e-7)


def test_more_copies_than_neighbours_that_count_share_alike():
    p = affinities(torch.cat([torch.zeros(20, 3), noise(20, 3) + 9]), 5)
    assert p.isfinite().all()
    assert torch.allclose(p[0, 1:20], p[0, 1].expand(19), rtol=1e-4)
    assert p[0, 20:].sum() < 0.02 * p[0].sum()


def test_two_points_have_one_neighbour_each():
    assert torch.allclose(affinities(torch.tensor([[0.0], [1.0]]), 1), torch.tensor([[0, 0.5], [0.5, 0]]))


@pytest.mark.parametrize("perplexity", [0.5, 10, math.nan, math.inf])
def test_a_perplexity_that_cannot_be_is_refused(perplexity):
    with pytest.raises(ValueError, match=r"with 10 points.*take 1 to 9\."):
        from_distances(squared_distances(noise(10, 2)), perplexity)


@pytest.mark.parametrize(
    "codes, words",
    [
        (torch.tensor([[1.0, math.nan], [0, 1], [math.inf, 0]]), "2 of 3 codes hold NaN or infinite"),
        (torch.zeros(1, 4), "at least 2"),
        (torch.zeros(0, 4), "at least 2"),
        (torch.zeros(4), r"\(N, D\)"),
        (torch.zeros(4, 0), r"\(N, D\)"),
    ],
)
def test_codes_that_cannot_be_mapped_get_a_sentence(codes, words):
    with pytest.raises(ValueError, match=words):
        check(codes)
