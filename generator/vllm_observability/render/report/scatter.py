"""Two groups of points as a picture in its own coordinates."""

from __future__ import annotations

from dataclasses import dataclass

from vllm_observability.render.report.document import Scatter
from vllm_observability.words.phrases import Language

WIDTH, HEIGHT, LEFT, FOOT, TOP = 640.0, 260.0, 56.0, 30.0, 18.0


@dataclass(frozen=True)
class Dot:
    """A point and the group that colours it."""

    x: float
    y: float
    group: int


@dataclass(frozen=True)
class Label:
    """Words on an axis."""

    x: float
    y: float
    text: str
    anchor: str


@dataclass(frozen=True)
class Plot:
    """Everything of one drawing."""

    title: str
    caption: str
    names: tuple[str, ...]
    dots: tuple[Dot, ...]
    ticks: tuple[Label, ...]
    width: float = WIDTH
    height: float = HEIGHT


def plot(block: Scatter, language: Language) -> Plot:
    """Both axes from 0 to what 99 % of the points reach; points beyond stand at the edge."""
    points = [point for _, group in block.groups for point in group]
    most_x, most_y = (_most([point[axis] for point in points]) for axis in (0, 1))

    def x(value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - 8) * min(value / most_x, 1.0), 1)

    def y(value: float) -> float:
        return round(HEIGHT - FOOT - (HEIGHT - FOOT - TOP) * min(value / most_y, 1.0), 1)

    dots = tuple(Dot(x(a), y(b), number) for number, (_, group) in enumerate(block.groups) for a, b in group)
    ticks = [Label(x(most_x * n / 4), HEIGHT - 16, language.significant(most_x * n / 4), "middle") for n in range(5)]
    ticks += [Label(LEFT - 6, y(most_y * n / 4) + 4, language.significant(most_y * n / 4), "end") for n in range(1, 5)]
    ticks += [Label(WIDTH - 8, HEIGHT - 3, block.x_title, "end"), Label(4, 11, block.y_title, "start")]
    return Plot(block.title, block.caption, tuple(name for name, _ in block.groups), dots, tuple(ticks))


def _most(values: list[float]) -> float:
    ordered = sorted(values)
    return (ordered[int(0.99 * (len(ordered) - 1))] * 1.05 if ordered else 0.0) or 1.0
