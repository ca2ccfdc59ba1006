"""The scorecard: how firings are found and judged, that the table on file is fresh, and other people's rules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.programs import ROOT
from scorecard import EPOCH, Firing, Result, _runs, alike, detected, false_alarms, score
from vllm_observability.simulate.story import Expected, Group, Story

STORY = Story(
    "A queue", "", "60m", (Group(replicas=2),), starts="10m",
    must=(Expected("VllmRequestsWaiting", "8m", "warning"),), may=("VllmQueueTimeHigh",),
)  # fmt: skip


def _result(*firings: tuple[str, str, float], story: Story = STORY) -> Result:
    """Alert, severity, minutes since the story's start."""
    return Result("x", story, tuple(Firing(a, s, (), EPOCH + 60 * at, EPOCH + 3600) for a, s, at in firings), 0.0)


def test_a_run_ends_where_an_evaluation_is_missing() -> None:
    """Evaluations are 30 s apart."""
    assert [(0, 60), (120, 120), (300, 330)] == list(_runs([0, 30, 60, 120, 300, 330]))


@pytest.mark.parametrize(
    ("firings", "found", "wrong"),
    [
        ([("VllmRequestsWaiting", "warning", 16.0)], "6.0 min", ()),
        ([("VllmRequestsWaiting", "warning", 19.0)], "**9.0 min**", ()),
        ([("VllmRequestsWaiting", "critical", 16.0)], "**never**", ()),
        ([], "**never**", ()),
        ([("VllmRequestsWaiting", "warning", 5.0)], "**never**", ("VllmRequestsWaiting warning",)),
        ([("VllmRequestsWaiting", "warning", 16.0), ("VllmQueueTimeHigh", "warning", 20.0)], "6.0 min", ()),
        (
            [("VllmRequestsWaiting", "warning", 16.0), ("VllmAbortsHigh", "info", 20.0)],
            "6.0 min",
            ("VllmAbortsHigh info",),
        ),
    ],
)  # fmt: skip
def test_late_missing_early_and_unasked_alerts_are_told_apart(
    firings: list[tuple[str, str, float]], found: str, wrong: tuple[str, ...]
) -> None:
    """In time is good; before the incident is a false alarm, and so is what nobody expects."""
    one = score(_result(*firings), {})
    assert ((("VllmRequestsWaiting warning", "8m", found),), wrong) == (one.expected, one.wrong)
    assert one.good == ("**" not in found and not wrong)


def test_a_quiet_day_is_judged_by_its_silence() -> None:
    """Two engines for an hour are a twelfth of a day."""
    quiet = Story("Quiet", "", "60m", (Group(replicas=2),), may=("VllmAbortsHigh",))
    silent = score(_result(story=quiet), {})
    assert (True, (), 0.08) == (silent.good, silent.wrong, silent.engine_days)
    allowed = score(_result(("VllmAbortsHigh", "info", 3.0), story=quiet), {})
    assert (True, "silence, but for VllmAbortsHigh") == (allowed.good, allowed.expected[0][0])
    assert not score(_result(("VllmTargetDown", "critical", 3.0), story=quiet), {}).good


@pytest.mark.parametrize(
    ("at", "severity", "same"), [(17.0, "warning", True), (17.5, "warning", False), (16.0, "critical", False)]
)
def test_two_runs_are_alike_up_to_an_evaluation(at: float, severity: str, same: bool) -> None:
    """One minute of difference is chance; more, or another alert, is news."""
    one, other = (score(_result(("VllmRequestsWaiting", s, t)), {}) for s, t in (("warning", 16.0), (severity, at)))
    assert same == alike(one, other)


def test_other_rules_are_judged_by_what_their_alerts_stand_for() -> None:
    """Whatever severity they give them."""
    theirs = _result(("QueueTooLong", "page", 13.0), ("Something", "page", 14.0))
    mapping = {"QueueTooLong": ["VllmRequestsWaiting"]}
    assert 180.0 == detected(theirs, STORY.must[0], mapping)
    assert ["Something"] == [f.alert for f in false_alarms(theirs, mapping)]


def _command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "tools/scorecard.py", *arguments], capture_output=True, text=True, check=False
    )


def test_the_table_on_file_is_fresh() -> None:
    """Made of these rules, this simulator and these stories; `make scorecard` makes it anew."""
    done = _command("fresh")
    assert 0 == done.returncode, done.stderr


def test_somebody_elses_rules_can_be_scored(tmp_path: Path) -> None:
    """A file with a recording rule and an alert, and a mapping; the incident is played for them."""
    rules, mapping = tmp_path / "rules.yaml", tmp_path / "mapping.yaml"
    rules.write_text(
        "groups:\n- name: theirs\n  rules:\n"
        "  - record: queue\n    expr: sum by (model_name) (vllm:num_requests_waiting)\n"
        "  - alert: QueueTooLong\n    expr: queue > 20\n    for: 2m\n    labels: {severity: page}\n"
        "  - alert: SomethingRuns\n    expr: vllm:num_requests_running > 0\n"
    )
    mapping.write_text("QueueTooLong: [VllmRequestsWaiting]\n")
    done = _command("compare", rules, "--mapping", mapping, "--only", "overload", "--jobs", "1")
    assert 0 == done.returncode, done.stderr
    row = next(line for line in done.stdout.splitlines() if line.startswith("| Overload"))
    assert "VllmRequestsWaiting warning | 8m | " in row
    assert "**" not in row
    assert "SomethingRuns" in row
    assert "| VllmTimeToFirstTokenHigh critical | 15m | **never**" in done.stdout
