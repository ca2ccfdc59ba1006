"""The two readers agree on fleets that nobody recorded: random engines, names, labels, layouts and values.

A failure prints the seed; all cases of a seed share one database.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from agreement import LEVELS, Case, disagreements, openmetrics
from harness.programs import backfill, prometheus_lines, running_prometheus
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals
from vllm_observability.model import Kind, Metric, Part, Unit, metrics
from vllm_observability.pages.scrape import Page, Sample

CASES_PER_SEED = 40
USED: tuple[Metric, ...] = tuple(
    dict.fromkeys(metric for s in signals.ALL for metric in metrics(s.expr) if metric in m.ALL)
)
LABEL_VALUES = {
    "finished_reason": ("stop", "length", "abort", "error"), "status": ("2xx", "4xx", "5xx"), "method": ("GET", "POST"),
    "handler": ("/v1/completions", "none"), "generation": ("0", "1", "2"),
}  # fmt: skip


def _case(rnd: random.Random, name: str) -> Case:
    """One to three servers with one or two engines each; the earlier page, if any, holds less of everything."""
    later: list[Sample] = []
    earlier: list[Sample] = []
    for server in range(rnd.randint(1, 3)):
        instance = f"host-{server}"
        model = rnd.choice(("acme/a", "acme/b"))
        for metric in USED:
            if rnd.random() < 0.15:
                continue
            names = rnd.sample([n.text for n in metric.names], rnd.randint(1, len(metric.names)))
            engines = rnd.choice((("0",), ("0", "1"), (None,)))
            for engine in engines:
                rows = list(_rows(rnd, metric))
                for text in names:  # a server with both names shows the same numbers under both
                    for part, labels, value, before in rows:
                        base = {"instance": instance, **labels}
                        base |= {"model_name": model} if "model_name" in metric.labels else {}
                        base |= {"engine": engine} if engine is not None and "engine" in metric.labels else {}
                        later.append(Sample(text + part.value, base, value, None))
                        earlier.append(Sample(text + part.value, base, before, None))
    return Case(name, _page(later), _page(earlier) if rnd.random() < 0.5 else None)


def _page(samples: list[Sample]) -> Page:
    unique = {(s.name, tuple(sorted(s.labels.items()))): s for s in samples}
    return Page(list(unique.values()), {}, (), 0, len(unique), 0, False)


def _rows(rnd: random.Random, metric: Metric) -> Iterator[tuple[Part, dict[str, str], float, float]]:
    """(part, labels, value, earlier value) of one engine's metric."""
    own = [label for label in metric.labels if label not in ("model_name", "engine")]
    for _ in range(rnd.randint(1, 3) if own else 1):
        labels = {label: rnd.choice(LABEL_VALUES.get(label, ("x", "y"))) for label in own}
        if metric.kind is Kind.HISTOGRAM:
            yield from _histogram(rnd, metric, labels)
        elif metric.kind is Kind.GAUGE:
            top = 1.0 if metric.unit is Unit.RATIO else 50.0
            value = rnd.choice((0.0, rnd.random() * top, -1.0 if "hit_rate" in metric.id else top))
            yield Part.VALUE, labels, value, 0.0
            if rnd.random() < 0.2:
                yield Part.VALUE, {**labels, "pid": "7"}, abs(value) / 2, 0.0
        else:
            value = float(rnd.choice((0, rnd.randint(1, 10), rnd.randint(1, 10**6))))
            yield Part.VALUE, labels, value, float(rnd.randint(0, int(value)))


def _histogram(
    rnd: random.Random, metric: Metric, labels: dict[str, str]
) -> Iterator[tuple[Part, dict[str, str], float, float]]:
    layouts = [b.bounds for b in metric.buckets if b.bounds] or [(1.0, 2.0, 5.0, 10.0, 20.0, 50.0)]
    bounds: Sequence[float] = rnd.choice(layouts)
    inside = [rnd.choice((0, 0, rnd.randint(0, 30))) for _ in range(len(bounds) + 1)]
    share = rnd.random()
    now = before = 0
    for bound, count in zip((*bounds, float("inf")), inside, strict=True):
        now += count
        before += int(count * share)
        le = "+Inf" if bound == float("inf") else repr(float(bound))
        yield Part.BUCKET, {**labels, "le": le}, float(now), float(before)
    yield Part.COUNT, labels, float(now), float(before)
    yield Part.SUM, labels, now * 0.37, before * 0.37


def _disagreements(seed: int) -> list[str]:
    rnd = random.Random(seed)
    cases = [_case(rnd, f"case-{i}") for i in range(CASES_PER_SEED)]
    groups: dict[str, list[str]] = {}
    for line in openmetrics(cases, fleet="tested"):
        groups.setdefault(line.partition("{")[0], []).append(line)
    text = "".join(line for group in groups.values() for line in group) + "# EOF\n"
    found = []
    for version in prometheus_lines():
        with TemporaryDirectory() as directory:
            backfill(text, Path(directory), version)
            with running_prometheus(Path(directory), line=version) as server:
                for by in LEVELS.values():
                    found += [f"Prometheus {version}: {line}" for line in disagreements(server, cases, by)]
    return found


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 2**32))
def test_readers_agree_on_random_fleets(seed: int) -> None:
    """Whatever the fleet, both readers give the same groups and numbers."""
    assert [] == _disagreements(seed)[:5]
