"""What is wrong with settings of the right shape: durations, labels, regular expressions, bounds out of reach."""

from __future__ import annotations

import math
import re
import string
from collections.abc import Collection, Container, Iterator, Sequence
from dataclasses import fields

from vllm_observability.catalog import beside, metrics, slo
from vllm_observability.catalog.boards.beside import BESIDE
from vllm_observability.model import Beyond, Check, Either, Kind, Late, Metric, Node, Quantile, Unit
from vllm_observability.pages.matching import regex_problem
from vllm_observability.pages.scrape import Limits
from vllm_observability.settings.durations import seconds
from vllm_observability.settings.selectors import SelectorError, matchers
from vllm_observability.settings.site import TAKEN, ModelSettings, Settings

_RARELY = 120  # seconds: one sample may fail, and another be late, before the one before is forgotten


def check(settings: Settings, chosen: Container[str] = ()) -> list[str]:
    """What is wrong with settings of the right shape: durations, labels, regular expressions, thresholds.

    chosen: names of the settings that a site wrote down; the others are defaults, which yield to them.
    """
    problems = []
    intervals = ("scrape_interval", "evaluation_interval", "histogram_interval")
    for name in (*intervals, "rate_window"):
        if seconds(getattr(settings, name)) is None:
            problems.append(f"{name}: {getattr(settings, name)!r} is not a Prometheus duration such as 30s or 5m")
    if not problems:
        window, interval = seconds(settings.rate_window), seconds(settings.scrape_interval)
        if window is not None and interval is not None and window < 4 * interval:
            problems.append(
                f"rate_window: {settings.rate_window} is under four scrape intervals ({settings.scrape_interval})"
            )
        problems += [
            f"{name}: {getattr(settings, name)} is over {_RARELY} s: Prometheus forgets a sample after 300 s"
            for name in intervals
            if (seconds(getattr(settings, name)) or 0) > _RARELY
        ]
        if "histogram_interval" in chosen and settings.histogram_seconds < settings.evaluation_seconds:
            problems.append(
                f"histogram_interval: {settings.histogram_interval} is under evaluation_interval "
                f"({settings.evaluation_interval}), and percentiles are not recorded more often than the rest"
            )
    for label in settings.scope_labels:
        if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", label):
            problems.append(f"scope_labels: {label!r} is not a label name")
        if label in TAKEN or label.startswith("__"):
            problems.append(f"scope_labels: {label!r} is used by vLLM, by Prometheus or by the rules themselves")
        if label.lower() in ("inf", "nan"):
            problems.append(f"scope_labels: {label!r} is a number to PromQL, which can't group by it")
    named = settings.instance_label
    if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", named) or named.lower() in ("inf", "nan"):
        problems.append(f"instance_label: {named!r} is not a label name")
    if named != "instance" and (named in TAKEN or named in settings.scope_labels or named.startswith("__")):
        problems.append(f"instance_label: {named!r} is used by vLLM, by Prometheus, or stands in scope_labels")
    if len(set(settings.scope_labels)) < len(settings.scope_labels):
        problems.append("scope_labels: a label is given twice")
    for prefix in settings.metric_prefixes:
        if not re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*[_:]", prefix):
            problems.append(f"metric_prefixes: {prefix!r} must be a metric-name prefix that ends in ':' or '_'")
    if not settings.metric_prefixes:
        problems.append("metric_prefixes: at least one is needed, normally vllm:")
    try:
        matchers(settings.target_selector)
    except SelectorError as error:
        problems.append(f"target_selector: {settings.target_selector!r} {error}")
    for name, filled in (("runbook_url", "alert"), ("dashboard_url", "board")):
        problems += [f"{name}: {problem}" for problem in _link_problems(getattr(settings, name), filled)]
    problems += [
        f"limits.{limit.name}: must be at least 1"
        for limit in fields(Limits)
        if getattr(settings.limits, limit.name) < 1
    ]
    prices = {"price_per_engine_hour": settings.price_per_engine_hour}
    prices |= {f"models.{i}.price_per_engine_hour": one.price_per_engine_hour for i, one in enumerate(settings.models)}
    problems += [
        f"{place}: must be 0 or more"
        for place, price in prices.items()
        if price is not None and not 0 <= price < math.inf
    ]
    problems += _threshold_problems("thresholds", settings)
    problems += _hold_problems(settings)
    for i, override in enumerate(settings.models):
        if problem := _regex_problem(override.match):
            problems.append(f"models.{i}.match: {problem}")
        problems += _threshold_problems(f"models.{i}.thresholds", settings, override)
    problems += _join_problems(settings)
    known_alerts = {check.alert for check in settings.checks} | {budget.alert for budget in slo.BUDGETS}
    problems += [
        f"alerts_off: {(not settings.gpu_join_label and only_joined(name)) or f'there is no alert {name!r}'}"
        for name in settings.alerts_off
        if name not in known_alerts
    ]
    return problems + _bucket_problems(settings) + _objective_problems(settings) + _default_problems(settings)


# Labels that many servers share, or that tell the exporter's own target.
_SHARED = frozenset(("job", "cluster", "namespace"))


def _join_problems(settings: Settings) -> Iterator[str]:
    """Why a label can't tell which server uses a GPU."""
    label = settings.gpu_join_label
    if label is None:
        return
    if not re.fullmatch(r"(?!__)[a-zA-Z_]\w*", label, re.ASCII) or label.lower() in ("inf", "nan"):
        yield f"gpu_join_label: {label!r} is no label's name"
        return
    own = label.removeprefix("exported_")
    if own != "pod" and own in TAKEN | _SHARED | {*settings.scope_labels}:
        yield (
            f"gpu_join_label: {label!r} does not say which server uses a GPU, because many share it or it is the "
            "exporter's own: name the label of the pod (pod or exported_pod), or of the machine (such as node)"
        )


def only_joined(name: str) -> str | None:
    """What is missing where a check, alert or board of GPUs is named and none are joined; None for any other name."""
    if name != BESIDE.slug and not any(name in (check.id, check.alert) for check in beside.CHECKS):
        return None
    return f"{name} exists only where gpu_join_label is set in the settings"


def _unknown(id: str, known: Collection[str]) -> str:
    return only_joined(id) or f"no such check; known: {', '.join(sorted(known))}"


# What an alert's template may put into a link: a label of the alert or of its Prometheus, or that one's own address.
_TEMPLATE = re.compile(r"\{\{ *\$(?:(?:labels|externalLabels)\.[a-zA-Z_]\w*|externalURL)(?: *\| *urlquery)? *\}\}")


def _link_problems(template: str, name: str) -> list[str]:
    """Why an address can't be filled in and followed."""
    try:
        fields = list(string.Formatter().parse(template))
    except ValueError:
        fields = [("", "?", "", None)]
    if any(field is not None and (field, spec, how) != (name, "", None) for _, field, spec, how in fields):
        return [f"{{{name}}} is all that is filled in, as it is; write other braces twice"]
    filled = _TEMPLATE.sub("", template.format(**{name: name}))
    if "{{" in filled or "}}" in filled:
        return [
            "of templates, only {{ $labels.NAME }} and {{ $externalURL }} can stand in a link (braces written twice)"
        ]
    if re.search(r"[\s\x00-\x1f\x7f<>\"`]", filled):
        return ["an address holds no space, quote, angle bracket or control character"]
    if (scheme := re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", filled)) and scheme[1].lower() not in ("http", "https"):
        return [f"an address begins with https:// or http://, or is a path; {scheme[0]} can't be followed"]
    if name == "board" and "#" in filled:
        return ["can't hold #, because the model is added behind it"]
    return []


def _threshold_problems(place: str, settings: Settings, override: ModelSettings | None = None) -> list[str]:
    problems, known = [], {check.id: check for check in settings.checks}
    for id, bounds in (override.thresholds if override else settings.thresholds).items():
        row = known.get(id)
        if row is None:
            problems.append(f"{place}.{id}: {_unknown(id, known)}")
            continue
        if override and row.level in ("target", "scope"):
            problems.append(f"{place}.{id}: is about servers, not models; it can only stand under thresholds")
            continue
        numbers = {bound.severity for bound in row.bounds if bound.value is not None}
        before = len(problems)
        for severity, value in bounds.items():
            if not numbers:
                problems.append(f"{place}.{id}: this check is an event, which has no threshold")
                break
            if severity not in numbers:
                problems.append(f"{place}.{id}.{severity}: this check has no {severity} threshold")
            elif problem := unreachable(row, value, settings):
                problems.append(f"{place}.{id}.{severity}: {problem}")
        if len(problems) == before:
            problems += _order_problems(place, row, settings, override)
    return problems


def _hold_problems(settings: Settings) -> list[str]:
    """A single evaluation may be an accident; a second one is not."""
    problems, known = [], {check.id: check for check in settings.checks}
    for id, holds in settings.holds.items():
        row = known.get(id)
        if row is None:
            problems.append(f"holds.{id}: {_unknown(id, known)}")
            continue
        severities = {bound.severity for bound in row.bounds}
        every = settings.seconds_between(row)
        for severity, text in holds.items():
            length = seconds(text)
            if severity not in severities:
                problems.append(f"holds.{id}.{severity}: this check has no {severity} threshold")
            elif length is None:
                problems.append(f"holds.{id}.{severity}: {text!r} is not a Prometheus duration such as 30s or 5m")
            elif length < 2 * every:
                problems.append(f"holds.{id}.{severity}: {text} is under two evaluations ({every:g} s each)")
    return problems


def _order_problems(place: str, row: Check, settings: Settings, override: ModelSettings | None) -> list[str]:
    """A warning past the critical bound would never be a warning."""
    own = override.thresholds.get(row.id, {}) if override else {}
    limits = {bound.severity: own.get(bound.severity, settings.bound(row, bound)) for bound in row.bounds}
    warning, critical = limits.get("warning"), limits.get("critical")
    if warning is None or critical is None or (warning < critical if row.op == ">" else warning > critical):
        return []
    return [f"{place}.{row.id}: the warning threshold ({warning:g}) must come before the critical one ({critical:g})"]


def unreachable(check: Check, value: float, settings: Settings) -> str | None:
    """Why a bound could never be passed, or always is; None where it makes sense."""
    if not math.isfinite(value) or value < 0:
        return f"{value:g} is not a possible threshold"
    if check.op == "<" and value == 0:
        return "0 can never be fallen below; use more than 0"
    limit = ceiling(check, settings)
    if limit is None or value < limit:
        return None
    if check.signal.unit is Unit.RATIO:
        return f"{value:g} must be under 1: a share goes from 0 to 1, so 80 % is 0.8"
    return f"{value:g} can never be exceeded: the last bucket ends at {limit:g}; use less than {limit:g}"


def ceiling(check: Check, settings: Settings) -> float | None:
    """What a bound must lie under; None: any number makes sense."""
    if check.signal.unit is Unit.RATIO:
        return 1
    expr = check.signal.expr
    if not isinstance(expr, Quantile) or check.op != ">":
        return None
    # No quantile exceeds the last finite bucket.
    return next(iter(edges(expr.metric, settings)[-1:]), None)


def edges(metric: Metric, settings: Settings) -> tuple[float, ...]:
    """Finite bucket bounds of a histogram: the site's own, else those of the newest vLLM."""
    own = settings.buckets.get(metric.id)
    return own or next((buckets.bounds for buckets in metric.buckets if buckets.until is None), ())


def _objective_problems(settings: Settings) -> list[str]:
    problems = []
    for i, objective in enumerate(settings.objectives):
        place, metric = f"objectives.{i}", slo.BY_KIND[objective.of].metric
        if not 0 < objective.target < 1:
            problems.append(f"{place}.target: must lie between 0 and 1, as 0.95 for 95 %")
        if problem := _regex_problem(objective.match):
            problems.append(f"{place}.match: {problem}")
        before = [other for other in settings.objectives[:i] if other.of == objective.of]
        if any(other.match in (".*", objective.match) for other in before):
            problems.append(f"{place}: is never used, for an earlier objective of {objective.of} fits the same models")
        if metric is None:
            if objective.within is not None:
                problems.append(f"{place}.within: errors are not counted in seconds")
            continue
        bounds = edges(metric, settings)
        if objective.within is None:
            bad = slo.BY_KIND[objective.of].bad
            if bad is None:
                problems.append(f"{place}.within: is missing; the bucket bounds are {_listed(bounds)}")
            else:
                problems += [f"{place}.within: is missing, and {why}" for why in _unanswered(bad.expr, settings)]
        elif settings.histograms == "native" and objective.within > 0:
            continue  # between bounds Prometheus interpolates
        elif objective.within not in bounds:
            near = sorted(sorted(bounds, key=lambda b: abs(b - (objective.within or 0)))[:2])
            problems.append(
                f"{place}.within: {objective.within:g} is no bucket bound of {metric.names[0].text}, so its share "
                f"can't be counted; the nearest are {_listed(near)} (declare more bucket bounds under buckets)"
            )
    return problems


def _unanswered(node: Node, settings: Settings) -> Iterator[str]:
    """Why the site's own buckets leave a share without an answer; what older versions answer does not help."""
    first = node.first if isinstance(node, Either) else node
    asked: list[tuple[Metric, set[float]]] = []
    if isinstance(first, Late):
        asked.append((first.wait, {wait for wait, _ in first.table}))
        asked.append((first.work, {work for _, work in first.table if work is not None}))
    elif isinstance(first, Beyond):
        asked.append((first.metric, {first.bound}))
    for metric, bounds in asked:
        lacking = sorted(bounds - set(settings.buckets.get(metric.id, bounds)))
        if lacking:
            yield f"buckets.{metric.id} lacks {_listed(lacking)}, without which the work can't be told from the wait"


def _default_problems(settings: Settings) -> list[str]:
    """Bounds of the catalogue that the site's own buckets put out of reach."""
    return [
        f"buckets.{expr.metric.id}: the {bound.severity} threshold of {row.id}: {problem}"
        for row in settings.checks
        if isinstance(expr := row.signal.expr, Quantile) and expr.metric.id in settings.buckets
        for bound in row.bounds
        if (value := settings.bound(row, bound)) is not None and (problem := unreachable(row, value, settings))
    ]


def _bucket_problems(settings: Settings) -> list[str]:
    problems = []
    for id, bounds in settings.buckets.items():
        metric = metrics.BY_ID.get(id)
        if metric is None or metric.kind is not Kind.HISTOGRAM:
            known = ", ".join(m.id for m in metrics.ALL if m.kind is Kind.HISTOGRAM and m.topic == "latency")
            problems.append(f"buckets.{id}: no such histogram; known are for example {known}")
        elif not bounds or list(bounds) != sorted(set(bounds)) or not all(map(math.isfinite, bounds)):
            problems.append(f"buckets.{id}: bounds must be a rising list of numbers")
    return problems


def _regex_problem(text: str) -> str | None:
    problem = regex_problem(text)
    return f"{text!r} is not a regular expression that Prometheus takes ({problem})" if problem else None


def _listed(numbers: Sequence[float]) -> str:
    return ", ".join(f"{number:g}" for number in numbers)
