"""Loss surfaces: descents, many networks trained at once, slices, paths, and proofs by intervals."""

from .branch_and_bound import lipschitz_bound, minimise, one_neuron, rastrigin
from .contours import Map, contours
from .descents import OPTIMISERS, SURFACES, Surface, Walks
from .ensemble import Summary, summary, train
from .landscape import Plane, around, directions, loss_on, of_path, parameters_of, surfaces
from .mode_connectivity import Bezier, Curve, barrier, batch_loss, matched, straight
from .parallel import sweep

__all__ = [
    "OPTIMISERS",
    "SURFACES",
    "Bezier",
    "Curve",
    "Map",
    "Plane",
    "Summary",
    "Surface",
    "Walks",
    "around",
    "barrier",
    "batch_loss",
    "contours",
    "directions",
    "lipschitz_bound",
    "loss_on",
    "matched",
    "minimise",
    "of_path",
    "one_neuron",
    "parameters_of",
    "rastrigin",
    "straight",
    "summary",
    "surfaces",
    "sweep",
    "train",
]
