"""The chart's values: numbers change what they name and nothing else, and what can't be meant is refused."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import helm_python
import jsonschema
import promql_parser
import pytest
import yaml

from charts import CHART, SHARED, emitted_rules, example, render, rules_of
from vllm_observability.build.artefacts import artefacts, rule_files
from vllm_observability.catalog import checks
from vllm_observability.render.deploy.helm_chart import CHART as IN_BUNDLE
from vllm_observability.render.deploy.helm_values import values_schema
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import Settings, SettingsError, parse

DEFAULTS = yaml.safe_load((CHART / "values.yaml").read_text())
BATCH = {"requests_waiting": {"warning": 500, "critical": 2000}}
SITE = {
    "scope_labels": ["region"],
    "metric_prefixes": ["ray_vllm_"],
    "target_selector": 'job=~"ray-.+"',
    "scrape_interval": "30s",
    "thresholds": {"ttft": {"warning": 0.5}},
    "models": [{"match": "acme/b", "thresholds": {"kv_cache_usage": {"warning": 0.9}}}],
    "objectives": [{"of": "e2e", "target": 0.9, "within": 10}, {"of": "errors", "target": 0.99}],
    "alerts_off": ["VllmAbortsHigh"],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], Path]:
    """The bundle of a site with settings of its own, and its chart on disk."""
    files, folder = artefacts(parse(SITE)), tmp_path_factory.mktemp("site")
    for name, text in files.items():
        if name.startswith(IN_BUNDLE):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return files, folder / IN_BUNDLE


def _changed(values: Mapping[str, Any], chart: Path = CHART) -> dict[tuple[str, str, str], tuple[str, str]]:
    """(group, name, severity or window) -> the expression before and after, of rules that differ in anything."""
    before, after = _by_default(chart), rules_of(render({**SHARED, **values}, chart))
    assert len(before) == len(after)
    found = {}
    for old, new in zip(before, after, strict=True):
        if old != new:
            assert {**old, "expr": ""} == {**new, "expr": ""}
            name = old.get("record") or old["alert"]
            found[old["group"], name, old.get("labels", {}).get("severity", "")] = (old["expr"], new["expr"])
    return found


@functools.cache
def _by_default(chart: Path) -> list[dict[str, Any]]:
    return rules_of(render(SHARED, chart))


def _meaning(expr: str) -> str:
    return str(promql_parser.parse(expr).prettify())


# ----------------------------------------------------------------------------------------------- numbers


def test_a_threshold_changes_its_own_series_only() -> None:
    """One number of one rule; every other rule stays as it was."""
    changed = _changed({"thresholds": {"kv_cache_usage": {"warning": 0.85}}})

    assert {("vllm-thresholds-2", "model:vllm_kv_cache_usage:threshold", "warning")} == set(changed)
    ((before, after),) = changed.values()
    assert (before.replace("* 0.8", "* 0.85"), True) == (after, before != after)


@pytest.mark.parametrize("value", [1, 0.001, 0.0000125, 5e-7, 250000, 1500000, 12.5])
def test_any_number_comes_through(value: float) -> None:
    """As PromQL reads it, whatever way Helm writes it."""
    ((_, after),) = _changed({"thresholds": {"corrupted_requests": {"warning": value}}}).values()

    assert value == float(after.rsplit("* ", 1)[1])


def test_every_threshold_of_the_values_has_a_rule() -> None:
    """Each number can be changed: none is shown that nothing reads."""
    for check, bounds in DEFAULTS["thresholds"].items():
        for severity, value in bounds.items():
            other = value * 1.01 + 0.001
            ((_, name, of),) = _changed({"thresholds": {check: {severity: other}}})
            assert (f"model:vllm_{check}:threshold", severity) == (name, of)


def test_thresholds_of_a_model_are_what_build_writes() -> None:
    """The same expressions as with `models` in the settings, to the meaning."""
    given = render({**SHARED, "modelThresholds": [{"match": 'acme/"batch"-.*\\d', "thresholds": BATCH}]})
    built = emitted_rules(
        rule_files(rules_for(parse({"models": [{"match": 'acme/"batch"-.*\\d', "thresholds": BATCH}]})))
    )
    rendered = rules_of(given)

    assert [{**rule, "expr": ""} for rule in built] == [{**rule, "expr": ""} for rule in rendered]
    differing = [rule for rule, other in zip(rendered, emitted_rules(), strict=True) if rule != other]
    assert ["model:vllm_requests_waiting:threshold"] * 2 == [rule["record"] for rule in differing]
    for ours, theirs in zip(rendered, built, strict=True):
        assert _meaning(theirs["expr"]) == _meaning(ours["expr"])


def test_the_first_model_that_fits_comes_first() -> None:
    """Values before settings, both before the bound for all, in the order given."""
    given = [
        {"match": "acme/a", "thresholds": {"requests_waiting": {"warning": 20}}},
        {"match": "acme/.*", "thresholds": {"requests_waiting": {"warning": 30, "critical": 60}}},
    ]
    changed = _changed({"modelThresholds": given, "thresholds": {"requests_waiting": {"warning": 11}}})
    texts = {severity: after for (_, _, severity), (_, after) in changed.items()}

    assert ["20", "30", "11"] == re.findall(r"\) \* (\d+)", texts["warning"])
    assert ["60", "50"] == re.findall(r"\) \* (\d+)", texts["critical"])


def test_an_objective_changes_its_own_series_only() -> None:
    """The share, and nothing of the windows and burn rates that read it."""
    changed = _changed({"objectives": {"ttft": 0.995}})

    assert {("vllm-slo", "model:vllm_slo_ttft:objective", "")} == set(changed)
    ((before, after),) = changed.values()
    assert before.replace("* 0.99", "* 0.995") == after


def test_null_leaves_a_number_as_built() -> None:
    """Helm takes null as "not mine"."""
    assert {} == _changed({"thresholds": {"ttft": {"warning": None}, "itl": None}, "objectives": {"errors": None}})


# ------------------------------------------------------------------------------------------------ alerts


def test_alerts_can_be_left_out_labelled_and_led_elsewhere() -> None:
    """By name; a label more never takes the place of a severity; links keep the model that is chosen."""
    rules = {
        "alertsOff": ["VllmAbortsHigh", "VllmTtftBudgetBurn"],
        "alertLabels": {"team": "ml", "severity": "none"},
        "runbookUrl": "https://wiki.example/{alert}.html",
        "dashboardUrl": "https://g.example/grafana/d/{board}",
    }
    alerts = [rule for rule in rules_of(render({**SHARED, "rules": rules})) if "alert" in rule]
    built = [rule for rule in emitted_rules() if rule.get("alert") not in (None, *rules["alertsOff"])]

    assert [rule["alert"] for rule in built] == [rule["alert"] for rule in alerts]
    assert [{**rule["labels"], "team": "ml"} for rule in built] == [rule["labels"] for rule in alerts]
    links = {rule["alert"]: rule["annotations"] for rule in alerts}
    assert "https://wiki.example/VllmTargetDown.html" == links["VllmTargetDown"]["runbook_url"]
    before = {rule["alert"]: rule["annotations"]["dashboard_url"] for rule in built}
    for alert in ("VllmTargetDown", "VllmKvCacheUsageHigh", "VllmErrorBudgetBurn"):
        url = links[alert]["dashboard_url"]
        assert url.startswith("https://g.example/grafana/d/vllm-obs-incident?from=")
        assert url.partition("?")[2] == before[alert].partition("?")[2]


@pytest.mark.parametrize(("form", "start"), [("raw", "vllm-obs-"), ("both", "vllm-obs-"), ("fleet", "vllm-obs-fleet-")])
def test_alerts_lead_to_boards_that_are_loaded(form: str, start: str) -> None:
    """Of the chosen form; where both are loaded, to those of the build."""
    alerts = [r for r in rules_of(render({"dashboards": {"form": form, "shared": True}})) if "alert" in r]
    boards = {str(r["annotations"]["dashboard_url"]).partition("/d/")[2].partition("?")[0] for r in alerts}

    assert {f"{start}incident"} == boards


def _ways(values: dict[str, Any], above: str = "") -> list[str]:
    """Each key of the values, by its way from the top."""
    return [
        place
        for key, value in values.items()
        for place in (f"{above}{key}", *(_ways(value, f"{above}{key}/") if isinstance(value, dict) else ()))
    ]


# ---------------------------------------------------------------------------------------------- refusals

SCRAPED = {"serviceMonitor": {"enabled": True, "selector": {"matchLabels": {"app": "vllm"}}}}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"operator": "prometheus"}, "at '/operator': value must be one of 'prometheus-operator', 'victoria-metrics-"),
        ({"dashbords": {}}, "additional properties 'dashbords' not allowed"),
        ({"dashboards": {"form": "flat"}}, "at '/dashboards/form': value must be one of 'raw', 'fleet', 'both'"),
        ({"thresholds": {"ttfb": {"warning": 1}}}, "at '/thresholds': additional properties 'ttfb' not allowed"),
        ({"thresholds": {"aborts": {"warning": 0.1}}}, "at '/thresholds/aborts': additional properties 'warning'"),
        ({"thresholds": {"ttft": {"warning": "1s"}}}, "at '/thresholds/ttft/warning': got string, want number"),
        ({"thresholds": {"kv_cache_usage": {"warning": 85}}}, "exclusiveMaximum: got 85, want 1"),
        ({"thresholds": {"itl": {"critical": 1e9}}}, "at '/thresholds/itl/critical': exclusiveMaximum"),
        (
            {"thresholds": {"kv_cache_usage": {"warning": 0.97}}},
            "thresholds.kv_cache_usage: the warning threshold (0.97) must come before the critical one (0.95)",
        ),
        (
            {"modelThresholds": [{"match": "a", "thresholds": {"queue_drain": {"critical": 3}}}]},
            "modelThresholds.0.queue_drain: the warning threshold (30) must come before the critical one (3)",
        ),
        (
            {"thresholds": {"kv_cache_usage": {"warning": None, "critical": 0.5}}},
            "thresholds.kv_cache_usage: the warning threshold (0.8) must come before the critical one (0.5)",
        ),
        ({"thresholds": {"throughput_dropped": {"warning": 0}}}, "/throughput_dropped/warning': exclusiveMinimum"),
        (
            {"modelThresholds": [{"match": "a", "thresholds": {}}, {"match": "acme/(", "thresholds": {}}]},
            "modelThresholds.1.match: acme/( is not a regular expression that Prometheus takes",
        ),
        ({"modelThresholds": [{"match": "a)|(b", "thresholds": {}}]}, "modelThresholds.0.match: a)|(b is not a"),
        ({"modelThresholds": [{"match": "a\\", "thresholds": {}}]}, "modelThresholds.0.match: a\\ is not a regular"),
        ({"modelThresholds": [{"match": "a(?=b)", "thresholds": {}}]}, "modelThresholds.0.match: a(?=b) is not a"),
        (
            {"scrape": {**SCRAPED, "interval": "60s"}},
            "scrape.interval: 60s is longer than the 15s that the rules are built for; build with scrape_interval: 60s",
        ),
        ({"scrape": {**SCRAPED, "interval": "1m"}}, "scrape.interval: 1m is longer than the 15s"),
        ({"scrape": {**SCRAPED, "interval": "0s"}}, "scrape.interval: 0 is not an interval"),
        ({"scrape": {**SCRAPED, "timeout": "20s"}}, "scrape.timeout: 20s must be more than 0 and at most"),
        ({"scrape": {**SCRAPED, "interval": "5s", "timeout": "6000ms"}}, "scrape.timeout: 6000ms must be more than 0"),
        ({"scrape": {**SCRAPED, "interval": None}}, "at '/scrape': missing property 'interval'"),
        ({"scrape": {"dropLabels": ["engine"]}}, "at '/scrape/dropLabels/0': 'not' failed"),
        ({"scrape": {"dropLabels": ["le"]}}, "at '/scrape/dropLabels/0': 'not' failed"),
        ({"scrape": {"dropLabels": ["namespace"]}}, "at '/scrape/dropLabels/0': 'not' failed"),
        ({"rules": {"alertLabels": {"my-team": "x"}}}, "at '/rules/alertLabels': additional properties 'my-team' not"),
        ({"rules": {"alertLabels": {"__name__": "x"}}}, "at '/rules/alertLabels/__name__': false schema"),
        ({"rules": {"alertLabels": {"team": "{{ nope"}}}, "at '/rules/alertLabels/team': '{{ nope' does not match"),
        (
            {"alertmanagerConfig": {"enabled": True, "receivers": [{}]}},
            "at '/alertmanagerConfig/receivers/0': missing property 'name'",
        ),
        (
            {"alertmanagerConfig": {"route": {"receiver": "vllm", "routes": [1]}}},
            "at '/alertmanagerConfig/route/routes/0': got number, want object",
        ),
        (
            {"alertmanagerConfig": {"receivers": [{"name": "vllm", "slackConfigs": ["#chat"]}]}},
            "at '/alertmanagerConfig/receivers/0/slackConfigs/0': got string, want object",
        ),
        ({"test": {"url": "prometheus:9090"}}, "at '/test/url'"),
        (
            {"alertmanagerConfig": {"enabled": True, "receivers": [{"name": "vllm"}, {"name": "vllm"}]}},
            "alertmanagerConfig.receivers.1: there is another receiver vllm",
        ),
        (
            {"alertmanagerConfig": {
                "enabled": True, "receivers": [{"name": "vllm"}],
                "route": {"receiver": "vllm", "routes": [{"matchers": []}, {"routes": [{"receiver": "pager"}]}]},
            }},
            "alertmanagerConfig.route.routes.1.routes.0.receiver is pager, which is none of the receivers (vllm)",
        ),
        ({"alertmanagerConfig": {"route": None}}, "at '/alertmanagerConfig': missing property 'route'"),
        (
            {"keda": {"enabled": True, "target": {"name": "chat"}, "matchers": 'model_name="c"', "minReplicas": 9}},
            "keda.minReplicas (9) is more than keda.maxReplicas (4)",
        ),
        (
            {"alertmanagerConfig": {"enabled": True, "receivers": [{"name": "chat"}]}},
            "alertmanagerConfig.route.receiver is vllm, which is none of the receivers (chat)",
        ),
        ({"modelThresholds": [{"thresholds": {}}]}, "at '/modelThresholds/0': missing property 'match'"),
        (
            {"modelThresholds": [{"match": "a", "thresholds": {"scrape_slow": {"warning": 0.5}}}]},
            "additional properties 'scrape_slow' not allowed",
        ),
        ({"objectives": {"e2e": 0.9}}, "at '/objectives': additional properties 'e2e' not allowed"),
        ({"objectives": {"ttft": 99}}, "at '/objectives/ttft': exclusiveMaximum: got 99, want 1"),
        ({"operatorLabels": {"release": 1}}, "at '/operatorLabels/release': got number, want string"),
        ({"rules": {"alertsOff": ["VllmAborts"]}}, "at '/rules/alertsOff/0': value must be one of 'VllmTargetDown'"),
        ({"rules": {"runbookUrl": "https://wiki.example"}}, "at '/rules/runbookUrl': 'https://wiki.example' does not"),
        ({"scrape": {"interval": "15 s"}}, "at '/scrape/interval': '15 s' does not match pattern '^[0-9]+(ms|s|m|h)$'"),
        ({"scrape": {"job": "chat"}}, "at '/scrape/job': 'chat' does not match pattern '^(.*vllm.*)?$'"),
        ({"scrape": {"serviceMonitor": {"port": 70000}}}, "maximum: got 70,000, want 65,535"),
        ({"scrape": {"podMonitor": {"enabled": True}}}, "scrape.podMonitor.selector is empty, which would scrape"),
        (
            {"operator": "none", "scrape": {"podMonitor": {"enabled": True, "selector": {"matchLabels": {"a": "b"}}}}},
            "scrape.podMonitor.enabled needs an operator, and operator is none",
        ),
        (
            {"scrape": {"podMonitor": example("kube-prometheus-stack")["scrape"]["serviceMonitor"],
                        "bearerTokenSecret": {"name": "t"}}},
            "scrape.bearerTokenSecret.key is missing",
        ),
        ({"alertmanagerConfig": {"enabled": True}}, "alertmanagerConfig.receivers is empty"),
        (
            {"operator": "victoria-metrics-operator", "alertmanagerConfig": {"enabled": True}},
            "alertmanagerConfig.enabled needs operator: prometheus-operator",
        ),
        ({"networkPolicy": {"enabled": True}}, "networkPolicy.podSelector is empty, which would close every pod"),
        (
            {"networkPolicy": {"enabled": True, "podSelector": {"matchLabels": {"app": "vllm"}}}},
            "networkPolicy.from is empty, which would open the port to everybody",
        ),
        ({"keda": {"enabled": True}}, "keda.target.name is missing: the Deployment that serves the model"),
        ({"keda": {"enabled": True, "target": {"name": "chat"}}}, "keda.matchers is missing: which model is meant"),
        ({"keda": {"matchers": "model_name=chat"}}, "at '/keda/matchers': 'model_name=chat' does not match pattern"),
        ({"keda": {"minReplicas": 0}}, "at '/keda/minReplicas': minimum: got 0, want 1"),
    ],
)  # fmt: skip
def test_what_cant_be_meant_is_refused(values: dict[str, Any], said: str) -> None:
    """Each in one sentence with its place."""
    with pytest.raises(helm_python.HelmError) as refused:
        render(values)

    assert said in str(refused.value)


@pytest.mark.parametrize("place", sorted(_ways(DEFAULTS)))
def test_null_is_taken_or_refused_with_its_place(place: str) -> None:
    """Helm takes a default away for it; no template may fail where a value should be."""
    *above, last = place.split("/")
    values: dict[str, Any] = {last: None}
    for key in reversed(above):
        values = {key: values}
    at, said = "".join(f"/{key}" for key in above), ""
    try:
        render(values)
    except helm_python.HelmError as error:
        said = str(error)

    assert said == "" or f"at '{at}': missing property '{last}'" in said


@pytest.mark.parametrize(
    "settings",
    [Settings(), parse({"buckets": {"time_to_first_token_seconds": [0.5, 1, 3, 7]}})],
    ids=["default", "buckets"],
)
def test_bounds_are_refused_where_the_settings_refuse_them(settings: Settings) -> None:
    """Schema and settings agree on each check, severity and number."""
    taken = jsonschema.Draft7Validator(values_schema(settings))
    buckets = {"buckets": dict(settings.buckets)}
    for check in checks.ALL:
        for severity in ("info", "warning", "critical"):
            for value in (-1.0, 0.0, 0.5, 1.0, 7.0, 2559.0, 2560.0):
                given = {check.id: {severity: value}}
                try:
                    parse({**buckets, "thresholds": given})
                    fine = True
                except SettingsError as error:
                    fine = "must come before" in str(error)  # the chart says that itself
                assert fine == taken.is_valid({**DEFAULTS, "thresholds": given}), given


# ---------------------------------------------------------------------------------- values and settings


def test_the_defaults_are_those_of_the_settings() -> None:
    """Numbers, objectives, interval."""
    built = {
        check.id: {b.severity: b.value for b in check.bounds if b.value is not None}
        for check in checks.ALL
        if any(b.value is not None for b in check.bounds)
    }
    assert built == DEFAULTS["thresholds"]
    assert {o.of: o.target for o in Settings().objectives} == DEFAULTS["objectives"]
    assert Settings().scrape_interval == DEFAULTS["scrape"]["interval"]


def test_a_sites_chart_has_its_numbers_and_rules(site: tuple[dict[str, str], Path]) -> None:
    """By default it renders what was built for the site; its own overrides stay under new numbers."""
    files, chart = site
    values = yaml.safe_load((chart / "values.yaml").read_text())

    assert emitted_rules(files) == rules_of(render(SHARED, chart))
    assert (0.5, 2.5) == tuple(values["thresholds"]["ttft"].values())
    assert {"e2e": 0.9, "errors": 0.99} == values["objectives"]
    assert ("30s", "ray-vllm") == (values["scrape"]["interval"], values["scrape"]["job"])
    assert "vllm:" not in "".join(
        text for name, text in files.items() if name.startswith(IN_BUNDLE) and "dashboards" not in name
    )
    changed = _changed({"thresholds": {"kv_cache_usage": {"warning": 0.7}}}, chart)
    ((_, after),) = changed.values()
    assert ["0.9", "0.7"] == re.findall(r"\) \* ([\d.]+)", after)
    render({"scrape": {"job": "ray-serve"}}, chart)
    with pytest.raises(helm_python.HelmError, match="at '/scrape/job': 'vllm' does not match"):
        render({"scrape": {"job": "vllm"}}, chart)
    with pytest.raises(helm_python.HelmError, match="at '/rules/alertsOff/0'"):
        render({"rules": {"alertsOff": ["VllmAbortsHigh"]}}, chart)


def _keys(schema: Mapping[str, Any], place: str = "") -> set[str]:
    if schema.get("additionalProperties") is not False:
        return {place}
    properties = {key: value for key, value in schema["properties"].items() if value is not False}
    found = {key: _keys(value, f"{place}.{key}") for key, value in properties.items()}
    return {place}.union(*found.values())


def _places(values: Any, known: set[str], place: str = "") -> set[str]:
    if not isinstance(values, dict) or place not in known:
        return {place}
    return {place}.union(*(_places(value, known, f"{place}.{key}") for key, value in values.items()))


def test_every_value_of_the_schema_is_shown() -> None:
    """values.yaml has every key that may be set, but for those of mappings that start empty."""
    schema = json.loads((CHART / "values.schema.json").read_text())
    known = _keys(schema)
    shown = _places(DEFAULTS, known)
    empty = {place for place in shown if not any(other.startswith(f"{place}.") for other in shown)}
    hidden = {place for place in known - shown if not any(place.startswith(f"{one}.") for one in empty)}

    assert {".global"} == {place for place in hidden if not place.endswith((".matchLabels", ".matchExpressions"))}
