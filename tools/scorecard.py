"""How good are the alerts? Each simulated incident through a real Prometheus: what fired, when, and what wrongly."""

from __future__ import annotations

import json
import math
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from multiprocessing import Pool
from pathlib import Path
from typing import Any, TypeVar

import click
import yaml

from harness.freshness import CODE, MadeOf, Reached, Samples, reached, shows, simulator_code, story_meaning
from harness.programs import Server, backfill, prometheus_lines, record, rules_of, running_prometheus
from harness.ruletests import LOADER
from traffic.command import traffic
from traffic.made import made
from traffic.table import lead, recorded
from vllm_observability.build.artefacts import rule_files
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import parse
from vllm_observability.settings.durations import seconds
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.story import Expected, Story, duration, load, names

ROOT = Path(__file__).resolve().parent.parent
STORE, TABLE = ROOT / "docs/scorecard.json", ROOT / "docs/scorecard.md"
TRAFFIC = ROOT / "docs/traffic.json"  # rows of `traffic --json`
EPOCH = 1_800_000_000 // 86_400 * 86_400 + 86_400  # midnight
STEP = 30  # seconds between scrapes and between evaluations
CHUNK = 6 * 3600  # seconds of samples that are written at once
T = TypeVar("T")
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
    """What became of a story. Seconds since the incident's start; `samples`: a fingerprint of what the rules read."""

    name: str
    story: Story
    firings: tuple[Firing, ...]
    took: float
    samples: str = ""


# ------------------------------------------------------------------------------------------------ playing


def result_of(name: str, rule_files: Sequence[str] = ()) -> Result:
    """Simulate a story, record, and evaluate its alerts; `rule_files`: other rules than ours."""
    begin, story = time.monotonic(), load(name)
    with tempfile.TemporaryDirectory(prefix="scorecard-") as folder:
        rules = [Path(path) for path in rule_files] or our_rules(story, Path(folder))
        fleet, data = Fleet(story, EPOCH), Path(folder, "data")
        # With other series none of our alerts changes, so that a series recorded for a board makes no score stale.
        read = _names_in(rules) if rule_files else read_by_alerts(name)
        found, samples = played(fleet, duration(story.lasts), rules, data, read)
    return Result(name, story, found, time.monotonic() - begin, samples)


def fired(fleet: Fleet, lasts: float, rules: Sequence[Path], data: Path) -> tuple[Firing, ...]:
    """What rule files say of a fleet that begins at EPOCH, so many seconds; `data`: where its samples are put."""
    return played(fleet, lasts, rules, data, _names_in(rules))[0]


def _names_in(rules: Sequence[Path]) -> frozenset[str]:
    return frozenset(WORD.findall("".join(path.read_text() for path in rules)))


def played(
    fleet: Fleet, lasts: float, rules: Sequence[Path], data: Path, read: frozenset[str]
) -> tuple[tuple[Firing, ...], str]:
    """The same of the series that are `read`, and a fingerprint of their samples."""
    samples = keep_scrapes(fleet, lasts, data, read)
    end, line = EPOCH + lasts, prometheus_lines()[-1]
    for path in rules:
        if _rules(path, "record"):
            record(data, path, EPOCH, end, f"{STEP}s", line, lookback(fleet.story))
    with running_prometheus(data, line=line, arguments=lookback(fleet.story)) as server:
        found = [f for path in rules for rule in _rules(path, "alert") for f in _firings(server, rule, EPOCH, end)]
    return tuple(sorted(found, key=lambda f: f.since)), samples


def lookback(story: Story) -> tuple[str, ...]:
    """Arguments of a Prometheus: a series ends with its last scrape, as by stale markers, which no backfill writes."""
    return (f"--query.lookback-delta={1.5 * _every(story):g}s",)


def _every(story: Story) -> float:
    return duration(story.scrape_every, STEP)


def our_rules(story: Story, folder: Path) -> list[Path]:
    """The bundle's rule files as the story's site has them, written into a folder."""
    paths = []
    for name, text in _rule_texts(story).items():
        paths.append(folder / Path(name).name)
        paths[-1].write_text(text)
    return paths


def _rule_texts(story: Story) -> dict[str, str]:
    """The rule files that a story loads."""
    wanted = ["alerts/vllm-recording-rules.yaml"] * story.rules_loaded + ["alerts/vllm-alerts.yaml"]
    files = _built(json.dumps(story.settings, default=dict))
    return {name: files[name] for name in wanted}


@cache
def _built(settings: str) -> dict[str, str]:
    return rule_files(rules_for(parse(json.loads(settings))))


def _rules(path: Path, kind: str) -> list[dict[str, Any]]:
    return [rule for rule in rules_of(path) if kind in rule]


def keep_scrapes(fleet: Fleet, lasts: float, data: Path, wanted: frozenset[str] | None) -> str:
    """Scrape the simulated fleet into a database, all or some names; a fingerprint of its samples."""
    lines, samples = dict[str, list[str]](), Samples()
    for at, scraped in scrapes(fleet, lasts, wanted):
        samples.add(at, scraped)
        for series, value in scraped:
            lines.setdefault(_name(series), []).append(f"{series} {value!r} {at}\n")
        if at == EPOCH + _steps(lasts) * STEP or (at - EPOCH + STEP) % CHUNK == 0:
            backfill("".join(text for group in lines.values() for text in group) + "# EOF\n", data)
            lines.clear()
    return str(samples)


def scrapes(
    fleet: Fleet, lasts: float, wanted: frozenset[str] | None, start: int = EPOCH
) -> Iterator[tuple[int, list[tuple[str, float]]]]:
    """What a fleet shows, scrape by scrape: all or some names."""
    for step in range(_steps(lasts) + 1):
        fleet.run(start + step * STEP)
        due = step * STEP % _every(fleet.story) == 0
        yield start + step * STEP, list(fleet.scrape(wanted)) if due else []


def _steps(lasts: float) -> int:
    return math.ceil(lasts / STEP)


def _name(series: str) -> str:
    return series.partition("{")[0]


def _firings(server: Server, rule: Mapping[str, Any], start: float, end: float) -> Iterator[Firing]:
    """When a rule fires: its expression holds at every evaluation for as long as `for` says."""
    hold = seconds(rule.get("for", "0s")) or 0.0
    found: dict[tuple[tuple[str, str], ...], list[float]] = {}
    for labels, values in server.all_steps(rule["expr"], start, end, STEP):
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
    """Whether two runs say the same: a score on file may be of evaluations at other moments, up to a step."""
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


def made_of(name: str) -> MadeOf:
    """What a story's score depends on now, but for its samples, which are not simulated here."""
    return MadeOf(story_meaning(load(name)), simulator_code(), _reached(name).alerts)


def read_by_alerts(name: str) -> frozenset[str]:
    """Names of the scraped series that decide a story's score."""
    return _reached(name).reads


def _reached(name: str) -> Reached:
    story = load(name)
    return reached(_parsed(json.dumps(story.settings, default=dict), story.rules_loaded), shows(story))


@cache
def _parsed(settings: str, recording: bool) -> tuple[Mapping[str, Any], ...]:
    texts = [text for path, text in _built(settings).items() if recording or path.endswith("alerts.yaml")]
    return tuple(rule for text in texts for group in yaml.load(text, LOADER)["groups"] for rule in group["rules"])


def samples_of(name: str) -> str:
    """A fingerprint of the samples that decide a story's score; simulates it, without a Prometheus."""
    story, samples = load(name), Samples()
    for at, scraped in scrapes(Fleet(story, EPOCH), duration(story.lasts), read_by_alerts(name)):
        samples.add(at, scraped)
    return str(samples)


Kept = dict[str, tuple[MadeOf, Score]]


def kept() -> Kept:
    """Scores on file, with what they were made of."""
    data = json.loads(STORE.read_text()) if STORE.exists() else {}
    found = {}
    for name, row in data.items():
        made = row.pop("made_of")
        alerts = dict(pair.split("=") for pair in made.pop("alerts").split())
        row |= {"expected": tuple(map(tuple, row["expected"])), "wrong": tuple(row["wrong"])}
        found[name] = (MadeOf(**made, alerts=alerts), Score(**row))
    return found


def keep(scores: Kept) -> None:
    """Write the scores of the stories that there are, and their table."""
    rows = {}
    for name in sorted(names()):
        if name in scores:
            made, found = scores[name]
            alerts = " ".join(f"{alert}={print_}" for alert, print_ in made.alerts.items())
            rows[name] = {"made_of": {**asdict(made), "alerts": alerts}, **asdict(found)}
    STORE.write_text(json.dumps(rows, indent=1) + "\n")
    TABLE.write_text(_page(scores))


def _page(scores: Kept) -> str:
    played = [replace(scores[name][1], title=load(name).title) for name in names() if name in scores]
    return table(played, recorded(json.loads(TRAFFIC.read_text())))


def stale(known: Kept) -> dict[str, tuple[str, ...]]:
    """Stories whose scores don't hold any more, and what has changed."""
    found = {name: known[name][0].differs(made_of(name)) if name in known else ("never played",) for name in names()}
    return {name: why for name, why in found.items() if why}


def recognise(known: Kept, jobs: int) -> list[str]:
    """Stamp anew, in place, what the simulator's code alone makes stale and whose samples are the same; their names."""
    doubtful = [name for name, why in stale(known).items() if why == (CODE,)]
    now = dict(zip(doubtful, _many(samples_of, doubtful, jobs), strict=True))
    same = [name for name in doubtful if known[name][0].samples == now[name]]
    for name in same:
        known[name] = (replace(made_of(name), samples=now[name]), known[name][1])
    return same


def table(scores: Sequence[Score], rows: Sequence[Mapping[str, Any]] = ()) -> str:
    """The page of the documentation; `rows`: of recorded traffic, with which it begins."""
    incidents = sorted((s for s in scores if not s.healthy), key=lambda s: s.title)
    healthy = sorted((s for s in scores if s.healthy), key=lambda s: s.title)
    days, wrong = sum(s.engine_days for s in healthy), sum(len(s.wrong) for s in healthy)
    lines = [
        "# Scorecard of the alerts",
        "",
        "<!-- Written by `make scorecard`: don't edit. -->",
        *(lead(rows) if rows else ()),
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
    if not (again or check or stories):
        _say_recognised(recognise(known, jobs))
    old = stale(known)
    chosen = [
        name for name in stories or names()
        if (again or check or name in old)
        and (not shorter_than or duration(load(name).lasts) < duration(shorter_than))
    ]  # fmt: skip
    bad = 0
    for result in _played(chosen, (), jobs):
        found = score(result, {})
        same = not check or (result.name in known and alike(known[result.name][1], found))
        bad += not (found.good and same)
        _say(result, found, "" if same else " differs from docs/scorecard.json")
        if not check:
            known[result.name] = (replace(made_of(result.name), samples=result.samples), found)
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
@click.option(
    "--digest", "simulate", is_flag=True, help="Where only the simulator's code differs, compare its numbers."
)
@click.option("--jobs", default=2, show_default=True)
def fresh(simulate: bool, jobs: int) -> None:
    """Fail where a score on file was made of other rules, other numbers or another story; no Prometheus is asked."""
    known = kept()
    if simulate:
        same = recognise(known, jobs)
        _say_recognised(same)
        if same:
            keep(known)
    old = stale(known)
    for name, why in old.items():
        click.echo(f"{name} is stale: {', '.join(why)} changed", err=True)
    if old or TABLE.read_text() != _page(known):
        how = "python tools/scorecard.py fresh --digest" if set(old.values()) == {(CODE,)} else "make scorecard"
        click.echo(f"docs/scorecard.md is stale ({', '.join(old) or 'its text'}): run `{how}`", err=True)
        sys.exit(1)
    click.echo(f"{len(known)} scores are fresh.")


def _say_recognised(same: Sequence[str]) -> None:
    if same:
        click.echo(f"The simulator's code changed and its numbers did not: {len(same)} scores hold.")


def _played(chosen: Sequence[str], rule_files: Sequence[str], jobs: int) -> Iterator[Result]:
    return _many(partial(result_of, rule_files=tuple(rule_files)), chosen, jobs)


def _many(work: Callable[[str], T], chosen: Sequence[str], jobs: int) -> Iterator[T]:
    """In the order of `chosen`; in this process where one job is asked for."""
    if jobs == 1:
        yield from map(work, chosen)
        return
    with Pool(jobs) as pool:
        yield from pool.imap(work, chosen, chunksize=1)


def _say(result: Result, found: Score, more: str) -> None:
    click.echo(f"{'ok  ' if found.good and not more else 'BAD '} {result.name} ({result.took:.0f} s){more}")
    for line in found.expected:
        click.echo("       " + "  ".join(filter(None, line)))
    if found.wrong:
        click.echo(f"       besides: {_besides(found)}")


main.add_command(made)
main.add_command(traffic)

if __name__ == "__main__":
    main()
