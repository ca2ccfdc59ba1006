"""A score is stale when a rule's meaning or the simulator's numbers change, and where its story can reach them only."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import scorecard
from harness.freshness import CODE, SIMULATOR, code_meaning, reached, simulator_code, story_meaning
from vllm_observability.simulate import engine
from vllm_observability.simulate.story import Event, Group, Story, names

Rule = Mapping[str, Any]
ONLY_ONE_DRAFTS, ONLY_ONE_TRANSFERS = {"rejected-drafts"}, {"kv-transfer-failures"}


@pytest.fixture
def stale_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Rule], Rule]], set[str]]:
    """Stories that a change of each rule makes stale."""
    loaded = scorecard._parsed

    def after(change: Callable[[Rule], Rule]) -> set[str]:
        monkeypatch.setattr(scorecard, "_parsed", lambda *of: tuple(change(rule) for rule in loaded(*of)))
        return set(scorecard.stale(scorecard.kept()))

    return after


def _bound(name: str, old: str, new: str) -> Callable[[Rule], Rule]:
    """The rules with another number in one threshold."""

    def change(rule: Rule) -> Rule:
        if rule.get("record") != f"model:vllm_{name}:threshold":
            return rule
        return {**rule, "expr": re.sub(rf"\* {re.escape(old)}$", f"* {new}", rule["expr"])}

    return change


def _alert(name: str, **other: Any) -> Callable[[Rule], Rule]:
    """The rules with other fields in one alert."""
    return lambda rule: {**rule, **other} if rule.get("alert") == name else rule


def test_prose_makes_nothing_stale(stale_after: Callable[[Callable[[Rule], Rule]], set[str]]) -> None:
    """Summaries, descriptions, links and the layout of an expression."""

    def reworded(rule: Rule) -> Rule:
        return {**rule, "expr": " \n ".join(rule["expr"].split()), "annotations": {"summary": "Other words."}}

    assert set() == stale_after(reworded)


def test_a_bound_makes_stale_what_reaches_it(stale_after: Callable[[Callable[[Rule], Rule]], set[str]]) -> None:
    """Drafts are counted in one story; requests wait in all where there are recording rules."""
    assert stale_after(_bound("spec_decode_acceptance", "0.3", "0.31")) == ONLY_ONE_DRAFTS
    assert stale_after(_bound("requests_waiting", "50", "51")) == set(names()) - {"rules-forgotten"}


@pytest.mark.parametrize("change", [{"for": "6m"}, {"labels": {"severity": "info"}}, {"expr": "vector(1)"}])
def test_a_hold_a_label_and_an_expression_count(
    stale_after: Callable[[Callable[[Rule], Rule]], set[str]], change: dict[str, Any]
) -> None:
    """An expression that answers without any series reaches every story."""
    found = stale_after(_alert("VllmKvTransferFailures", **change))
    assert found == (set(names()) if "expr" in change else ONLY_ONE_TRANSFERS)


def test_an_alert_that_is_gone_counts_where_it_was_reached(
    stale_after: Callable[[Callable[[Rule], Rule]], set[str]],
) -> None:
    """A recorded name takes its place, which no alert reads."""
    gone = stale_after(
        lambda r: {"record": "a", "expr": "vector(1)"} if r.get("alert") == "VllmKvTransferFailures" else r
    )
    assert gone == ONLY_ONE_TRANSFERS


def _rules(*expressions: str, **recorded: str) -> list[Rule]:
    return [
        *({"record": name, "expr": expr} for name, expr in recorded.items()),
        *({"alert": f"A{number}", "expr": expr} for number, expr in enumerate(expressions)),
    ]


@pytest.mark.parametrize(
    ("expr", "answers"),
    [
        ("a", True), ("b", False), ("a + b", False), ("a or b", True), ("b or b", False), ("b unless a", False),
        ("a unless b", True), ("a and b", False), ("sum(rate(b[5m]))", False), ("max_over_time((a > 1)[5m:30s])", True),
        ("absent(b)", True), ("vector(0) > a", True), ("-b", False), ("topk(3, b)", False), ("by_b", False),
        ("by_a", True), ("histogram_quantile(0.9, sum by (le) (rate(b[5m])))", False),
    ],
)  # fmt: skip
def test_what_has_no_series_has_no_answer(expr: str, answers: bool) -> None:
    """Of `a` and `b`, only `a` is exposed; `by_a` and `by_b` are recorded."""
    found = reached(_rules(expr, by_a="sum(a)", by_b="sum(b)"), {"a": "gauge"})
    assert answers == ("A0" in found.alerts)
    assert found.reads <= {"a"}


def test_a_part_without_an_answer_does_not_count() -> None:
    """An old name joined to a new one, where no server has the old one."""
    plain, joined = (reached(_rules(expr), {"a": "gauge"}).alerts for expr in ("sum(a)", "sum(a or b)"))
    both = reached(_rules("sum(a or b)"), {"a": "gauge", "b": "gauge"}).alerts
    assert plain == joined != both


def test_an_alert_changes_with_what_it_reads() -> None:
    """A rule that it reads by way of another, and how a server shows a series."""
    rules = {"c": "sum(a)", "d": "c > 1"}
    before = reached(_rules("d", **rules), {"a": "gauge"}).alerts
    assert before == reached(_rules("d", **rules, e="count(a)"), {"a": "gauge"}).alerts
    assert before != reached(_rules("d", **{**rules, "c": "max(a)"}), {"a": "gauge"}).alerts
    assert before != reached(_rules("d", **rules), {"a": "counter"}).alerts


def test_of_a_story_its_words_do_not_count() -> None:
    """Whom it tells about and what happens does."""
    story = Story("A", "B", "60m", (Group(),), events=(Event("30m", traffic={"rate": 2.0}),))
    reworded = Story("C", "D", "60m", (Group(),), events=(Event("30m", traffic={"rate": 2.0}),))
    other = Story("A", "B", "60m", (Group(),), events=(Event("30m", traffic={"rate": 2.1}),))
    assert story_meaning(story) == story_meaning(reworded) != story_meaning(other)


# ----------------------------------------------------------------------------------------------- simulator


def _edited(folder: Path, file: str, old: str, new: str) -> str:
    copy = folder / file / "simulate"
    shutil.copytree(SIMULATOR, copy)
    path = copy / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    return simulator_code(copy)


def test_docstrings_comments_types_and_the_server_of_pages_do_not_count(tmp_path: Path) -> None:
    """A bound in the engine does, and so does a module that the fleet comes to import."""
    now = simulator_code(SIMULATOR)
    assert now == _edited(tmp_path / "1", "engine.py", '"""One engine:', '"""An engine:')
    assert now == _edited(tmp_path / "2", "engine.py", "# seconds of tokenising", "# for tokenising")
    assert now == _edited(tmp_path / "3", "hardware.py", "blocks: int", "blocks: float")
    assert now == _edited(tmp_path / "4", "serve.py", "import json", "import json, math")
    assert now != _edited(tmp_path / "5", "engine.py", "_OVERHEAD = 0.004", "_OVERHEAD = 0.005")
    imports = "from vllm_observability.simulate.server import Server, Setup"
    assert now != _edited(tmp_path / "6", "fleet.py", imports, f"{imports}\nimport vllm_observability.simulate.show")
    assert now != _edited(
        tmp_path / "7", "fleet.py", imports, f"{imports}\nfrom vllm_observability.simulate import show"
    )


def test_code_means_the_same_in_another_layout() -> None:
    """Of a class, only the docstring goes; a text that does something stays."""
    one = code_meaning('class A:\n    """Words."""\n    x: int = 1\n\ndef f(a: int) -> int:\n    return a + 1\n')
    assert one == code_meaning("class A:\n    x = 1  # more\ndef f(a):\n    'Others.'\n    return (a + 1)\n").replace(
        "Assign(targets=[Name(id='x')],value=Constant(value=1))", "Name(id='x'):=Constant(value=1)"
    )
    assert one != code_meaning("class A:\n    x: int = 2\ndef f(a):\n    return a + 1\n")


def test_code_that_changes_no_number_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    """By simulating again; a number that changed is not."""
    known = {"corrupted": scorecard.kept()["corrupted"]}
    monkeypatch.setattr(scorecard, "names", lambda: list(known))
    monkeypatch.setattr(scorecard, "simulator_code", lambda: "refactored")
    assert scorecard.stale(known) == {"corrupted": (CODE,)}

    before = dict(known)
    with monkeypatch.context() as other:
        other.setattr(engine, "_OVERHEAD", 0.005)
        assert [] == scorecard.recognise(known, 1)
        assert before == known

    assert ["corrupted"] == scorecard.recognise(known, 1)
    assert {} == scorecard.stale(known)
