"""What the browser says beside the pointer: the value of every weight and bias."""

from collections.abc import Sequence
from functools import cached_property
from typing import overload

from ...live import Hint
from .network import Network
from .plan import Plan, plan
from .training import Judgement

MIDDLE = (5, 9)  # of the 15 places of a curve: where it is nearly straight and stands alone


class Hints(Sequence[Hint]):
    """One `Hint` for each link and each unit, made when somebody looks: most frames pass unread."""

    def __init__(self, network: Network, now: Judgement | None) -> None:
        self.network, self.now = network.copy(), now

    @cached_property
    def made(self) -> list[Hint]:
        """All of them."""
        return [*self._links(), *self._units()]

    @overload
    def __getitem__(self, index: int) -> Hint: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Hint]: ...
    def __getitem__(self, index: int | slice) -> Hint | Sequence[Hint]:
        return self.made[index]

    def __len__(self) -> int:
        return len(self.made)

    def _links(self) -> list[Hint]:
        where, names, hints = self._where(), self.network.names(), []
        for column, weights in enumerate(self.network.weights):
            pairs = [(source, unit) for source in names[column] for unit in names[column + 1]]
            ends = where.curves[column][:, MIDDLE].reshape(-1, 4).tolist()
            for (source, unit), weight, (x0, y0, x1, y1) in zip(
                pairs, weights.ravel().tolist(), ends, strict=True
            ):
                words = f"{source} > {unit}: {weight:+.2f}".replace("-", "−")
                hints.append(Hint(x0, y0, x1, y1, words))
        return hints

    def _units(self) -> list[Hint]:
        where, hints = self._where(), []
        for column, (centres, names) in enumerate(zip(where.columns, self.network.names(), strict=True)):
            for row, ((x, y), name) in enumerate(zip(centres.tolist(), names, strict=True)):
                half = where.tile / 4 if column < len(where.columns) - 1 else 0
                hints.append(Hint(x - half, y, x + half, y, self._unit(column, row, name)))
        return hints

    def _unit(self, column: int, row: int, name: str) -> str:
        if column == 0:
            return f"{name}, a feature"
        bias = f"{self.network.biases[column - 1][row]:+.2f}".replace("-", "−")
        dead = self.now is not None and self.now.dead[column - 1][row]
        words = f"{name}: {self.network.layers[column - 1].activation}, bias {bias}"
        return f"{words}; dead: off at every point" if dead else words

    def _where(self) -> Plan:
        return plan(len(self.network.features), self.network.layers[:-1])
