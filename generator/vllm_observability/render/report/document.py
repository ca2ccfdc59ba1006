"""A report as a document: titles, rows and sentences in one language, for whichever format lays them out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from vllm_observability.model import Unit
from vllm_observability.report.records import Distribution


@dataclass(frozen=True)
class Span:
    """Some text in one style: a severity, a verdict, `bold`, `dim`, or none."""

    text: str
    style: str = ""


Words: TypeAlias = "tuple[Span, ...]"


@dataclass(frozen=True)
class Bullets:
    """Sentences, a dash before each."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """Rows of a few cells without headings."""

    rows: tuple[tuple[Words, ...], ...]


@dataclass(frozen=True)
class Grid:
    """A table with headings; the first column is words, the others are numbers."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Para:
    """A line; `indented` ones belong to the line before."""

    words: Words
    indented: bool = False


@dataclass(frozen=True)
class Mark:
    """A place on a picture's axis, in seconds or as a share, and what it says."""

    at: float
    text: str
    style: str = ""


@dataclass(frozen=True)
class Bars:
    """How often what was observed; drawn where a format can draw."""

    title: str
    caption: str
    distribution: Distribution
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Level:
    """A share between 0 and 1 as a bar; drawn where a format can draw."""

    title: str
    share: float
    text: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Tile:
    """One figure that a reader looks for first. `style`: a severity where it is judged."""

    title: str
    value: str
    note: str = ""
    style: str = ""


@dataclass(frozen=True)
class Tiles:
    """Figures side by side; drawn where a format can draw."""

    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Portion:
    """A part of a whole: its share between 0 and 1, and what it is in numbers."""

    title: str
    share: float
    text: str


@dataclass(frozen=True)
class Split:
    """A whole as one bar of its parts; a line of words where a format can't draw."""

    title: str
    portions: tuple[Portion, ...]


@dataclass(frozen=True)
class Card:
    """A finding: its severity, title, whose it is, its alert, and sentences under headings (evidence, cause, step)."""

    style: str
    severity: str
    title: str
    whose: str
    alert: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Scatter:
    """Two groups of points, x and y; drawn where a format can draw. x_title, y_title: with the unit."""

    title: str
    caption: str
    x_title: str
    y_title: str
    groups: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]


@dataclass(frozen=True)
class Band:
    """A stretch of time on a picture, in Unix seconds, and what it says."""

    since: float
    until: float
    text: str
    style: str = ""


@dataclass(frozen=True)
class Course:
    """Lines over time; drawn where a format can draw. start, step: Unix seconds of the points; NaN: no value there."""

    title: str
    caption: str
    unit: Unit
    start: float
    step: float
    lines: tuple[tuple[str, tuple[float, ...]], ...]
    marks: tuple[Mark, ...] = ()
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True)
class Heat:
    """Shares between 0 and 1 as a table of shades; drawn where a format can draw. A cell None: nothing is known."""

    title: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float | None, ...]], ...]


Picture: TypeAlias = "Bars | Level | Scatter | Course | Heat"
Block: TypeAlias = "Bullets | Rows | Grid | Para | Tiles | Split | Card | Picture"


@dataclass(frozen=True)
class Section:
    """A titled part; `id` is the same in every language."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """The whole report, ready to be laid out."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    worst: str = "ok"
    language: str = "en"
    footer: str = field(default="")


def words(text: str, style: str = "") -> Words:
    """A single span."""
    return (Span(text, style),)
