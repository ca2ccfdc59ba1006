"""What is read is found, not listed: the report's own reads, every query that is emitted, and who reads a metric."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields

import pytest
import yaml

from harness.programs import ROOT
from recordings import RECORDINGS
from vllm_observability.catalog import board_signals, capacity_signals, fleet_signals, signals
from vllm_observability.catalog import metrics as m
from vllm_observability.model import Metric, Part, asks
from vllm_observability.pages.evaluate import window
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.snapshot import Labels, Snapshot, snapshot
from vllm_observability.pages.source import Source
from vllm_observability.queries.reads import By, Series, names_read, report_reads, series_of, uses
from vllm_observability.report import analyse
from vllm_observability.settings import Settings, parse

EXPOSED = {name: (metric, part) for metric in m.ALL for part in metric.parts for name in metric.series(part)}
WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


@dataclass(frozen=True)
class Watched(Snapshot):
    """A page that remembers what it was asked."""

    asked: set[Series] | None = None
    looked_for: set[Metric] | None = None

    def of(self, metric: Metric, part: Part = Part.VALUE) -> dict[Labels, float]:
        """The series, and a note of it."""
        assert self.asked is not None
        self.asked.add((metric, part))
        return dict(super().of(metric, part))

    def has(self, metric: Metric) -> bool:
        """Whether it is there, and a note of it."""
        assert self.looked_for is not None
        self.looked_for.add(metric)
        return super().has(metric)


def _reported() -> tuple[set[Series], set[Metric]]:
    """What reports on all recorded pages ask: of each page alone, and of each pair from loaded to after."""
    asked: set[Series] = set()
    looked_for: set[Metric] = set()
    for recording in RECORDINGS:
        pages = {}
        for path in recording.pages:
            plain = snapshot(read_page(path.read_bytes()))
            own = {field.name: getattr(plain, field.name) for field in fields(plain)}
            pages[path.stem] = Watched(**own, asked=asked, looked_for=looked_for)
        for page in pages.values():
            analyse(window(page), Source("file", "page", at=1.8e9), Settings())
        asked_by_window = window(pages["after"], pages["loaded"], 60.0)
        analyse(asked_by_window, Source("pair", "pages", at=1.8e9), Settings())
    return asked, looked_for


def test_the_report_asks_pages_for_what_the_walk_says() -> None:
    """Over all recorded pages no series more and no series less, so that nothing it needs is dropped or not fetched."""
    asked, looked_for = _reported()

    assert report_reads() == asked
    assert {metric for metric, _ in asked} >= looked_for
    assert len(asked) > 40
    assert (m.REQUESTS_WAITING_BY_REASON, Part.VALUE) in asked


def _emitted() -> Iterator[str]:
    """Every query that is emitted: of rules, of both forms of every board, of runbooks."""
    for path in (ROOT / "alerts").glob("*.yaml"):
        yield from (rule["expr"] for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"])
    for path in (ROOT / "dashboards").rglob("*.json"):
        yield from re.findall(r'"expr": "(.*)"', path.read_text())
    for path in (ROOT / "alerts/runbooks").glob("*.md"):
        yield from re.findall(r"```promql\n(.*?)```", path.read_text(), re.DOTALL)


def test_names_that_are_read_are_those_of_emitted_queries_and_of_the_report() -> None:
    """By the text of what is emitted: no name too many, which a scrape would keep for nothing, and none too few."""
    emitted = EXPOSED.keys() & {word for query in _emitted() for word in WORD.findall(query)}
    of_the_report = {name for metric, part in report_reads() for name in metric.series(part)}

    assert len(emitted) > 80
    assert emitted | of_the_report == names_read(Settings())


def test_names_follow_the_prefixes_of_the_site() -> None:
    """Those of engines; names of other programs stand as they are."""
    read = names_read(parse({"metric_prefixes": ["ray_vllm_"]}))

    assert {"ray_vllm_num_requests_running", "http_requests_total"} <= read
    assert not any(name.startswith("vllm:") for name in read)


@pytest.mark.parametrize(
    ("by", "name", "metric"),
    [
        ("figure", "ttft_p95_seconds", m.TTFT),
        ("report", "requests_waiting_deferred", m.REQUESTS_WAITING_BY_REASON),
        ("recorded series", "engine_restarts", m.GENERATION_TOKENS),
        ("alert", "VllmEngineStalled", m.ITERATION_TOKENS),
        ("budget", "VllmErrorBudgetBurn", m.REQUEST_SUCCESS),
        ("panel", "KV cache / Waiting requests, by reason", m.REQUESTS_WAITING_BY_REASON),
        ("panel", "SLO / Inter-token latency: burn rate", m.ITL),
        ("runbook", "VllmConfigDrift", m.CACHE_CONFIG),
    ],
)
def test_every_kind_of_reader_is_found(by: By, name: str, metric: Metric) -> None:
    """One of each."""
    found = [use for use in uses(Settings()) if (use.by, use.name) == (by, name)]

    assert metric in {read for read, _ in series_of(found)}


def test_a_budget_without_an_objective_reads_nothing() -> None:
    """It has neither rules nor panels; end-to-end latency has none by default."""
    named = {use.name for use in uses(Settings())}

    assert "VllmTtftBudgetBurn" in named
    assert "SLO / Time to first token: burn rate" in named
    assert not {"VllmE2eBudgetBurn", "SLO / End-to-end latency: burn rate"} & named
    assert not any("Budget" in use.name for use in uses(parse({"objectives": []})) if use.by == "budget")


def test_no_question_is_a_row_for_nothing() -> None:
    """Every signal of the catalogue is asked by somebody, by itself or inside another one's text."""
    asked = [*uses(Settings())]
    every = (*signals.ALL, *fleet_signals.ALL, *board_signals.ALL, *capacity_signals.ALL)

    assert len(every) > 150
    assert [] == [signal.id for signal in every if not any(asks(use.node, signal.expr) for use in asked)]
