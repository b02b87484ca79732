"""A network keeps size and range, is what PyTorch's own layers make, and leaves no checkerboard."""

import pytest
import torch
from small import noise, one_sentence
from torch import nn

from cnnlab.pictures import PictureError
from cnnlab.style.fast import TransformerNet


@pytest.fixture(scope="module")
def transformer() -> TransformerNet:
    return TransformerNet(4, 1, seed=0).eval()


@torch.no_grad()
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 2), (20, 20), (21, 30), (37, 64), (64, 63)])
def test_any_size_is_kept(transformer, size):
    painted = transformer(noise(2, 3, *size))
    assert painted.shape == (2, 3, *size)
    assert painted.min() >= 0 and painted.max() <= 1 and painted.isfinite().all()


@torch.no_grad()
def test_each_picture_of_a_batch_is_painted_by_itself(transformer):
    both = noise(2, 3, 24, 28)
    assert torch.allclose(
        transformer(both), torch.cat([transformer(one) for one in both.split(1)]), atol=1e-6
    )


@torch.no_grad()
def test_groups_of_one_channel_are_instances(transformer):
    norm = nn.GroupNorm(6, 6)
    nn.init.normal_(norm.weight)
    reference = nn.InstanceNorm2d(6, affine=True)
    reference.load_state_dict(norm.state_dict())
    maps = noise(3, 6, 9, 7)
    assert torch.allclose(norm(maps), reference(maps), atol=1e-5)
    kinds = [type(layer) for layer in transformer.modules()]
    assert kinds.count(nn.GroupNorm) == kinds.count(nn.Conv2d) - 1
    assert all(
        layer.num_groups == layer.num_channels
        for layer in transformer.modules()
        if isinstance(layer, nn.GroupNorm)
    )


@torch.no_grad()
def test_light_and_contrast_do_not_matter_to_instance_norm(transformer):
    """Ulyanov et al.: the contrast of the photograph is taken away, as far as its borders allow."""
    photograph = noise(1, 3, 40, 40)
    faint = 0.5 + 0.3 * (photograph - 0.5)
    assert torch.allclose(transformer(photograph), transformer(faint), atol=2e-2)


def test_the_seed_draws_the_weights():
    weights = [TransformerNet(4, 1, seed=seed).layers[0][0].weight for seed in (0, 0, 1)]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])


def test_all_weights_learn():
    transformer = TransformerNet(4, 1)
    transformer(noise(1, 3, 24, 24)).square().sum().backward()
    assert all(weights.grad is not None for weights in transformer.parameters())


@pytest.mark.parametrize("bad", [torch.zeros(3, 8, 8), torch.full((1, 3, 8, 8), 2.0), noise(1, 1, 8, 8)])
def test_what_is_no_picture_gets_a_sentence(transformer, bad):
    with pytest.raises(PictureError) as caught:
        transformer(bad)
    assert one_sentence(caught.value)


def test_a_giant_picture_gets_a_sentence(transformer):
    with pytest.raises(PictureError, match=r"8000 x 6000 pixels.*max_side") as caught:
        transformer(torch.zeros(1).expand(1, 3, 6000, 8000))
    assert one_sentence(caught.value)


def checkerboard(pictures: torch.Tensor) -> float:
    """The share of a picture's power, without its mean, at periods of 2 and of 4 pixels, down and across."""
    power = torch.fft.fft2(pictures - pictures.mean((2, 3), keepdim=True)).abs().square().mean((0, 1))
    height, width = power.shape
    rows, columns = (torch.arange(0, side, side // 4) for side in (height, width))
    return (power[rows][:, columns].sum() / power.sum()).item()


class Transposed(nn.Module):
    """The control: the same network, enlarging by transposed convolutions, as Johnson et al. did."""

    def __init__(self, transformer: TransformerNet, seed: int) -> None:
        super().__init__()
        layers, generator = list(transformer.layers), torch.Generator().manual_seed(seed)
        for place in [k for k, layer in enumerate(layers) if isinstance(layer, nn.Upsample)]:
            old = layers[place + 1][0]
            new = nn.ConvTranspose2d(old.in_channels, old.out_channels, 3, 2, 1, output_padding=1)
            nn.init.kaiming_uniform_(new.weight, generator=generator)
            layers[place], layers[place + 1] = nn.Identity(), nn.Sequential(new, layers[place + 1][1])
        self.layers = nn.Sequential(*layers)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.layers(pictures - 0.5)


@torch.no_grad()
@pytest.mark.parametrize("seed", range(3))
def test_no_checkerboard_where_transposed_convolutions_leave_one(seed):
    """Even before training: Odena, Dumoulin and Olah 2016, figure "checkerboard artifacts at first"."""
    smooth = nn.functional.interpolate(noise(4, 3, 4, 4, seed=seed), (64, 64), mode="bicubic").clamp(0, 1)
    transformer = TransformerNet(8, 2, seed).eval()
    ours, theirs = (checkerboard(make(smooth)) for make in (transformer, Transposed(transformer, seed)))
    assert ours < 0.1 * theirs
