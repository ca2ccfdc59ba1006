"""Alerts judged by who was hurt: which are false, what is missed, and the command that plays a folder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random

import click
import pytest

from harness.programs import ROOT
from scorecard import EPOCH, Firing
from traffic.command import kept
from traffic.incidents import INCIDENTS, Incident, events, lasts, outcome
from traffic.judge import hurt_minutes, judge
from traffic.made import MADE, text
from traffic.table import lead, recorded, summary, table
from vllm_observability.simulate.recorded import BLOCK, read_all
from vllm_observability.simulate.truth import Seen


def _seen(minute: float, wait: float = 0.1, reason: str = "stop") -> Seen:
    """A request that came so many minutes after the start, and had its first token after `wait` seconds."""
    at = EPOCH + 60 * minute
    return Seen("m", "i", at, at + wait, at + wait + 1, reason, 100, 10, 100, 0, 0.01, 0.05, 0.01)


def _firing(severity: str, since: float, until: float) -> Firing:
    """Minutes after the start."""
    return Firing("VllmX", severity, (), EPOCH + 60 * since, EPOCH + 60 * until)


@pytest.mark.parametrize(
    ("severity", "hurt", "false"),
    [
        ("critical", 4, True),
        ("critical", 5, False),
        ("warning", 0, True),
        ("warning", 1, False),
        ("info", 0, False),
    ],
)
def test_an_alert_is_false_if_few_were_hurt_in_its_time(severity: str, hurt: int, false: bool) -> None:
    """A hundred requests in ten minutes, some of them waiting for three seconds; outside, everybody waits."""
    requests = [_seen(10 + n / 10, 3.0 if n < hurt else 0.1) for n in range(100)]
    requests += [_seen(5.0, 3.0)] * 50 + [_seen(25.0, 3.0)] * 50 + [_seen(12.0, 3.0, "bad")] * 50
    verdict = judge([_firing(severity, 10, 20)], requests, EPOCH, 3600.0)
    assert [(600.0, 1200.0, hurt / 100, false)] == [(a.since, a.until, a.hurt_share, a.false) for a in verdict.alerts]


@pytest.mark.parametrize(
    ("firings", "missed"),
    [
        ([], 3),
        ([("warning", 42.0, 43.0)], 1),  # eleven minutes and more after the end of minute 30
        ([("critical", 41.0, 45.0)], 0),
        ([("info", 30.0, 40.0)], 3),
        ([("warning", 10.0, 29.9)], 3),
        ([("warning", 10.0, 31.5)], 1),
    ],
)
def test_a_hurt_minute_is_missed_if_no_alert_comes_in_time(
    firings: list[tuple[str, float, float]], missed: int
) -> None:
    """Minutes 30 to 32 are hurt; so is 58, whose time is not over at the end; minute 33 is not, with 1 of 6."""
    requests = [_seen(n + 0.1, 0.1) for n in range(60) for _ in range(4)]
    requests += [_seen(n + 0.5, 3.0) for n in (30, 31, 32, 58)]
    requests += [_seen(33.2), _seen(33.3, 3.0)]
    assert [30, 31, 32, 58] == hurt_minutes(requests, EPOCH)
    verdict = judge([_firing(*one) for one in firings], requests, EPOCH, 3600.0)
    assert (4, missed) == (verdict.hurt_minutes, verdict.missed_minutes)


def _row(**changes: object) -> dict[str, object]:
    alert = {"alert": "VllmX", "severity": "critical", "since": 60.0, "until": 180.0, "hurt_share": 0.01, "false": True}
    row = {
        "trace": "t", "preset": "p", "load": 1.5, "knee_share": 0.6, "engine_days": 0.5, "requests": 200,
        "hurt_requests": 3, "alerts": [alert], "hurt_minutes": 4, "missed_minutes": 1,
    }  # fmt: skip
    return {**row, **changes}


def test_the_page_says_what_the_rows_add_up_to() -> None:
    """One false page in an engine-day are thirty a month."""
    rows = [_row(), _row(alerts=[], hurt_minutes=0, missed_minutes=0)]
    assert [
        "False pages (critical): 1 in 1.00 engine-days, 30.00 per engine-month.",
        "False warnings: 0, 0.00 per engine-week.",
        "Hurt minutes that an alert told of in time: 75.0% of 4.",
    ] == summary(rows)
    assert "| t | p | 1.5 (60%) | 0.5 | 1.50% | **VllmX critical: 2, 1.0%, false** | 4 | 1 |" in table(rows)
    assert "| t | p | 1.5 (60%) | 0.5 | 1.50% | none | 0 | 0 |" in table(rows)
    assert {"| t | 1.00 | 1.50% | 4 | 3 | 1 | 0 |", "- False warnings: 0, 0.00 per engine-week."} <= set(lead(rows))


def test_an_incident_is_caught_by_a_warning_in_time_where_somebody_was_there() -> None:
    """Ten minutes for it; other alerts, infos, what came before and what comes after the incident tell of nothing."""
    one = Incident("x", ("VllmX", "VllmY"), 10)
    came = [EPOCH + n for n in range(60)]

    def row(*firings: Firing, asked: list[float] = came) -> tuple[object, object, object]:
        found = outcome(one, firings, asked, EPOCH)
        return found["alert"], found["after"], found["caught"]

    late = Firing("VllmY", "critical", (), EPOCH + 660, EPOCH + 900)
    info = Firing("VllmX", "info", (), EPOCH + 60, EPOCH + 900)
    other = Firing("VllmZ", "critical", (), EPOCH + 60, EPOCH + 900)
    before = Firing("VllmX", "warning", (), EPOCH - 60, EPOCH + 900)
    long_after = Firing("VllmX", "warning", (), EPOCH + 1300, EPOCH + 1900)
    assert ("VllmX", 5.0, True) == row(late, _firing("warning", 5, 9), other)
    assert ("VllmY", 11.0, False) == row(late, info, other, before)
    assert (None, None, False) == row(info, other, before, long_after)
    assert ("VllmX", 5.0, None) == row(_firing("warning", 5, 9), asked=came[:29])


def test_incidents_come_one_after_the_other_and_end() -> None:
    """Each has its time and leaves the fleet as it was; their sum stands under the page, with the median."""
    found = list(events(2.0))
    assert len(INCIDENTS) == len({event.at for event in found if int(event.at[:-1]) % 45 == 30})
    assert {"rate": 12.0} in [event.traffic for event in found]
    assert {"rate": 2.0} in [event.traffic for event in found]
    assert lasts() > max(60 * int(event.at[:-1]) for event in found)
    told = {"incident": "x", "within": 10, "requests": 90, "alert": "VllmX", "after": 4.0, "caught": True}
    missed = {**told, "alert": None, "after": None, "caught": False}
    nobody = {**told, "caught": None}
    rows = [_row(incidents=[told, missed, nobody]), _row(incidents=[{**told, "after": 6.0}])]
    assert "Injected incidents that were caught in time: 2 of 3, 5.0 minutes after they began (median)." in summary(
        rows
    )
    assert "| x | 10 min | 2 of 3 | 5.0 min | VllmX |" in table(rows)
    assert "Injected" not in table([_row()])


def test_rows_of_another_run_are_kept_where_that_is_asked(tmp_path: Path) -> None:
    """Of other traces and presets; what is no file of rows is a sentence."""
    store = tmp_path / "rows.json"
    store.write_text(json.dumps([_row()]))
    assert [_row()] == kept(store)
    assert [] == kept(tmp_path / "none.json")
    store.write_text("[1]")
    with pytest.raises(click.UsageError, match="holds no rows"):
        kept(store)


def _command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "tools/scorecard.py", "traffic", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_folder_is_played_and_judged(tmp_path: Path) -> None:
    """One small trace, through a real Prometheus: the JSON has the form that is promised."""
    dice, at, lines = Random(1), 0.0, ["seconds,prompt_tokens,output_tokens"]
    for _ in range(600):
        at += dice.expovariate(1.0)
        lines.append(f"{at:.3f},{int(dice.lognormvariate(7, 1)) + 1},{int(dice.lognormvariate(5, 0.7)) + 1}")
    (tmp_path / "small.csv").write_text("\n".join(lines))
    done = _command(tmp_path, "--quick", "--preset", "4b-consumer", "--json", tmp_path / "out.json", "--jobs", "1")
    assert 0 == done.returncode, done.stderr
    (row,) = json.loads((tmp_path / "out.json").read_text())
    assert {
        "trace", "preset", "load", "engine_days", "alerts", "hurt_minutes", "missed_minutes", "knee_share", "requests",
        "hurt_requests",
    } == set(row)  # fmt: skip
    assert ("small", "4b-consumer", 0.6) == (row["trace"], row["preset"], row["knee_share"])
    assert 0.05 < row["load"] < 3
    assert 4 * 900 / 86_400 <= row["engine_days"] + 1e-4 <= 4 * 2400 / 86_400 + 2e-4
    assert pytest.approx(row["load"] * row["engine_days"] * 86_400, rel=0.1) == row["requests"]
    assert 0 <= row["hurt_requests"] < 0.2 * row["requests"]
    for alert in row["alerts"]:
        assert {"alert", "severity", "since", "until", "hurt_share", "false"} == set(alert)
    assert "per engine-month" in done.stdout


def test_a_folder_without_traces_is_a_sentence(tmp_path: Path) -> None:
    """Exit 2."""
    done = _command(tmp_path, "--quick")
    assert 2 == done.returncode
    assert "has no traces" in done.stderr


@pytest.mark.parametrize("name", list(MADE))
def test_made_traffic_is_a_trace_and_the_same_for_a_seed(name: str, tmp_path: Path) -> None:
    """An hour of requests in the recorded form; another seed gives others."""
    assert text(name, 1) == text(name, 1) != text(name, 2)
    (tmp_path / f"{name}.csv").write_text(text(name, 1))
    (trace,) = read_all(tmp_path)
    assert name == trace.name
    assert 3500 < trace.seconds < 3700
    assert len(trace.requests) > 1000


def test_agents_share_the_beginning_of_their_prompts() -> None:
    """Most blocks of an agent's prompt were in one before, and no prompt has more blocks than tokens for them."""
    seen, shared, every = set[int](), 0, 0
    for _, prompt, _, blocks in sorted(MADE["made-agents"](Random(1))):
        assert len(blocks) == prompt // BLOCK
        shared, every = shared + sum(block in seen for block in blocks), every + len(blocks)
        seen.update(blocks)
    assert shared > every / 2


def test_made_traffic_has_a_table_and_sums_of_its_own() -> None:
    """A false alert in one of them is no sum of the other."""
    page = table([_row(alerts=[]), _row(trace="made-agents")])
    first, second = page.split("## Made traffic that nobody tuned to")
    assert "| t | p |" in first
    assert "False pages (critical): 0 in 0.50" in first
    assert "| made-agents | p |" in second
    assert "False pages (critical): 1 in 0.50" in second
    assert ["t"] == [row["trace"] for row in recorded([_row(), _row(trace="made-agents")])]
