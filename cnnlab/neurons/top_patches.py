"""What excites a neuron: the patches of many pictures that drive each channel of a network highest.

for index in top_patches(network, "photographs", file="top.safetensors"):
    print(f"{index.done:.0%}")                # stop whenever you like: what is done stays done
index.top("features.3", 17)                    # the nine best: picture, place, activation, receptive field
index.patches("features.3", 17)                # the nine patches (1, C, h, w)

One pass over the pictures serves all layers. Zeiler and Fergus 2014 (arXiv:1311.2901), figure 2, show the top
nine of a feature map; Yosinski et al. 2015 (arXiv:1506.06579) put them into a toolbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext, suppress
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import torch
import torch.nn.functional as F
from torch import Tensor

from ..arguments.names import unknown
from ..datasets.sources import Entry, begins_with, entries, stamp
from ..networks import Network, tensor_files
from ..networks.probes import activations
from ..networks.receptive_fields import Field, trace
from ..pictures import PictureError, fit

BATCH = 8  # pictures that go through the network together
KINDS = "activations", "places"  # of tensors in a file
WIDER = 64  # pixels: enough for the coarsest feature maps to become wider


class Peak(NamedTuple):
    """A channel's strongest answer to one picture: `activation` at (`row`, `column`) of its feature map.

    `picture` is the name, `number` counts the pictures from 0; `field` is what the neuron there sees, in
    pixels of the picture as the network saw it.
    """

    picture: str
    number: int
    row: int
    column: int
    activation: float
    field: Field


class TopPatches:
    """The index: for each channel of each layer, its `k` highest activations and where they are.

    At most one place a picture counts. `names` are the pictures seen so far, in order, `skipped` those among
    them that could not be read, each with the reason. `total` is the number of pictures, None if that is not
    known. `size` is the side of the square that the network saw of each, its own; see `pictures.fit`.
    """

    def __init__(self, network: Network, source: Any, layers: Iterable[str] | None, k: int) -> None:
        if not isinstance(k, int) or k < 1:
            raise ValueError(f"k is {k!r}: keep a whole number of patches, at least 1.")
        if isinstance(layers, str) or layers == []:
            raise ValueError(f"layers is {layers!r}: give a list of names, as ['features.3'].")
        self.network, self.source, self.k, self.size = network, source, k, network.size
        self._maps = self._sides(layers)
        self.layers = list(self._maps)
        self._tracing = trace(network.module, self._blank(self.size))
        known = entries(source)
        self.total = len(known) if isinstance(known, list) else None
        self.names: list[str] = []
        self.stamps: list[int] = []
        self.skipped: dict[str, str] = {}
        self.activations: dict[str, Tensor] = {}  # by layer: (channels, k at most), the highest first
        self.places: dict[str, Tensor] = {}  # (channels, k at most, 3): number of the picture, row, column

    @property
    def done(self) -> float:
        """The share of the pictures that have been seen, 0 while their number is not known."""
        return len(self.names) / self.total if self.total else 0.0

    def top(self, layer: str, channel: int) -> list[Peak]:
        """The strongest answers of a channel, the highest first: `k`, or one a picture if there are fewer.

        Where a channel behind a ReLU is silent, its activation is 0 and the place means nothing. Raises
        ValueError for a layer or channel that the index does not hold.
        """
        if layer not in self.activations:
            raise unknown("layer", layer, self.activations, "index.layers lists those of this index.")
        values, places = self.activations[layer], self.places[layer]
        if not 0 <= channel < len(values):
            raise ValueError(f"layer {layer!r} has no channel {channel}: take 0 to {len(values) - 1}.")
        found = zip(values[channel].tolist(), places[channel].tolist(), strict=True)
        return [
            Peak(self.names[number], number, row, column, value, self.field(layer, row, column))
            for value, (number, row, column) in found
            if value > -torch.inf
        ]

    def patches(self, layer: str, channel: int) -> list[Tensor]:
        """The patches (1, C, h, w) in [0, 1] that `top` tells of, cut out of the pictures, in its order.

        Their sizes are the neurons' receptive fields, smaller at the border. Raises `PictureError` where a
        picture is gone or is not the one that the index was made of.
        """
        entry_of = dict(enumerate(islice(entries(self.source), len(self.names))))
        peaks = self.top(layer, channel)
        return [peak.field.crop(self._again(peak, entry_of.get(peak.number))) for peak in peaks]

    def squares(self, layer: str, channel: int) -> list[Tensor]:
        """The `patches`, all of the size that a neuron inside the picture sees, so that they make even rows.

        Where a receptive field reaches beyond the border of the picture, there is pale grey.
        """
        size = self.largest_field(layer)
        pairs = zip(self.top(layer, channel), self.patches(layer, channel), strict=True)
        return [peak.field.complete(patch, *size) for peak, patch in pairs]

    def largest_field(self, layer: str) -> tuple[int, int]:
        """Height and width in pixels of what a neuron of the layer sees far from the border."""
        high, wide = self._maps[layer]
        rows = [self.field(layer, row, 0) for row in range(high)]
        columns = [self.field(layer, 0, column) for column in range(wide)]
        return max(f.bottom - f.top for f in rows), max(f.right - f.left for f in columns)

    def field(self, layer: str, row: int, column: int) -> Field:
        """What the neuron at (row, column) of a layer's maps sees; where unknown, the whole picture."""
        return self._tracing.field(layer, row, column) if self._tracing else Field(0, 0, self.size, self.size)

    @torch.no_grad()
    def _sides(self, layers: Iterable[str] | None) -> dict[str, list[int]]:
        """Height and width of the layers' feature maps (N, C, H, W); 1 and 1 for numbers (N, C).

        Other layers are left out if all are asked for (None), and raise ValueError otherwise. Some have maps
        with their channels last, as in ConvNeXt and Swin: their dimension 2 grows with the width of the
        picture. Networks for one size only are taken to have none of these.
        """
        names = list(dict.fromkeys(self.network.layers.names if layers is None else layers))

        def shapes(width: int) -> dict[str, list[int]]:
            with activations(self.network, *names, keep=lambda output: torch.tensor(output.shape)) as seen:
                self.network.logits(self._blank(width))
            return {name: shape.tolist() for name, shape in seen.items() if len(shape) in (2, 4)}

        first = wide = shapes(self.size)
        with suppress(Exception):  # whatever a network may raise for a picture of another size
            wide = shapes(self.size + WIDER)
        mapped = [n for n in names if n in first and first[n][:3] == wide.get(n, [])[:3]]
        if layers is not None and len(mapped) < len(names):
            other = min(set(names).difference(mapped))
            raise ValueError(f"layer {other!r} has no feature maps (N, C, H, W) here: take another.")
        return {name: first[name][2:] or [1, 1] for name in mapped}

    def _blank(self, width: int) -> Tensor:
        """A picture for the network, (1, C, size, width)."""
        return self.network.normalise(torch.zeros(1, self.network.mean.shape[1], self.size, width))

    def _again(self, peak: Peak, entry: Entry | None) -> Tensor:
        """The picture of a peak, as the network saw it."""
        if entry is None or entry[0] != peak.picture:
            raise PictureError(f"picture {peak.picture!r} is not there any more: put it back, or rebuild.")
        picture = entry[1]()
        if stamp(picture) != self.stamps[peak.number]:
            raise PictureError(f"picture {peak.picture!r} has changed since the index was made: rebuild it.")
        return self._fitted(picture)

    def _fitted(self, picture: Tensor) -> Tensor:
        picture = fit(picture, self.size)
        return picture if self.network.mean.shape[1] == 3 else picture.mean(1, keepdim=True)

    def add(self, group: list[Entry]) -> None:
        """Let the network see some more pictures. One that cannot be read is noted in `skipped`."""
        pictures: dict[int, Tensor] = {}
        stamps, skipped = [], {}
        for number, (name, get) in enumerate(group, len(self.names)):
            stamps.append(0)
            try:
                picture = get()
            except (PictureError, OSError) as error:
                skipped[name] = str(error)
                continue
            pictures[number], stamps[-1] = self._fitted(picture), stamp(picture)
        if pictures:
            self._look(pictures)  # first, so that an error leaves all as it was
        self.names += [name for name, _ in group]
        self.stamps += stamps
        self.skipped |= skipped

    @torch.no_grad()
    def _look(self, pictures: dict[int, Tensor]) -> None:
        """Compare each channel's best places in these pictures, by number, with those held."""
        with activations(self.network, *self.layers, keep=_peaks) as seen:
            self.network.logits(self.network.normalise(torch.cat(list(pictures.values()))))
        for name, peaks in seen.items():
            values, rows, columns = peaks.cpu()  # (channels, N) each
            places = torch.stack([torch.tensor(list(pictures)).expand(values.shape), rows, columns], 2).int()
            values = torch.cat([self.activations.get(name, values[:, :0]), values], 1)
            places = torch.cat([self.places.get(name, places[:, :0]), places], 1)
            order = values.argsort(dim=1, descending=True, stable=True)[:, : self.k]  # of equals the earlier
            self.activations[name] = values.gather(1, order)
            self.places[name] = places.gather(1, order[..., None].expand(-1, -1, 3))

    def save(self, file: Path) -> None:
        """Write the index to a safetensors file."""
        about = {"names": self.names, "stamps": self.stamps, "skipped": self.skipped}
        tensors = {f"{kind}/{name}": t for kind in KINDS for name, t in getattr(self, kind).items()}
        tensor_files.write(file, self._made | about, tensors)

    def load(self, file: Path) -> None:
        """Go on from what `save` wrote. ValueError says what does not fit; then nothing has changed."""
        about, tensors = tensor_files.read(file)
        names, stamps = about.get("names", []), about.get("stamps", [])
        about["of other pictures"] = not begins_with(self.source, names, stamps)
        for what, mine in (self._made | {"of other pictures": False}).items():
            if about.get(what) != mine:
                raise ValueError(f"{str(file)!r} was made {what}: give another file, or rebuild=True.")
        self.names, self.stamps, self.skipped = names, stamps, about["skipped"]
        for key, tensor in tensors.items():
            kind, name = key.split("/", 1)
            getattr(self, kind)[name] = tensor

    @cached_property
    def _made(self) -> dict[str, Any]:
        """What a file must agree with."""
        weights = [tensor.detach().cpu().float().numpy() for tensor in self.network.state_dict().values()]
        return {
            "for another network": [self.network.name, joblib.hash(weights)],
            "for other layers": self.layers,
            "for another number of patches": self.k,
            "for another size of pictures": self.size,
        }


def top_patches(
    network: Network, source: Any, layers: Iterable[str] | None = None, k: int = 9,
    file: str | Path | None = None, rebuild: bool = False,
) -> Iterator[TopPatches]:  # fmt: skip
    """Pass many pictures through `network` once, and keep each channel's `k` strongest answers.

    Yields the index at the start and after every few pictures: always the same one, further on. The last one
    is complete. Memory holds the index and one batch of pictures.

    source: a folder, {name: picture}, (name, picture) pairs or a data set, see `sources.entries`.
        A picture that cannot be read is left out; `index.skipped` names it.
    layers: names of layers; without them all that have feature maps (N, C, H, W) or numbers (N, C).
    file: where to keep the index, a safetensors file. It is written every few pictures, and a run that was
        interrupted goes on from it. A source may have grown at its end.
    rebuild: replace a file that is damaged or was made for another network, other layers or other pictures;
        otherwise ValueError says so.

    Raises `PictureError` where there are no pictures, and for the first one if none can be read.
    """
    index = TopPatches(network, source, layers, k)
    path = None if file is None else Path(file).expanduser()
    if path and isinstance(source, Iterator):
        raise PictureError("an iterator cannot be walked twice, so no file can go with it: give a list.")
    if path and path.exists():
        with suppress(ValueError) if rebuild else nullcontext():
            index.load(path)
    return _filling(index, path)


def _filling(index: TopPatches, path: Path | None) -> Iterator[TopPatches]:
    """`index`, after each batch of the pictures that it has not seen yet."""
    left = islice(entries(index.source), len(index.names), None)
    yield index
    while group := list(islice(left, BATCH)):
        index.add(group)
        if path:
            index.save(path)
        yield index
    index.total = len(index.names)
    if not index.activations:
        raise PictureError(next(iter(index.skipped.values()), "there are no pictures: give some."))


def _peaks(output: Tensor) -> Tensor:
    """(3, C, N): each channel's highest value in `output` (N, C, H, W) or (N, C), its row and its column."""
    maps = output[..., None, None] if output.ndim == 2 else output
    values, index = (found[..., 0, 0].T for found in F.adaptive_max_pool2d(maps, 1, return_indices=True))
    values = values.float().nan_to_num(-torch.inf, torch.inf, -torch.inf)
    return torch.stack([values, index // maps.shape[3], index % maps.shape[3]])
