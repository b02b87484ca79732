"""The script that trains styles: resumed it is as if it had not stopped."""

from itertools import islice

import pytest
import torch
from small import convolutional, noise
from train_styles import resume, save

from cnnlab.style.fast import PerceptualLoss, Photographs, StyleTraining, TransformerNet


def training(width: int = 4, seed: int = 3) -> StyleTraining:
    goal = PerceptualLoss(convolutional(), noise(1, 3, 48, 48), {"1": 1.0}, content="1")
    photographs = Photographs({f"photograph {k}": noise(1, 3, 48, 64, seed=k) for k in range(4)})
    return StyleTraining(TransformerNet(width, 1), goal, photographs, size=24, seed=seed)


def weights(training: StyleTraining) -> torch.Tensor:
    return torch.cat([one.detach().flatten() for one in training.transformer.parameters()])


def test_resumed_it_is_as_if_it_had_not_stopped(tmp_path):
    whole, first, second = training(), training(), training(seed=0)
    list(islice(whole, 6))
    list(islice(first, 4))
    save(first, tmp_path / "runs" / "stop.pt", {"words": "so far", "curve": [[1, 0.5]]})
    assert [file.name for file in (tmp_path / "runs").iterdir()] == ["stop.pt"]
    list(islice(second, 1))  # whatever it did before is gone
    assert resume(second, tmp_path / "runs" / "stop.pt") == {"words": "so far", "curve": [[1, 0.5]]}
    assert second.number == 4
    list(islice(second, 2))
    assert torch.equal(weights(whole), weights(second))


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    save(training(), tmp_path / "stop.pt", {})
    with pytest.raises(RuntimeError, match="size mismatch"):
        resume(training(width=6), tmp_path / "stop.pt")
