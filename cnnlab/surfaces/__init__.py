"""Loss surfaces: descents, many networks trained at once, slices, paths, and proofs by intervals."""

from .branch_and_bound import lipschitz_bound, minimise, one_neuron
from .contours import contours
from .descents import OPTIMISERS, TEST_FUNCTIONS, DescentSurface, Walks, rastrigin
from .ensemble import he_start, loss_summary, sweep, train_ensemble
from .mode_connectivity import Bezier, barrier, batch_loss, matched, straight
from .slices import Plane, around, directions, loss_on, loss_surfaces, parameters_of, path_plane

__all__ = [
    "OPTIMISERS", "TEST_FUNCTIONS", "Bezier", "DescentSurface", "Plane", "Walks", "around", "barrier",
    "batch_loss", "contours", "directions", "he_start", "lipschitz_bound", "loss_on", "loss_summary",
    "loss_surfaces", "matched", "minimise", "one_neuron", "parameters_of", "path_plane", "rastrigin",
    "straight", "sweep", "train_ensemble",
]  # fmt: skip
