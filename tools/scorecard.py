"""How good are the alerts? Each simulated incident through a real Prometheus: what fired, when, and what wrongly."""

from __future__ import annotations

import hashlib
import json
import math
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import click
import yaml

from harness.programs import Server, backfill, prometheus_lines, record, running_prometheus
from traffic.command import traffic
from vllm_observability.build.artefacts import artefacts
from vllm_observability.settings import parse
from vllm_observability.settings.durations import seconds
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.story import Expected, Story, duration, load, names

ROOT = Path(__file__).resolve().parent.parent
SIMULATOR = ROOT / "generator/vllm_observability/simulate"
STORE, TABLE = ROOT / "docs/scorecard.json", ROOT / "docs/scorecard.md"
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


def result_of(name: str, rule_files: Sequence[str] = ()) -> Result:
    """Simulate a story, record, and evaluate its alerts; `rule_files`: other rules than ours."""
    begin, story = time.monotonic(), load(name)
    with tempfile.TemporaryDirectory(prefix="scorecard-") as folder:
        rules = [Path(path) for path in rule_files] or our_rules(story, Path(folder))
        found = fired(Fleet(story, EPOCH), duration(story.lasts), rules, Path(folder, "data"))
    return Result(name, story, found, time.monotonic() - begin)


def fired(fleet: Fleet, lasts: float, rules: Sequence[Path], data: Path) -> tuple[Firing, ...]:
    """What rule files say of a fleet that begins at EPOCH, so many seconds; `data`: where its samples are put."""
    _write(fleet, lasts, data, frozenset(WORD.findall("".join(path.read_text() for path in rules))))
    end, line = EPOCH + lasts, prometheus_lines()[-1]
    for path in rules:
        if _rules(path, "record"):
            record(data, path, EPOCH, end, f"{STEP}s", line, (LOOKBACK,))
    with running_prometheus(data, line=line, arguments=(LOOKBACK,)) as server:
        found = [f for path in rules for rule in _rules(path, "alert") for f in _firings(server, rule, EPOCH, end)]
    return tuple(sorted(found, key=lambda f: f.since))


def our_rules(story: Story, folder: Path) -> list[Path]:
    """The bundle's rule files as the story's site has them, written into a folder."""
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


def _write(fleet: Fleet, lasts: float, data: Path, wanted: frozenset[str]) -> None:
    """Scrape the simulated fleet into a database; only what the rules read."""
    steps = math.ceil(lasts / STEP)
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


@dataclass(frozen=True)
class Score:
    """A story's lines of the table: expected alert, bound, what was found; and what fired without being asked for."""

    title: str
    expected: tuple[tuple[str, str, str], ...]
    wrong: tuple[str, ...]
    engine_days: float
    healthy: bool

    @property
    def good(self) -> bool:
        """Whether all came in time, and nothing else came."""
        return not self.wrong and not any("**" in found for _, _, found in self.expected)


def score(result: Result, mapping: Mapping[str, Sequence[str]]) -> Score:
    """`mapping`: for other rules than ours, which of our alerts each of theirs stands for."""
    story = result.story
    lines = []
    for expected in story.must:
        after = detected(result, expected, mapping)
        late = after is None or after > duration(expected.within)
        said = "never" if after is None else f"{after / 60:.1f} min"
        name = f"{expected.alert} {expected.severity}".strip()
        lines.append((name, expected.within, f"**{said}**" if late else said))
    wrong = sorted({f"{f.alert} {f.severity}".strip() for f in false_alarms(result, mapping)})
    if story.healthy:
        right = sorted({f.alert for f in result.firings} & set(story.may))
        lines.append(("silence" + (f", but for {', '.join(right)}" if right else ""), "", ""))
    days = story.engines * duration(story.lasts) / 86_400
    return Score(story.title, tuple(lines), tuple(wrong), round(days, 2), story.healthy)


def alike(one: Score, other: Score) -> bool:
    """Whether two runs say the same: promtool shifts evaluations by a hash of a file's path, up to a step."""
    if (one.title, one.wrong, len(one.expected)) != (other.title, other.wrong, len(other.expected)):
        return False
    return all(
        mine[:2] == theirs[:2] and abs(_minutes(mine[2]) - _minutes(theirs[2])) <= 1.0
        for mine, theirs in zip(one.expected, other.expected, strict=True)
    )


def _minutes(found: str) -> float:
    match = re.search(r"[\d.]+", found)
    return float(match[0]) if match else -1.0


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


# -------------------------------------------------------------------------------------------------- table


def inputs(name: str) -> str:
    """A fingerprint of what a story's score depends on: the rules, the simulator, the story."""
    code = [path for path in SIMULATOR.glob("*.py") if path.name not in ("serve.py", "show.py")]
    sources = [*code, SIMULATOR / f"stories/{name}.yaml", *(ROOT / "alerts").glob("vllm-*.yaml")]
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def kept() -> dict[str, tuple[str, Score]]:
    """Scores on file, with the fingerprint of what they were made of."""
    data = json.loads(STORE.read_text()) if STORE.exists() else {}
    found = {}
    for name, row in data.items():
        made_of = row.pop("inputs")
        row |= {"expected": tuple(map(tuple, row["expected"])), "wrong": tuple(row["wrong"])}
        found[name] = (made_of, Score(**row))
    return found


def keep(scores: Mapping[str, tuple[str, Score]]) -> None:
    """Write the scores of the stories that there are, and their table."""
    rows = {name: {"inputs": scores[name][0], **asdict(scores[name][1])} for name in sorted(names()) if name in scores}
    STORE.write_text(json.dumps(rows, indent=1) + "\n")
    TABLE.write_text(table([scores[name][1] for name in names() if name in scores]))


def table(scores: Sequence[Score]) -> str:
    """The page of the documentation."""
    incidents = sorted((s for s in scores if not s.healthy), key=lambda s: s.title)
    healthy = sorted((s for s in scores if s.healthy), key=lambda s: s.title)
    days, wrong = sum(s.engine_days for s in healthy), sum(len(s.wrong) for s in healthy)
    lines = [
        "# Scorecard of the alerts",
        "",
        "<!-- Written by `make scorecard`: don't edit. -->",
        "Each incident is played by a simulated fleet and judged by a real Prometheus with the rules in `alerts/`.",
        "`After` is the time from the incident's start to the alert; a bold entry is late or missing. `Besides` are",
        "alerts that nobody expected. All rules are evaluated every 30 s; as built, percentiles are recorded once a",
        "minute, so what judges them may come half a minute later. The stories, with what else may fire, are in",
        "`generator/vllm_observability/simulate/stories/`.",
        "",
        "| incident | expected alert | within | after | besides |",
        "|---|---|---|---|---|",
    ]
    for one in incidents:
        for number, (alert, within, after) in enumerate(one.expected):
            title, besides = (one.title, _besides(one)) if number == 0 else ("", "")
            lines.append(f"| {title} | {alert} | {within} | {after} | {besides} |")
    lines += ["", "| all is well | expected | engine-days | besides |", "|---|---|---|---|"]
    lines += [f"| {s.title} | {s.expected[0][0]} | {s.engine_days:g} | {_besides(s)} |" for s in healthy]
    lines += ["", f"False alarms in {days:.0f} simulated engine-days without an incident: {wrong}.", ""]
    return "\n".join(lines)


def _besides(one: Score) -> str:
    return ", ".join(one.wrong) or "none"


# ------------------------------------------------------------------------------------------------ command


@click.group()
def main() -> None:
    """Score alerts on simulated incidents."""


@main.command()
@click.argument("stories", nargs=-1)
@click.option("--again", is_flag=True, help="Also those that are fresh.")
@click.option("--check", is_flag=True, help="Write nothing: fail where a score differs from the one on file.")
@click.option("--shorter-than", default="", metavar="DURATION", help="Only stories that last less.")
@click.option("--jobs", default=2, show_default=True)
def play(stories: tuple[str, ...], again: bool, check: bool, shorter_than: str, jobs: int) -> None:
    """Play what is stale (or the named stories) with our rules, and write the table."""
    known = kept()
    chosen = [
        name for name in stories or names()
        if (again or check or known.get(name, ("",))[0] != inputs(name))
        and (not shorter_than or duration(load(name).lasts) < duration(shorter_than))
    ]  # fmt: skip
    bad = 0
    for result in _played(chosen, (), jobs):
        found = score(result, {})
        same = not check or (result.name in known and alike(known[result.name][1], found))
        bad += not (found.good and same)
        _say(result, found, "" if same else " differs from docs/scorecard.json")
        if not check:
            known[result.name] = (inputs(result.name), found)
            keep(known)
    if not check:
        keep(known)  # the table's words may be stale where no score is
    click.echo(f"{len(chosen)} stories played, {bad} of them bad")
    sys.exit(1 if bad else 0)


@main.command()
@click.argument("rule_files", nargs=-1, required=True, type=click.Path(exists=True))
@click.option("--mapping", type=click.Path(exists=True), help="YAML: an alert of theirs -> ours that it stands for.")
@click.option("--only", multiple=True, metavar="STORY")
@click.option("--jobs", default=2, show_default=True)
def compare(rule_files: tuple[str, ...], mapping: str | None, only: tuple[str, ...], jobs: int) -> None:
    """Score somebody else's rule files, and print their table."""
    known = yaml.safe_load(Path(mapping).read_text()) if mapping else {}
    found = []
    for result in _played(only or names(), rule_files, jobs):
        found.append(score(result, known))
        _say(result, found[-1], "")
    click.echo(table(found))


@main.command()
def fresh() -> None:
    """Fail where a score on file was made of other rules, another simulator or another story."""
    known = kept()
    stale = [name for name in names() if known.get(name, ("",))[0] != inputs(name)]
    if stale or TABLE.read_text() != table([known[name][1] for name in names()]):
        click.echo(f"docs/scorecard.md is stale ({', '.join(stale) or 'its text'}): run `make scorecard`", err=True)
        sys.exit(1)
    click.echo(f"{len(known)} scores are fresh.")


def _played(chosen: Sequence[str], rule_files: Sequence[str], jobs: int) -> Iterator[Result]:
    with Pool(jobs) as pool:
        yield from pool.imap_unordered(_play, [(name, tuple(rule_files)) for name in chosen], chunksize=1)


def _play(job: tuple[str, tuple[str, ...]]) -> Result:
    return result_of(*job)


def _say(result: Result, found: Score, more: str) -> None:
    click.echo(f"{'ok  ' if found.good and not more else 'BAD '} {result.name} ({result.took:.0f} s){more}")
    for line in found.expected:
        click.echo("       " + "  ".join(filter(None, line)))
    if found.wrong:
        click.echo(f"       besides: {_besides(found)}")


main.add_command(traffic)

if __name__ == "__main__":
    main()
