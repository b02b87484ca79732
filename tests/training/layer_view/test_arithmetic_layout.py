"""The sheet of one number: it grows stage by stage, and its numbers can be checked."""

import pytest

from cnnlab.datasets import picture_set
from cnnlab.training.layer_view.architecture import Architecture
from cnnlab.training.layer_view.arithmetic import SOFTMAX, LayerArrays
from cnnlab.training.layer_view.arithmetic_layout import ArithmeticSheet, fixed
from cnnlab.training.layer_view.learner import Learner, LearningSettings

TEXT = (
    "conv 5 3x3 pad 1\nbatchnorm\nrelu\npool 2\nconv 4 3x2 pad 1 stride 2\ntanh\navgpool 2\n"
    "dropout .5\ndense 9\nsigmoid\ndense 10"
)


def ink(sheet):
    """How much of a sheet is dark."""
    return sum(255 - level for level in sheet.image.convert("L").resize((64, 50)).tobytes())


def test_the_drawing_grows_with_each_stage():
    learner = Learner(picture_set("MNIST sample"), Architecture(TEXT))
    for _ in range(20):
        learner.step(LearningSettings())
    network, picture = learner.network, learner.data.test.pictures[:1]
    for layer in ("conv1", "relu1", "pool1", "avgpool1", "dense1", "dense2", SOFTMAX):
        look = LayerArrays(network, picture, layer)
        inks = [ink(ArithmeticSheet(look, (0, 0, 0), stage)) for stage in (1, 2, 3, 4)]
        assert inks == sorted(inks) and inks[0] < inks[-1], (layer, inks)


@pytest.mark.parametrize(
    "value, digits, sign, words",
    [
        (0.05, 5, "", "0.050"), (-2.3144, 5, "", "−2.314"), (123.456, 5, "", "123.46"),
        (1190, 5, "", "1190.0"), (2.5, 5, "+", "+2.500"), (-2.5, 5, "+", "−2.500"), (2.345, 3, "z", "2.35"),
        (-0.001, 3, "z", "0.00"), (34.56, 3, "z", "34.6"), (345.6, 3, "z", "346"), (34567.8, 3, "z", "34568"),
    ],
)  # fmt: skip
def test_numbers_with_so_many_digits(value, digits, sign, words):
    assert fixed(value, digits, sign) == words
