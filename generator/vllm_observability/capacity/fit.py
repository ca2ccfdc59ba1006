"""How long a step takes, from intervals in which an engine was never idle: a line in what a step carries.

In such an interval the steps' lengths add up to its own length, so that the mean step is known exactly, whatever the
histograms' buckets are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from vllm_observability.intervals import Engine, merged
from vllm_observability.intervals.prefill import prefilled

ROW = 15.0  # seconds
BUSY = 3.0  # requests in the batch on the average: an engine with fewer is idle now and then
BLOCK = 120.0


@dataclass(frozen=True)
class Row:
    """One interval of one busy engine, per step: decoding sequences, prompt tokens computed, seconds."""

    batch: float
    prefill: float
    seconds: float
    block: tuple[str, str, int]


@dataclass(frozen=True)
class Steps:
    """Seconds of a step: base + per sequence in decode + per prompt token computed."""

    base: float
    sequence: float
    token: float

    def seconds(self, batch: float, prefill: float) -> float:
        """A step's length."""
        return self.base + self.sequence * batch + self.token * prefill


def rows(engines: Iterable[Engine], cached: bool) -> list[Row]:
    """Intervals in which an engine always had something to do."""
    found = []
    for engine in engines:
        for one in merged(engine.intervals, ROW):
            steps = one.get("steps")
            if steps < 10 or one.gauges.get("running", 0.0) < BUSY or one.get("gaps") / steps < BUSY:
                continue
            prefill = prefilled(one, cached) / steps
            block = (engine.instance, engine.engine, int(one.start // BLOCK))
            found.append(Row(one.get("gaps") / steps, prefill, one.seconds / steps, block))
    return found


def fit(found: Sequence[Row]) -> Steps | None:
    """Robust least squares without negative coefficients; None where the rows do not determine them."""
    weights = [1.0] * len(found)
    steps: Steps | None = None
    for _ in range(5):
        steps = _non_negative(found, weights)
        if steps is None:
            return None
        left = [(row.seconds - steps.seconds(row.batch, row.prefill)) / row.seconds for row in found]
        spread = 1.4826 * median(map(abs, left)) or 1e-9
        weights = [min(1.0, 1.5 * spread / max(abs(e), 1e-12)) for e in left]
    return steps


def _non_negative(found: Sequence[Row], weights: Sequence[float]) -> Steps | None:
    """The best of all fits with some coefficients at 0: there are few enough to try each."""
    best: tuple[float, Steps] | None = None
    for held in ((0, 1, 2), (0, 1), (0, 2), (1, 2), (0,), (1,), (2,)):
        solved = _solve(found, weights, held)
        if solved is None or min(solved) < 0:
            continue
        full = [0.0, 0.0, 0.0]
        for n, value in zip(held, solved, strict=True):
            full[n] = value
        steps = Steps(*full)
        error = sum(
            w * ((row.seconds - steps.seconds(row.batch, row.prefill)) / row.seconds) ** 2
            for row, w in zip(found, weights, strict=True)
        )
        if best is None or error < best[0]:
            best = (error, steps)
    return best[1] if best else None


def _solve(found: Sequence[Row], weights: Sequence[float], held: Sequence[int]) -> list[float] | None:
    """Normal equations of relative errors, by Gauss."""
    size = len(held)
    table = [[0.0] * (size + 1) for _ in range(size)]
    for row, weight in zip(found, weights, strict=True):
        whole = (1 / row.seconds, row.batch / row.seconds, row.prefill / row.seconds)
        x = [whole[n] for n in held]
        for i in range(size):
            for j in range(size):
                table[i][j] += weight * x[i] * x[j]
            table[i][size] += weight * x[i]
    for i in range(size):
        if table[i][i] <= 1e-12:
            return None
        for k in range(size):
            if k != i:
                factor = table[k][i] / table[i][i]
                table[k] = [a - factor * b for a, b in zip(table[k], table[i], strict=True)]
    return [table[i][size] / table[i][i] if abs(table[i][i]) > 1e-12 else math.inf for i in range(size)]


def error_of(steps: Steps, found: Sequence[Row]) -> float:
    """Median relative error of the fit."""
    return median(abs(steps.seconds(row.batch, row.prefill) / row.seconds - 1) for row in found)
