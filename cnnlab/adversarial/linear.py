"""Why it works: what a change eta adds to a linear score is w.eta, and that grows with the dimension.

Goodfellow, Shlens and Szegedy 2015 (arXiv:1412.6572), section 3: under the max-norm, the change that raises
w.x most is eps * sign(w), and it raises it by eps * ||w||_1, so by eps times the dimension times the mean
size of the weights. A network is not linear, but along the gradient's sign its logits are nearly so.
Nor is one linear score like another, but what fools one network often fools the next (section 8).
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from ..networks import Network
from .attacks import Loss, cross_entropy


def gain(weights: Tensor, eps: float) -> Tensor:
    """The most that a change of max-norm `eps` can add to w.x, for weights (..., n): eps * ||w||_1, (...)."""
    return eps * weights.abs().sum(-1)


def alignment(change: Tensor, gradient: Tensor) -> Tensor:
    """(N,): what of the most that its max-norm allows a change (N, C, H, W) makes of a gradient, -1 to 1.

    The sign of the gradient has 1, its opposite -1; random changes in n dimensions have about 1 / sqrt(n).
    """
    change, gradient = change.flatten(1), gradient.flatten(1)
    most = change.abs().amax(1) * gradient.abs().sum(1)
    return (change * gradient).sum(1) / most.clamp_min(1e-30)


def loss_gradient(network: Network, pictures: Tensor, labels: Tensor, loss: Loss = cross_entropy) -> Tensor:
    """(N, C, H, W): the gradient of each picture's loss. The pictures may leave [0, 1]."""
    with torch.enable_grad():
        pictures = pictures.detach().requires_grad_()
        losses = loss(network.logits(network.normalise(pictures)), labels.to(network.device))
    return torch.autograd.grad(losses.sum(), pictures)[0]


def sign_step(network: Network, pictures: Tensor, labels: Tensor, eps: float) -> Tensor:
    """`pictures` (N, C, H, W) after one step of the fast gradient sign method, not cut at black and white.

    So the paper's experiments on digits have it. It may leave [0, 1]; `fast_gradient_sign` stays within.
    """
    return pictures + eps * loss_gradient(network, pictures, labels).sign()


@torch.no_grad()
def along(network: Network, picture: Tensor, change: Tensor, amounts: Tensor, batch: int = 16) -> Tensor:
    """(M, K): the logits at picture + amount * change, for each of the amounts (M,); outside [0, 1], too.

    `picture` and `change` are (1, C, H, W). The paper's figure 4 draws them for sign changes.
    """
    lines = [picture + part.view(-1, 1, 1, 1) * change for part in amounts.split(batch)]
    return torch.cat([network.logits(network.normalise(line)) for line in lines])


def straightness(amounts: Tensor, logits: Tensor) -> Tensor:
    """(K,): which share of each logit's variance over the amounts (M,) a straight line explains, 0 to 1."""
    amounts, logits = amounts.double(), logits.double()
    return torch.corrcoef(torch.cat([amounts[None], logits.T]))[0, 1:].square()


class Mistakes(NamedTuple):
    """How a network did: its `error`, the share of wrong labels, and its mean `confidence` in wrong ones."""

    error: float
    confidence: float


@torch.no_grad()
def mistakes(network: Network, pictures: Tensor, labels: Tensor) -> Mistakes:
    """Of pictures (N, C, H, W), which may leave [0, 1], with labels (N,). No mistake has confidence NaN."""
    sure, said = network.logits(network.normalise(pictures)).softmax(1).max(1)
    wrong = said != labels.to(said.device)
    return Mistakes(wrong.float().mean().item(), sure[wrong].mean().item())


class Transfer(NamedTuple):
    """`error[i, j]`: the share of wrong labels that network j gives to what was made on network i.

    `clean` (K,) is their error on the pictures as they were.
    """

    clean: Tensor  # (K,)
    error: Tensor  # (K, K)


def transfer(
    networks: Mapping[str, Network], pictures: Tensor, labels: Tensor, make: Callable[[Network], Tensor]
) -> Transfer:
    """How networks (K, by name) that take the same pictures (N, C, H, W) fare on those that `make(network)`
    makes for each of them; they may leave [0, 1]."""
    shown = [pictures, *map(make, networks.values())]
    clean, *error = ([mistakes(other, each, labels).error for other in networks.values()] for each in shown)
    return Transfer(torch.tensor(clean), torch.tensor(error))
