"""A rose window: petals and shards of coloured glass in lead, with the sun behind them.

Every piece is a number on a plan; lead lies wherever two numbers meet.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter
from scipy.spatial import cKDTree
from torch import Tensor

from .canvas import Array, finished, noise, palette, places

JEWELS = {
    "night": palette("#0d1f6e", "#1736a8", "#2b5bd0", "#10306b", "#4a1c78", "#1a7fb5"),
    "wine": palette("#a50f2d", "#d0202f", "#7a0f3f", "#e0492c"),
    "gold": palette("#f6b21b", "#ffd75a", "#f08019", "#ffe9a8"),
    "leaf": palette("#12805c", "#2fb07a", "#0d5f63", "#8fc93a"),
    "pale": palette("#bfe3ea", "#8fc7e8", "#f4efcf", "#d7b7e0"),
}
RINGS = (  # (from radius, to radius, pieces, pointed, glass): the petals, from the middle out
    (0.00, 0.055, 1, 0.0, "gold"),
    (0.055, 0.145, 8, 0.7, "wine"),
    (0.145, 0.200, 16, 0.0, "pale"),
    (0.200, 0.340, 16, 0.7, "leaf"),
    (0.340, 0.385, 32, 0.0, "gold"),
    (0.385, 0.475, 16, 0.5, "wine"),
    (0.475, 0.500, 48, 0.0, "pale"),
)
LEAD = 0.0050  # half the width of the lead between two pieces


def glass(size: int = 384, seed: int = 0) -> Tensor:
    """A stained-glass rose window, (1, 3, size, size) in [0, 1]."""
    rng = np.random.default_rng(seed)
    x, y = places(size)
    x, y = (part + 0.0035 * noise(x.shape, (16, 16), rng) for part in (x, y))  # cut by hand
    plan, kinds = _plan(x - 0.5, y - 0.5, rng)
    colours = np.stack([_piece(kind, rng) for kind in kinds])
    edge = _edges(plan)
    depth = distance_transform_edt(~edge) / len(plan)
    return finished(_lit(plan, depth, colours, rng))


def _plan(x: Array, y: Array, rng: np.random.Generator) -> tuple[Array, list[str]]:
    """(n, n): which piece lies where, and for each piece which glass it is of."""
    points = rng.uniform(-0.55, 0.55, (260, 2))
    for _ in range(2):  # even shards: each point goes to the middle of what is nearest to it
        spots = rng.uniform(-0.55, 0.55, (8000, 2))
        owner = cKDTree(points).query(spots)[1]
        count = np.maximum(np.bincount(owner, minlength=len(points)), 1)
        points = np.stack([np.bincount(owner, spots[:, i], len(points)) / count for i in (0, 1)], 1)
    plan = cKDTree(points).query(np.stack([x, y], 2))[1]
    kinds = [rng.choice(["night", "night", "night", "pale", "wine"]) for _ in points]
    distance, turn = np.hypot(x, y), np.arctan2(y, x) / (2 * np.pi) + rng.uniform()
    for low, high, pieces, pointed, kind in RINGS:
        part = np.mod(turn * pieces, 1) - 0.5  # -0.5 to 0.5 across a piece
        which = np.mod(np.floor(turn * pieces), pieces).astype(int)
        ring = (distance >= low) & (distance < high)
        up = (distance - low) / (high - low)
        plan = np.where(ring, len(kinds) + which, plan)
        kinds += [("night" if pointed else kind) for _ in range(pieces)]
        if pointed:  # a pointed petal, with a smaller one in it
            for scale, inner in ((1.0, kind), (0.55, "gold")):
                arch = (
                    scale * pointed * np.sqrt(np.clip(np.sin(np.pi * np.clip(up / scale, 0, 1) ** 0.8), 0, 1))
                )
                plan = np.where(ring & (np.abs(part) < 0.62 * arch), len(kinds) + which, plan)
                kinds += [inner] * pieces
    return plan, kinds


def _piece(kind: str, rng: np.random.Generator) -> Array:
    """(3,): the colour of one piece of this glass."""
    colour = JEWELS[kind][rng.integers(len(JEWELS[kind]))]
    return colour * rng.uniform(0.85, 1.15)


def _edges(plan: Array) -> Array:
    """(n, n): whether the piece to the right or below is another one."""
    edge = np.zeros(plan.shape, bool)
    edge[:, :-1] |= plan[:, 1:] != plan[:, :-1]
    edge[:-1] |= plan[1:] != plan[:-1]
    return edge


def _lit(plan: Array, depth: Array, colours: Array, rng: np.random.Generator) -> Array:
    """(n, n, 3): light through the glass, which is streaked, seedy, and dim along the lead."""
    shape = plan.shape
    streak = noise(shape, (14, 90), rng) * 0.6 + noise(shape, (70, 30), rng) * 0.5
    lean = rng.standard_normal(len(colours)).astype(np.float32)[plan]
    light = 0.98 + 0.10 * streak + 0.10 * lean * noise(shape, (12, 12), rng)
    light = light + 0.35 * np.clip(depth / 0.03, 0, 1) - 0.25 * np.exp(-((depth - LEAD) / 0.006))
    seeds = noise(shape, (190, 190), rng) > 2.4
    paint = (np.abs(np.mod(depth / 0.0135, 1) - 0.5) < 0.10) & (
        depth > 0.012
    )  # lines fired on, along the rim
    light = np.where(paint, 0.55 * light, light) + 0.25 * seeds
    pane = colours[plan] * light[..., None]
    pane = pane + 0.10 * np.clip(light - 1.05, 0, 1)[..., None]
    down, right = np.gradient(gaussian_filter(np.minimum(depth, LEAD), 1.2) / LEAD)
    came = 0.10 + 0.55 * np.clip((down + right) * 2, 0, 0.4) + 0.02 * streak
    return np.where((depth < LEAD)[..., None], came[..., None] * np.array([1.0, 1.02, 1.1]), pane)
