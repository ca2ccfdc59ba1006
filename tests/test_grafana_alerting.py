"""Alert rules for Grafana's own alerting: they are those of alerts/, and what Grafana reads of a rule."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from harness.programs import ROOT
from vllm_observability.render.grafana.alerting import alerting_files
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import Settings, parse

# What pkg/services/provisioning/alerting/rules_types.go of Grafana reads, and the operator of a GrafanaAlertRuleGroup.
GROUP = {"orgId", "name", "folder", "interval", "rules"}
RULE = {"uid", "title", "condition", "data", "noDataState", "execErrState", "for", "labels", "annotations", "isPaused"}
QUERY = {"refId", "relativeTimeRange", "datasourceUid", "model"}
# Of Prometheus' template functions those that Grafana has too, and text/template's own.
FUNCTIONS = {"humanize", "humanize1024", "humanizeDuration", "humanizePercentage", "printf", "urlquery"}


def _provisioned(settings: Settings | None = None) -> list[dict[str, Any]]:
    text = (
        alerting_files(settings, rules_for(settings).alerting)["alerting/vllm-alerts.yaml"]
        if settings
        else (ROOT / "deploy/grafana/alerting/vllm-alerts.yaml").read_text()
    )
    return list(yaml.safe_load(text)["groups"])


def _alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((ROOT / "alerts/vllm-alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def _rules(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [rule for group in groups for rule in group["rules"]]


def test_every_alert_is_there_with_its_query_hold_and_labels() -> None:
    """In the same groups and order; alertname is Grafana's title."""
    ours = [
        (r["title"], r["data"][0]["model"]["expr"], r["for"], r["labels"], r["annotations"]["summary"])
        for r in _rules(_provisioned())
    ]
    assert ours == [
        (r["alert"], r["expr"], r.get("for", "0m"), r["labels"], r["annotations"]["summary"]) for r in _alerts()
    ]
    assert len(ours) > 40


def test_only_what_grafana_reads_stands_there() -> None:
    """An unknown key is dropped without a word; a rule without one of these is refused."""
    groups = _provisioned()
    assert all(set(group) == GROUP for group in groups)
    for rule in _rules(groups):
        assert set(rule) == RULE
        assert ["query", "answered", "fires"] == [node["refId"] for node in rule["data"]]
        assert all(set(node) == QUERY and node["model"]["refId"] == node["refId"] for node in rule["data"])
        assert rule["condition"] == rule["data"][-1]["refId"]
        assert {"prometheus", "__expr__"} == {node["datasourceUid"] for node in rule["data"]}
        assert all(node["model"]["datasource"]["uid"] == node["datasourceUid"] for node in rule["data"])


def test_rules_are_told_apart_for_ever() -> None:
    """By an uid that Grafana takes, the same at each build whatever comes before."""
    uids = [rule["uid"] for rule in _rules(_provisioned())]
    assert len(uids) == len(set(uids))
    assert all(re.fullmatch(r"[a-z0-9-]{1,40}", uid) for uid in uids)
    fewer = [rule["uid"] for rule in _rules(_provisioned(parse({"alerts_off": ["VllmTargetDown", "VllmAbortsHigh"]})))]
    assert set(fewer) < set(uids)


def test_templates_ask_nothing_that_grafana_lacks() -> None:
    """No query in a template, no other value, no function of Prometheus alone, no environment variable."""
    for rule in _rules(_provisioned()):
        assert "$" not in str(rule["labels"]) + rule["title"] + rule["uid"]
        for text in rule["annotations"].values():
            assert "${" not in text
            for action in re.findall(r"\{\{(.*?)\}\}", text):
                head, *functions = (part.strip() for part in action.split("|"))
                known = r"end|\.|(?:with )?\$labels\.\w+|\$externalURL|\$values\.query\.Value|[0-9.e+-]*\.[0-9.e+-]+"
                assert re.fullmatch(known, head), action
                assert {function.split()[0] for function in functions} <= FUNCTIONS, action


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "(threshold {{ 0.8 | humanizePercentage }})"),
        ({"thresholds": {"kv_cache_usage": {"warning": 0.85}}}, "(threshold {{ 0.85 | humanizePercentage }})"),
        (
            {"models": [{"match": "a", "thresholds": {"kv_cache_usage": {"warning": 0.7}}}]},
            "(threshold {{ 0.8 | humanizePercentage }} for most models)",
        ),
    ],
)
def test_the_bound_is_said_as_built(given: dict[str, object], expected: str) -> None:
    """A template of Grafana can't ask for the one in force."""
    rules = _rules(_provisioned(parse(given)))
    (warning,) = (r for r in rules if r["title"] == "VllmKvCacheUsageHigh" and r["labels"]["severity"] == "warning")
    assert expected in warning["annotations"]["description"]


def test_the_operators_resources_hold_the_same_rules() -> None:
    """A folder, and a group for each group."""
    documents = list(yaml.safe_load_all((ROOT / "deploy/grafana/operator/vllm-alerts.yaml").read_text()))
    folder, *groups = documents
    assert ("GrafanaFolder", "vllm") == (folder["kind"], folder["metadata"]["name"])
    assert {"grafana.integreatly.org/v1beta1"} == {document["apiVersion"] for document in documents}
    assert {"GrafanaAlertRuleGroup"} == {group["kind"] for group in groups}
    assert [group["spec"]["rules"] for group in groups] == [group["rules"] for group in _provisioned()]
    for group in groups:
        assert {"instanceSelector", "folderRef", "interval", "rules"} == set(group["spec"])
        assert folder["metadata"]["name"] == group["spec"]["folderRef"]
