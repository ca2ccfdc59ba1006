"""What the chart's values may be: their schema, and the words and numbers that values.yaml shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vllm_observability.catalog import slo
from vllm_observability.model import Bound, Check, Unit
from vllm_observability.render.deploy.jobs import job_pattern
from vllm_observability.rules.budgets import objectives_of
from vllm_observability.settings import Settings
from vllm_observability.settings.checking import ceiling
from vllm_observability.settings.site import TAKEN

Schema = dict[str, Any]

_UNITS = {Unit.RATIO: " (a share: 0.42 is 42 %)", Unit.SECONDS: " (seconds)"}
_STRING: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_ANYTHING: Schema = {"type": "object"}  # what an operator's own definition says
_LABELS: Schema = {"type": "object", "additionalProperties": _STRING}
_NAMESPACE: Schema = {"type": "string", "pattern": "^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$", "maxLength": 63}
_LABEL = "[a-zA-Z_][a-zA-Z0-9_]*"
# Values are templates to Prometheus, which refuses the whole file for one that is broken.
_ALERT_LABELS: Schema = {
    "type": "object",
    "properties": {"__name__": False},
    "patternProperties": {f"^{_LABEL}$": {"type": "string", "pattern": r"^([^{]|\{[^{])*\{?$"}},
    "additionalProperties": False,
}
_RECEIVER: Schema = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "minLength": 1}},
    "patternProperties": {"Configs$": {"type": "array", "items": _ANYTHING}},
}
_ROUTE: Schema = {
    "type": "object",
    "properties": {"receiver": _STRING, "routes": {"type": "array", "items": {"$ref": "#/definitions/route"}}},
}
_DURATION = "[0-9]+(ms|s|m|h)"
_PORT: Schema = {"type": ["string", "integer"], "minLength": 1, "minimum": 1, "maximum": 65535}
_MATCHER = r'[a-zA-Z_][a-zA-Z0-9_]*\s*(=|!=|=~|!~)\s*"([^"\\]|\\.)*"'
_SELECTOR: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"matchLabels": _LABELS, "matchExpressions": {"type": "array", "items": _ANYTHING}},
}


def threshold_rows(settings: Settings) -> list[dict[str, str]]:
    """id, bounds as YAML and an explanation of every check that has bounds."""
    rows = []
    for check in settings.checks:
        numbers = ", ".join(f"{b.severity}: {settings.bound(check, b):g}" for b in _numbers(check, settings))
        if numbers:
            side = "above" if check.op == ">" else "below"
            says = f"{check.title}: {check.alert} fires {side} this{_UNITS.get(check.signal.unit, '')}."
            rows.append({"id": check.id, "bounds": numbers, "says": says})
    return rows


def objective_rows(settings: Settings) -> list[dict[str, str]]:
    """kind, target and an explanation of every kind of objective: of the last one, which is for all other models."""
    rows = []
    for budget in slo.BUDGETS:
        for last in objectives_of(budget, settings)[-1:]:
            says = f"Share of {budget.counted(last.within)} {budget.promised(last.within)}: {budget.alert}."
            rows.append({"kind": budget.kind, "target": f"{last.target:.10g}", "says": says})
    return rows


def values_schema(settings: Settings) -> Schema:
    """JSON Schema of the values: unknown keys, wrong types and numbers out of reach are refused."""
    models = [check for check in settings.checks if check.level not in ("target", "scope")]
    alerts = [check.alert for check in settings.checks] + [
        budget.alert for budget in slo.BUDGETS if objectives_of(budget, settings)
    ]
    known = [alert for alert in dict.fromkeys(alerts) if alert and alert not in settings.alerts_off]
    targets = {row["kind"]: _number(exclusiveMinimum=0, exclusiveMaximum=1) for row in objective_rows(settings)}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Values of the chart vllm-observability",
        "definitions": {"route": _ROUTE},
        **_section(
            nameOverride=_STRING,
            fullnameOverride=_STRING,
            commonLabels=_LABELS,
            operator={"enum": ["prometheus-operator", "victoria-metrics-operator", "none"]},
            operatorLabels=_LABELS,
            dashboards=_dashboards(),
            rules=_section(
                enabled=_FLAG,
                shared=_FLAG,
                namespace=_NAMESPACE,
                alertLabels=_ALERT_LABELS,
                runbookUrl=_url("alert"),
                dashboardUrl=_url("board"),
                alertsOff={"type": "array", "items": {"enum": known}},
            ),
            thresholds=_bounds(settings.checks, settings),
            modelThresholds={
                "type": "array",
                "items": {
                    **_closed(match={"type": "string", "minLength": 1}, thresholds=_bounds(models, settings)),
                    "required": ["match", "thresholds"],
                },
            },
            objectives=_closed(**targets),
            scrape=_scrape(settings),
            alertmanagerConfig=_section(
                enabled=_FLAG,
                namespace=_NAMESPACE,
                route={"allOf": [{"$ref": "#/definitions/route"}, {"required": ["receiver"]}]},
                receivers={"type": "array", "items": _RECEIVER},
            ),
            networkPolicy=_section(
                enabled=_FLAG,
                namespace=_NAMESPACE,
                podSelector=_SELECTOR,
                port=_PORT,
                **{"from": {"type": "array", "items": _ANYTHING}},
            ),
            keda=_keda(),
            prometheusAdapter=_section(enabled=_FLAG, namespace=_NAMESPACE),
            test=_section(
                enabled=_FLAG,
                url={"type": "string", "pattern": "^https?://"},
                image={"type": "string", "minLength": 1},
            ),
            **{"global": _ANYTHING},  # Helm's own, where the chart is part of another
        ),
    }


def _dashboards() -> Schema:
    return _section(
        form={"enum": ["raw", "fleet", "both"]},
        shared=_FLAG,
        namespace=_NAMESPACE,
        folder=_STRING,
        sidecar=_section(
            enabled=_FLAG,
            label={"type": "string", "minLength": 1},
            labelValue=_STRING,
            folderAnnotation={"type": "string", "minLength": 1},
        ),
        grafanaOperator=_section(enabled=_FLAG, allowCrossNamespaceImport=_FLAG, instanceSelector=_SELECTOR),
    )


def _scrape(settings: Settings) -> Schema:
    monitor = _section(enabled=_FLAG, selector=_SELECTOR, port=_PORT)
    objects = {"type": "array", "items": _ANYTHING}
    return _section(
        namespace=_NAMESPACE,
        namespaceSelector=_closed(any=_FLAG, matchNames={"type": "array", "items": _NAMESPACE}),
        path={"type": "string", "pattern": "^/"},
        interval={"type": "string", "pattern": f"^{_DURATION}$"},
        timeout={"type": "string", "pattern": f"^({_DURATION})?$"},
        scheme={"enum": ["http", "https"]},
        tlsConfig=_ANYTHING,
        bearerTokenSecret=_closed(name=_STRING, key=_STRING),
        job={"type": "string", "pattern": f"^({job_pattern(settings)})?$"},
        relabelings=objects,
        metricRelabelings=objects,
        dropUnused=_FLAG,
        **({} if settings.histograms == "classic" else {"convertHistograms": _FLAG}),
        dropLabels={
            "type": "array",
            "items": {"type": "string", "pattern": f"^{_LABEL}$", "not": {"enum": sorted(_read(settings))}},
        },
        serviceMonitor=monitor,
        podMonitor=monitor,
    )


def _read(settings: Settings) -> set[str]:
    """Labels that rules and boards read: without one of them, series of two things would be one. `pid` may go."""
    return {*TAKEN, *settings.engine_labels} - {"pid", "alertname", "alertstate", "severity", "of", "window"}


def _keda() -> Schema:
    return _section(
        enabled=_FLAG,
        namespace=_NAMESPACE,
        target=_closed(
            name=_STRING,
            kind=_STRING,
            apiVersion=_STRING,
            envSourceContainerName=_STRING,
        ),
        matchers={"type": "string", "pattern": rf"^({_MATCHER}(\s*,\s*{_MATCHER})*)?$"},
        serverAddress={"type": "string", "pattern": "^https?://"},
        authModes=_STRING,
        authenticationRef=_closed(name=_STRING, kind=_STRING),
        minReplicas=_whole(1),
        maxReplicas=_whole(1),
        pollingInterval=_whole(1),
        scaleDownAfterSeconds=_whole(0, maximum=3600),
        queue=_section(threshold=_number(exclusiveMinimum=0)),
        kvCache=_section(threshold=_number(exclusiveMinimum=0, exclusiveMaximum=1)),
    )


def _bounds(rows: Sequence[Check], settings: Settings) -> Schema:
    """check id -> severity -> number, each within what the settings would take."""
    found: dict[str, Schema] = {}
    for check in rows:
        limit = ceiling(check, settings)
        least = {"minimum": 0} if check.op == ">" else {"exclusiveMinimum": 0}  # nothing falls below 0
        number = _number(**least, **({} if limit is None else {"exclusiveMaximum": limit}))
        severities = {bound.severity: number for bound in _numbers(check, settings)}
        if severities:
            found[check.id] = _closed(**severities)
    return _closed(**found)


def _numbers(check: Check, settings: Settings) -> list[Bound]:
    return [bound for bound in check.bounds if settings.bound(check, bound) is not None]


def _url(filled: str) -> Schema:
    return {"type": "string", "pattern": rf"^(https?://[^?]*\{{{filled}\}}[^?]*)?$"}


def _section(**properties: Schema) -> Schema:
    """A map whose values all have defaults: `null` takes one away, and templates would fail without its place."""
    return {**_closed(**properties), "required": [name for name in properties if name != "global"]}


def _closed(**properties: Schema) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _number(**limits: float) -> Schema:
    return {"type": "number", **limits}


def _whole(minimum: int, **limits: int) -> Schema:
    return {"type": "integer", "minimum": minimum, **limits}
