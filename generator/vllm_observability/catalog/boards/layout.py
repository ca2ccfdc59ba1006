"""How a board is written down: rows of typed panels, most of them one line.

A panel names a signal and, where something judges it, a check. Queries in both forms of a board, unit, decimals,
description and the reason for an empty panel follow from these.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import KW_ONLY, dataclass, replace
from typing import Literal

from vllm_observability.model import Check, Signal

FormName = Literal["raw", "fleet"]
# What a value is of: everything selected, a model in one deployment, a deployment (for series without a model), a
# server, an engine.
Grouping = Literal["all", "model", "scope", "target", "engine"]
# One number out of many: `worst` is the largest, or the smallest where a check counts downwards.
Fold = Literal["", "worst", "min", "sum", "avg"]
# From a value on (None: from minus infinity) a colour.
Steps = tuple[tuple[float | None, str], ...]

# What is fine has no colour: whether there is one tells the state, to those too who can't tell green from red.
FINE = "text"
SEVERITY_COLORS = {"info": "blue", "warning": "orange", "critical": "red"}
# Behind text. Grafana writes white on all but the brightest colours, and on orange and red nobody can read it.
SEVERITY_FILLS = {"info": "dark-blue", "warning": "super-light-orange", "critical": "dark-red"}


# ---------------------------------------------------------------------------------------------- panels


@dataclass(frozen=True)
class Chart:
    """What every panel has before it has a place. `note` ends its description, `to` is the board that says more.

    `alert`: whose runbook it leads to, where no check and no budget tells.
    """

    title: str
    _: KW_ONLY
    width: int = 8
    height: int = 8
    note: str = ""
    to: str = ""
    alert: str = ""

    @property
    def signals(self) -> tuple[Signal, ...]:
        """What it asks, one query each, in order."""
        return ()

    @property
    def check(self) -> Check | None:
        """What judges its values."""
        return None

    @property
    def of(self) -> Grouping:
        """What its values are of."""
        return "all"

    @property
    def by(self) -> tuple[str, ...]:
        """Labels that split its values further."""
        return ()

    def without(self, unwanted: Collection[str]) -> Chart | None:
        """The panel without the signals of these ids; None where nothing is left."""
        gone = self.signals and all(signal.id in unwanted for signal in self.signals)
        return None if gone else self


@dataclass(frozen=True)
class Tile(Chart):
    """One number now: where a check judges it the worst of the check's level, else over everything selected.

    `fold` makes one number of all models, or of what `over` says. `steps` are colours where no check judges; a tile
    with neither has no colour. `named`: it says which one is the worst.
    """

    signal: Signal
    check: Check | None = None
    _: KW_ONLY
    width: int = 6
    height: int = 3
    fold: Fold = ""
    over: Grouping | None = None
    steps: Steps = ()
    decimals: int | None = None
    named: bool = False

    @property
    def signals(self) -> tuple[Signal, ...]:
        """Its one question."""
        return (self.signal,)

    @property
    def of(self) -> Grouping:
        """What is folded into one number."""
        return self.over or (self.check.level if self.check else "model" if self.fold else "all")

    @property
    def folded(self) -> Fold:
        """How one number is made."""
        return self.fold or ("worst" if self.check else "")


@dataclass(frozen=True)
class Graph(Chart):
    """One question over time, a line for each model or whatever `of` and `by` say.

    `legend` empty: named after what a line is of. `colors`: of lines, by name. `calcs`: numbers beside each name.
    `steps`: lines where no check has bounds. `reaches`: a value up to which the axis goes at least.
    """

    signal: Signal
    check: Check | None = None
    _: KW_ONLY
    of: Grouping = "model"
    by: tuple[str, ...] = ()
    legend: str = ""
    stacked: bool = False
    colors: tuple[tuple[str, str], ...] = ()
    calcs: tuple[str, ...] = ()
    steps: Steps = ()
    reaches: float | None = None

    @property
    def signals(self) -> tuple[Signal, ...]:
        """Its one question."""
        return (self.signal,)


@dataclass(frozen=True)
class Line:
    """One of several questions in one graph. `before`: asked of so long ago, such as `1h`."""

    signal: Signal
    legend: str
    color: str
    before: str = ""


@dataclass(frozen=True)
class Overlay(Chart):
    """Several questions over time, side by side, each over everything selected.

    `log`: on a logarithmic axis, because the largest is many times the others.
    """

    lines: tuple[Line, ...]
    check: Check | None = None
    _: KW_ONLY
    stacked: bool = False
    log: bool = False

    @property
    def signals(self) -> tuple[Signal, ...]:
        """A question for each line."""
        return tuple(line.signal for line in self.lines)


@dataclass(frozen=True)
class Heatmap(Chart):
    """All observations of a histogram by bucket: two humps are two kinds of requests, which no percentile shows."""

    signal: Signal
    _: KW_ONLY
    note: str = "Requests per second in each bucket; darker is more. The last row is everything above the last bound."

    @property
    def signals(self) -> tuple[Signal, ...]:
        """A quantile, whose histogram is shown."""
        return (self.signal,)


@dataclass(frozen=True)
class Bars(Chart):
    """The distribution of a histogram over the time shown, a bar for each bucket."""

    signal: Signal
    _: KW_ONLY
    width: int = 12
    height: int = 14
    note: str = (
        "Requests per second in each bucket, the mean over the time shown; named after the bucket's upper bound."
    )

    @property
    def signals(self) -> tuple[Signal, ...]:
        """A quantile, whose histogram is shown."""
        return (self.signal,)


@dataclass(frozen=True)
class States(Chart):
    """In which state each engine was when. `states`: (value, word, colour)."""

    signal: Signal
    states: tuple[tuple[str, str, str], ...]
    _: KW_ONLY
    width: int = 24
    height: int = 7
    of: Grouping = "engine"

    @property
    def signals(self) -> tuple[Signal, ...]:
        """Its one question."""
        return (self.signal,)


@dataclass(frozen=True)
class Column:
    """A table's column, coloured where a check or `steps` judge it. Without a title it is hidden.

    `before`: asked of so long ago, such as `1h`.
    """

    title: str
    signal: Signal
    check: Check | None = None
    steps: Steps = ()
    before: str = ""


@dataclass(frozen=True)
class Table(Chart):
    """The present, a row for each model or whatever `of` and `by` say.

    `labels`: the columns that are labels, with their headings; the first, or the instance, leads to the board `to`.
    `most`: only so many rows, those with most in the first column; 0: all.
    """

    columns: tuple[Column, ...]
    _: KW_ONLY
    of: Grouping = "model"
    by: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    sort_by: str | None = None
    most: int = 0

    @property
    def signals(self) -> tuple[Signal, ...]:
        """A question for each column."""
        return tuple(column.signal for column in self.columns)

    def without(self, unwanted: Collection[str]) -> Table | None:
        """The table without these columns."""
        columns = tuple(column for column in self.columns if column.signal.id not in unwanted)
        return replace(self, columns=columns) if columns else None


@dataclass(frozen=True)
class Alerts(Chart):
    """The firing alerts whose name fits `pattern`."""

    pattern: str = "Vllm.+"


# ---------------------------------------------------------------------------------------------- boards


@dataclass(frozen=True)
class Section:
    """A row of panels. `collapsed` sections run nothing until opened."""

    title: str
    charts: tuple[Chart, ...]
    collapsed: bool = False


@dataclass(frozen=True)
class Input:
    """A number that the viewer types in, such as a price."""

    name: str
    label: str
    default: str
    description: str


@dataclass(frozen=True)
class Event:
    """What happens to something at a moment, drawn over every graph; the signal is there while it does."""

    title: str
    signal: Signal
    color: str
    _: KW_ONLY
    of: Grouping = "engine"


@dataclass(frozen=True)
class Board:
    """A board and the one question that it answers.

    `servers`: the forms in which a viewer can also choose servers and engines, not only models; engines not where
    `by_engine` is off, because nothing there knows them. `events` are drawn
    besides firing alerts. `since`: the time range with which it opens, and `refresh` how often it asks again.
    """

    slug: str
    title: str
    question: str
    sections: tuple[Section, ...]
    inputs: tuple[Input, ...] = ()
    servers: tuple[FormName, ...] = ("raw",)
    by_engine: bool = True
    events: tuple[Event, ...] = ()
    since: str = "now-1h"
    refresh: str = "30s"

    @property
    def name(self) -> str:
        """Its title among our own boards: without whose it is."""
        return self.title.removeprefix("vLLM / ")


UIDS: dict[FormName, str] = {"raw": "vllm-obs-", "fleet": "vllm-obs-fleet-"}


def number(title: str) -> int:
    """A panel's id, made from its title, so that links to it outlive panels that are added before it."""
    return zlib.crc32(title.encode()) % 1_000_000 + 1


def uid(slug: str, form: FormName = "raw") -> str:
    """Grafana uid of a board: vLLM's own boards already use the bare slugs, and a site may load both, in both forms."""
    return slug.replace("vllm-", UIDS[form], 1)
