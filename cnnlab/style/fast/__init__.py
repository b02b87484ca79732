"""Neural style in one pass: a small network for each style, trained on the perceptual loss.

painter = load_pretrained("oil")                        # pretrained_styles() lists those that ship
painter(pictures.read("panda"))                         # any size
for frame in stylise_clip(painter, "clip.gif", Film("painted.mp4")): ...

training = StyleTraining(TransformerNet(), PerceptualLoss(network, styles.read("oil", 256)))   # your own
for step in training: ...                                                       # stop when you like

After Johnson, Alahi and Fei-Fei, "Perceptual losses for real-time style transfer and super-resolution", ECCV
2016 (arXiv:1603.08155).
"""

from ..losses import PerceptualLoss
from .measures import compare_with_optimisation
from .network import TransformerNet
from .pretrained import load_pretrained, pretrained_styles, save_pretrained, stylise_clip
from .training import Muon, Photographs, StyleTraining, held_out

__all__ = [
    "Muon", "PerceptualLoss", "Photographs", "StyleTraining", "TransformerNet", "compare_with_optimisation",
    "held_out", "load_pretrained", "pretrained_styles", "save_pretrained", "stylise_clip",
]  # fmt: skip
