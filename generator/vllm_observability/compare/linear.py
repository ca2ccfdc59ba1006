"""Weighted least squares with a ridge, from sums that blocks of rows add up to: a bootstrap then costs little.

Plain Python: some hundred rows of some twenty columns take milliseconds, and importing numpy would take longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import mul

Vector = list[float]


@dataclass
class Sums:
    """X'WX (lower triangle, row by row) and X'Wy of some rows."""

    square: Vector
    cross: Vector

    @classmethod
    def none(cls, columns: int) -> Sums:
        """Sums of no rows."""
        return cls([0.0] * (columns * (columns + 1) // 2), [0.0] * columns)

    def add_row(self, x: Sequence[float], y: float, weight: float) -> None:
        """One more row."""
        at, square, cross = 0, self.square, self.cross
        for i, left in enumerate(x):
            weighted = weight * left
            cross[i] += weighted * y
            if weighted:
                for right in x[: i + 1]:
                    square[at] += weighted * right
                    at += 1
            else:
                at += i + 1

    @classmethod
    def together(cls, parts: Iterable[Sums], columns: int) -> Sums:
        """Sums over several blocks of rows."""
        found = cls.none(columns)
        chosen = list(parts)
        found.square = [sum(column) for column in zip(*(part.square for part in chosen), strict=True)]
        found.cross = [sum(column) for column in zip(*(part.cross for part in chosen), strict=True)]
        return found


def solve(sums: Sums, ridge: Sequence[float]) -> Vector | None:
    """Coefficients; `ridge` is added to the diagonal. None where the columns do not determine them."""
    factor = factored(sums.square, ridge)
    return None if factor is None else solved(factor, sums.cross)


def factored(square: Sequence[float], ridge: Sequence[float]) -> list[Vector] | None:
    """Cholesky's factor of X'WX with the ridge, row by row."""
    factor: list[Vector] = []
    at = 0
    for i, extra in enumerate(ridge):
        row = list(square[at : at + i + 1])
        at += i + 1
        row[i] += extra
        scale = row[i]
        for j, other in enumerate(factor):
            row[j] = (row[j] - sum(map(mul, row[:j], other))) / other[j]
        rest = row[i] - sum(value * value for value in row[:i])
        if rest <= 1e-12 * max(scale, 1e-30):
            return None
        row[i] = rest**0.5
        factor.append(row)
    return factor


def solved(factor: Sequence[Vector], cross: Sequence[float]) -> Vector:
    """Coefficients for X'Wy."""
    middle: Vector = []
    for row, value in zip(factor, cross, strict=True):
        middle.append((value - sum(map(mul, row, middle))) / row[-1])
    found = [0.0] * len(factor)
    for i in reversed(range(len(factor))):
        rest = middle[i] - sum(factor[k][i] * found[k] for k in range(i + 1, len(factor)))
        found[i] = rest / factor[i][i]
    return found
