"""What a training must keep to go on exactly where it stopped, as tensors with names for `tensor_files`."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

Part = nn.Module | Optimizer | torch.Generator


def pack(**parts: Part) -> dict[str, Tensor]:
    """The weights of networks, the memory of optimisers and the state of generators, each under its name."""
    packed: dict[str, Tensor] = {}
    for name, part in parts.items():
        packed |= {".".join(filter(None, (name, key))): tensor for key, tensor in _tensors(part).items()}
    return packed


def unpack(tensors: dict[str, Tensor], **parts: Part) -> None:
    """Give `parts` what `pack` took from them; call it with the same names.

    ValueError says which part is not there, or does not fit.
    """
    for name, part in parts.items():
        own = {key[len(name) + 1 :]: tensor for key, tensor in tensors.items() if key.split(".")[0] == name}
        try:
            _fill(part, own)
        except (KeyError, RuntimeError, ValueError, TypeError, IndexError) as error:
            raise ValueError(
                f"the {name} of this checkpoint does not fit: it is of another network, or incomplete."
            ) from error


def _tensors(part: Part) -> dict[str, Tensor]:
    if isinstance(part, torch.Generator):
        return {"": part.get_state()}
    if isinstance(part, nn.Module):
        return dict(part.state_dict())
    memories = part.state_dict()["state"]
    return {f"{k}.{name}": tensor for k, memory in memories.items() for name, tensor in memory.items()}


def _fill(part: Part, tensors: dict[str, Tensor]) -> None:
    if isinstance(part, torch.Generator):
        part.set_state(tensors[""])
    elif isinstance(part, nn.Module):
        part.load_state_dict(tensors)
    else:
        state, weights = part.state_dict(), [one for group in part.param_groups for one in group["params"]]
        state["state"] = {}
        for key, tensor in tensors.items():
            number, _, name = key.partition(".")
            memory = state["state"].setdefault(int(number), {})
            memory[name] = _laid_out_as(weights[int(number)], tensor)
        part.load_state_dict(state)


def _laid_out_as(weight: Tensor, memory: Tensor) -> Tensor:
    """`memory` in the order in memory of its weight: fused optimisers walk through both side by side."""
    return torch.empty_like(weight).copy_(memory) if memory.shape == weight.shape else memory
