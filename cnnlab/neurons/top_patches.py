"""What excites a neuron: the patches of many pictures that drive each channel of a network highest.

for index in top_patches(network, "photographs", file="top.safetensors"):
    print(f"{index.done:.0%}")                # stop whenever you like: what is done stays done
index.top("features.3", 17)                    # the nine best: picture, place, activation, receptive field
index.patches("features.3", 17)                # the nine patches (1, C, h, w)

One pass over the pictures serves all layers. Zeiler and Fergus 2014 (arXiv:1311.2901), figure 2, show the top
nine of a feature map; Yosinski et al. 2015 (arXiv:1506.06579) put them into a toolbox.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..arguments.names import unknown
from ..datasets.sources import Entry, begins_with, entries, stamp
from ..networks import Network, tensor_files
from ..networks.probes import activations
from ..networks.receptive_fields import Field, Tracing, trace
from ..pictures import PictureError, fit

BATCH = 8  # pictures that go through the network together
EVERY = 64  # pictures between two times that the file is written
WIDER = 64  # pixels: enough for the coarsest feature maps to become wider
REMEDY = "give another file, or rebuild=True to make this one anew."


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
    known. `size` is the side of the square that the network saw of each, see `pictures.fit`.
    """

    def __init__(
        self, network: Network, source: Any, layers: Iterable[str] | None, k: int, size: int
    ) -> None:
        if not isinstance(k, int) or k < 1:
            raise ValueError(f"k is {k!r}: keep a whole number of patches, at least 1.")
        if not isinstance(size, int) or size < 1:
            raise ValueError(f"size is {size!r}: give a whole number of pixels above 0.")
        self.network, self.source, self.k, self.size = network, source, k, size
        if isinstance(layers, str) or layers == []:
            raise ValueError(f"layers is {layers!r}: give a list of names, as ['features.3'].")
        asked = self._mapped() if layers is None else list(dict.fromkeys(layers))
        across = self._across(asked)
        if layers is not None and across:
            raise ValueError(_no_maps(min(across)))
        self.layers = [name for name in asked if name not in across]
        known = entries(source)
        self.total = len(known) if isinstance(known, list) else None
        self.names: list[str] = []
        self.stamps: list[int] = []
        self.skipped: dict[str, str] = {}
        self.activations: dict[str, Tensor] = {}  # (channels, k) by layer, the highest first, -inf for none
        self.places: dict[str, Tensor] = {}  # (channels, k, 3): number of the picture, row, column

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
        return [
            Peak(self.names[number], number, row, column, value, self.field(layer, row, column))
            for value, (number, row, column) in zip(
                values[channel].tolist(), places[channel].tolist(), strict=True
            )
            if value > -torch.inf
        ]

    def patches(self, layer: str, channel: int) -> list[Tensor]:
        """The patches (1, C, h, w) in [0, 1] that `top` tells of, cut out of the pictures, in its order.

        Their sizes are the neurons' receptive fields, smaller at the border. Raises `PictureError` where a
        picture is gone or is not the one that the index was made of.
        """
        peaks = self.top(layer, channel)
        wanted = {peak.number for peak in peaks}
        last = max(wanted, default=-1)
        found = {i: entry for i, entry in enumerate(islice(entries(self.source), last + 1)) if i in wanted}
        return [peak.field.crop(self._again(peak, found.get(peak.number))) for peak in peaks]

    def squares(self, layer: str, channel: int) -> list[Tensor]:
        """The `patches`, all of the size that a neuron inside the picture sees, so that they make even rows.

        Where a receptive field reaches beyond the border of the picture, there is pale grey.
        """
        height, width = self.largest_field(layer)
        return [
            peak.field.complete(patch, height, width)
            for peak, patch in zip(self.top(layer, channel), self.patches(layer, channel), strict=True)
        ]

    def largest_field(self, layer: str) -> tuple[int, int]:
        """Height and width in pixels of what a neuron of the layer sees far from the border."""
        node = self._tracing.node_of(layer) if self._tracing else None
        shape = self._tracing.shapes[node] if self._tracing and node else torch.Size([1, 1])
        high, wide = shape[2:] if len(shape) == 4 else (1, 1)
        rows = [self.field(layer, row, 0) for row in range(high)]
        columns = [self.field(layer, 0, column) for column in range(wide)]
        return max(f.bottom - f.top for f in rows), max(f.right - f.left for f in columns)

    def field(self, layer: str, row: int, column: int) -> Field:
        """What the neuron at (row, column) of a layer's maps sees; where unknown, the whole picture."""
        if self._tracing is None:
            return Field(0, 0, self.size, self.size)
        return self._tracing.field(layer, row, column)

    @cached_property
    def _tracing(self) -> Tracing | None:
        return trace(self.network.module, self._blank(self.size, self.size))

    def _mapped(self) -> list[str]:
        """All layers whose output has the form of feature maps (N, C, H, W) or of numbers (N, C)."""
        return [layer.name for layer in self.network.layers if len(layer.shape) in (1, 3)]

    @torch.no_grad()
    def _across(self, layers: list[str]) -> set[str]:
        """Those with their channels last, as ConvNeXt and Swin have some: dimension 2 grows with the width.

        Networks for one size only are taken to have none.
        """
        height, width = self.size, self.size + WIDER
        with activations(self.network, *layers, keep=lambda output: torch.tensor(output.shape)) as seen:
            self.network.logits(self._blank(height, height))
            square = dict(seen)
            try:
                self.network.logits(self._blank(height, width))
            except Exception:  # whatever a network may raise for a picture of another size
                return set()
        return {name for name in square if len(seen[name]) == 4 and seen[name][2] != square[name][2]}

    def _blank(self, height: int, width: int) -> Tensor:
        return self.network.normalise(torch.zeros(1, self.network.mean.shape[1], height, width))

    def _again(self, peak: Peak, entry: Entry | None) -> Tensor:
        """The picture of a peak, as the network saw it."""
        if entry is None or entry[0] != peak.picture:
            raise PictureError(
                f"the picture {peak.picture!r} is not there any more: put it back, or rebuild."
            )
        picture = entry[1]()
        if stamp(picture) != self.stamps[peak.number]:
            raise PictureError(
                f"the picture {peak.picture!r} has changed since the index was made: rebuild it."
            )
        return self._fitted(picture)

    def _fitted(self, picture: Tensor) -> Tensor:
        picture = fit(picture, self.size)
        return picture if self.network.mean.shape[1] == 3 else picture.mean(1, keepdim=True)

    def add(self, group: list[Entry]) -> None:
        """Let the network see some more pictures. One that cannot be read is noted in `skipped`."""
        pictures, numbers, stamps, skipped = [], [], [], {}
        for number, (name, get) in enumerate(group, len(self.names)):
            try:
                picture = get()
            except (PictureError, OSError) as error:
                skipped[name] = str(error)
                stamps.append(0)
                continue
            pictures.append(self._fitted(picture))
            numbers.append(number)
            stamps.append(stamp(picture))
        found = self._look(torch.cat(pictures), torch.tensor(numbers)) if pictures else {}
        for name, (values, places) in found.items():  # only now, so that an error leaves all as it was
            self.activations[name], self.places[name] = values, places
        self.names += [name for name, _ in group]
        self.stamps += stamps
        self.skipped |= skipped

    @torch.no_grad()
    def _look(self, pictures: Tensor, numbers: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
        """The highest activations and their places after `pictures` (N, C, size, size), by layer."""
        with activations(self.network, *self.layers, keep=_peaks) as seen:
            self.network.logits(self.network.normalise(pictures))
        found = {}
        for name in self.layers:
            if name not in seen:
                raise ValueError(f"layer {name!r} is not used by {self.network.name}: take another.")
            if not len(seen[name]):
                raise ValueError(_no_maps(name))
            values, *place = seen[name].cpu()  # (N, channels) each
            places = torch.stack([numbers[:, None].expand(values.shape), *place], 2).int()
            found[name] = self._merged(name, values.T, places.transpose(0, 1))
        return found

    def _merged(self, name: str, values: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        """The `k` best of those held and new `values` (channels, N) at `places` (channels, N, 3)."""
        if name not in self.activations:
            best = torch.full((len(values), self.k), -torch.inf)
            where = torch.full((len(values), self.k, 3), -1, dtype=torch.int32)
        else:
            best, where = self.activations[name], self.places[name]
        values, places = torch.cat([best, values], 1), torch.cat([where, places], 1)
        order = values.argsort(dim=1, descending=True, stable=True)  # of equals the earlier picture first
        order = order[:, : self.k]
        return values.gather(1, order), places.gather(1, order[..., None].expand(-1, -1, 3))

    def save(self, file: Path) -> None:
        """Write the index to a safetensors file."""
        about = {"made for": self._made_for, "names": self.names, "stamps": self.stamps}
        tensors = {f"activations/{name}": values for name, values in self.activations.items()}
        tensors |= {f"places/{name}": places for name, places in self.places.items()}
        tensor_files.write(file, {**about, "skipped": self.skipped}, tensors)

    def load(self, file: Path) -> None:
        """Go on from what `save` wrote. ValueError says what does not fit; then nothing has changed."""
        about, tensors = tensor_files.read(file)
        for what, mine in self._made_for.items():
            if about.get("made for", {}).get(what) != mine:
                raise ValueError(f"{str(file)!r} was made for {what} than this run: {REMEDY}")
        if not begins_with(self.source, about["names"], about["stamps"]):
            raise ValueError(f"{str(file)!r} was made of other pictures: {REMEDY}")
        self.names, self.stamps, self.skipped = about["names"], about["stamps"], about["skipped"]
        for key, tensor in tensors.items():
            kind, name = key.split("/", 1)
            (self.activations if kind == "activations" else self.places)[name] = tensor

    @cached_property
    def _made_for(self) -> dict[str, Any]:
        """What a file must agree with."""
        weights = hashlib.blake2b(digest_size=16)
        for tensor in self.network.state_dict().values():
            weights.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
        return {
            "another network": [self.network.name, weights.hexdigest()],
            "other layers": self.layers,
            "another number of patches": self.k,
            "another size of pictures": self.size,
        }


def top_patches(
    network: Network,
    source: Any,
    layers: Iterable[str] | None = None,
    k: int = 9,
    size: int | None = None,
    file: str | Path | None = None,
    rebuild: bool = False,
) -> Iterator[TopPatches]:
    """Pass many pictures through `network` once, and keep each channel's `k` strongest answers.

    Yields the index at the start and after every few pictures: always the same one, further on. The last one
    is complete. Memory holds the index and one batch of pictures.

    source: a folder, {name: picture}, (name, picture) pairs or a data set, see `sources.entries`.
        A picture that cannot be read is left out; `index.skipped` names it.
    layers: names of layers; without them all that have feature maps (N, C, H, W) or numbers (N, C).
    size: the side of the square that the network sees of each picture, in pixels; the network's own if None.
    file: where to keep the index, a safetensors file. It is written every few pictures and when the generator
        is closed, and a run that was interrupted goes on from it. A source may have grown at its end.
    rebuild: replace a file that is damaged or was made for another network, other layers or other pictures;
        otherwise ValueError says so.

    Raises `PictureError` where there are no pictures, and for the first one if none can be read.
    """
    index = TopPatches(network, source, layers, k, network.size if size is None else size)
    path = None if file is None else Path(file).expanduser()
    if path is not None and isinstance(source, Iterator):
        raise PictureError("an iterator cannot be walked twice, so no file can go with it: give a list.")
    if path is not None and path.exists():
        try:
            index.load(path)
        except ValueError:
            if not rebuild:
                raise
    return _filling(index, path)


def _filling(index: TopPatches, file: Path | None) -> Iterator[TopPatches]:
    """`index`, after each batch of the pictures that it has not seen yet."""
    written = seen = len(index.names)
    left = islice(entries(index.source), seen, None)
    try:
        yield index
        while group := list(islice(left, BATCH)):
            index.add(group)
            if file is not None and len(index.names) >= written + EVERY:
                index.save(file)
                written = len(index.names)
            yield index
        index.total = len(index.names)
        if not index.activations:
            raise PictureError(next(iter(index.skipped.values()), "there are no pictures: give some."))
    finally:
        if file is not None and len(index.names) > written:
            index.save(file)


def _peaks(output: Tensor) -> Tensor:
    """(3, N, C): each channel's highest value in `output`, its row and its column; empty without maps."""
    maps = output[..., None, None] if output.ndim == 2 else output
    if maps.ndim != 4:
        return output.new_empty(0)
    values, index = (found[..., 0, 0] for found in F.adaptive_max_pool2d(maps, 1, return_indices=True))
    values = values.float().nan_to_num(-torch.inf, torch.inf, -torch.inf)
    return torch.stack([values, index // maps.shape[3], index % maps.shape[3]])


def _no_maps(layer: str) -> str:
    return f"layer {layer!r} has no feature maps (N, C, H, W): take another."
