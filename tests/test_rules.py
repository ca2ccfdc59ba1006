"""The emitted rules: promtool takes them, every scenario holds, and no alert lacks one. Fails closed."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.programs import (
    ROOT,
    RULE_FILES,
    Line,
    prometheus_lines,
    promtool_check_rules,
    promtool_test_rules,
    rule_groups,
    rules_of,
)
from harness.ruletests import LOADER
from vllm_observability.queries.recorded import plan
from vllm_observability.rules.alerts import alert_groups
from vllm_observability.rules.budgets import slo_alert_groups, slo_groups
from vllm_observability.rules.groups import small
from vllm_observability.rules.recording import recording_groups
from vllm_observability.rules.records import Rule, RuleGroup
from vllm_observability.settings import parse

SCENARIOS = sorted((ROOT / "tests/scenarios").glob("*.yaml"))
LINES = prometheus_lines()

# These look back over half an hour or a quarter of one, so they need no hold on top.
WITHOUT_HOLD = {"VllmRestarting", "VllmCorruptedRequests"}


RECORDS, ALERTS = (rules_of(path) for path in RULE_FILES)


# ---------------------------------------------------------------------------------------- by promtool


@pytest.mark.parametrize("line", LINES, ids=str)
def test_promtool_finds_no_fault(line: Line) -> None:
    """Both files load and pass every lint of promtool, as fatal."""
    assert "" == promtool_check_rules(RULE_FILES, line)


# On the oldest Prometheus here; tests/newest_check.py, of the slower checks, does the same on every newer one.
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_scenario_holds(path: Path) -> None:
    """Alerts fire and stay quiet as written down by hand."""
    assert "" == promtool_test_rules(path, LINES[0])


@pytest.mark.parametrize("path", [p for p in SCENARIOS if p.stem != "rules-forgotten"], ids=lambda path: path.stem)
def test_scenarios_evaluate_groups_in_the_files_order(path: Path) -> None:
    """Otherwise promtool shuffles them, and an alert may see a number that is a minute old."""
    names = [group["name"] for group in rule_groups(*RULE_FILES)]

    assert names == yaml.load(path.read_text(), LOADER)["group_eval_order"]


# --------------------------------------------------------------------------------- gates on scenarios


def _expectations() -> list[tuple[str, set[str], str]]:
    """(alert, severities that fire, scenario) of each assertion."""
    found = []
    for path in SCENARIOS:
        for test in yaml.load(path.read_text(), LOADER)["tests"]:
            for check in test.get("promql_expr_test", []):
                alert = re.search(r'alertname="(\w+)"', check["expr"])
                assert alert, check
                fired = {re.search(r'severity="(\w+)"', s["labels"])[1] for s in check["exp_samples"] or []}  # type: ignore[index]
                found.append((alert[1], fired, test["name"]))
            for check in test.get("alert_rule_test", []):
                fired = {alert["exp_labels"]["severity"] for alert in check["exp_alerts"] or []}
                found.append((check["alertname"], fired, test["name"]))
    return found


EXPECTATIONS = _expectations()


def test_there_are_scenarios() -> None:
    """A gate that finds nothing to look at must not pass."""
    assert len(SCENARIOS) >= 5
    assert len({name for _, _, name in EXPECTATIONS}) > 100
    assert len(ALERTS) > 30


def test_each_alert_that_a_scenario_names_is_emitted() -> None:
    """Names are for ever, since routes and silences use them; scenarios write them out by hand."""
    emitted = {rule["alert"] for rule in ALERTS}
    assert [] == [
        f"{alert} stands in tests/scenarios, but no rule has that name: a name that users route by must stay."
        for alert in sorted({name for name, _, _ in EXPECTATIONS} - emitted)
    ]


@pytest.mark.parametrize(("alert", "severity"), sorted({(r["alert"], r["labels"]["severity"]) for r in ALERTS}))
def test_each_severity_is_fired_by_a_scenario(alert: str, severity: str) -> None:
    """Somebody has seen it fire."""
    seen = any(name == alert and severity in fired for name, fired, _ in EXPECTATIONS)
    assert seen, f"No scenario fires {alert} as {severity}: write one in a file of tests/scenarios/."


@pytest.mark.parametrize("alert", sorted({rule["alert"] for rule in ALERTS}))
def test_each_alert_is_quiet_in_two_scenarios(alert: str) -> None:
    """Just under its bound and without traffic: scenarios that ask for it and never see it fire."""
    asked: dict[str, set[str]] = {}
    for name, fired, scenario in EXPECTATIONS:
        if name == alert:
            asked.setdefault(scenario, set()).update(fired)

    quiet = sum(not fired for fired in asked.values())
    assert quiet >= 2, (
        f"{alert} stays quiet in {quiet} scenarios of 2 (just under its bound, and without traffic): "
        "write them in a file of tests/scenarios/."
    )


@pytest.mark.parametrize("alert", sorted({rule["alert"] for rule in ALERTS}))
def test_each_alerts_words_are_asserted(alert: str) -> None:
    """One scenario writes out the annotations, so that templates are known to fill in."""
    written = {
        check["alertname"]
        for path in SCENARIOS
        for test in yaml.load(path.read_text(), LOADER)["tests"]
        for check in test.get("alert_rule_test", [])
        if check["exp_alerts"]
    }

    assert alert in written, (
        f"No scenario writes out the annotations of {alert}: add alert_rule_test with exp_annotations to one of its "
        "scenarios in tests/scenarios/."
    )


# ------------------------------------------------------------------------------------- gates on rules


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: f"{rule['alert']}-{'-'.join(rule['labels'].values())}")
def test_each_alert_is_complete(rule: dict[str, Any]) -> None:
    """Severity, a static summary, a description, both links, and a hold of at least two evaluations of 30 s."""
    notes = rule["annotations"]

    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert {"summary", "description", "runbook_url", "dashboard_url"} == set(notes)
    assert "{{" not in notes["summary"]
    assert "{{" in notes["description"] or rule["alert"] == "VllmRecordingRulesMissing"
    assert notes["runbook_url"].endswith(rule["alert"])
    assert re.fullmatch(r"([1-9]\d*)(m|h)", rule.get("for", "")) or rule["alert"] in WITHOUT_HOLD


def test_recorded_names_have_three_parts() -> None:
    """`level:vllm_metric:operations`, level engine or model, never `vllm:` inside."""
    names = {rule["record"] for rule in RECORDS}

    assert len(names) > 80
    assert set() == {n for n in names if not re.fullmatch(r"(engine|model):vllm_[a-z0-9_]+:[a-z][a-z0-9_]*", n)}


def test_a_series_is_recorded_once() -> None:
    """No two rules write the same series."""
    written = Counter((rule["record"], *sorted(rule.get("labels", {}).items())) for rule in RECORDS)

    assert [] == [series for series, n in written.items() if n > 1]


# The slow group reads means of the quick one over hours, thresholds which models there are, the group of memory what
# was minutes ago: a cycle more or less is nothing to them.
_READS_OTHERS = ("vllm-slo-slow", "vllm-thresholds", "vllm-memory")


def test_no_group_reads_what_another_records() -> None:
    """Groups run side by side, so a number of another group may be a cycle old."""
    groups = rule_groups(RULE_FILES[0])
    recorded = {rule["record"]: group["name"] for group in groups for rule in group["rules"]}
    found = [
        f"{group['name']}: {rule['record']} reads {name}"
        for group in groups
        if not group["name"].startswith(_READS_OTHERS)
        for rule in group["rules"]
        for name in re.findall(r"(?:engine|model):vllm_\w+:\w+", rule["expr"])
        if recorded.get(name) != group["name"]
    ]

    assert [] == found


@pytest.mark.parametrize(
    ("chosen", "interval"),
    [
        ({}, "1m"),
        ({"histogram_interval": "30s"}, None),
        ({"evaluation_interval": "2m"}, None),
        ({"evaluation_interval": "5s", "scrape_interval": "5s", "rate_window": "20s"}, "20s"),
    ],
    ids=["as built", "as often as the rest", "the rest as seldom", "a short window"],
)
def test_percentiles_have_an_interval_of_their_own(chosen: dict[str, str], interval: str | None) -> None:
    """Where it is longer than that of all rules; their buckets are read nowhere else."""
    groups = {group.name: group for group in recording_groups(plan(parse(chosen)))}
    reading = {group.name for group in groups.values() for rule in group.rules if "_bucket" in rule.expr}

    assert {"vllm-latency-histograms", "vllm-tokens-histograms"} == reading
    assert {interval} == {groups[name].interval for name in reading}
    assert {None} == {group.interval for group in groups.values() if group.name not in reading}


@pytest.mark.parametrize(
    "objectives",
    [None, ["ttft"], ["ttft", "itl", "e2e", "errors"]],
    ids=["as built", "one objective", "every objective"],
)
def test_no_group_has_more_rules_than_stores_take(objectives: list[str] | None) -> None:
    """Mimir takes 20 unless told otherwise; the split loses no rule and doubles no name."""
    chosen = {} if objectives is None else {"objectives": [_objective(kind) for kind in objectives]}
    planned = plan(parse(chosen))
    makers = (recording_groups, slo_groups, alert_groups, slo_alert_groups)
    groups = [group for maker in makers for group in maker(planned)]

    assert [] == [(group.name, len(group.rules)) for group in groups if not 1 <= len(group.rules) <= 20]
    assert len(groups) == len({group.name for group in groups})
    assert [] == _read_elsewhere(groups)


def _objective(kind: str) -> dict[str, object]:
    return {"of": kind, "target": 0.99, **({} if kind == "errors" else {"within": 1.0})}


def _read_elsewhere(groups: list[RuleGroup]) -> list[str]:
    """Rules of fast groups that read what another group records."""
    home = {rule.record: group.name for group in groups for rule in group.rules if rule.record}
    return [
        f"{group.name}: {rule.record} reads {name}"
        for group in groups
        if not group.name.startswith(_READS_OTHERS)
        for rule in group.rules
        if rule.record
        for name in re.findall(r"(?:engine|model):vllm_\w+:\w+", rule.expr)
        if home.get(name) != group.name
    ]


def test_rules_that_read_each_other_stay_in_one_group() -> None:
    """However far apart they stand; the others keep their order."""
    chain = [Rule("up", record="model:vllm_a:x"), *(Rule("up", record=f"model:vllm_b{i}:x") for i in range(20))]
    last = Rule("model:vllm_a:x + model:vllm_b19:x", record="model:vllm_c:x")

    first, second = small([RuleGroup("vllm-much", (*chain, last), "1m")])

    assert ("vllm-much", "vllm-much-2") == (first.name, second.name)
    assert ("1m", "1m") == (first.interval, second.interval)
    assert {"model:vllm_a:x", "model:vllm_b19:x", "model:vllm_c:x"} <= {rule.record for rule in first.rules}
    assert (20, 2) == (len(first.rules), len(second.rules))


def test_more_rules_that_read_each_other_than_a_group_takes_are_refused() -> None:
    """Their split would read numbers of the cycle before."""
    chain = [Rule("up", record="model:vllm_0:x")]
    chain += [Rule(f"model:vllm_{i}:x", record=f"model:vllm_{i + 1}:x") for i in range(20)]

    with pytest.raises(ValueError, match="vllm-chain: 21 rules read each other, over the 20 of a group"):
        small([RuleGroup("vllm-chain", tuple(chain))])


def test_a_rule_comes_after_what_it_reads() -> None:
    """Inside a group, rules run from top to bottom."""
    late = []
    for group in rule_groups(RULE_FILES[0]):
        seen: set[str] = set()
        own = {rule["record"] for rule in group["rules"]}
        for rule in group["rules"]:
            read = set(re.findall(r"(?:engine|model):vllm_\w+:\w+", rule["expr"])) & own
            late += [f"{rule['record']} before {name}" for name in read - seen - {rule["record"]}]
            seen.add(rule["record"])

    assert [] == late


def test_alerts_read_only_what_is_recorded() -> None:
    """A misspelt series would be an alert that never fires."""
    recorded = {rule["record"] for rule in RECORDS}
    read = {name for rule in ALERTS for name in re.findall(r"(?:engine|model):vllm_\w+:\w+", rule["expr"])}

    assert set() == read - recorded
