"""A Helm chart: boards and rules as files, templates that put a site's values in, and what the values may be."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from vllm_observability import HOME, __version__
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.slo import PERIOD_DAYS
from vllm_observability.model import Signal
from vllm_observability.queries.recorded import Plan
from vllm_observability.render.deploy import messages
from vllm_observability.render.deploy.alertmanager_yaml import inhibitions
from vllm_observability.render.deploy.helm_readme import values_table
from vllm_observability.render.deploy.helm_values import objective_rows, threshold_rows, values_schema
from vllm_observability.render.deploy.jobs import job_name
from vllm_observability.render.deploy.scrape_yaml import POD_AS_INSTANCE, Relabelling
from vllm_observability.render.rules_yaml import yaml_text
from vllm_observability.render.template_files import CHANGE
from vllm_observability.render.template_files import FOLDER as TEMPLATES
from vllm_observability.render.text_cases import camel
from vllm_observability.rules.recording import threshold_branch
from vllm_observability.settings import Settings
from vllm_observability.settings.durations import seconds

CHART = "deploy/helm/vllm-observability"
TEST_IMAGE = "curlimages/curl:8.15.0"
_TEMPLATES = TEMPLATES / "helm" / "vllm-observability"
# Helm reads nothing outside a chart, so it has copies of these, by folder in the bundle and in the chart.
_COPIES = {"dashboards/": "files/dashboards/", "alerts/": "files/rules/"}
_MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')


def helm_chart(planned: Plan, files: Mapping[str, str], dropping: Relabelling) -> dict[str, str]:
    """Every file of the chart by its path in the bundle; `files`: the emitted boards and rules, by theirs.

    `dropping`: relabel rules of a scrape.
    """
    copies = {
        name.replace(start, to, 1): _folded(text) if name.endswith(".json") else text
        for name, text in files.items()
        for start, to in _COPIES.items()
        if name.startswith(start) and "/vllm-" in name
    }
    settings = planned.settings
    data: dict[str, Any] = {
        "thresholds.yaml": _thresholds(planned),
        "inhibit-rules.yaml": _inhibit_rules(settings),
        "messages.yaml": messages.of_the_operator(),
        "adapter-rules.yaml": _adapter(planned),
        "pod-as-instance.yaml": [{camel(key): value for key, value in POD_AS_INSTANCE.items()}],
        "drop-unused.yaml": [{camel(key): value for key, value in rule.items()} for rule in dropping],
    }
    chart = {
        **_rendered(planned),
        "values.schema.json": json.dumps(values_schema(settings), indent=2, ensure_ascii=False) + "\n",
        **copies,
        **{f"files/{name}": yaml_text(content) for name, content in data.items()},
        f"files/{messages.DEFINITIONS}": messages.definitions(),
    }
    return {f"{CHART}/{name}": text for name, text in chart.items()}


def _folded(board: str) -> str:
    """A board with each panel on a line: people read and compare the boards in dashboards/, not the chart's copies."""
    lines = []
    for key, value in json.loads(board).items():
        if key == "panels":
            text = "[\n" + ",\n".join(f"    {_line(panel)}" for panel in value) + "\n  ]"
        else:
            text = _line(value)
        lines.append(f"  {_line(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _line(data: object) -> str:
    return json.dumps(data, ensure_ascii=False)


def _rendered(planned: Plan) -> dict[str, str]:
    """Chart, values and templates: `.j2` files filled in, others as they are. Braces are Helm's, so ours are square."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="[#",
        comment_end_string="#]",
    )
    settings = planned.settings
    facts = {
        "change": CHANGE,
        "version": __version__,
        "home": HOME,
        "test_image": TEST_IMAGE,
        "queue": _series(planned, s.WAITING_PER_ENGINE),
        "kv_cache": _series(planned, s.KV_USAGE_MEAN),
        "thresholds": threshold_rows(settings),
        "objectives": objective_rows(settings),
        "days": PERIOD_DAYS,
        "scrape_seconds": float(seconds(settings.scrape_interval) or 0),
        "job": job_name(settings) or '""',
        "group_by": f"[{', '.join(('alertname', *settings.model_labels))}]",
        "scope_labels": ", ".join(settings.scope_labels),
        "prefixes": ", ".join(f"`{prefix}`" for prefix in settings.metric_prefixes),
        **{
            name: getattr(settings, name)
            for name in ("target_selector", "scrape_interval", "runbook_url", "dashboard_url", "boards", "histograms")
        },
    }
    facts["values"] = values_table(environment.get_template("values.yaml.j2").render(facts))
    paths = sorted(path for path in _TEMPLATES.rglob("*") if path.is_file())
    texts = {}
    for path in paths:
        name = path.relative_to(_TEMPLATES).as_posix()
        texts[name.removesuffix(".j2")] = (
            environment.get_template(name).render(facts) if path.suffix == ".j2" else path.read_text(encoding="utf-8")
        )
    return texts


def _series(planned: Plan, signal: Signal) -> str:
    """The recorded series of a signal per model."""
    found = planned.find("model", signal.expr)
    if found is None:
        raise ValueError(f"{signal.id} is not recorded")
    return found.name


def _thresholds(planned: Plan) -> dict[str, dict[str, object]]:
    """check id -> side, built bounds, and the PromQL of a bound for some models: `@match@`, `@value@` to fill in."""
    settings = planned.settings
    known = {row["id"] for row in threshold_rows(settings)}
    return {
        check.id: {
            "op": check.op,
            "bounds": {b.severity: v for b in check.bounds if (v := settings.bound(check, b)) is not None},
            "model": threshold_branch(planned, check, "@value@", "@match@"),
        }
        for check in settings.checks
        if check.id in known
    }


def _inhibit_rules(settings: Settings) -> list[dict[str, object]]:
    """Which alert explains which others, as an AlertmanagerConfig says it."""
    return [
        {"sourceMatch": _matchers(each.source), "targetMatch": _matchers(each.target), "equal": list(each.equal)}
        for each in inhibitions(settings)
    ]


def _matchers(text: str) -> list[dict[str, str]]:
    """Without `matchType` where it is `=`, its default: a bare `=` is no string to every reader of YAML."""
    return [
        {"name": name, "value": value, **({} if op == "=" else {"matchType": op})}
        for name, op, value in _MATCHER.findall(text)
    ]


def _adapter(planned: Plan) -> dict[str, object]:
    """External metrics for a HorizontalPodAutoscaler, per namespace where that is a scope label."""
    namespaced = "namespace" in planned.settings.scope_labels
    resources = {"overrides": {"namespace": {"resource": "namespace"}}} if namespaced else {"namespaced": False}
    read = {
        "vllm_requests_waiting_per_engine": s.WAITING_PER_ENGINE,
        "vllm_requests_running": s.RUNNING,
        "vllm_kv_cache_usage": s.KV_USAGE_MEAN,
    }
    rules = [
        {
            "seriesQuery": _series(planned, signal) + ('{namespace!=""}' if namespaced else ""),
            "resources": resources,
            "name": {"as": name},
            # Of several models that a query fits, the busiest.
            "metricsQuery": "max(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)",
        }
        for name, signal in read.items()
    ]
    return {"externalRules": rules}
