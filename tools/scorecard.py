"""How good are the alerts? Each simulated incident through a real Prometheus: what fired, when, and what wrongly.

usage: scorecard.py run [STORY…] [--rules FILE… --mapping FILE]
       scorecard.py table [--check]
"""

from __future__ import annotations

import math
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import click
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from toolbox import Server, backfill, prometheus_lines, record, running_prometheus  # noqa: E402
from vllm_observability.build import artefacts  # noqa: E402
from vllm_observability.durations import seconds  # noqa: E402
from vllm_observability.settings import parse  # noqa: E402
from vllm_observability.simulate.fleet import Fleet  # noqa: E402
from vllm_observability.simulate.story import Expected, Story, duration, load, names  # noqa: E402

EPOCH = 1_800_000_000 // 86_400 * 86_400 + 86_400  # midnight
STEP = 30  # seconds between scrapes and between evaluations
CHUNK = 6 * 3600  # seconds of samples that are written at once
# With stale markers, which a backfilled database has not, a series ends with its last scrape.
LOOKBACK = "--query.lookback-delta=45s"
POINTS = 10_000  # of a range query
WORD = re.compile(r"[a-zA-Z_:][\w:]*")


@dataclass(frozen=True)
class Firing:
    """An alert that fired: its first and last evaluation in Unix seconds."""

    alert: str
    severity: str
    labels: tuple[tuple[str, str], ...]
    since: float
    until: float


@dataclass(frozen=True)
class Result:
    """What became of a story. Seconds since the incident's start."""

    name: str
    story: Story
    firings: tuple[Firing, ...]
    took: float


# ------------------------------------------------------------------------------------------------ playing


def play(name: str, rule_files: Sequence[str] = ()) -> Result:
    """Simulate a story, record, and evaluate its alerts; `rule_files`: other rules than ours."""
    begin, story = time.monotonic(), load(name)
    with tempfile.TemporaryDirectory(prefix="scorecard-") as folder:
        rules = [Path(path) for path in rule_files] or _our_rules(story, Path(folder))
        data = Path(folder, "data")
        _write(story, data, frozenset(WORD.findall("".join(path.read_text() for path in rules))))
        end = EPOCH + duration(story.lasts)
        line = prometheus_lines()[-1]
        for path in rules:
            if _rules(path, "record"):
                record(data, path, EPOCH, end, f"{STEP}s", line, (LOOKBACK,))
        with running_prometheus(data, line=line, arguments=(LOOKBACK,)) as server:
            found = [f for path in rules for rule in _rules(path, "alert") for f in _firings(server, rule, EPOCH, end)]
    return Result(name, story, tuple(sorted(found, key=lambda f: f.since)), time.monotonic() - begin)


def _our_rules(story: Story, folder: Path) -> list[Path]:
    files = artefacts(parse(story.settings))
    wanted = ["alerts/vllm-recording-rules.yaml"] * story.rules_loaded + ["alerts/vllm-alerts.yaml"]
    paths = []
    for name in wanted:
        paths.append(folder / Path(name).name)
        paths[-1].write_text(files[name])
    return paths


def _rules(path: Path, kind: str) -> list[dict[str, Any]]:
    groups = yaml.safe_load(path.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"] if kind in rule]


def _write(story: Story, data: Path, wanted: frozenset[str]) -> None:
    """Scrape the simulated fleet into a database; only what the rules read."""
    fleet, steps = Fleet(story, EPOCH), math.ceil(duration(story.lasts) / STEP)
    lines: dict[str, list[str]] = {}
    for step in range(steps + 1):
        at = EPOCH + step * STEP
        fleet.run(at)
        for series, value in fleet.scrape(wanted):
            lines.setdefault(series.partition("{")[0], []).append(f"{series} {value!r} {at}\n")
        if step == steps or (step + 1) * STEP % CHUNK == 0:
            backfill("".join(text for group in lines.values() for text in group) + "# EOF\n", data)
            lines.clear()


def _firings(server: Server, rule: Mapping[str, Any], start: float, end: float) -> Iterator[Firing]:
    """When a rule fires: its expression holds at every evaluation for as long as `for` says."""
    hold = seconds(rule.get("for", "0s")) or 0.0
    found: dict[tuple[tuple[str, str], ...], list[float]] = {}
    for begin in range(int(start), int(end) + 1, STEP * POINTS):
        last = min(end, begin + STEP * (POINTS - 1))
        for labels, values in server.query_range(rule["expr"], begin, last, STEP).items():
            found.setdefault(labels, []).extend(at for at, _ in values)
    for labels, times in found.items():
        own = dict(labels) | rule.get("labels", {})
        for since, until in _runs(times):
            if until - since >= hold:
                yield Firing(rule["alert"], own.get("severity", ""), tuple(sorted(own.items())), since + hold, until)


def _runs(times: Sequence[float]) -> Iterator[tuple[float, float]]:
    since = before = times[0]
    for at in times[1:]:
        if at - before > STEP:
            yield since, before
            since = at
        before = at
    yield since, before


# ------------------------------------------------------------------------------------------------ judging


def detected(result: Result, expected: Expected, mapping: Mapping[str, Sequence[str]]) -> float | None:
    """Seconds from the incident's start to the first firing of an expected alert; None where there is none."""
    start = EPOCH + duration(result.story.starts)
    names = [expected.alert, *(theirs for theirs, ours in mapping.items() if expected.alert in ours)]
    after = [
        f.since - start
        for f in result.firings
        if f.alert in names and f.since >= start and (mapping or expected.severity in ("", f.severity))
    ]
    return min(after, default=None)


def false_alarms(result: Result, mapping: Mapping[str, Sequence[str]]) -> list[Firing]:
    """Alerts that nobody expects: in a healthy story, before the incident, or of another kind."""
    start = EPOCH + duration(result.story.starts)
    right = {*result.story.may, *(expected.alert for expected in result.story.must)}
    return [
        f for f in result.firings
        if not right & {f.alert, *mapping.get(f.alert, ())} or (result.story.must and f.since < start)
    ]  # fmt: skip


def rows(result: Result, mapping: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Lines of the table."""
    wrong = sorted({f"{f.alert} ({f.severity})" if f.severity else f.alert for f in false_alarms(result, mapping)})
    extra = ", ".join(wrong) or "none"
    if not result.story.must:
        fired = sorted({f.alert for f in result.firings if f.alert in result.story.may})
        yield result.story.title, "silence" + (f" but for {', '.join(fired)}" if fired else ""), "", "", extra
    for number, expected in enumerate(result.story.must):
        after = detected(result, expected, mapping)
        late = after is None or after > duration(expected.within)
        said = "never" if after is None else f"{after / 60:.1f} min"
        name = f"{expected.alert} {expected.severity}".strip()
        yield (
            result.story.title if not number else "", name, expected.within, f"**{said}**" if late else said,
            extra if not number else "",
        )  # fmt: skip


def failed(result: Result, mapping: Mapping[str, Sequence[str]]) -> bool:
    """Whether an expected alert came late or never, or another one came."""
    late = any((after := detected(result, e, mapping)) is None or after > duration(e.within) for e in result.story.must)
    return late or bool(false_alarms(result, mapping))


# ------------------------------------------------------------------------------------------------ command


@click.command()
@click.argument("stories", nargs=-1)
@click.option("--rules", "rule_files", multiple=True, type=click.Path(exists=True), help="Score these rules, not ours.")
@click.option("--mapping", type=click.Path(exists=True), help="YAML: an alert of --rules -> the alerts it stands for.")
@click.option("--jobs", default=2, show_default=True)
@click.option("--verbose", is_flag=True, help="Every firing.")
def main(stories: tuple[str, ...], rule_files: tuple[str, ...], mapping: str | None, jobs: int, verbose: bool) -> None:
    """Play stories (all without arguments) and print the table."""
    known = yaml.safe_load(Path(mapping).read_text()) if mapping else {}
    chosen = stories or names()
    results = []
    with Pool(jobs) as pool:
        for result in pool.imap_unordered(_play, [(name, rule_files) for name in chosen], chunksize=1):
            results.append(result)
            click.echo(f"{'FAIL' if failed(result, known) else 'ok  '} {result.name} ({result.took:.0f} s)", err=True)
            for row in rows(result, known):
                click.echo("       " + " | ".join(row[1:]), err=True)
            if verbose:
                for f in result.firings:
                    since, until = (f.since - EPOCH) / 60, (f.until - EPOCH) / 60
                    click.echo(f"         {since:8.1f} to {until:8.1f} min {f.alert} {dict(f.labels)}", err=True)
    if any(failed(result, known) for result in results):
        raise SystemExit(1)


def _play(job: tuple[str, tuple[str, ...]]) -> Result:
    return play(*job)


if __name__ == "__main__":
    main()
