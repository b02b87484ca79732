"""One change for all pictures."""

from itertools import islice

import pytest
from small import linear, noise

from cnnlab.adversarial import LINF, Universal, added
from cnnlab.networks import answers


def test_one_change_for_all_climbs_within_eps():
    network, shown = linear((3, 16, 16)), noise(40, 3, 18, 20)
    held_out = noise(40, 3, 16, 16, seed=8)
    labels = answers(network, held_out)
    search = Universal(network, shown, 16, eps=0.2)
    *_, last = islice(search, 20)
    assert last.number == 19
    assert last.change.abs().max() <= 0.2
    fooled = (answers(network, added(held_out, last.change)) != labels).double().mean()
    coins = (2 * noise(1, 3, 16, 16, seed=9) - 1).sign() * 0.2
    random = (answers(network, added(held_out, coins)) != labels).double().mean()
    assert fooled > max(random, 0.3)
    assert LINF.size(last.change).item() == pytest.approx(0.2, abs=1e-5)


def test_a_square_that_is_larger_than_the_pictures_gets_a_sentence():
    with pytest.raises(ValueError, match="square of 30"):
        Universal(linear((3, 30, 30)), noise(2, 3, 20, 40), 30)
