"""Settings -> reference: every key with its type, default, meaning and an example, from the dataclasses themselves."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from vllm_observability.catalog import checks, metrics
from vllm_observability.model import Kind
from vllm_observability.pages.scrape import Limits
from vllm_observability.render.docs.markdown import code, fenced, listed, table
from vllm_observability.settings import Settings
from vllm_observability.settings.reasons import amount
from vllm_observability.settings.site import ModelSettings, Objective

PATH = "docs/reference/settings.md"
EXAMPLES: Mapping[str, str] = {
    "metric_prefixes": 'metric_prefixes: ["ray_vllm_", "vllm:"]',
    "scope_labels": "scope_labels: [cluster, namespace, job]",
    "target_selector": 'target_selector: job="inference", env=~"prod|stage"',
    "scrape_interval": "scrape_interval: 30s",
    "evaluation_interval": "evaluation_interval: 1m",
    "histogram_interval": "histogram_interval: 2m",
    "rate_window": "rate_window: 5m",
    "thresholds": "thresholds:\n  kv_cache_usage: {warning: 0.85}\n  ttft: {warning: 2.5, critical: 5}",
    "holds": "holds:\n  requests_waiting: {warning: 10m}",
    "models": "models:\n  - match: acme/batch-.*\n    thresholds:\n      requests_waiting: {critical: 500}",
    "objectives": "objectives:\n  - {of: ttft, target: 0.95, within: 1.0, match: acme/.*}",
    "histograms": "histograms: native",
    "buckets": "buckets:\n  time_to_first_token_seconds: [0.1, 0.5, 1.0, 2.5, 5.0, 10.0]",
    "alerts_off": "alerts_off: [VllmAbortsHigh, VllmConfigDrift]",
    "price_per_engine_hour": "price_per_engine_hour: 2.50",
    "runbook_url": "runbook_url: https://wiki.example/vllm/{alert}",
    "dashboard_url": "dashboard_url: https://grafana.example/d/{board}",
    "instance_label": "instance_label: pod",
    "gpu_join_label": "gpu_join_label: exported_pod",
    "boards": "boards: fleet",
    "boards_v2": "boards_v2: true",
    "limits": "limits:\n  series: 2000000",
}
PARTS: tuple[type, ...] = (ModelSettings, Objective, Limits)
_HEAD = """\
# Settings

A settings file is YAML, JSON or Jsonnet, and every key is optional. `vllm-obs build --settings site.yaml` builds the
bundle with it; `analyze`, `doctor`, `explain`, `compare`, `capacity` and `review` judge by the same thresholds. An
unknown key, a threshold that no value can pass and an objective between two bucket bounds are errors. A message names
the place in the file.

This page is generated from the classes that read the file.
"""


def settings_page() -> dict[str, str]:
    """The page, by its path."""
    return {PATH: "\n".join((_HEAD, *_keys(), *_parts(), *_bounds()))}


def told(of: type) -> dict[str, str]:
    """What a class says of each of its fields: `name: text` or `name, name: text` in its docstring."""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in (inspect.getdoc(of) or "").splitlines():
        if start := re.fullmatch(r"([a-z_0-9]+(?:, [a-z_0-9]+)*): (.*)", line):
            names = start[1].split(", ")
            found |= dict.fromkeys(names, start[2])
        elif line.startswith(" "):
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
        else:
            names = []
    return found


def typed(hint: Any) -> str:
    """A type in words."""
    origin, inner = get_origin(hint), [each for each in get_args(hint) if each not in (Ellipsis, type(None))]
    if origin is Literal:
        return " or ".join(code(value) for value in inner)
    if origin is tuple:
        return f"list of {typed(inner[0])}"
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return f"mapping of {typed(inner[0])} to {typed(inner[1])}"
    if inner:
        return f"{typed(inner[0])}, optional"
    if isinstance(hint, type) and is_dataclass(hint):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    return {str: "text", float: "number", int: "whole number", bool: "true or false"}[hint]


def _default(field: Field[Any]) -> str:
    value = field.default_factory() if field.default_factory is not MISSING else field.default
    if value is MISSING:
        return "required"
    if isinstance(value, tuple) and value and is_dataclass(value[0]):
        return "; ".join(code(_inline(each)) for each in value)
    if is_dataclass(value):
        return f"as under [{value.__class__.__name__}](#{value.__class__.__name__.lower()})"
    if value in ((), {}, None):
        return "none"
    return code(value if isinstance(value, str) else json.dumps(value))


def _inline(value: Any) -> str:
    pairs = ((each.name, getattr(value, each.name), each.default) for each in fields(value))
    return "{" + ", ".join(f"{name}: {given}" for name, given, usual in pairs if given != usual) + "}"


def _keys() -> Iterator[str]:
    hints, means = get_type_hints(Settings), told(Settings)
    yield from table(
        ("key", "type", "default"),
        ((f"[`{f.name}`](#{f.name})", typed(hints[f.name]), _default(f)) for f in fields(Settings)),
    )
    for field in fields(Settings):
        yield f"## {field.name} {{#{field.name}}}\n"
        yield f"{_sentence(means[field.name])}\n"
        yield f"- Type: {typed(hints[field.name])}"
        yield f"- Default: {_default(field)}\n"
        yield from fenced(EXAMPLES[field.name], "yaml")


def _parts() -> Iterator[str]:
    for part in PARTS:
        hints, means = get_type_hints(part), told(part)
        prose = (inspect.getdoc(part) or "").split("\n\n")
        yield f"## {part.__name__}\n"
        yield from (f"{text}\n" for text in prose if not re.match(r"[a-z_0-9]+: ", text) or not means)
        yield from table(
            ("key", "type", "default", *(["what it is"] if means else [])),
            (
                (
                    code(f.name),
                    typed(hints[f.name]),
                    _default(f),
                    *([_sentence(means.get(f.name, ""))] if means else []),
                )
                for f in fields(part)
            ),
        )


def _bounds() -> Iterator[str]:
    yield "## Checks and their defaults {#checks}\n"
    yield "`thresholds` and `holds` take these ids. An event has no number, and so no threshold.\n"
    yield from table(
        ("check", "severity", "default threshold", "default hold", "reason"),
        (
            (
                code(check.id),
                bound.severity,
                "event" if bound.value is None else f"{check.op} {amount(check, bound.value)}",
                bound.hold,
                bound.reason,
            )
            for check in checks.ALL
            for bound in check.bounds
        ),
    )
    named = sorted(metric.id for metric in metrics.ALL if metric.kind is Kind.HISTOGRAM)
    yield f"Histograms that `buckets` takes: {listed(map(code, named))}."


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
