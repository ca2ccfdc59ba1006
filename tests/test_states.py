"""Why a panel is empty: in each state in which it is, the reasons that it gives hold the true one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from harness import boardlint
from harness.history import ALL_FEATURES, Replica, history
from harness.programs import RULE_FILES, backfill, openmetrics_line, record, running_prometheus
from recordings import PAGES
from test_choices import BOARDS, Answers

END = 1_800_000_000.0
EVERY, SCRAPES = 30, 20
GROWING = ("_total", "_bucket", "_sum", "_count")
BARE = "no data"
NOBODY = ("no engine reports", "no server reports", "no target", "the alert rules are not loaded")
OFF = (
    "no request runs", "hides what each uses", "not recorded",
    "not switched on", "is switched on", "fewer than", "no engine will be full", "the recording rules are not loaded",
    "the alert rules are not loaded", "no KV connector",
)  # fmt: skip
IDLE = (*OFF, "no traffic")


@dataclass(frozen=True)
class State:
    """A server alone in its namespace: its page, how fast its counters grow, and which reasons are true of it."""

    namespace: str
    page: str = ""
    pace: float = 0.0
    true: tuple[str, ...] = OFF
    version: str = "99"
    up: float = 1.0


STATES = (
    State("nowhere", true=NOBODY, up=-1),
    State("down", true=NOBODY, up=0),
    State("statistics-off", "vllm-0.32.0-nostats/after", true=(*NOBODY, *IDLE)),
    State("idle", "vllm-0.32.0/fresh", true=IDLE, version="0.32.0"),
    State("busy-0.8.5", "vllm-0.8.5/after", 1.0, (*OFF, "its old engine (V0"), version="0.8.5"),
    State("busy-0.12.0", "vllm-0.12.0/after", 1.0, version="0.12.0"),
    State("busy-0.20.2", "vllm-0.20.2/after", 1.0, version="0.20.2"),
    State("busy-0.32.0", "vllm-0.32.0/loaded", 1.0, version="0.32.0"),
)
# What a recorded burst had none of, so that there is nothing to divide by: no request had asked for it.
NOT_ASKED = ("External cache", "Multimodal cache", "Errors", "HTTP", "Draft", "Room", "Requests that fit", "Fit")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    """Each state in a namespace of its own, without a rule."""
    lines: dict[str, list[str]] = defaultdict(list)
    for state in STATES:
        target = {"job": "vllm", "instance": "a:8000", "namespace": state.namespace, "cluster": "c1"}
        rows = [] if state.up < 0 else [("up", {}, state.up)]
        if state.page:
            families = text_string_to_metric_families((PAGES / f"{state.page}.txt").read_text())
            rows += [
                (s.name, s.labels, s.value) for f in families for s in f.samples if not s.name.endswith("_created")
            ]
        for name, labels, value in rows:
            more = value * state.pace / SCRAPES if name.endswith(GROWING) else 0.0
            for t in range(SCRAPES + 1):
                at = END - (SCRAPES - t) * EVERY
                lines[name].append(
                    openmetrics_line(name, {**labels, **target}, 2 * value + more * t if more else value, at)
                )
    folder = tmp_path_factory.mktemp("states") / "data"
    backfill("".join(line for group in lines.values() for line in group) + "# EOF\n", folder)
    with running_prometheus(folder) as server:
        yield Answers(server)


def _said(panel: dict[str, Any]) -> str:
    """What stands where there is nothing."""
    said: str = panel["fieldConfig"]["defaults"]["noValue"]
    return said


def _reason(panel: dict[str, Any]) -> str:
    """Why a panel may be empty; a tile tells all of it in its description."""
    if panel["type"] != "stat":
        return _said(panel)
    return next(line for line in panel["description"].split("\n\n") if line.startswith("No data: "))


def _true(reason: str, state: State) -> bool:
    older = re.search(r"older than ([\d.]+\d)", reason)
    newer = older is not None and _key(older[1]) > _key(state.version)
    return newer or any(words in reason for words in state.true)


def _key(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.namespace)
@pytest.mark.parametrize("form", ["raw", "fleet"])
def test_the_reason_is_true(answers: Answers, form: str, state: State) -> None:
    """Of every panel that shows nothing there; over recorded series that nobody records, it is always that."""
    wrong, empty = [], 0
    for slug, board in BOARDS[form].items():
        for panel in boardlint.panels(board):
            chosen = {"namespace": state.namespace}
            if any(answers(target["expr"], END, "5m", chosen) for target in panel["targets"]):
                continue
            empty += 1
            # Of nobody it is true as well that there are few, and idle.
            few = replace(state, true=(*state.true, *IDLE)) if NOBODY[0] in state.true else state
            if panel["type"] == "stat" and _said(panel) != BARE and not _true(_said(panel), few):
                wrong.append((slug, panel["title"], _said(panel)))
            asked_for = state.pace == 0 or not panel["title"].startswith(NOT_ASKED)
            if not _true(_reason(panel), state) and (asked_for or "no traffic" not in _reason(panel)):
                wrong.append((slug, panel["title"], _reason(panel)))

    assert [] == wrong
    assert empty > 10


def test_no_reason_is_given_that_no_state_has(answers: Answers) -> None:
    """Without rules, boards over raw series blame them only where some of a panel's questions need them."""
    blaming = [
        panel["title"]
        for board in BOARDS["raw"].values()
        for panel in boardlint.panels(board)
        if "recording rules are not loaded" in _reason(panel)
        and all(answers(target["expr"], END, "5m", {}) for target in panel["targets"])
    ]

    assert [] == blaming


@pytest.mark.parametrize("form", ["raw", "fleet"])
def test_a_tile_of_a_single_engine_says_why(form: str, tmp_path: Path) -> None:
    """With all that can be switched on, traffic and rules, what is empty needs more engines or more load."""
    backfill(history((Replica("a:8000", features=ALL_FEATURES),), END, 90), tmp_path)
    record(tmp_path, RULE_FILES[0], END - 75 * 60, END)
    with running_prometheus(tmp_path) as server:
        told = Answers(server)
        silent = {
            panel["title"]: _said(panel)
            for board in BOARDS[form].values()
            for panel in boardlint.panels(board)
            if panel["type"] == "stat" and not any(told(t["expr"], END - 31, "5m", {}) for t in panel["targets"])
        }

    assert [] == [title for title, said in silent.items() if said == BARE]
    assert len(silent) > 3
