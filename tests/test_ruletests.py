"""A rule test in parts says what the whole says: each part has every rule that its assertions can see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from harness.programs import promtool_test_rules
from harness.ruletests import parts

RECORDS: dict[str, Any] = {"groups": [
    {"name": "one", "rules": [
        {"record": "model:vllm_a:sum", "expr": "sum(a)"}, {"record": "model:vllm_b:sum", "expr": "sum(b)"},
    ]},
    {"name": "two", "interval": "2m", "rules": [{"record": "model:vllm_c:max", "expr": "max(model:vllm_a:sum)"}]},
]}  # fmt: skip
ALERTS: dict[str, Any] = {"groups": [{"name": "alerts", "rules": [
    {"alert": "A", "expr": "model:vllm_c:max > 1", "labels": {"severity": "info"}},
    {"alert": "B", "expr": "model:vllm_b:sum > 1", "labels": {"severity": "info"}},
]}]}  # fmt: skip
SERIES = [{"series": "a", "values": "2x20"}, {"series": "b", "values": "2x20"}]


def _test(name: str, **asked: Any) -> dict[str, Any]:
    return {"name": name, "interval": "1m", "input_series": SERIES, **asked}


def _alert(name: str, fires: bool = True) -> dict[str, Any]:
    expected = [{"exp_labels": {"severity": "info"}}] if fires else []
    return {"alert_rule_test": [{"alertname": name, "eval_time": "10m", "exp_alerts": expected}]}


def _asked(expr: str, samples: list[dict[str, Any]]) -> dict[str, Any]:
    return {"promql_expr_test": [{"expr": expr, "eval_time": "10m", "exp_samples": samples}]}


def _file(folder: Path, *tests: dict[str, Any]) -> Path:
    (folder / "records.yaml").write_text(yaml.safe_dump(RECORDS))
    (folder / "alerts.yaml").write_text(yaml.safe_dump(ALERTS))
    document = {"rule_files": ["records.yaml", "alerts.yaml"], "evaluation_interval": "1m", "tests": list(tests)}
    path = folder / "scenario.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    return path


def _seen(path: Path) -> list[tuple[list[str], list[str]]]:
    """(tests, rules) of each part."""
    return [
        (
            [test["name"] for test in document["tests"]],
            [rule.get("record") or rule["alert"] for file in files for group in file for rule in group["rules"]],
        )
        for document, files in parts(path)
    ]


def test_a_part_has_what_its_assertions_can_see(tmp_path: Path) -> None:
    """By way of a rule that reads another; those that ask about the same are together."""
    path = _file(
        tmp_path,
        _test("a fires", **_alert("A")),
        _test("b fires", **_alert("B")),
        _test("a by its series", **_asked('ALERTS{alertname="A"}', [])),
        _test("c", **_asked("model:vllm_c:max + 0", [])),
        _test("whatever fires", **_asked("count(ALERTS)", [])),
    )
    a, b = ["model:vllm_a:sum", "model:vllm_c:max"], ["model:vllm_b:sum"]
    assert _seen(path) == [
        (["a fires", "a by its series"], [*a, "A"]),
        (["b fires"], [*b, "B"]),
        (["c"], a),
        (["whatever fires"], [a[0], b[0], a[1], "A", "B"]),
    ]
    assert [group.get("interval") for file in next(iter(parts(path)))[1] for group in file] == [None, "2m", None]


def test_what_holds_passes_and_what_does_not_is_named(tmp_path: Path) -> None:
    """In whichever part it is."""
    count = [{"labels": "{}", "value": 2}]
    good = [_test("a", **_alert("A")), _test("b", **_alert("B")), _test("all", **_asked("count(ALERTS)", count))]
    assert "" == promtool_test_rules(_file(tmp_path, *good))
    assert "FAILED" in promtool_test_rules(_file(tmp_path, *good, _test("b is quiet", **_alert("B", False))))
    assert "FAILED" in promtool_test_rules(_file(tmp_path, _test("gone", **_alert("Gone")), *good))
    wrong = _test("one", **_asked("count(ALERTS)", [{"labels": "{}", "value": 1}]))
    assert "FAILED" in promtool_test_rules(_file(tmp_path, wrong, *good))
