"""Three rules for what a ReLU does to the gradient that comes back to it, as one switch.

A ReLU puts out max(x, 0). Of a gradient g that comes back to it,

- "gradient" passes g where x > 0: the derivative (Simonyan, Vedaldi and Zisserman 2014, arXiv:1312.6034);
- "deconvnet" passes g where g > 0, whatever x was (Zeiler and Fergus 2014, arXiv:1311.2901);
- "guided" passes g where both are so (Springenberg et al. 2015, arXiv:1412.6806).

The rule is set on the graph that autograd recorded in one forward pass, not on the network. So a ReLU counts
however it was written (a module, `F.relu`, in place, one module used ten times), nothing is left on the
network, and no other thread is touched. The graph also says what else was computed: what has no rule is
refused.
"""

import re
from collections.abc import Iterable, Iterator

from torch import Tensor
from torch.autograd.graph import Node

RULES = ("gradient", "deconvnet", "guided")

# What every rule leaves as it is, by autograd's names: sums, products, copies, pooling, normalisation.
KEPT = frozenset(
    """
    Convolution Linear Addmm Addmv Mm Mv Bmm Baddbmm Add Sub Rsub Neg Mul Div Pow Sqrt Rsqrt Mean Sum Dot
    MaxPool2DWithIndices MaxPool2D AvgPool2D AvgPool3D AdaptiveAvgPool2D AdaptiveMaxPool2D
    NativeBatchNorm CudnnBatchNorm MiopenBatchNorm NativeLayerNorm NativeGroupNorm Softmax LogSoftmax
    View UnsafeView ReshapeAlias AsStrided Alias T Transpose Permute Squeeze Unsqueeze Expand Repeat Roll
    Flip Cat Stack Split SplitWithSizes Unbind Slice Select Index IndexSelect Clone Copy ToCopy
    ConstantPadNd ReflectionPad2D ReplicationPad2D PixelShuffle PixelUnshuffle
    UpsampleNearest2D UpsampleBilinear2D
    """.split()  # noqa: SIM905
)
NAMED = {"Mul": "a product with a mask", "Silu": "SiLU", "Gelu": "GELU", "Elu": "ELU",
         "Hardtanh": "Hardtanh (ReLU6)"}  # fmt: skip


def apply_rule(rule: str, outputs: Iterable[Tensor], name: str) -> None:
    """Set `rule`, one of `RULES`, on all ReLUs that `outputs` came through, until their graph is gone.

    Raises ValueError for another rule, and where the network called `name` computed something for which
    "deconvnet" and "guided" are not defined: another activation, or a ReLU in disguise, such as
    `x.clamp(min=0)` or `x * (x > 0)`.
    """
    if rule not in RULES:
        raise ValueError(f"rule {rule!r} is not known: choose one of {', '.join(RULES)}.")
    if rule == "gradient":
        return

    def positive(derivative: tuple[Tensor], arrived: tuple[Tensor]) -> tuple[Tensor]:
        return ((arrived if rule == "deconvnet" else derivative)[0].clamp(min=0),)

    for node in _nodes(outputs):
        kind = re.sub(r"^.*::|Backward\d*$", "", node.name())
        if kind == "Relu":
            node.register_hook(positive)
        elif (kind not in KEPT and node.next_functions) or (kind == "Mul" and _masks(node)):
            raise ValueError(
                f"{name} uses {NAMED.get(kind, kind)}, for which the rule {rule!r} is not defined: it is "
                "made for networks of ReLUs. Take rule='gradient', or a layer before that."
            )


def _masks(product: Node) -> bool:
    """Whether one of a product's factors holds just zeros and ones."""
    factors = (getattr(product, f"_saved_{side}", None) for side in ("self", "other"))
    return any(f is not None and f.numel() > 1 and bool(((f == 0) | (f == 1)).all()) for f in factors)


def _nodes(outputs: Iterable[Tensor]) -> Iterator[Node]:
    """All nodes of the graph that `outputs` came through, the last ones first."""
    waiting = [output.grad_fn for output in outputs]
    found = set()
    for node in waiting:
        if node is not None and node not in found:
            found.add(node)
            waiting += [before for before, _ in node.next_functions]
            yield node
