"""Alert rules for Grafana's own alerting, made of those that Prometheus loads: for provisioning and its operator.

Each rule asks what the Prometheus rule asks, and any answer means that it fires, as in Grafana's own conversion of
Prometheus rules. Recorded series and bounds stay Prometheus' work. Templates of Grafana can't ask a query, so messages
hold the bound as it was built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vllm_observability.queries.recorded import threshold_name
from vllm_observability.render.rules_yaml import yaml_text
from vllm_observability.render.template_files import CHANGE
from vllm_observability.rules.records import Rule, RuleGroup
from vllm_observability.settings import Settings

DATASOURCE = "prometheus"  # the uid that deploy/compose gives it
FOLDER = "vLLM"
# Grafana asks at round times, at which Prometheus 2 counts a step too many: an hour has thirteen times five minutes. A
# second earlier is no round time. Prometheus itself evaluates rules at none.
_BEFORE = 1
_QUERY, _ANY, _FIRES = "query", "answered", "fires"
_BOUND = re.compile(
    r'\{\{ with query \(printf `(?P<name>[\w:]+)\{[^`]*severity="(?P<severity>\w+)"\}`[^)]*\) \}\}'
    r"\{\{ \. \| first \| value \| (?P<how>[^}]+) \}\}\{\{ end \}\}"
)
_BEGUN = re.compile(r'\{\{ with query "vector\(1000 \* \(time\(\) - (\d+)\)\)" \}\}.*?\{\{ end \}\}')
_SAYS = (
    "Alert rules for Grafana's own alerting, instead of alerts/vllm-alerts.yaml: with both, all is said twice.\n"
    "alerts/vllm-recording-rules.yaml stays in Prometheus, because these rules read what it records.\n"
    f'The data source is the one whose uid is "{DATASOURCE}"; put yours in its place. Grafana 12 or later.\n'
)


def alerting_files(settings: Settings, groups: Sequence[RuleGroup]) -> dict[str, str]:
    """Both forms, by name."""
    rules = {group.name: _group(settings, group) for group in groups}
    provisioned = [{"orgId": 1, "name": name, "folder": FOLDER, **content} for name, content in rules.items()]
    return {
        "alerting/vllm-alerts.yaml": _heading("To be put into provisioning/alerting of Grafana.")
        + yaml_text({"apiVersion": 1, "groups": provisioned}),
        "operator/vllm-alerts.yaml": _heading(
            "Resources of the Grafana operator, for every Grafana that it looks after."
        )
        + "---\n".join(map(yaml_text, _resources(rules))),
    }


def _heading(where: str) -> str:
    return "".join(f"# {line}\n" for line in f"{_SAYS}{where}\n{CHANGE}".splitlines())


def _resources(rules: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    every: dict[str, Any] = {"instanceSelector": {"matchLabels": {}}}
    api = "grafana.integreatly.org/v1beta1"
    yield {"apiVersion": api, "kind": "GrafanaFolder", "metadata": {"name": "vllm"}, "spec": {**every, "title": FOLDER}}
    for name, content in rules.items():
        spec = {**every, "folderRef": "vllm", **content}
        yield {"apiVersion": api, "kind": "GrafanaAlertRuleGroup", "metadata": {"name": name}, "spec": spec}


def _group(settings: Settings, group: RuleGroup) -> dict[str, Any]:
    rules = [_rule(settings, rule) for rule in group.rules]
    return {"interval": group.interval or settings.evaluation_interval, "rules": rules}


def _rule(settings: Settings, rule: Rule) -> dict[str, Any]:
    alert = rule.alert or ""
    return {
        "uid": _uid(alert, dict(rule.labels)),
        "title": alert,  # it becomes the label alertname, by which messages are routed and silenced
        "condition": _FIRES,
        "data": [
            _node(_QUERY, DATASOURCE, {"expr": rule.expr, "instant": True, "range": False}),
            _node(_ANY, "__expr__", {"type": "math", "expression": _answered()}),
            _node(_FIRES, "__expr__", {"type": "threshold", "expression": _ANY, "conditions": [_MORE_THAN_0]}),
        ],
        "noDataState": "OK",
        "execErrState": "Error",
        "for": rule.hold or "0s",
        "labels": dict(rule.labels),
        "annotations": {name: _template(settings, text) for name, text in rule.annotations},
        "isPaused": False,
    }


_MORE_THAN_0 = {"evaluator": {"type": "gt", "params": [0]}}


def _answered() -> str:
    """1 for every series of the answer, whatever its value."""
    return " || ".join(f"{kind}(${_QUERY})" for kind in ("is_number", "is_nan", "is_inf"))


def _node(name: str, datasource: str, model: Mapping[str, Any]) -> dict[str, Any]:
    kind = "__expr__" if datasource == "__expr__" else "prometheus"
    return {
        "refId": name,
        "relativeTimeRange": {"from": 600, "to": _BEFORE},
        "datasourceUid": datasource,
        "model": {"refId": name, "datasource": {"type": kind, "uid": datasource}, **model},
    }


def _uid(alert: str, labels: Mapping[str, str]) -> str:
    """What tells a rule from others for ever: at most 40 characters."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", alert.removeprefix("Vllm"))
    parts = ["vllm", words, *(value for name, value in labels.items() if name != "severity"), labels["severity"][:4]]
    return re.sub(r"[^a-z0-9-]+", "-", "-".join(parts).lower())


def _template(settings: Settings, text: str) -> str:
    """A template of Prometheus as Grafana reads it."""
    by_name = {threshold_name(check): check for check in settings.checks}

    def bound(found: re.Match[str]) -> str:
        check = by_name[found["name"]]
        built = next(b for b in check.bounds if b.severity == found["severity"])
        own = any(found["severity"] in model.thresholds.get(check.id, {}) for model in settings.models)
        number = float(settings.bound(check, built) or 0)  # with its point, as printf's %g wants it
        return f"{{{{ {number!r} | {found['how']} }}}}" + (" for most models" if own else "")

    asked = _BEGUN.sub(r"now-\1s", _BOUND.sub(bound, text))
    return re.sub(r"\$value\b", f"$values.{_QUERY}.Value", asked)
