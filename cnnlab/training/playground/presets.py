"""Starting points, each with a question to answer by playing."""

from typing import Any, NamedTuple


class Start(NamedTuple):
    """settings: what differs from the defaults of `Settings`. question: what to find out."""

    settings: dict[str, Any]
    question: str


PRESETS = {
    "A circle, drawn with lines": Start(
        {"data": "circle", "layers": "3", "rate": 0.1},
        "Each hidden unit can only draw one straight line. How many lines does a closed shape need? "
        "Try 2 units in the layer.",
    ),
    "Exclusive or, without a hidden layer": Start(
        {"data": "exclusive or", "layers": "", "features": ("x1*x2",)},
        "There is no hidden layer at all: what made the problem easy? Now choose x1 and x2 instead of x1*x2.",
    ),
    "Spiral": Start(
        {"data": "spiral", "layers": "8, 8", "pace": "ten epochs", "seed": 1},
        "It takes almost a thousand epochs. When do the arms appear, and which units of the second layer "
        "hold pieces of them?",
    ),
    "Underfit": Start(
        {"data": "spiral", "layers": "2", "rate": 0.1, "pace": "ten epochs"},
        "Both losses stay high, and more epochs do not help. What would: more points, or more units?",
    ),
    "Overfit": Start(
        {"data": "Gaussians", "layers": "16, 16", "rate": 0.1, "noise": 50, "train_share": 10, "count": 300,
         "pace": "ten epochs"},
        "The training loss falls and the test loss rises: where on the map does the network believe single "
        "points? Try L2 of 0.03, dropout, or a larger share of training points.",
    ),
    "Dead ReLUs": Start(
        {"data": "circle", "features": ("x1", "x2", "x1^2", "x2^2"), "layers": "8 relu, 8 relu",
         "rate": 1.0},
        "Crossed-out units are off at every point, so no gradient reaches them. Does a smaller step bring "
        "those of the first layer back now? Press Reset and try again with 0.03.",
    ),
    "Exploding step": Start(
        {"data": "plane", "layers": "", "rate": 0.18, "batch": 100, "count": 200, "pace": "one batch",
         "seed": 4},
        "The loss is a plain bowl that bends with the mean of x₁ squared, 12 here, and each step sees "
        "all points. Which step size does 2 / 12 predict for the border between learning and exploding? "
        "Find it.",
    ),
    "All weights zero": Start(
        {"data": "circle", "layers": "4", "start": 0.0, "rate": 0.1},
        "Every hidden unit starts the same. Why does none of them ever learn? What does a start of 0.1 do?",
    ),
}  # fmt: skip
