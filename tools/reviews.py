#!/usr/bin/env python3
"""How right `review` is: stories of the simulator in a real Prometheus; the tables of docs/review.md.

    python tools/reviews.py incidents            every incident, twice with other luck; --only NAME; --write
    python tools/reviews.py variants             incidents that no bound was set by; --seeds 4; --write
    python tools/reviews.py weeks                shares against what the simulator knows, recorded and raw; --write
    python tools/reviews.py quick                three incidents and a day; fails where one is wrong

What must come first is written here, story by story, as what was injected; not taken from `review`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import Pool
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from harness.programs import ROOT, fire, prometheus_lines, record, rules_of, running_prometheus
from reviewed.truth import Telling, telling
from reviewed.variants import Trial, variants
from scorecard import EPOCH, STEP, keep_scrapes, lookback, our_rules
from vllm_observability.catalog import metrics as m
from vllm_observability.command.cli import main as command
from vllm_observability.intervals.records import COUNTS
from vllm_observability.model import Part
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.story import Story, checked, duration, load, names

# What each story injects: kinds of sign that say so, and minutes within which it must be seen (a drift takes longer).
_SOON = 5.0
INJECTED: dict[str, tuple[frozenset[str], float]] = {
    name: (frozenset(kinds.split()), minutes)
    for name, (kinds, minutes) in {
        "abort-storm": ("aborts", _SOON),
        "answers-collapsed": ("restarted target_down outputs_shorter", _SOON),
        "config-drift": ("config_changed", _SOON),
        "corrupted": ("corrupted", _SOON),
        "crash-loop": ("restarted target_down", _SOON),
        "crash-loop-new-pods": ("engine_gone", _SOON),
        "dp-starvation": ("starved", _SOON),
        "error-burst": ("errors", _SOON),
        "flaky-scrapes": ("target_down", _SOON),
        "hung-engine": ("stalled", _SOON),
        "kv-pressure": ("outputs_longer", _SOON),
        "kv-transfer-failures": ("failed_transfers", _SOON),
        "long-prompts": ("prompts_longer load_rose", _SOON),
        "model-vanished": ("engine_gone", _SOON),
        "one-engine-fails": ("errors", _SOON),
        "overload": ("load_rose", _SOON),
        "prefix-cache-collapse": ("hits_fell", _SOON),
        "rejected-drafts": ("acceptance_fell", _SOON),
        "rejections": ("load_rose", _SOON),
        "replicas-lost": ("engine_gone", _SOON),
        "rules-forgotten": ("alert:VllmRecordingRulesMissing", 15.0),
        "scrape-outage": ("target_down", _SOON),
        "scraped-seldom": ("alert:VllmScrapedTooSeldom", 30.0),
        "slo-slow-burn": ("errors", 120.0),
        "slow-answers": ("outputs_longer", _SOON),
        "slow-engine": ("tokens_slower", _SOON),
        "slow-front-end": ("first_token_slower", _SOON),
        "slow-scrape": ("scrape_slow", _SOON),
        "slow-tokens": ("tokens_slower", _SOON),
        "small-model-fails": ("errors", 30.0),
        "stats-off": ("metrics_missing", _SOON),
        "throughput-drop": ("tokens_slower", _SOON),
        "traffic-stopped": ("load_fell", _SOON),
        "truncation": ("truncated outputs_shorter", _SOON),
        "ttft-drift": ("load_rose prompts_longer", 45.0),
    }.items()
}
# Series that shares are made of: a week of all of them would be forty million samples.
READ = frozenset(
    name
    for metric, part in [*((metric, part) for metric, part, _ in COUNTS.values()), (m.REQUESTS_RUNNING, Part.VALUE)]
    for name in metric.series(part)
)
QUICK = ("hung-engine", "overload", "slow-engine")
LEAD = 1200.0  # seconds before the incident at which the span asked for begins


def main() -> int:
    """Run one trial."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=[*TRIALS, "quick"])
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="incidents: a folder of databases, which are played once only")
    parser.add_argument("--kept", action="store_true", help="incidents: only those that --keep has already")
    parser.add_argument("--signs-only", action="store_true", help="incidents: without rules, which signs do not need")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    if given.what == "quick":
        told = [tell(name, 3) for name in QUICK]
        rows = [row for week in WEEKS if week.name == "pressure" for row in weigh(replace(week, lasts="6h"))]
        print("\n".join([*incident_table(told), "", *week_table(rows)]))
        return 0 if all(one.right and one.innocent for one in told) and all(row.close for row in rows) else 1
    lines = list(TRIALS[given.what](given))
    print("\n".join(lines))
    if given.write:
        _put(ROOT / "docs/review.md", given.what, lines)
    return 0


def _put(path: Path, what: str, lines: Sequence[str]) -> None:
    begin, end = f"<!-- {what}: begin -->", f"<!-- {what}: end -->"
    head, _, rest = path.read_text().partition(begin)
    path.write_text(head + begin + "\n" + "\n".join(lines) + "\n" + end + rest.partition(end)[2])


def _review(url: str, settings: dict[str, Any], folder: Path, *arguments: str) -> dict[str, Any]:
    site = folder / "site.json"
    site.write_text(json.dumps(settings, default=dict))
    form = ("--settings", str(site), "--format", "json", "--timeout", "60")
    done = CliRunner().invoke(command, ["review", "--prometheus", url, *form, *arguments], catch_exceptions=False)
    if done.exit_code:
        raise AssertionError(done.output)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# ---------------------------------------------------------------------------------------------- incidents


@dataclass(frozen=True)
class Told:
    """What `review` said of a story: the first sign, minutes after what was injected, and whose it named."""

    title: str
    seed: int
    first: str
    after: float
    named: tuple[str, ...]
    touched: tuple[str, ...]
    right: bool

    @property
    def innocent(self) -> bool:
        """Whether no engine is named that was well."""
        return set(self.named) <= set(self.touched)


def tell(name: str, seed: int, keep: Path | None = None, signs_only: bool = False) -> Told:
    """Play a story, or take it as it was played before, and review it."""
    trial = Trial(replace(load(name), seed=seed), *INJECTED[name])
    return tried(trial, keep / f"{name}-{seed}" if keep else None, signs_only)


def tried(trial: Trial, kept: Path | None = None, signs_only: bool = True) -> Told:
    """The same of any story; `kept`: where it is played, or was."""
    story, kinds, minutes = trial.story, trial.kinds, trial.minutes
    starts, lasts = duration(story.starts), duration(story.lasts)
    with tempfile.TemporaryDirectory(prefix="review-") as scratch:
        folder = kept or Path(scratch)
        if not (folder / "done").exists():
            folder.mkdir(parents=True, exist_ok=True)
            needless = signs_only and not any(kind.startswith("alert:") for kind in kinds)
            _play(Fleet(story, EPOCH), lasts, folder / "data", [] if needless else our_rules(story, folder))
            (folder / "done").touch()
        with running_prometheus(folder / "data", line=prometheus_lines()[-1], arguments=lookback(story)) as server:
            span = ("--from", f"{EPOCH + max(0.0, starts - LEAD):.0f}", "--to", f"{EPOCH + lasts:.0f}")
            said = _review(server.url, dict(story.settings), Path(scratch), *span)
    first = said["first"]
    kind = first["kind"] if first else f"alert:{said['alerts'][0]['alert']}" if said["alerts"] else "nothing"
    at = first["at"] if first else said["began"] or 0.0
    after = (at - EPOCH - starts) / 60
    named = tuple(engine["instance"] + _number(engine) for engine in said["engines"])
    return Told(
        story.title, story.seed, kind, after, named, tuple(_touched(story)), kind in kinds and -1 <= after <= minutes
    )


def _number(engine: dict[str, str]) -> str:
    return f"/{engine['engine']}" if engine["engine"] not in ("", "0") else ""


def _touched(story: Story) -> Iterator[str]:
    """Engines that an event of the story hits; of a starving data-parallel engine, that one."""
    for event in story.events:
        for group in story.fleet:
            if event.model in ("", group.model):
                short = group.model.rpartition("/")[2]
                for number in event.replicas or range(group.replicas + group.spare):
                    weights = event.setup.get("weights", ())
                    hit = [f"/{n}" * (n > 0) for n, weight in enumerate(weights) if weight < 0.5] or [""]
                    yield from (f"{short}-{number}:8000{engine}" for engine in hit)


def _play(fleet: Fleet, lasts: float, data: Path, rules: Sequence[Path]) -> None:
    """Fill a database with everything that a fleet showed, what rules recorded, and which alerts fired."""
    line = prometheus_lines()[-1]
    keep_scrapes(fleet, lasts, data, None)
    for path in rules:
        if any("record" in rule for rule in rules_of(path)):
            record(data, path, EPOCH, EPOCH + lasts, f"{STEP}s", line, lookback(fleet.story))
    for path in rules:
        if any("alert" in rule for rule in rules_of(path)):
            fire(data, path, EPOCH, EPOCH + lasts, STEP, line, lookback(fleet.story))


def _incidents(given: argparse.Namespace) -> Iterator[str]:
    chosen = given.only or [name for name in names() if load(name).must]
    work = [
        (name, seed, given.keep, given.signs_only)
        for name in chosen
        for seed in given.seeds
        if not given.kept or (given.keep / f"{name}-{seed}/done").exists()
    ]
    told = []
    with Pool(min(given.jobs, len(work))) as pool:
        for one in pool.imap(_tell, work, chunksize=1):
            told.append(one)
            print(one, file=sys.stderr, flush=True)
    yield from incident_table(told)


def _variants(given: argparse.Namespace) -> Iterator[str]:
    work = [trial for seed in given.seeds for trial in variants(INJECTED, seed)]
    with Pool(min(given.jobs, len(work))) as pool:
        yield from incident_table(list(pool.imap(tried, work, chunksize=1)))


def _tell(work: tuple[str, int, Path | None, bool]) -> Told:
    return tell(*work)


def incident_table(told: Sequence[Told]) -> Iterator[str]:
    """A row for each story and seed."""
    yield "| incident | seed | first sign | after | engines named | right |"
    yield "|---|--:|---|--:|---|---|"
    for one in told:
        verdict = ("yes" if one.right else "**no**") + ("" if one.innocent else ", **names one that was well**")
        named = ", ".join(one.named) or "–"
        yield f"| {one.title} | {one.seed} | {one.first} | {one.after:.1f} min | {named} | {verdict} |"
    yield ""
    right, innocent = sum(one.right for one in told), sum(one.innocent for one in told)
    yield f"The first sign is what was injected in {right} of {len(told)}."
    yield f"An engine that was well is named in {len(told) - innocent}."


# ------------------------------------------------------------------------------------------------- weeks


PARTS = ("busy", "recomputed", "aborted", "spared")


@dataclass(frozen=True)
class Weighed:
    """A week with or without recorded series: each share as said, and as the simulator knows it."""

    name: str
    recorded: bool
    said: dict[str, float]
    known: dict[str, float]

    @property
    def close(self) -> bool:
        """Within three points each."""
        return all(abs(self.said[part] - self.known[part]) <= 0.03 for part in self.known)


@dataclass(frozen=True)
class Span:
    """A fleet and how long it is watched."""

    name: str
    lasts: str
    story: dict[str, Any]


def _fleet(replicas: int, hardware: str, **traffic: Any) -> dict[str, Any]:
    group = {"model": "acme/chat", "replicas": replicas, "setup": {"hardware": hardware}, "traffic": traffic}
    return {"title": "", "story": "", "lasts": "7d", "fleet": [group]}


WEEKS = (
    Span("days and nights", "7d", {}),
    Span("pressure", "1d", _fleet(2, "4b-consumer", rate=0.6, output=500, max_tokens=2048, shape="day")),
    Span("aborts", "1d", _fleet(2, "8b-datacentre", rate=2.0, aborts=0.3)),
    Span("errors", "1d", _fleet(2, "4b-consumer", rate=0.5, errors=0.2)),
    Span("long prompts", "1d", _fleet(2, "8b-datacentre", rate=1.2, prompt=6000, spread=0.4, shape="day")),
    Span("many beginnings", "1d", _fleet(2, "4b-consumer", rate=0.7, prefixes=60, prefix_share=0.6, shape="day")),
)


def weigh(span: Span) -> list[Weighed]:
    """Play a fleet, and review it with recorded series and without."""
    story = checked(Story, span.story, span.name) if span.story else load("day-curve")
    lasts, rows = duration(span.lasts), []
    with tempfile.TemporaryDirectory(prefix="review-") as scratch, telling() as known:
        folder, line = Path(scratch), prometheus_lines()[-1]
        data, fleet = folder / "data", Telling(story, EPOCH, known)
        keep_scrapes(fleet, lasts, data, READ)
        fleet.close()
        for recorded in (False, True):
            if recorded:
                record(data, our_rules(story, folder)[0], EPOCH, EPOCH + lasts, f"{STEP}s", line, lookback(story))
            with running_prometheus(data, line=line, arguments=lookback(story)) as server:
                said = _review(server.url, {}, folder, "--since", span.lasts, "--to", f"{EPOCH + lasts:.0f}")
            assert said["recorded_share"] == float(recorded), said["unseen"]
            shares = {part: said["whole"]["shares"][part] or 0.0 for part in PARTS}
            rows.append(Weighed(span.name, recorded, shares, known.shares(story.engines * lasts)))
    return rows


def _weeks(given: argparse.Namespace) -> Iterator[str]:
    chosen = [week for week in WEEKS if not given.only or week.name in given.only]
    with Pool(min(given.jobs, len(chosen))) as pool:
        rows = [row for found in pool.map(weigh, chosen, chunksize=1) for row in found]
    yield from week_table(rows)


def week_table(rows: Sequence[Weighed]) -> Iterator[str]:
    """A row for each, said and known."""
    yield f"| fleet | read | {' | '.join(PARTS)} | within 3 points |"
    yield f"|---|---|{'--:|' * len(PARTS)}---|"
    for row in rows:
        cells = [f"{row.said[part]:.1%} ({row.known[part]:.1%})" for part in PARTS]
        how = "recorded" if row.recorded else "raw"
        yield f"| {row.name} | {how} | {' | '.join(cells)} | {'yes' if row.close else '**no**'} |"


TRIALS = {"incidents": _incidents, "variants": _variants, "weeks": _weeks}

if __name__ == "__main__":
    sys.exit(main())
