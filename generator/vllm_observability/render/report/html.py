"""Report -> one HTML file that fetches nothing: tables, and bars of the latencies with mean, percentiles and bounds."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from vllm_observability.model import Unit
from vllm_observability.render.report.author import document
from vllm_observability.render.report.document import (
    Bars,
    Block,
    Bullets,
    Course,
    Document,
    Grid,
    Heat,
    Level,
    Para,
    Rows,
    Scatter,
    Words,
)
from vllm_observability.render.report.over_time import drawn, shaded
from vllm_observability.render.report.scatter import plot
from vllm_observability.render.template_files import FOLDER
from vllm_observability.report.records import Distribution, Report
from vllm_observability.words.phrases import English, Language, Quantity

WIDTH, HEIGHT, FOOT, LINE = 360.0, 170.0, 18.0, 12.0  # of a picture, its axis, and a line of text
KINDS = {Bullets: "bullets", Rows: "rows", Grid: "grid", Para: "para"}


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
    """A mark with its words, which stand where they don't leave the picture."""

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
class Picture:
    """Everything of one drawing, in its own coordinates."""

    title: str
    caption: str
    label: str
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Line, ...]
    width: float = WIDTH
    height: float = HEIGHT


def report_html(report: Report, *, language: Language | None = None) -> str:
    """The report as a page; every word of a label is text, whatever it looks like."""
    spoken = language or English()
    return document_html(document(report, spoken), spoken)


def document_html(text: Document, spoken: Language) -> str:
    """A document as a page."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    spans = environment.get_template("spans.html.j2")

    def written(words: Words) -> Markup:
        return Markup(spans.render(words=words))

    environment.filters["named"] = lambda blocks: list(_named(blocks, spoken))
    environment.filters["indent_as_space"] = lambda text: text.replace("  ", "\u2003")
    page = environment.get_template("report.html.j2").render(document=text, spans=written)
    return "\n".join(line for line in page.split("\n") if line.strip()) + "\n"


def _named(blocks: Sequence[Block], language: Language) -> Iterator[tuple[str, object]]:
    pictures = [_picture(block, language) for block in blocks if isinstance(block, Bars)]
    for block in blocks:
        if isinstance(block, Level):
            marks = [{"percent": _percent(m.at), "text": m.text, "style": m.style} for m in block.marks]
            level = {"title": block.title, "text": block.text, "percent": _percent(block.share), "marks": marks}
            yield "level", level
        elif isinstance(block, Scatter):
            yield "scatter", plot(block, language)
        elif isinstance(block, Course):
            yield "course", drawn(block, language)
        elif isinstance(block, Heat):
            yield "heat", shaded(block, language)
        elif not isinstance(block, Bars):
            yield KINDS[type(block)], block
    if pictures:
        yield "pictures", pictures


def _percent(share: float) -> float:
    return round(100 * min(1.0, max(0.0, share)), 2)


# ------------------------------------------------------------------------------------------- pictures


def _picture(block: Bars, language: Language) -> Picture:
    """Buckets side by side, equally wide, since their bounds span five decades; empty ones at the ends are left out."""
    shown = _trimmed(block.distribution, [mark.at for mark in block.marks])
    step = WIDTH / len(shown.counts)
    top = max(shown.counts)
    room = HEIGHT - FOOT - LINE * len(block.marks)
    bars = []
    for i, count in enumerate(shown.counts):
        height = room * count / top if top else 0.0
        text = f"{_span(shown, i, language)}: {language.quantity(Quantity(count, Unit.COUNT))}"
        bars.append(
            Bar(round(i * step + 1, 1), round(HEIGHT - FOOT - height, 1), round(step - 2, 1), round(height, 1), text)
        )
    every = max(1, math.ceil(len(shown.bounds) / 5))
    ticks = [
        Tick(round((i + 1) * step, 1), language.quantity(Quantity(bound, Unit.SECONDS)))
        for i, bound in enumerate(shown.bounds)
        if i % every == every // 2
    ]
    marks = []
    for number, mark in enumerate(sorted(block.marks, key=lambda m: m.at)):
        x = _x(mark.at, shown, step)
        anchor = "start" if x < WIDTH * 0.6 else "end"
        marks.append(Line(round(x, 1), LINE * number + 2, mark.text, mark.style, anchor))
    label = f"{block.title}: " + ", ".join(mark.text for mark in block.marks)
    return Picture(block.title, block.caption, label, tuple(bars), tuple(ticks), tuple(marks))


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
