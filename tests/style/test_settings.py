"""Published weights in our units: the losses of CS231n and of Gatys, written out as they did, are ours."""

import pytest
import torch
from small import noise

from cnnlab import networks
from cnnlab.networks.probes import average_pooling
from cnnlab.optvis.inversion import code
from cnnlab.optvis.objectives import match
from cnnlab.optvis.regularisers import total_variation
from cnnlab.style import PUBLISHED, grams, match_style

SIZE = 64
CONTENT, STYLE, PAINTED = (noise(1, 3, SIZE, SIZE, seed=seed) for seed in range(3))


def untrained(name):
    """torchvision's network, with its own mean and deviation."""
    return networks.load(name, weights=None, seed=1)


def features(network, picture):
    """CS231n's extract_features: what each module of the network's features puts out."""
    found, x = [], (picture - network.mean) / network.std
    for module in network.module.features:
        x = module(x)
        found.append(x)
    return found


def cs231n(network, settings):
    """Their three losses, by name, of PAINTED."""
    content_weight, style_weights, tv_weight = settings
    shown, content, style = (features(network, picture) for picture in (PAINTED, CONTENT, STYLE))

    def gram_matrix(x):
        n, c, h, w = x.shape
        flat = x.view(n, c, h * w)
        return torch.matmul(flat, flat.transpose(1, 2)) / (h * w * c)

    layers = {
        f"features.{i}": weight * ((gram_matrix(shown[i]) - gram_matrix(style[i])) ** 2).sum().item()
        for i, weight in zip((1, 4, 6, 7), style_weights, strict=True)
    }
    x = (PAINTED - network.mean) / network.std
    down, right = x[:, :, 1:] - x[:, :, :-1], x[:, :, :, 1:] - x[:, :, :, :-1]
    tv = tv_weight * ((down**2).sum() + (right**2).sum())
    return {
        "content": content_weight * ((shown[3] - content[3]) ** 2).sum().item(),
        "tv": tv.item(),
        **layers,
    }


def ours(network, settings):
    """The three parts, by name, of PAINTED."""
    layer = settings.content_layer
    content = -settings.content * match(layer, code(network, CONTENT, layer))
    wanted = grams(network, STYLE, settings.layers)
    parts = {"content": content, "tv": settings.smooth * total_variation()}
    parts |= {name: -match_style(wanted, {name: weight}) for name, weight in settings.layers.items()}
    return {name: part.of(network, PAINTED).item() for name, part in parts.items()}


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("CS231n, Composition VII", (5e-2, (20000, 500, 12, 1), 5e-2)),
        ("CS231n, The Scream", (3e-2, (200000, 800, 12, 1), 2e-2)),
        ("CS231n, Starry Night", (6e-2, (300000, 1000, 15, 3), 2e-2)),
    ],
)
def test_cs231ns_loss_is_ours_but_for_one_factor(name, weights):
    network = untrained("squeezenet1_1")
    settings = PUBLISHED[name].settings(network, CONTENT, STYLE)
    assert sum(settings.layers.values()) == pytest.approx(1) and not settings.average
    theirs, found = cs231n(network, weights), ours(network, settings)
    factor = theirs["features.1"] / found["features.1"]
    for part in ("content", "features.4", "features.6", "features.7"):
        assert theirs[part] == pytest.approx(factor * found[part], rel=1e-4), part
    assert theirs["tv"] == pytest.approx(factor * found["tv"], rel=0.03)  # the border, and three deviations


def test_gatys_loss_is_ours_but_for_one_factor():
    network = untrained("vgg19")
    settings = PUBLISHED["Gatys et al."].settings(network, CONTENT, STYLE)
    with average_pooling(network):
        shown, content, style = (features(network, picture) for picture in (PAINTED, CONTENT, STYLE))
        found = ours(network, settings)
    assert settings.average and not settings.smooth
    theirs = {"content": 1e-3 / 2 * ((shown[22] - content[22]) ** 2).sum().item()}  # alpha = 1e-3, beta = 1
    for i in (1, 6, 11, 20, 29):
        f, a = shown[i][0].flatten(1), style[i][0].flatten(1)
        n, m = f.shape
        theirs[f"features.{i}"] = ((f @ f.T - a @ a.T) ** 2).sum().item() / (4 * n**2 * m**2) / 5
    factor = theirs["content"] / found["content"]
    for part, value in theirs.items():
        assert value == pytest.approx(factor * found[part], rel=1e-3), part
