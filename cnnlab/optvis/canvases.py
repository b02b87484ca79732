"""Canvases: how the picture that climbs is held, and so which pictures are near and which are far.

The same gradient moves different numbers to different pictures. On a canvas of pixels each step may change
each pixel alone, and high frequencies win. A Fourier canvas holds the picture's spectrum, every frequency
scaled by 1 / f as in photographs; and colours can be held along the axes along which photographs' colours
vary. After Olah, Mordvintsev and Schubert, "Feature visualization", Distill 2017.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..pictures import PictureError, check

Shape = tuple[int, int, int, int]
STARTS = ("noise", "grey", "mean")
MEAN = (0.485, 0.456, 0.406)  # the mean colour of ImageNet's photographs
# Columns: the axes along which the colours of this package's photographs vary, each as long as its standard
# deviation, the longest made 1. First from dark to light, then from blue to orange, then from pink to green.
AXES = ((0.567, 0.254, 0.060), (0.571, 0.015, -0.114), (0.593, -0.257, 0.053))
# How near to black and white a picture is painted: where the sigmoid can be inverted, and where rounding does
# not push a value over the edge, from which no gradient brings it back.
EDGES = {"sigmoid": 1e-4, "clip": 4e-6}


class Canvas(nn.Module):
    """A batch of pictures (N, C, H, W) in [0, 1], held as numbers without bounds that can climb.

    Calling it gives the pictures, and gradients flow back to its one parameter, `held`. `paint` is the
    inverse: it makes the canvas show given pictures. `bounds` says how the numbers come to lie in [0, 1]:
    "sigmoid" squeezes them smoothly; "clip" cuts them off, and the gradient with them.
    """

    axes: Tensor

    def __init__(self, shape: Shape, colours: str | None, bounds: str) -> None:
        super().__init__()
        colours = colours or ("decorrelated" if shape[1] == 3 else "rgb")
        if bounds not in EDGES:
            raise ValueError(f'bounds is "sigmoid" or "clip", not {bounds!r}.')
        if colours not in ("rgb", "decorrelated"):
            raise ValueError(f'colours is "rgb" or "decorrelated", not {colours!r}.')
        if colours == "decorrelated" and shape[1] != 3:
            raise ValueError(f"decorrelated colours need 3 channels, and this canvas has {shape[1]}.")
        self.shape, self.bounds = shape, bounds
        self.register_buffer("axes", torch.tensor(AXES) if colours == "decorrelated" else torch.eye(shape[1]))
        self.held = nn.Parameter(torch.zeros(shape))

    def forward(self) -> Tensor:
        """The pictures (N, C, H, W) in [0, 1]."""
        values = torch.einsum("nchw,dc->ndhw", self.spread(self.held), self.axes)
        return values.sigmoid() if self.bounds == "sigmoid" else (values + 0.5).clamp(0, 1)

    @torch.no_grad()
    def paint(self, pictures: Tensor) -> None:
        """Show `pictures` (N, C, H, W), or one for all N; black and white become nearly so.

        Raises `PictureError` where they do not fit the canvas.
        """
        check(pictures, "the picture to start from")
        if pictures.shape[1:] != self.shape[1:] or len(pictures) not in (1, self.shape[0]):
            raise PictureError(
                f"the picture to start from is {tuple(pictures.shape)} and the canvas {self.shape}: "
                "make them equal, for example with pictures.fit(picture, size)."
            )
        pictures = pictures.to(self.held.device).expand(self.shape)
        edge = EDGES[self.bounds]
        inside = pictures.clamp(edge, 1 - edge)
        values = inside.logit() if self.bounds == "sigmoid" else inside - 0.5
        self.held.copy_(self.gather(torch.einsum("nchw,dc->ndhw", values, self.axes.inverse())))

    def spread(self, held: Tensor) -> Tensor:
        """What is held, as values of pixels (N, C, H, W); 0 is grey."""
        return held

    def gather(self, values: Tensor) -> Tensor:
        """The inverse of `spread`."""
        return values


class Fourier(Canvas):
    """A canvas that holds, for each frequency, a real and an imaginary part: (N, C, H, W // 2 + 1, 2).

    Each is worth 1 / f ** `decay` in the picture, so that a step of the same size everywhere draws what
    photographs are made of: large forms first. Values of standard deviation 1 give a picture's values
    about standard deviation 1, too, for a `decay` of 0 to 1.
    """

    scale: Tensor

    def __init__(self, shape: Shape, colours: str | None, bounds: str, decay: float) -> None:
        super().__init__(shape, colours, bounds)
        height, width = shape[2:]
        down, right = torch.fft.fftfreq(height), torch.fft.rfftfreq(width)
        frequency = (down[:, None] ** 2 + right**2).sqrt().clamp(min=1 / max(height, width))
        scale = (frequency**-decay)[..., None]  # (H, W // 2 + 1, 1)
        self.register_buffer("scale", scale / (2 * scale**2).mean().sqrt())
        self.held = nn.Parameter(torch.zeros(*shape[:2], *frequency.shape, 2))

    def spread(self, held: Tensor) -> Tensor:
        spectrum = torch.view_as_complex(held * self.scale)
        return torch.fft.irfft2(spectrum, s=self.shape[2:], norm="ortho")

    def gather(self, values: Tensor) -> Tensor:
        return torch.view_as_real(torch.fft.rfft2(values, norm="ortho")) / self.scale


def pixels(
    size: int | tuple[int, int] = 224, start: str | Tensor = "noise", *, batch: int = 1, channels: int = 3,
    colours: str | None = "rgb", bounds: str = "clip", contrast: float = 0.1, seed: int = 0,
) -> Canvas:  # fmt: skip
    """A canvas of `batch` pictures that holds every pixel by itself. For the arguments, see `fourier`."""
    canvas = Canvas((batch, channels, *_sides(size)), colours, bounds)
    return _start(canvas, start, contrast, seed)


def fourier(
    size: int | tuple[int, int] = 224, start: str | Tensor = "noise", *, batch: int = 1, channels: int = 3,
    colours: str | None = None, bounds: str = "sigmoid", contrast: float = 0.1, seed: int = 0,
    decay: float = 1.0,
) -> Canvas:  # fmt: skip
    """A canvas of `batch` pictures that holds their spectra, each frequency scaled by 1 / f ** `decay`.

    size: the side in pixels, or (height, width).
    start: "noise", drawn with `seed` in the numbers that the canvas holds, whose standard deviation is
        `contrast`; "grey"; "mean", ImageNet's mean colour; or pictures (1 or `batch`, C, H, W) in [0, 1].
    colours: "decorrelated" or "rgb", the axes along which colours are held; None takes the first where there
        are 3 channels.
    bounds: "sigmoid" or "clip", how they are kept in [0, 1].

    Raises ValueError for a word that is not one of these, `PictureError` for a start that does not fit.
    """
    canvas = Fourier((batch, channels, *_sides(size)), colours, bounds, decay)
    return _start(canvas, start, contrast, seed)


def _sides(size: int | tuple[int, int]) -> tuple[int, int]:
    height, width = (size, size) if isinstance(size, int) else size
    if min(height, width) < 1:
        raise ValueError(f"a canvas of {height} x {width} pixels holds no picture: give sides of 1 or more.")
    return height, width


def _start(canvas: Canvas, start: str | Tensor, contrast: float, seed: int) -> Canvas:
    if isinstance(start, Tensor):
        canvas.paint(start)
    elif start == "noise":
        drawn = torch.randn(canvas.held.shape, generator=torch.Generator().manual_seed(seed))
        canvas.held.data.copy_(contrast * drawn)
    elif start == "mean":
        mean = torch.tensor(MEAN if canvas.shape[1] == 3 else MEAN[:1])
        canvas.paint(mean.view(1, -1, 1, 1).expand(1, *canvas.shape[1:]))
    elif start != "grey":
        raise ValueError(f"start is one of {', '.join(STARTS)} or a picture, not {start!r}.")
    return canvas
