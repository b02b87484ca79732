"""The check of the exercise on newcomers tells a vote of several from the two ways that one stray spoils."""

import pytest
import torch

from cnnlab.embedding.checks import newcomers


def friends(codes, points, new, k):
    """(M, k, 2): where each newcomer's k nearest in code stand."""
    return points[torch.cdist(new, codes).topk(k, largest=False).indices]


@pytest.mark.parametrize(
    "answer, words",
    [
        (lambda *given: friends(*given, 5).median(1).values, "Right!"),
        (lambda *given: friends(*given, 9).median(1).values, "Right!"),
        (lambda *given: friends(*given, 5).mean(1), "between the islands"),
        (lambda *given: friends(*given, 1)[:, 0], "beside it: ask several"),
    ],
)
def test_newcomers(answer, words, capsys):
    newcomers(answer)
    assert words in capsys.readouterr().out
