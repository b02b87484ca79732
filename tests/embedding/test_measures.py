"""Measures of trust: by hand, and against scikit-learn and scipy."""

import pytest
import torch
from scipy.stats import spearmanr
from sklearn.manifold import trustworthiness as sklearns
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from cnnlab.embedding import kept, knn_accuracy, neighbours, rank_correlation, trustworthiness

LINE = torch.tensor([[0.0], [1.0], [2.1], [10.0], [11.0], [12.1]])


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_neighbours_are_scikit_learns():
    codes = noise(50, 6)
    theirs = NearestNeighbors(n_neighbors=5).fit(codes).kneighbors(return_distance=False)
    assert torch.equal(neighbours(codes, 5), torch.from_numpy(theirs))


def test_points_that_belong_together_are_no_candidates():
    apart = torch.tensor([0, 0, 0, 1, 1, 1])
    assert neighbours(LINE, 1, apart).flatten().tolist() == [3, 3, 3, 2, 2, 2]


@pytest.mark.parametrize("k", [0, 6, 60])
def test_more_neighbours_than_there_are_get_a_sentence(k):
    with pytest.raises(ValueError, match=r"5 candidate.*take 1 to 5\."):
        neighbours(LINE, k)


@pytest.mark.parametrize("k", [1, 3])
def test_accuracy_is_that_of_scikit_learn_leaving_one_out(k):
    codes, labels = noise(60, 3), torch.arange(60) % 2
    codes[labels == 1] += 1.5
    theirs = cross_val_score(KNeighborsClassifier(k), codes.numpy(), labels.numpy(), cv=LeaveOneOut()).mean()
    assert knn_accuracy(codes, labels, k) == pytest.approx(theirs)


def test_a_map_that_is_the_codes_keeps_all_and_a_random_one_what_chance_keeps():
    codes = noise(400, 2)
    assert (kept(codes, 7 * codes) == 1).all()
    assert kept(codes, noise(400, 2, seed=9), k=20).mean().item() == pytest.approx(20 / 399, abs=0.02)


def test_a_map_of_a_line_that_is_cut_and_swapped_loses_only_at_the_cut():
    line = torch.arange(40.0)[:, None]
    swapped = torch.cat([line[20:] - 100, line[:20]])[:, [0, 0]]
    assert (kept(line, swapped.roll(20, 0), k=2)[5:15] == 1).all()


def test_trustworthiness_is_scikit_learns():
    codes = noise(60, 5)
    expected = sklearns(codes.numpy(), codes[:, :2].numpy(), n_neighbors=8)
    assert trustworthiness(codes, codes[:, :2], k=8) == pytest.approx(expected)
    with pytest.raises(ValueError, match="with 60 points take 1 to 29"):
        trustworthiness(codes, codes[:, :2], k=30)


def test_rank_correlation_is_scipys():
    a, b = noise(50), noise(50, seed=1)
    assert rank_correlation(a, b) == pytest.approx(spearmanr(a, b).statistic)
