"""Lines over time, and a week as a table of shades, as pictures in their own coordinates."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from vllm_observability.model import Unit
from vllm_observability.render.report.document import Course, Heat
from vllm_observability.render.report.histogram import LETTER
from vllm_observability.render.report.scatter import Label
from vllm_observability.words.phrases import Language, Quantity

WIDTH, HEIGHT, LEFT, FOOT, TOP, LINE = 720.0, 190.0, 64.0, 20.0, 6.0, 12.0
_STEPS = (60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600)
_TICKS = 8
_DAYS = 2 * 86_400.0  # from here on days stand on the axis, not hours
_CELL = 20.0


@dataclass(frozen=True)
class Path:
    """A line, and the group that colours it."""

    path: str
    group: int


@dataclass(frozen=True)
class Box:
    """A rectangle with the words that a pointer over it shows."""

    x: float
    y: float
    width: float
    height: float
    text: str
    style: str
    shade: float = 1.0


@dataclass(frozen=True)
class Upright:
    """A line at a moment, with its words on the side where there is room."""

    x: float
    y: float
    text: str
    style: str
    anchor: str

    @property
    def text_x(self) -> float:
        """Beside the line."""
        return self.x + (4 if self.anchor == "start" else -4)


@dataclass(frozen=True)
class Drawn:
    """Everything of one drawing."""

    title: str
    caption: str
    names: tuple[str, ...]
    lines: tuple[Path, ...]
    bands: tuple[Box, ...]
    marks: tuple[Upright, ...]
    ticks: tuple[Label, ...]
    rules: tuple[float, ...]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    foot: float = HEIGHT - FOOT


@dataclass(frozen=True)
class Shaded:
    """Everything of a table of shades."""

    title: str
    caption: str
    cells: tuple[Box, ...]
    ticks: tuple[Label, ...]
    width: float
    height: float


def drawn(block: Course, language: Language) -> Drawn:
    """All lines on one axis from 0 on; shares to 1 at most."""
    points = max((len(values) for _, values in block.lines), default=1)
    end = block.start + block.step * max(1, points - 1)
    top = _top([value for _, values in block.lines for value in values if value == value], block.unit)
    above = TOP + LINE * len(block.marks)

    def x(at: float) -> float:
        share = (at - block.start) / (end - block.start)
        return round(LEFT + (WIDTH - LEFT - 4) * min(1.0, max(0.0, share)), 1)

    def y(value: float) -> float:
        return round(HEIGHT - FOOT - (HEIGHT - FOOT - above) * min(1.0, value / top), 1)

    lines = [
        Path(_path([(x(block.start + block.step * n), y(value) if value == value else math.nan)
                    for n, value in enumerate(values)]), number)
        for number, (_, values) in enumerate(block.lines)
    ]  # fmt: skip
    bands = [
        Box(x(band.since), above, max(1.0, round(x(band.until) - x(band.since), 1)), HEIGHT - FOOT - above, band.text,
            band.style)
        for band in block.bands
    ]  # fmt: skip
    marks = [
        Upright(at := x(mark.at), TOP + LINE * number, mark.text, mark.style, "start" if at < WIDTH * 0.6 else "end")
        for number, mark in enumerate(block.marks)
    ]
    ticks = [*_times(block.start, end, x, language)]
    levels = [top * n / 4 for n in range(5)]
    ticks += [
        Label(LEFT - 6, y(level) + 4, _number(float(f"{level:.3g}"), block.unit, language), "end") for level in levels
    ]
    names = tuple(name for name, _ in block.lines)
    return Drawn(
        block.title, block.caption, names, tuple(lines), tuple(bands), tuple(marks), tuple(ticks),
        tuple(y(level) for level in levels),
    )  # fmt: skip


def _number(level: float, unit: Unit, language: Language) -> str:
    """On the axis; only a time and a share need their unit to be read."""
    if unit in (Unit.SECONDS, Unit.RATIO):
        return language.quantity(Quantity(level, unit))
    return language.significant(level)


def _top(values: Sequence[float], unit: Unit) -> float:
    """A round number that all values lie under."""
    most = max(values, default=0.0)
    if most <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(most))
    found = next(step * size for step in (1, 1.2, 1.6, 2, 3, 4, 6, 8, 10) if step * size >= most * 0.999)
    return min(found, 1.0) if unit is Unit.RATIO and most <= 1 else found


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Lines between neighbours that both have a value; one that stands alone is a dot."""
    parts, pen = [], False
    for n, (x, y) in enumerate(points):
        if y != y:
            pen = False
            continue
        alone = not pen and (n + 1 == len(points) or points[n + 1][1] != points[n + 1][1])
        parts.append(f"{'L' if pen else 'M'}{x:g} {y:g}" + ("h1" if alone else ""))
        pen = True
    return "".join(parts)


def _times(start: float, end: float, x: Callable[[float], float], language: Language) -> Iterator[Label]:
    step = next((step for step in _STEPS if (end - start) / step <= _TICKS), _STEPS[-1])
    at = math.ceil(start / step) * step
    while at <= end:
        midnight = at % 86_400 == 0 and end - start > 86_400
        text = language.day(at) if step >= 86_400 or midnight else language.clock(at)
        yield Label(x(at), HEIGHT - 5, text, "middle" if x(at) < WIDTH - 20 else "end")
        at += step


def shaded(block: Heat, language: Language) -> Shaded:
    """The darker, the larger a share is against the largest."""
    top = max((value for _, values in block.rows for value in values if value is not None), default=0.0) or 1.0
    left = max(LEFT, 12 + LETTER * max((len(name) for name, _ in block.rows), default=0))
    wide = (WIDTH - left - 4) / max(1, len(block.columns))
    cells, ticks = [], []
    for number, (name, values) in enumerate(block.rows):
        ticks.append(Label(left - 6, _CELL * number + 14, name, "end"))
        for n, value in enumerate(values):
            shown = "–" if value is None else language.quantity(Quantity(float(f"{value:.3g}"), Unit.RATIO))
            text = f"{name} {block.columns[n]}: {shown}"
            shade = 0.0 if value is None else round(value / top, 3)
            style = "unknown" if value is None else "cell"
            cells.append(
                Box(round(left + n * wide, 1), _CELL * number, round(wide - 1, 1), _CELL - 1, text, style, shade)
            )
    foot = _CELL * len(block.rows) + 13
    ticks += [
        Label(round(left + (n + 0.5) * wide, 1), foot, name, "middle")
        for n, name in enumerate(block.columns)
        if n % 3 == 0
    ]
    return Shaded(block.title, block.caption, tuple(cells), tuple(ticks), WIDTH, foot + 4)
