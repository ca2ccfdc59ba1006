"""What a site chooses: labels, prefixes, windows, thresholds; from YAML, JSON or Jsonnet, errors in plain words."""

from __future__ import annotations

import math
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from vllm_observability.catalog import checks, metrics, slo
from vllm_observability.durations import seconds
from vllm_observability.model import Bound, Check, Kind, Metric, Quantile, Severity, Unit
from vllm_observability.scrape import Limits

_STRICT = {"extra": "forbid"}  # an unknown key is a typo, and a typo must not be a silent default


class SettingsError(ValueError):
    """What is wrong with the settings, one problem a line, each with its place."""


@dataclass(frozen=True)
class ModelSettings:
    """Other thresholds for some models: `match` is a regular expression on the whole model name (as `=~`)."""

    __pydantic_config__ = _STRICT

    match: str
    thresholds: Mapping[str, Mapping[Severity, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Objective:
    """Which share of events must be good, for the models that `match` fits (the first that fits counts).

    `within`: seconds, a bucket bound of the histogram; for `errors` there is none.
    """

    __pydantic_config__ = _STRICT

    of: slo.Kind
    target: float
    within: float | None = None
    match: str = ".*"


# Labels that series of vLLM have already, or that rules and alerts put on.
TAKEN = frozenset(
    "instance engine model_name le pid __name__ severity alertname alertstate of window quantile finished_reason "
    "reason source status handler method position stage sleep_state generation".split()
)
_OBJECTIVES = (Objective("ttft", 0.95, 1.0), Objective("itl", 0.99, 0.1), Objective("errors", 0.999))


@dataclass(frozen=True)
class Settings:
    """A site's choices; the defaults suit a Prometheus that scrapes vLLM itself every 15 s.

    metric_prefixes: what stands before metric names. `ray_vllm_` for Ray Serve, `kserve_vllm:` for OpenShift AI.
    scope_labels: what tells one deployment of a model from another; alerts and recorded series keep these.
    target_selector: PromQL matchers for vLLM's scrape targets, used where a metric is not vLLM's own (`up`, `http_*`).
    scrape_interval, evaluation_interval: as configured in Prometheus.
    histogram_interval: how often percentiles are recorded, whose buckets are most of what rules read; never less often
        than once a rate_window.
    rate_window: at least four scrape intervals, so that one failed scrape leaves two samples for rate().
    thresholds: check id -> severity -> bound, for every model; `models` overrides them, the first match wins.
    holds: check id -> severity -> how long it must be so before the alert fires.
    objectives: service-level objectives; every kind that has none has no rules and no alerts.
    buckets: metric id -> bounds, where --custom-histogram-buckets replaced vLLM's own.
    alerts_off: names of alerts that a site does not want.
    runbook_url, dashboard_url: where alerts point; `{alert}` and `{board}` are filled in.
    limits: how much of a page `analyze` reads before it refuses.
    """

    __pydantic_config__ = _STRICT

    metric_prefixes: tuple[str, ...] = ("vllm:",)
    scope_labels: tuple[str, ...] = ("cluster", "namespace", "job")
    target_selector: str = 'job=~".*vllm.*"'
    scrape_interval: str = "15s"
    evaluation_interval: str = "30s"
    histogram_interval: str = "1m"
    rate_window: str = "5m"
    thresholds: Mapping[str, Mapping[Severity, float]] = field(default_factory=dict)
    holds: Mapping[str, Mapping[Severity, str]] = field(default_factory=dict)
    models: tuple[ModelSettings, ...] = ()
    objectives: tuple[Objective, ...] = _OBJECTIVES
    buckets: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    alerts_off: tuple[str, ...] = ()
    runbook_url: str = "https://vllm-observability.example/runbooks/{alert}"
    dashboard_url: str = "https://grafana.example/d/{board}"
    limits: Limits = field(default_factory=Limits)

    @property
    def model_labels(self) -> tuple[str, ...]:
        """Labels of a series recorded at level `model`."""
        return (*self.scope_labels, "model_name")

    @property
    def engine_labels(self) -> tuple[str, ...]:
        """Labels of a series recorded at level `engine`."""
        return (*self.scope_labels, "instance", "engine", "model_name")

    @property
    def places(self) -> tuple[str, ...]:
        """Scope labels that say where, from wide to narrow: all but the scrape job."""
        return tuple(label for label in self.scope_labels if label != "job")

    @property
    def short_window(self) -> str:
        """The shortest window over which rates can be trusted: four scrape intervals, a minute at least."""
        return f"{max(60, math.ceil(4 * (seconds(self.scrape_interval) or 0)))}s"

    @property
    def percentiles_every(self) -> str | None:
        """The interval at which percentiles are recorded; None: like everything else, as that is not more often.

        At most the rate window, so that no observation falls between two windows.
        """
        interval = min(self.histogram_interval, self.rate_window, key=lambda text: seconds(text) or 0)
        return interval if (seconds(interval) or 0) > (seconds(self.evaluation_interval) or 0) else None

    def seconds_between(self, check: Check) -> float:
        """How long the number that a check judges stays the same: from one evaluation to the next."""
        own = self.percentiles_every if isinstance(check.signal.expr, Quantile) else None
        return seconds(own or self.evaluation_interval) or 0

    def bound(self, check: Check, bound: Bound) -> float | None:
        """The number in force for every model that no override names; None for an event."""
        return self.thresholds.get(check.id, {}).get(bound.severity, bound.value)

    def hold(self, check: Check, bound: Bound) -> str:
        """How long it must be so before the alert fires."""
        return self.holds.get(check.id, {}).get(bound.severity, bound.hold)

    def bound_for(self, check: Check, bound: Bound, model_name: str) -> float | None:
        """The number in force for one model: the first override that matches and names this bound, else the default."""
        for override in self.models:
            value = override.thresholds.get(check.id, {}).get(bound.severity)
            if value is not None and re.fullmatch(override.match, model_name):
                return value
        return self.bound(check, bound)


# --------------------------------------------------------------------------------------------- reading


def load(path: Path) -> Settings:
    """Settings from a `.yaml`, `.json` or `.jsonnet` file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: can't be read: it is not UTF-8 text") from None
    return parse(_data(path, text), str(path))


def _data(path: Path, text: str) -> object:
    if path.suffix in (".jsonnet", ".libsonnet"):
        import json

        import _jsonnet

        try:
            return json.loads(_jsonnet.evaluate_file(str(path)))
        except RuntimeError as error:  # its first line; then comes a stack trace
            raise SettingsError(f"{path}: {str(error).strip().splitlines()[0]}") from None
    import yaml

    from vllm_observability.strict_yaml import StrictLoader

    try:
        return yaml.load(text, StrictLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise SettingsError(f"{path}: {place}{error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise SettingsError(f"{path}: {str(error).splitlines()[0]}") from None


def parse(data: object, source: str = "settings") -> Settings:
    """Settings from plain data; SettingsError names every problem at once."""
    from pydantic import TypeAdapter, ValidationError

    if data is None:
        return Settings()
    if not isinstance(data, Mapping):
        raise SettingsError(f"{source}: must be a mapping of settings, not {type(data).__name__}")
    try:
        settings = TypeAdapter(Settings).validate_python(data)
    except ValidationError as error:
        lines = [f"{source}: {_place(e['loc'])}: {_plain(e)}" for e in error.errors()]
        raise SettingsError("\n".join(lines)) from None
    problems = check(settings)
    if problems:
        raise SettingsError("\n".join(f"{source}: {problem}" for problem in problems))
    return settings


def _place(loc: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in loc if part != "[key]")


_MUST = {"string_type": "must be text; put it in quotes", "tuple_type": "must be a list", "missing": "is missing"}
_MUST |= dict.fromkeys(("dict_type", "dataclass_type"), "must be a mapping")
_MUST |= dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "must be a whole number")
_MUST |= dict.fromkeys(("float_type", "float_parsing"), "must be a number")


def _plain(error: Mapping[str, Any]) -> str:
    kind, loc = str(error["type"]), error["loc"]
    if kind == "unexpected_keyword_argument":
        place: type = (
            {"limits": Limits, "models": ModelSettings, "objectives": Objective}.get(str(loc[0]), Settings)
            if loc[1:]
            else Settings
        )
        return f"no such setting; known here: {', '.join(field.name for field in fields(place))}"
    if kind == "literal_error":
        return f"must be {error['ctx']['expected']}"
    return _MUST.get(kind, str(error["msg"]))


_RARELY = 120  # seconds: one sample may fail, and another be late, before the one before is forgotten


def check(settings: Settings) -> list[str]:
    """What is wrong with settings of the right shape: durations, labels, regular expressions, thresholds."""
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
    for label in settings.scope_labels:
        if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", label):
            problems.append(f"scope_labels: {label!r} is not a label name")
        if label in TAKEN:
            problems.append(f"scope_labels: {label!r} is used by vLLM, by Prometheus or by the rules themselves")
    if len(set(settings.scope_labels)) < len(settings.scope_labels):
        problems.append("scope_labels: a label is given twice")
    for prefix in settings.metric_prefixes:
        if not re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*[_:]", prefix):
            problems.append(f"metric_prefixes: {prefix!r} must be a metric-name prefix that ends in ':' or '_'")
    if not settings.metric_prefixes:
        problems.append("metric_prefixes: at least one is needed, normally vllm:")
    if not _SELECTOR.fullmatch(settings.target_selector):
        problems.append(
            f'target_selector: {settings.target_selector!r} is not of the form label="value",label=~"regex"'
        )
    for name, filled in (("runbook_url", "alert"), ("dashboard_url", "board")):
        if not _fills(getattr(settings, name), filled):
            problems.append(f"{name}: {{{filled}}} is all that is filled in; write other braces twice")
    problems += [
        f"limits.{limit.name}: must be at least 1"
        for limit in fields(Limits)
        if getattr(settings.limits, limit.name) < 1
    ]
    problems += _threshold_problems("thresholds", settings)
    problems += _hold_problems(settings)
    for i, override in enumerate(settings.models):
        if problem := _regex_problem(override.match):
            problems.append(f"models.{i}.match: {problem}")
        problems += _threshold_problems(f"models.{i}.thresholds", settings, override)
    known_alerts = {check.alert for check in checks.ALL} | {budget.alert for budget in slo.BUDGETS}
    problems += [f"alerts_off: there is no alert {name!r}" for name in settings.alerts_off if name not in known_alerts]
    return problems + _bucket_problems(settings) + _objective_problems(settings) + _default_problems(settings)


# PromQL matchers, as inside { }.
_STRING = r'"(?:[^"\\\n]|\\.)*"'
_MATCHER = rf"\s*[a-zA-Z_][a-zA-Z0-9_]*\s*(?:=~|!~|!=|=)\s*{_STRING}\s*"
_SELECTOR = re.compile(rf"(?:{_MATCHER}(?:,{_MATCHER})*)?")
_BEYOND_RE2 = re.compile(r"\(\?(?:[=!]|<[=!]|P=|P>|\()|\\[1-9]")


def _fills(template: str, name: str) -> bool:
    """Whether a template has no other field than that one."""
    try:
        return all(field in (None, name) for _, field, _, _ in string.Formatter().parse(template))
    except ValueError:
        return False


def _threshold_problems(place: str, settings: Settings, override: ModelSettings | None = None) -> list[str]:
    problems = []
    for id, bounds in (override.thresholds if override else settings.thresholds).items():
        row = checks.BY_ID.get(id)
        if row is None:
            problems.append(f"{place}.{id}: no such check; known: {', '.join(sorted(checks.BY_ID))}")
            continue
        if override and row.level in ("target", "scope"):
            problems.append(f"{place}.{id}: is about servers, not models; it can only stand under thresholds")
            continue
        numbers = {bound.severity for bound in row.bounds if bound.value is not None}
        before = len(problems)
        for severity, value in bounds.items():
            if severity not in numbers:
                problems.append(f"{place}.{id}.{severity}: this check has no {severity} bound")
            elif problem := unreachable(row, value, settings):
                problems.append(f"{place}.{id}.{severity}: {problem}")
        if len(problems) == before:
            problems += _order_problems(place, row, settings, override)
    return problems


def _hold_problems(settings: Settings) -> list[str]:
    """A single evaluation may be an accident; a second one is not."""
    problems = []
    for id, holds in settings.holds.items():
        row = checks.BY_ID.get(id)
        if row is None:
            problems.append(f"holds.{id}: no such check; known: {', '.join(sorted(checks.BY_ID))}")
            continue
        severities = {bound.severity for bound in row.bounds}
        every = settings.seconds_between(row)
        for severity, text in holds.items():
            length = seconds(text)
            if severity not in severities:
                problems.append(f"holds.{id}.{severity}: this check has no {severity} bound")
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
    return [f"{place}.{row.id}: the warning bound ({warning:g}) must come before the critical one ({critical:g})"]


def unreachable(check: Check, value: float, settings: Settings) -> str | None:
    """Why a bound could never be passed, or always is; None where it makes sense."""
    if not math.isfinite(value) or value < 0:
        return f"{value:g} is not a possible bound"
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
                problems.append(f"{place}.within: errors have no bound in seconds")
            continue
        bounds = edges(metric, settings)
        if objective.within is None:
            problems.append(f"{place}.within: is missing; the bounds are {_listed(bounds)}")
        elif objective.within not in bounds:
            near = sorted(sorted(bounds, key=lambda b: abs(b - (objective.within or 0)))[:2])
            problems.append(
                f"{place}.within: {objective.within:g} is no bucket bound of {metric.names[0].text}, so its share "
                f"can't be counted; the nearest are {_listed(near)} (other bounds can be declared under buckets)"
            )
    return problems


def _default_problems(settings: Settings) -> list[str]:
    """Bounds of the catalogue that the site's own buckets put out of reach."""
    return [
        f"buckets.{expr.metric.id}: the {bound.severity} bound of {row.id}: {problem}"
        for row in checks.ALL
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
        elif not bounds or list(bounds) != sorted(set(bounds)):
            problems.append(f"buckets.{id}: bounds must be a rising list of numbers")
    return problems


def _regex_problem(text: str) -> str | None:
    try:
        re.compile(text)
    except re.error as error:
        return f"{text!r} is not a regular expression ({error})"
    return f"{text!r} looks around or back, which Prometheus does not" if _BEYOND_RE2.search(text) else None


def _listed(numbers: Sequence[float]) -> str:
    return ", ".join(f"{number:g}" for number in numbers)
