"""The network in words: its equation, and PyTorch code that computes the same."""

from collections.abc import Sequence

from numpy import ndarray

from .network import Network

TERMS, LINES = 8, 24  # of an equation: what is longer is shortened, and says so
MODULES = {"relu": "nn.ReLU()", "tanh": "nn.Tanh()", "sigmoid": "nn.Sigmoid()", "linear": "nn.Identity()"}
LETTERS = {"x1": "x₁", "x2": "x₂", "x1^2": "x₁²", "x2^2": "x₂²", "x1*x2": "x₁x₂", "sin(x1)": "sin x₁",
           "sin(x2)": "sin x₂"}  # fmt: skip
LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def equation(network: Network) -> str:
    """One line for each unit, such as "a₁ = tanh(0.42 x₁ − 1.30 x₂ + 0.10)"; two decimals.

    Weights that are 0 are left out. More than 8 terms of a sum, or 24 lines, are shortened to a count.
    """
    names = network.names()
    lines = []
    for before, after, weights, biases, layer in zip(
        names, names[1:], network.weights, network.biases, network.layers, strict=False
    ):
        for column, name in enumerate(after):
            total = _sum([letter(source) for source in before], weights[:, column], biases[column])
            called = total if layer.activation == "linear" else f"{layer.activation}({total})"
            lines.append(f"{letter(name)} = {called}")
    if len(lines) > LINES:
        kept = LINES - 1
        lines = [*lines[:kept], f"… and {len(lines) - kept - 1} more units like these, up to", lines[-1]]
    return "\n".join(lines)


def code(network: Network) -> str:
    """Python that makes the same network in PyTorch, with the weights of now, and asks it at one point.

    It defines `predict(places)`: (N, 2) float64 to (N,). Numbers have nine digits.
    """
    names = ", ".join(_torch(name) for name in network.features)
    sizes = [len(network.features), *(layer.units for layer in network.layers)]
    modules = "".join(
        f"    nn.Linear({before}, {layer.units}), {MODULES[layer.activation]},\n"
        for before, layer in zip(sizes, network.layers, strict=False)
    )
    weights = "".join(f"    {_listed(values.T)},\n" for values in network.weights)
    biases = "".join(f"    {_listed(values)},\n" for values in network.biases)
    return f"""import torch
from torch import nn

network = nn.Sequential(
{modules}).double()
weights = [
{weights}]
biases = [
{biases}]
linears = [module for module in network if isinstance(module, nn.Linear)]
with torch.no_grad():
    for linear, weight, bias in zip(linears, weights, biases):
        linear.weight.copy_(torch.tensor(weight, dtype=torch.float64))
        linear.bias.copy_(torch.tensor(bias, dtype=torch.float64))


def predict(places):  # (N, 2) -> (N,)
    x1, x2 = places.double().unbind(1)
    with torch.no_grad():
        return network(torch.stack([{names}], dim=1)).squeeze(1)


print(predict(torch.tensor([[1.0, 2.0]])))
"""


def letter(name: str) -> str:
    """A feature's or a unit's name with small figures: x₁, a₁₂, y."""
    return LETTERS.get(name, name.translate(LOW))


def _sum(sources: Sequence[str], weights: ndarray, bias: float) -> str:
    """Terms with their signs."""
    terms = [(float(weight), f" {source}") for weight, source in zip(weights, sources, strict=True) if weight]
    more = len(terms) - TERMS
    if more > 1:
        terms = terms[:TERMS]
    words = [f"{_sign(weight)}{abs(weight):.2f}{source}" for weight, source in terms]
    if more > 1:
        words.append(f"+ … ({more} more terms)")
    if bias or not words:
        words.append(f"{_sign(bias)}{abs(bias):.2f}")
    return " ".join(words).removeprefix("+ ").replace("− ", "−", 1 if words[0].startswith("−") else 0)


def _sign(number: float) -> str:
    return "− " if number < 0 else "+ "


def _torch(name: str) -> str:
    return name.replace("^", " ** ").replace("*x", " * x").replace("sin", "torch.sin")


def _listed(values: ndarray) -> str:
    if values.ndim == 1:
        return "[" + ", ".join(f"{value:.9g}" for value in values.tolist()) + "]"
    return "[" + ", ".join(map(_listed, values)) + "]"
