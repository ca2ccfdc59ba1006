"""A histogram and its marks as a picture in its own coordinates: lines apart from each other, words below it."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vllm_observability.model import Unit
from vllm_observability.render.report.document import Bars
from vllm_observability.report.records import Distribution
from vllm_observability.words.phrases import Language, Quantity

WIDTH, HEIGHT, FOOT, TOP = 360.0, 150.0, 18.0, 6.0  # of a picture, its axis, and the space above the highest bar
APART = 4.0  # between two marks, so that neither hides the other
LETTER, BETWEEN = 6.4, 10.0  # a letter of the axis at its widest; between two of its words


@dataclass(frozen=True)
class Bar:
    """A bar with the words that a pointer over it shows."""

    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass(frozen=True)
class Tick:
    """A word on the axis."""

    x: float
    text: str


@dataclass(frozen=True)
class Line:
    """A mark; its words stand below the picture, in the order of the lines."""

    x: float
    text: str
    style: str


@dataclass(frozen=True)
class Picture:
    """Everything of one drawing."""

    title: str
    caption: str
    label: str
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Line, ...]
    width: float = WIDTH
    height: float = HEIGHT
    axis: float = HEIGHT - FOOT


def picture(block: Bars, language: Language) -> Picture:
    """Buckets side by side, equally wide, since their bounds span five decades; empty ones at the ends are left out."""
    marks = sorted(block.marks, key=lambda mark: mark.at)
    shown = _trimmed(block.distribution, [mark.at for mark in marks])
    step = WIDTH / len(shown.counts)
    places = _apart([_x(mark.at, shown, step) for mark in marks])
    lines = (Line(round(x, 1), mark.text, mark.style) for x, mark in zip(places, marks, strict=True))
    label = f"{block.title}: " + ", ".join(mark.text for mark in block.marks)
    bars, ticks = tuple(_bars(shown, step, language)), tuple(_ticks(shown, step, language))
    return Picture(block.title, block.caption, label, bars, ticks, tuple(lines))


def _bars(shown: Distribution, step: float, language: Language) -> Iterator[Bar]:
    top = max(shown.counts)
    for i, count in enumerate(shown.counts):
        height = (HEIGHT - FOOT - TOP) * count / top if top else 0.0
        text = f"{_span(shown, i, language)}: {language.quantity(Quantity(count, Unit.COUNT))}"
        yield Bar(round(i * step + 1, 1), round(HEIGHT - FOOT - height, 1), round(step - 2, 1), round(height, 1), text)


def _ticks(shown: Distribution, step: float, language: Language) -> Iterator[Tick]:
    """As many bounds as fit beside each other, evenly taken."""
    named = [(step * (i + 1), language.quantity(Quantity(bound, Unit.SECONDS))) for i, bound in enumerate(shown.bounds)]
    if not named:
        return
    widest = max(len(text) for _, text in named) * LETTER + BETWEEN
    every = max(1, math.ceil(widest / step))
    for x, text in named[every // 2 :: every]:
        if widest / 2 <= x <= WIDTH - widest / 2:
            yield Tick(round(x, 1), text)


def _apart(places: Sequence[float]) -> list[float]:
    """Rising places, moved by as little as keeps them apart and within the picture."""
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + APART) if found else max(place, APART / 2))
    limit = WIDTH - APART / 2
    for i in reversed(range(len(found))):
        found[i] = min(found[i], limit)
        limit = found[i] - APART
    return found


def _trimmed(d: Distribution, marked: Sequence[float]) -> Distribution:
    last = len(d.bounds)
    keep = [i for i, count in enumerate(d.counts) if count]
    keep += [min(last, bisect.bisect_left(d.bounds, at)) for at in marked if not d.bounds or at <= d.bounds[-1]]
    low, high = max(0, min(keep) - 1), min(last, max(keep) + 1)
    return Distribution(d.of, d.labels, d.bounds[low:high], d.counts[low : high + 1] if high < last else d.counts[low:])


def _x(at: float, d: Distribution, step: float) -> float:
    """Where a value stands: inside its bucket by its share of it."""
    i = bisect.bisect_left(d.bounds, at)
    if i >= len(d.bounds):
        return (len(d.counts) - 0.5) * step
    low = d.bounds[i - 1] if i else 0.0
    return (i + (at - low) / (d.bounds[i] - low)) * step


def _span(d: Distribution, i: int, language: Language) -> str:
    def bound(n: int) -> str:
        return language.quantity(Quantity(d.bounds[n], Unit.SECONDS))

    if i >= len(d.bounds):
        return f"> {bound(i - 1)}"
    return f"{bound(i - 1)} – {bound(i)}" if i else f"≤ {bound(0)}"
