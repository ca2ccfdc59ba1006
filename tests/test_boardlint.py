"""Each rule for boards catches the board it was written against; a rule that catches nothing is no rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from harness import boardlint
from sample_board import BOARD, PICK
from vllm_observability.render.grafana.dashboard import dashboard_json

Json = dict[str, Any]
Edit = Callable[[Json], None]


def _fresh() -> Json:
    board: Json = json.loads(dashboard_json(BOARD))
    return board


def _panel(board: Json, title: str) -> Json:
    return next(panel for panel in boardlint.panels(board) if panel["title"] == title)


def _variable(board: Json, name: str) -> Json:
    held: Json = next(v for v in board["templating"]["list"] if v["name"] == name)
    return held


def _asks(expr: str) -> Edit:
    """The tile "Running" asks this instead."""
    return lambda board: _panel(board, "Running")["targets"][0].update(expr=expr)


def _tile(**parts: Any) -> Edit:
    return lambda board: _panel(board, "Running").update(parts)


def _fields(**parts: Any) -> Edit:
    return lambda board: _panel(board, "Running")["fieldConfig"]["defaults"].update(parts)


def _given(name: str, /, **parts: Any) -> Edit:
    return lambda board: _variable(board, name).update(parts)


def _without(name: str) -> Edit:
    return lambda board: board["templating"]["list"].remove(_variable(board, name))


def _overrides(matcher: str, prop: str, value: Any) -> Edit:
    entry = {"matcher": {"id": matcher, "options": "A"}, "properties": [{"id": prop, "value": value}]}
    return lambda board: _panel(board, "Running")["fieldConfig"]["overrides"].append(entry)


SHADED = [{"color": "red", "value": 0}, {"color": "blue", "value": 1}]

# What is done to a faultless board: rule, edit, words that the fault must say.
CASES: list[tuple[str, Edit, str]] = [
    ("schema", lambda b: _panel(b, "Running")["options"].update(colourMode="value"), "Running: panels"),
    ("schema", lambda b: _panel(b, "Latency")["options"]["tooltip"].update(mode="all"), "'all' is not one of"),
    ("schema", lambda b: _panel(b, "Latency")["fieldConfig"]["defaults"]["custom"].update(drawStyle="lines"), "lines"),
    ("schema", lambda b: _panel(b, "State")["options"].update(rowHeight="0.9"), "'0.9' is not of type"),
    ("schema", lambda b: _panel(b, "Alerts")["options"].update(sortOrder=9), "9 is not one of"),
    ("schema", lambda b: _panel(b, "Budget")["options"].update(fieldOptions={}), "fieldOptions"),
    ("schema", lambda b: _panel(b, "Usage")["targets"][0].update(intervalFactor=2), "intervalFactor"),
    ("schema", _tile(type="graph"), "'graph' is not one of"),
    ("schema", lambda b: _panel(b, "Running")["gridPos"].update(x="6"), "'6' is not of type"),
    ("schema", lambda b: b.update(graphTooltip=9), "board: graphTooltip"),
    ("schema", lambda b: b.update(rows=[]), "'rows' was unexpected"),
    ("importable", lambda b: b.update(__inputs=[]), "has __inputs"),
    ("importable", lambda b: b.update(id=7), "has id"),
    ("importable", lambda b: b.update(description=""), "has no description"),
    ("importable", lambda b: b.update(uid="a/b"), "uid 'a/b'"),
    ("importable", lambda b: b.update(editable=True), "is editable"),
    ("datasource_variable", _without("datasource"), "are []"),
    ("datasource_variable", _given("datasource", name="ds"), "are ['ds']"),
    ("datasource_variable", _given("datasource", current={}), "has no current value"),
    ("datasource_variable", _given("datasource", query="loki"), "lists 'loki'"),
    ("datasource_variable", _tile(datasource={"type": "prometheus", "uid": "abc"}), "Running: asks"),
    ("datasource_variable", lambda b: _panel(b, "Running")["targets"][0].pop("datasource"), "Running: asks"),
    ("datasource_variable", _given("job", datasource=None), "job: asks"),
    ("datasource_variable", lambda b: b["annotations"]["list"][1].pop("datasource"), "Alerts firing: asks"),
    ("variables", _given("job", allValue=".+"), "job: allValue is '.+', not '.*'"),
    ("variables", _given("job", refresh=1), "job: refresh"),
    ("variables", _given("job", sort=0), "job: is not sorted"),
    ("variables", _given("job", label=None), "job: has no label"),
    ("variables", _given("job", definition="label_values(job)"), "job: definition"),
    ("variables", _given("job", current={"text": ["a"], "value": ["a"]}), "job: does not start"),
    ("known_variables", _asks(f"x{PICK} * $cost"), "Running: $cost"),
    ("known_variables", _tile(links=[{"title": "L", "url": "/d/u?var-m=${model}"}]), "Running: $model"),
    ("known_variables", lambda b: b["annotations"]["list"][1].update(titleFormat="$zone"), "Alerts firing: $zone"),
    ("words", _tile(description=" "), "Running: has no description"),
    ("words", _tile(title=""), "has no title"),
    ("words", lambda b: next(p for p in b["panels"] if p["type"] == "row").update(title=""), "row"),
    ("units", lambda b: _panel(b, "Running")["fieldConfig"]["defaults"].pop("unit"), "Running: unit None"),
    ("units", _fields(unit="tokens"), "Running: unit 'tokens'"),
    ("units", _overrides("byName", "unit", "furlongs"), "Running: unit 'furlongs'"),
    ("known_ids", _overrides("byName", "custom.lineWidth", 2), "override 'custom.lineWidth'"),
    ("known_ids", _overrides("byTitle", "unit", "s"), "matcher 'byTitle'"),
    ("known_ids", _tile(transformations=[{"id": "organise", "options": {}}]), "transformation 'organise'"),
    ("known_ids", lambda b: _panel(b, "Usage")["options"]["reduceOptions"].update(calcs=["avg"]), "calculation 'avg'"),
    ("known_ids", lambda b: _panel(b, "Latency")["options"]["legend"].update(calcs=["p95"]), "calculation 'p95'"),
    ("known_ids", _fields(color={"mode": "rainbow"}), "colour mode 'rainbow'"),
    ("known_ids", _fields(color={"mode": "fixed", "fixedColor": "pinkish"}), "colour 'pinkish'"),
    ("known_ids", _overrides("byName", "color", {"mode": "fixed", "fixedColor": "#12"}), "colour '#12'"),
    ("known_ids", lambda b: _panel(b, "First token")["options"]["color"].update(scheme="Heat"), "scheme 'Heat'"),
    ("judged_colour", _fields(color={"mode": "thresholds"}), "has none"),
    ("judged_colour", _fields(thresholds={"mode": "absolute", "steps": SHADED}), "first step has a value"),
    ("identity_and_place", lambda b: b["panels"][3].update(id=b["panels"][-3]["panels"][0]["id"]), "is given 2 times"),
    ("identity_and_place", lambda b: _panel(b, "Running")["gridPos"].update(x=5), "overlaps Usage"),
    ("identity_and_place", lambda b: _panel(b, "By engine")["gridPos"].update(x=19), "outside the grid"),
    ("identity_and_place", lambda b: b["panels"][-3].update(collapsed=False), "is open and holds panels"),
    ("targets", _tile(targets=[]), "Running: has no query"),
    ("targets", _asks(" "), "Running: has no query"),
    ("targets", lambda b: _panel(b, "Latency")["targets"][1].update(refId="A"), "Latency: two queries"),
    ("targets", lambda b: _panel(b, "Running")["targets"][0].update(instant=True), "both instant and"),
    ("promql", _asks(f"sum(x{PICK}"), "Running: "),
    ("promql", _asks(f'rate(x{PICK}[5m]) > "1"'), "Running: "),
    ("promql", lambda b: b["annotations"]["list"][1]["target"].update(expr="sum("), "Alerts firing: "),
    ("promql", _asks(f'label_set(x{PICK}, "a", "b")'), "Running: "),
    ("rate_window", _asks(f"sum(rate(x{PICK}[5m]))"), "rate of x is not over"),
    ("rate_window", _asks(f"sum(increase(x{PICK}[$__interval]))"), "increase of x is not over"),
    ("rate_window", _asks(f"max_over_time(rate(x{PICK}[$__range])[1h:1m])"), "rate of x is not over"),
    ("selection", _asks('sum(x{job=~"$job"})'), "x is not narrowed by instance"),
    ("selection", _asks(f"sum(x{PICK}) / sum(y)"), "y is not narrowed by job"),
    ("selection", _asks("model:y:sum"), "model:y:sum is not narrowed by job"),
    ("raw_counter", _asks(f"sum(x_total{PICK})"), "x_total is shown as counted"),
    ("raw_counter", _asks(f"avg(x_sum{PICK}) / avg(rate(x_count{PICK}[$__rate_interval]))"), "x_sum is shown"),
    ("false_calm", _asks(f"sum(x{PICK}) or vector(0)"), "or vector(0)"),
    ("false_calm", _asks(f"x{PICK} / clamp_min(y{PICK}, 1)"), "clamp_min"),
    ("false_calm", _asks(f'{{__name__=~"a|b",{PICK[1:]}'), "__name__=~"),
]


@pytest.mark.parametrize(("rule", "edit", "said"), CASES, ids=[f"{rule}-{said}" for rule, _, said in CASES])
def test_a_rule_catches_its_fault(rule: str, edit: Edit, said: str) -> None:
    """One edit to a board without faults, and the rule says so, naming the place."""
    board = _fresh()
    edit(board)
    assert any(said in sentence for sentence in getattr(boardlint, rule)(board))
    assert boardlint.faults(board) != []


def test_every_rule_is_shown_to_catch_something() -> None:
    """A new rule needs a case above."""
    assert {rule.__name__ for rule in boardlint.RULES} == {rule for rule, _, _ in CASES}


@pytest.mark.parametrize(
    "expr",
    [
        f"sum(increase(x_total{PICK}[$__range]))",
        'sum(model:x:rate5m{job=~"$job"})',
        f"changes(x_total{PICK}[30m])",
        f"max_over_time(sum(x{PICK})[$__range:$window])",
        f"x{PICK} > ${{price}} and y{PICK} < $slo",
    ],
)
def test_good_queries_are_left_alone(expr: str) -> None:
    """Growth over the whole range, recorded series, counts of changes and numbers from variables are fine."""
    board = _fresh()
    _asks(expr)(board)
    assert boardlint.faults(board) == []


def test_a_reasoned_exemption_excuses_one_panel_from_one_rule() -> None:
    """Other rules and other panels are still held."""
    board = _fresh()
    _asks("sum(x)")(board)
    exempt = boardlint.Exemption("selection", "Running", "a total over everything is meant")
    assert boardlint.faults(board, [exempt]) == []
    assert boardlint.faults(board, [boardlint.Exemption("selection", "Usage", "wrong panel")]) != []


def test_an_exemption_that_excuses_nothing_is_a_fault() -> None:
    """Else it would hide the next fault."""
    exempt = boardlint.Exemption("selection", "Running", "no longer true")
    assert boardlint.faults(_fresh(), [exempt]) == ["exemption: Running: selection has nothing to excuse"]
