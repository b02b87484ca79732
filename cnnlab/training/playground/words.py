"""The network in words: its equation, and PyTorch code that computes the same."""

from collections.abc import Sequence

from numpy import ndarray

from .network import MLP

TERMS, LINES = 8, 24  # of an equation: what is longer is shortened, and says so
MODULES = {"relu": "ReLU", "tanh": "Tanh", "sigmoid": "Sigmoid", "linear": "Identity"}
FIGURES = str.maketrans("0123456789(", "₀₁₂₃₄₅₆₇₈₉ ", "*)")


def equation(network: MLP) -> str:
    """One line for each unit, such as "a₁ = tanh(0.42 x₁ − 1.30 x₂ + 0.10)"; two decimals.

    Weights that are 0 are left out. More than 8 terms of a sum, or 24 lines, are shortened to a count.
    """
    lines = []
    for layer, before, after, weights, biases in network.connections():
        for name, to_unit, bias in zip(after, weights.T, biases, strict=True):
            total = _sum([symbol(source) for source in before], to_unit, bias)
            total = total if layer.activation == "linear" else f"{layer.activation}({total})"
            lines.append(f"{symbol(name)} = {total}")
    if len(lines) > LINES:
        lines[LINES - 1 : -1] = [f"… and {len(lines) - LINES} more units like these, up to"]
    return "\n".join(lines)


def code(network: MLP) -> str:
    """Python that makes the same network in PyTorch, with the weights of now, and asks it at one point.

    It defines `predict(places)`: (N, 2) float64 to (N,). Numbers have nine decimals.
    """
    names = ", ".join(network.features).replace("^", "**").replace("sin", "torch.sin")
    modules, parameters = "", ""
    for at, (layer, _, _, weights, biases) in enumerate(network.connections()):
        modules += f"    nn.Linear({len(weights)}, {layer.units}), nn.{MODULES[layer.activation]}(),\n"
        for name, values in ((f"{2 * at}.weight", weights.T), (f"{2 * at}.bias", biases)):
            parameters += f'    "{name}": torch.tensor({values.round(9).tolist()}, dtype=torch.float64),\n'
    return f"""import torch
from torch import nn

network = nn.Sequential(
{modules}).double()
network.load_state_dict({{
{parameters}}})


def predict(places):  # (N, 2) -> (N,)
    x1, x2 = places.double().unbind(1)
    with torch.no_grad():
        return network(torch.stack([{names}], dim=1)).squeeze(1)


print(predict(torch.tensor([[1.0, 2.0]])))
"""


def symbol(name: str) -> str:
    """A feature's or a unit's name with small figures: x₁, x₁², x₁x₂, sin x₁, a₁₂, y."""
    return name.translate(FIGURES).replace("^₂", "²")


def _sum(sources: Sequence[str], weights: ndarray, bias: float) -> str:
    """Terms with their signs."""
    terms = [f"{weight:+.2f} {source}" for source, weight in zip(sources, weights, strict=True) if weight]
    if len(terms) > TERMS + 1:
        terms[TERMS:] = [f"+… ({len(terms) - TERMS} more terms)"]
    if bias or not terms:
        terms.append(f"{bias:+.2f}")
    first, *others = (term.replace("-", "−") for term in terms)
    return " ".join([first.removeprefix("+"), *(f"{term[0]} {term[1:]}" for term in others)])
