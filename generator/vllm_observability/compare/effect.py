"""What differs between two sides at equal load: a flexible fit of both, and a bootstrap over blocks of minutes.

Both sides share one curve per covariate, made of straight pieces, so that no form of an engine's cost is assumed; the
sides may differ by a constant. Only rows whose covariates both sides have are used: nothing is extrapolated.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from operator import mul
from random import Random

from vllm_observability.compare.linear import Sums, Vector, factored, solve, solved

DRAWS = 80
KNOTS = (0.15, 0.3, 0.5, 0.7, 0.85)
LEAST_ROWS = 12  # of each side, after what does not overlap is left out
LEAST_SHARE = 0.1  # of a side's rows
LEAST_BLOCKS = 4  # of each side
MOST_STEPS = 15
FAR = 5.0  # an interval that took six times what the fit says counts as no more
EDGE = 0.02  # share of a side's rows that lie beyond what counts as its range, at each end
STUDENT = {3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31, 10: 2.23, 12: 2.18, 15: 2.13, 20: 2.09, 30: 2.04}


@dataclass(frozen=True)
class Row:
    """A measurement of one engine over one interval: value, covariates, weight, side, and its block for drawing."""

    value: float
    at: tuple[float, ...]
    weight: float
    after: bool
    block: Hashable


@dataclass(frozen=True)
class Effect:
    """AFTER against BEFORE at equal covariates, with the 95 % interval; in the value's own scale."""

    difference: float
    low: float
    high: float
    rows: int


@dataclass(frozen=True)
class Apart:
    """The sides have too little in common. covariate, before, after: whose ranges have too little in common, None where
    it is all of them together. rows: of each side, where they are too few at all; common: rows within the common range;
    blocks: of these rows, where they are too few to draw from. Of none where the fit does not hold."""

    covariate: int | None
    before: tuple[float, float] = (0.0, 0.0)
    after: tuple[float, float] = (0.0, 0.0)
    common: tuple[int, int] | None = None
    least: int = LEAST_ROWS
    blocks: tuple[int, int] | None = None
    rows: tuple[int, int] | None = None


def effect(rows: Sequence[Row], factors: bool = True, seed: str = "") -> Effect | Apart:
    """The difference between the sides, or why there is none to be had."""
    sides = [[row for row in rows if row.after is after] for after in (False, True)]
    if min(map(len, sides)) < LEAST_ROWS:
        return Apart(None, rows=_counts(rows))
    kept = overlapping(sides)
    if isinstance(kept, Apart):
        return kept
    blocks: dict[tuple[bool, Hashable], list[int]] = {}
    for index, row in enumerate(kept):
        blocks.setdefault((row.after, row.block), []).append(index)
    groups = [[key for key in blocks if key[0] is after] for after in (False, True)]
    fewest = min(map(len, groups))
    if fewest < LEAST_BLOCKS:
        return Apart(None, blocks=(len(groups[0]), len(groups[1])), least=LEAST_BLOCKS)
    design = _Design(kept)
    columns = [design.columns(row) for row in kept]
    weights = [row.weight for row in kept]
    parts: dict[tuple[bool, Hashable], Sums] = {}
    for key, indices in blocks.items():
        parts[key] = Sums.none(design.size)
        for index in indices:
            parts[key].add_row(columns[index], kept[index].value, weights[index])
    ridge = design.ridge(sum(weights))
    factor = factored(Sums.together(parts.values(), design.size).square, ridge)
    if factor is None:
        return Apart(None)
    found, worked = _fitted(factor, columns, weights, [row.value for row in kept], factors)
    for key, indices in blocks.items():
        parts[key].cross = _cross(
            [columns[i] for i in indices], [weights[i] for i in indices], [worked[i] for i in indices]
        )
    dice, drawn = Random(seed), []
    for _ in range(DRAWS):
        chosen = [parts[dice.choice(group)] for group in groups for _ in group]
        again = solve(Sums.together(chosen, design.size), ridge)
        if again is not None:
            drawn.append(again[1])
    if len(drawn) < DRAWS / 2:
        return Apart(None)
    middle = sum(drawn) / len(drawn)
    spread = math.sqrt(sum((one - middle) ** 2 for one in drawn) / (len(drawn) - 1))
    # Few blocks vary less when drawn than the time they stand for.
    reach = student(fewest - 1) * spread * math.sqrt(fewest / (fewest - 1))
    return Effect(found[1], found[1] - reach, found[1] + reach, len(kept))


def _fitted(
    factor: Sequence[Vector],
    columns: Sequence[Vector],
    weights: Sequence[float],
    values: Sequence[float],
    factors: bool,
) -> tuple[Vector, list[float]]:
    """Coefficients, and the values that a straight fit of them would take.

    The fit is of means, not of logarithms, whose mean falls as noise rises: a quiet side would seem the faster one.
    """
    worked = list(values)
    found = solved(factor, _cross(columns, weights, worked))
    for _ in range(MOST_STEPS if factors else 0):
        fits = [sum(map(mul, x, found)) for x in columns]
        worked = [fit + min(math.exp(min(value - fit, 5.0)) - 1, FAR) for fit, value in zip(fits, values, strict=True)]
        last, found = found, solved(factor, _cross(columns, weights, worked))
        if abs(found[1] - last[1]) < 1e-5:
            break
    return found, worked


def _cross(columns: Sequence[Vector], weights: Sequence[float], values: Sequence[float]) -> Vector:
    """X'Wy."""
    weighted = list(map(mul, weights, values))
    return [sum(map(mul, column, weighted)) for column in zip(*columns, strict=True)]


def student(freedom: int) -> float:
    """97.5 % point of Student's t."""
    return next((point for most, point in STUDENT.items() if freedom <= most), 1.98)


def overlapping(sides: Sequence[Sequence[Row]]) -> list[Row] | Apart:
    """Rows within the ranges that both sides have, of every covariate."""
    ranges: list[tuple[float, float]] = []
    for n in range(len(sides[0][0].at)):
        (low, high), (other_low, other_high) = (_range([row.at[n] for row in side]) for side in sides)
        shared = (max(low, other_low), min(high, other_high))
        slack = 0.02 * max(high - low, other_high - other_low)
        within = (shared[0] - slack, shared[1] + slack)
        common = _counts([row for side in sides for row in side if within[0] <= row.at[n] <= within[1]])
        if least := _too_few(common, sides):
            return Apart(n, (low, high), (other_low, other_high), common, least)
        ranges.append(within)
    kept = [row for side in sides for row in side if all(a <= x <= b for x, (a, b) in zip(row.at, ranges, strict=True))]
    if least := _too_few(_counts(kept), sides):
        return Apart(None, common=_counts(kept), least=least)
    return kept


def _counts(rows: Sequence[Row]) -> tuple[int, int]:
    """Rows of each side."""
    after = sum(row.after for row in rows)
    return len(rows) - after, after


def _too_few(common: tuple[int, int], sides: Sequence[Sequence[Row]]) -> int:
    """How many rows the first side that lacks some needs; 0 where each has enough."""
    needs = [max(LEAST_ROWS, math.ceil(LEAST_SHARE * len(side))) for side in sides]
    return next((need for held, need in zip(common, needs, strict=True) if held < need), 0)


def _range(values: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(values)
    cut = int(EDGE * len(ordered))
    return ordered[cut], ordered[-1 - cut]


class _Design:
    """Columns: 1, the side, and of each covariate a line with hinges at quantiles; a product of the first two."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._scales: list[tuple[float, float]] = []
        self._knots: list[list[float]] = []
        for n in range(len(rows[0].at)):
            values = sorted(row.at[n] for row in rows)
            middle = sum(values) / len(values)
            spread = math.sqrt(sum((v - middle) ** 2 for v in values) / len(values))
            self._scales.append((middle, spread))
            at = [(values[int(q * (len(values) - 1))] - middle) / spread for q in KNOTS] if spread > 1e-9 else []
            self._knots.append(sorted(set(at)))
        self._product = sum(spread > 1e-9 for _, spread in self._scales[:2]) == 2
        self.size = 2 + sum(1 + len(knots) for knots in self._knots if knots) + self._product
        self._hinges = [False, False]
        for knots in self._knots:
            self._hinges += [False, *[True] * len(knots)] if knots else []
        self._hinges += [True] if self._product else []

    def columns(self, row: Row) -> Vector:
        """One row of the design."""
        found = [1.0, 1.0 if row.after else 0.0]
        scaled = []
        for value, (middle, spread), knots in zip(row.at, self._scales, self._knots, strict=True):
            z = (value - middle) / spread if spread > 1e-9 else 0.0
            scaled.append(z)
            if knots:
                found.append(z)
                found += [max(z - knot, 0.0) for knot in knots]
        if self._product:
            found.append(scaled[0] * scaled[1])
        return found

    def ridge(self, weight: float) -> Vector:
        """Hinges are drawn a little towards a straight line; a line hardly at all."""
        return [weight * (2e-3 if hinge else 1e-7) for hinge in self._hinges]
