"""What `vllm-obs review` of a week costs: seven days of a hundred engines over recorded series, and the week before.

A slower check: the database has what a Prometheus with the rules holds of what a review reads, fourteen days of it. The
command runs as a process of its own, whose time and largest memory are measured.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness.programs import ROOT, backfill, openmetrics_line, prometheus_lines, running_prometheus
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.slo import BY_KIND
from vllm_observability.intervals.records import BUCKETS, COUNTS
from vllm_observability.model import Growth, Metric, Part
from vllm_observability.queries.recorded import plan
from vllm_observability.rules.budgets import events_name
from vllm_observability.settings import Settings

END = 1_800_057_600
DAYS, ENGINES, MODELS = 14, 100, 4
SCRAPED, EVALUATED, HISTOGRAMS = 15, 30, 60  # seconds
MOST_SECONDS, MOST_BYTES = 20.0, 300e6
DAY = 86_400
LAUNCHER = """
import json, resource, subprocess, sys, time
begun = time.monotonic()
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(json.dumps([status, time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024]))
"""


def _series() -> Iterator[tuple[str, dict[str, str], float, int]]:
    """Name, labels, a number and seconds between samples of everything that a review of a week reads."""
    planned, where = plan(Settings()), {"cluster": "c", "namespace": "prod", "job": "vllm"}
    running = planned.find("engine", s.RUNNING.expr)
    assert running
    for number in range(ENGINES):
        labels = {**where, "instance": f"chat-{number}:8000", "engine": "0", "model_name": f"acme/{number % MODELS}"}
        yield m.REQUESTS_RUNNING.names[0].text, labels, 3.0, SCRAPED
        yield running.name, labels, 3.0, EVALUATED
    for number in range(MODELS):
        labels = {**where, "model_name": f"acme/{number}"}
        model = planned.find("model", s.RUNNING.expr)
        assert model
        yield model.name, labels, 75.0, EVALUATED
        for metric, part, _ in COUNTS.values():
            if (found := planned.find("model", Growth(metric, part))) and metric is not m.REQUEST_SUCCESS:
                yield found.name, labels, 40.0, EVALUATED
        found = planned.find("model", Growth(m.REQUEST_SUCCESS))
        assert found
        for reason in ("stop", "length", "abort", "error"):
            yield found.name, {**labels, "finished_reason": reason}, 10.0, EVALUATED
        for metric in BUCKETS.values():
            yield from _buckets(metric, labels)
        for budget in ("ttft", "itl", "errors"):
            for which in ("good", "total"):
                yield events_name(BY_KIND[budget], which, "5m"), labels, 38.0 + 2 * (which == "total"), EVALUATED  # type: ignore[index]


def _buckets(metric: Metric, labels: dict[str, str]) -> Iterator[tuple[str, dict[str, str], float, int]]:
    found = plan(Settings()).find("model", Growth(metric, Part.BUCKET))
    bounds = (*metric.buckets[-1].bounds, math.inf)
    for number, bound in enumerate(bounds if found else ()):
        assert found
        le = "+Inf" if math.isinf(bound) else f"{bound:g}"
        yield found.name, {**labels, "le": le}, 40.0 * (number + 1) / len(bounds), HISTOGRAMS


def _fill(folder: Path) -> int:
    """Two days at a time; how many samples there are."""
    rows = sorted(_series(), key=lambda row: row[0])
    heads = [(openmetrics_line(name, own, 0.0, 0.0).rsplit(" ", 2)[0], value, step) for name, own, value, step in rows]
    samples = 0
    for begin in range(END - DAYS * DAY, END, 2 * DAY):
        lines = []
        for head, value, step in heads:
            times = range(begin, begin + 2 * DAY, step)
            samples += len(times)
            lines += [f"{head} {value if at % 7200 < 5000 else value / 4:g} {at}\n" for at in times]
        lines.append("# EOF\n")
        backfill("".join(lines), folder)
    return samples


def main() -> int:
    """Print what it took; 1 where that is too much."""
    with tempfile.TemporaryDirectory(prefix="review-cost-") as scratch:
        data = Path(scratch, "data")
        samples = _fill(data)
        with running_prometheus(data, line=prometheus_lines()[-1]) as server:
            command = [sys.executable, "-m", "vllm_observability", "review", "--prometheus", server.url]
            asked = [*command, "--to", str(END), "--format", "html"]
            # Through a small process: a child of this one would be counted as large as this one is.
            told = subprocess.run(
                [sys.executable, "-c", LAUNCHER, *asked], check=True, cwd=ROOT, stdout=subprocess.PIPE
            )
            status, took, memory = json.loads(told.stdout)
    sys.stdout.write(
        f"7 days of {ENGINES} engines over recorded series ({samples / 1e6:.0f} million samples of 14 days): "
        f"{took:.1f} s, {memory / 1e6:.0f} MB, exit {status}\n"
    )
    return int(status != 0 or took > MOST_SECONDS or memory > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
