"""Asks both readers the same questions: the same samples go into a real Prometheus and into evaluate.py.

All cases share one database and one query per question: a label `case` keeps them apart, and every query groups by it.
A case is two scrapes, GAP seconds apart; a page alone is a server that started with zeros GAP seconds before.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.programs import Server, openmetrics_line
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals
from vllm_observability.model import Either, Node, PerSecond, Plus, Quantile, Ratio, Raw, ShareWithin, Signal, Unit
from vllm_observability.pages.evaluate import Window, evaluate, merged_buckets, window
from vllm_observability.pages.scrape import Page, Sample
from vllm_observability.pages.snapshot import LABEL_ALIASES, snapshot
from vllm_observability.queries.promql import Reader
from vllm_observability.queries.recorded import bounds_of
from vllm_observability.settings import Settings
from vllm_observability.settings.site import Histograms

GAP = 10_000
EARLIER, LATER = 1_700_000_000, 1_700_000_000 + GAP
# One millisecond longer than the gap: Prometheus 3 leaves out a sample on the window's left edge, 2 takes it in. With
# samples at both ends there is nothing to extrapolate but that millisecond, 1e-7 of the gap.
WINDOW = f"{GAP}001ms"
# Wider than that millisecond, and than the rounding of a division by the window, which only Prometheus does.
TOLERANCE = 1e-6
# By how much of all observations that millisecond can move a quantile's rank: once each for the total, for what lies
# below, and for the bucket itself.
RANK = 3e-7

LEVELS: Mapping[str, tuple[str, ...]] = {"model": ("model_name",), "engine": ("instance", "engine", "model_name")}


# Every signal with two readers, and the node kind that no signal uses yet: a share within an SLO's bound. Bounds with
# and without a fraction, since their spelling in `le` differs.
SIGNALS: tuple[Signal, ...] = (
    *(signal for signal in signals.ALL if not isinstance(signal.expr, Raw)),
    *(
        Signal(f"{metric.id}_within_{bound:g}", ShareWithin(metric, bound), Unit.RATIO, "", "")
        for metric, bound in (
            (m.TTFT, 1.0),
            (m.TTFT, 0.25),
            (m.ITL, 0.1),
            (m.E2E, 30.0),
            (m.REQUEST_PROMPT_TOKENS, 50.0),
        )
    ),
)


@dataclass(frozen=True)
class Case:
    """One or two scrapes under a name."""

    name: str
    later: Page
    earlier: Page | None = None

    @cached_property
    def window(self) -> Window:
        """What evaluate.py reads."""
        before = self.earlier and snapshot(self.earlier)
        return window(snapshot(self.later), before, GAP)


def fleet(pages: Mapping[str, Page]) -> Page:
    """Several servers' pages as one, told apart by the label `instance`, as a Prometheus holds them."""
    samples = [
        Sample(s.name, {**s.labels, "instance": instance}, s.value, s.timestamp)
        for instance, page in pages.items()
        for s in page.samples
    ]
    types = {name: kind for page in pages.values() for name, kind in page.types.items()}
    return Page(samples, types, (), 0, len(samples), 0, False)


# --------------------------------------------------------------------------------------------- samples

_Series = tuple[str, tuple[tuple[str, str], ...]]


def openmetrics(cases: Iterable[Case], **target_labels: str) -> Iterator[str]:
    """The lines to backfill. A series that the earlier page does not have yet starts at 0, as evaluate.py reads it;
    one that the later page lost is left out, for a real scrape would have marked it stale.
    """
    for case in cases:
        before = _series(case.earlier) if case.earlier else {}
        for key, value in _series(case.later).items():
            name, pairs = key
            labels = {**dict(pairs), "case": case.name, **target_labels}
            yield openmetrics_line(name, labels, before.get(key, 0.0), EARLIER)
            yield openmetrics_line(name, labels, value, LATER)


def _series(page: Page) -> dict[_Series, float]:
    """As Prometheus stores a page: of a sample given twice the first counts.

    Two spellings are put right, which only reader 2 forgives (in Prometheus that takes relabelling): counters without
    `_total`, and a simulator's `finish_reason`.
    """
    found: dict[_Series, float] = {}
    for sample in page.samples:
        bare = page.types.get(sample.name) == "counter" and not sample.name.endswith(("_total", "_created"))
        labels = {LABEL_ALIASES.get(key, key): value for key, value in sample.labels.items()}
        found.setdefault((sample.name + "_total" * bare, tuple(sorted(labels.items()))), sample.value)
    return found


# ---------------------------------------------------------------------------------------- the comparison


@dataclass(frozen=True)
class Readings:
    """Both answers to one question, by case and group."""

    text: str
    promql: dict[tuple[tuple[str, str], ...], float]
    numbers: dict[tuple[tuple[str, str], ...], float]


def read(
    server: Server,
    cases: Sequence[Case],
    signal: Signal,
    by: Sequence[str],
    prefixes: Sequence[str],
    fleet: str,
    histograms: Histograms = "classic",
) -> Readings:
    """One signal of every case, from a database that holds them under the target label `fleet`."""
    reader = Reader(
        by=("case", *by, *signal.by),
        window=WINDOW,
        prefixes=tuple(prefixes),
        matchers=(("fleet", "=", fleet),),
        target_labels=("instance", "case", "fleet"),
        histograms=histograms,
        bounds=lambda metric: bounds_of(metric, Settings()),
    )
    text = reader.text(signal.expr)
    numbers = {
        tuple(sorted((("case", case.name), *group))): value.number
        for case in cases
        for group, value in evaluate(signal.expr, case.window, (*by, *signal.by)).items()
    }
    return Readings(text, server.query(text, LATER), numbers)


def disagreements(
    server: Server,
    cases: Sequence[Case],
    by: Sequence[str],
    *,
    fleet: str = "tested",
    asked: Sequence[Signal] = SIGNALS,
    histograms: Histograms = "classic",
) -> list[str]:
    """Where the two readers differ, a line each.

    After a restart evaluate.py says nothing per second, by design; Prometheus gives the rate since.
    """
    restarted = {("case", case.name) for case in cases if case.window.restarted}
    prefixes = sorted({case.window.later.prefix for case in cases})
    found = []
    for signal in asked:
        answer = read(server, cases, signal, by, prefixes, fleet, histograms)
        for group in sorted({*answer.promql, *answer.numbers}):
            one, other = answer.promql.get(group), answer.numbers.get(group)
            if other is None and restarted.intersection(group) and _flows_per_second(signal.expr):
                continue
            if one is None or other is None or not _same(one, other):
                case = next(c for c in cases if ("case", c.name) in group)
                if _within_rounding(signal.expr, case, group, by, (one, other)):
                    continue
                found.append(f"{signal.id} {dict(group)}: Prometheus {one}, evaluate.py {other}\n  {answer.text}")
    return found


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=1e-12)


def _within_rounding(
    node: Node, case: Case, group: tuple[tuple[str, str], ...], by: Sequence[str], answers: tuple[float | None, ...]
) -> bool:
    """Whether both answers are quantiles of ranks that the rounding of counts makes of this one.

    Prometheus ranks counts that were divided by the window, some of them extrapolated by its millisecond. A rank that
    is exactly a bucket's count, with no observation in the buckets that follow, may so come out at either end of these.
    """
    if not isinstance(node, Quantile) or None in answers:
        return False
    key = tuple(pair for pair in group if pair[0] != "case")
    buckets = merged_buckets(node.metric, case.window, by)[key]
    low, high = (end.number if (end := buckets.quantile(node.q + off)) else math.nan for off in (-RANK, RANK))
    return all(low - 1e-9 <= answer <= high + 1e-9 for answer in answers if answer is not None)


def _flows_per_second(node: Node) -> bool:
    """Whether an answer needs the length of the window."""
    if isinstance(node, Ratio):
        return _flows_per_second(node.over) or _flows_per_second(node.under)
    if isinstance(node, Either):
        return _flows_per_second(node.first) or _flows_per_second(node.second)
    return isinstance(node, PerSecond) or (isinstance(node, Plus) and _flows_per_second(node.node))
