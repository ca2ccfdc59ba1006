"""Every number on every board against plain arithmetic over what recorded servers said, while their load changes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from harness import boardlint, misleading
from stepped import AFTER_STEP, LATE, TARGETS, Rows
from test_choices import BOARDS, Answers, answers  # noqa: F401
from truths import TRUTHS, Moment

# What is looked at: labels and what they may be.
CHOICES: Mapping[str, dict[str, frozenset[str]]] = {
    "all": {},
    "one model": {"model_name": frozenset({"acme/chat"})},
    "two models": {"model_name": frozenset({"acme/chat", "acme/spec"})},
    "one server": {"instance": frozenset({"chat-0:8000"})},
    "one engine": {"instance": frozenset({"chat-0:8000"}), "engine": frozenset({"1"})},
    "one cluster": {"cluster": frozenset({"c1"})},
}
CASES = [
    ("raw", "all", AFTER_STEP, 120),
    ("raw", "all", AFTER_STEP, 300),
    ("raw", "all", LATE, 1200),
    ("fleet", "all", AFTER_STEP, 300),
    ("fleet", "all", LATE, 300),
    *(("raw", choice, AFTER_STEP, 300) for choice in CHOICES if choice != "all"),
    *(("fleet", choice, AFTER_STEP, 300) for choice in CHOICES if choice != "all"),
]
# Not numbers of servers, or of other times: what Prometheus says of itself, budgets of a month, dates, states.
ELSEWHERE = (
    "Targets and scrapes", "vLLM versions seen", "Recorded models", "Firing", "budget left",
    "good events", "Objectives", "Configurations", "Cache configuration", "LoRA adapters", "Sleep",
    "Failed", "Throughput against", "Rejected", "Corrupted",
    # Of a time range: test_capacity_board.py has the simulator's ledger for these.
    "over the time range", "Spend", "Idle spend", "Idle engines", "KV cache over", "Room, one gone", "Room to the most",
)  # fmt: skip
# One engine's tokens come out of one process' clock: a few parts in a million.
CLOSE = 1e-6


def _queries(board: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(panel, name of the query, query) of each number."""
    for panel in boardlint.panels(board):
        for target in panel["targets"]:
            if not misleading.bound(target["expr"]):
                yield panel["title"], target["legendFormat"], target["expr"]


def _kept(labels: Mapping[str, str], chosen: Mapping[str, frozenset[str]]) -> bool:
    """A series that does not say which model or engine it is of counts where its server has a chosen one."""
    for label, values in chosen.items():
        if label in labels:
            if labels[label] not in values:
                return False
        elif label in ("model_name", "engine") and not values & _of_server(labels, label):
            return False
    return True


def _of_server(labels: Mapping[str, str], label: str) -> set[str]:
    server = next(t for t in TARGETS if (t.cluster, t.instance) == (labels["cluster"], labels["instance"]))
    if label == "model_name":
        return {server.model}
    return {"0", "1"} if server.folder.endswith("dp2") else {"0"}


def _differs(one: Rows, other: Rows) -> bool:
    if list(other) == [()]:  # the odd one, by name: of several that are equally far any may be it
        one = dict(zip(other, one.values(), strict=True)) if len(one) == 1 else one
    return one.keys() != other.keys() or any(
        not math.isclose(one[k], other[k], rel_tol=CLOSE, abs_tol=1e-9) for k in one
    )


@pytest.mark.parametrize(("form", "choice", "at", "window"), CASES)
def test_a_panel_shows_the_truth(answers: Answers, form: str, choice: str, at: float, window: int) -> None:  # noqa: F811
    """Query by query; a panel that shows a number which is written down nowhere else fails too."""
    wrong, untold, told = [], [], 0
    for slug, board in BOARDS[form].items():
        offered = {variable["name"] for variable in boardlint.variables_of(board)}
        if not CHOICES[choice].keys() <= offered:
            continue
        typed = {name: f"({'|'.join(sorted(values))})" for name, values in CHOICES[choice].items()}
        for shown, name, expr in _queries(board):
            title = misleading.plain_title(shown)
            ignored = next((names for words, names in misleading.UNOBEYED.items() if shown.endswith(words)), ())
            chosen = {label: values for label, values in CHOICES[choice].items() if label not in ignored}
            answer = {
                tuple(pair for pair in key if pair[0] != "__name__"): value
                for key, value in answers(expr, at, f"{window}s", typed).items()
            }
            truth = TRUTHS.get((slug, title, name)) or TRUTHS.get((slug, title, ""))
            if truth is None:
                untold += [(slug, title, name)] if answer and not any(words in title for words in ELSEWHERE) else []
                continue
            told += 1
            true = truth(Moment(at, window, lambda labels, chosen=chosen: _kept(labels, chosen)))  # type: ignore[misc]
            if _differs(answer, true):
                wrong.append((slug, title, name, answer, true))

    assert ([], []) == (wrong, untold)
    assert told >= (30 if "instance" in CHOICES[choice] else 150)
