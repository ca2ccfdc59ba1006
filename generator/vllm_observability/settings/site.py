"""What a site chooses: labels, prefixes, windows, thresholds; from YAML, JSON or Jsonnet, errors in plain words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vllm_observability.catalog import beside, boards, checks, slo
from vllm_observability.catalog.boards.beside import BESIDE
from vllm_observability.catalog.boards.layout import Board, FormName
from vllm_observability.model import Bound, Check, Quantile, Severity
from vllm_observability.pages.matching import matches_whole
from vllm_observability.pages.scrape import Limits
from vllm_observability.settings.durations import seconds

Histograms = Literal["classic", "native", "both"]

_IN_FRONT = 'job!~".*(router|gateway|proxy|epp).*"'
_STRICT = {"extra": "forbid"}  # an unknown key is a typo, and a typo must not be a silent default


class SettingsError(ValueError):
    """What is wrong with the settings, one problem a line, each with its place."""


@dataclass(frozen=True)
class ModelSettings:
    """What is other for some models: `match` is a regular expression on the whole model name (as `=~`)."""

    __pydantic_config__ = _STRICT

    match: str
    thresholds: Mapping[str, Mapping[Severity, float]] = field(default_factory=dict)
    price_per_engine_hour: float | None = None


@dataclass(frozen=True)
class Objective:
    """Which share of events must be good, for the models that `match` fits (the first that fits counts).

    `within`: seconds, a bucket bound of the histogram; for `errors` there is none. `ttft` and `itl` have none by
    default: a request is good unless it waited for long beside its own work, or its answer flowed slowly.
    """

    __pydantic_config__ = _STRICT

    of: slo.Kind
    target: float
    within: float | None = None
    match: str = ".*"


# Labels that series of vLLM have already, or that rules and alerts put on.
TAKEN = frozenset(
    "instance engine model_name le pid __name__ severity alertname alertstate of window quantile finished_reason "
    "reason source status handler method position sleep_state generation".split()
)
_OBJECTIVES = (Objective("ttft", 0.99), Objective("itl", 0.99), Objective("errors", 0.999))


@dataclass(frozen=True)
class Settings:
    """A site's choices; the defaults suit a Prometheus that scrapes vLLM itself every 15 s.

    metric_prefixes: what stands before metric names, because platforms rename them: `ray_vllm_` for Ray Serve,
        `kserve_vllm:` for OpenShift AI.
    scope_labels: labels that tell one deployment of a model from another; alerts and recorded series keep them.
    target_selector: PromQL matchers of vLLM's scrape targets, because `up`, `scrape_*` and `http_*` are not vLLM's own.
        For `up`, jobs whose name has router, gateway, proxy or epp are left out.
    scrape_interval: how often Prometheus scrapes vLLM, as configured there; two minutes at most, because Prometheus
        forgets a sample after five.
    evaluation_interval: how often Prometheus evaluates rules, as configured there; two minutes at most.
    histogram_interval: how often percentiles are recorded. Their buckets are most of what rules read, so less often is
        cheaper; never less often than once a `rate_window`.
    rate_window: the span of every `rate()` in rules; at least four scrape intervals, so that one failed scrape leaves
        two samples.
    thresholds: check id -> severity -> threshold, for every model.
    holds: check id -> severity -> how long the condition must hold before the alert fires. A default hold is at least
        two evaluations long, because one evaluation may be an accident.
    models: other thresholds for some models; the first entry that matches and names the threshold wins.
    objectives: service-level objectives. A kind without an objective has no rules and no alerts.
    histograms: how Prometheus stores vLLM's histograms: `classic`; `native` where it converts them as it scrapes
        (`convert_classic_histograms_to_nhcb`); `both` while servers are converted one after another.
    buckets: metric id -> bucket bounds, where `--custom-histogram-buckets` replaced vLLM's own.
    alerts_off: names of alerts that are not emitted.
    price_per_engine_hour: what an engine costs, all its GPUs together, in your currency; `review` and the board of
        capacity count with it.
    runbook_url: where an alert's runbook is; `{alert}` is filled in.
    dashboard_url: where a board is; `{board}` is filled in.
    instance_label: the label by which people know a server: `pod` on Kubernetes, where monitors of your own leave an
        address in `instance`. Every target must have it; series are told apart by both.
    gpu_join_label: the label by which GPU exporters (NVIDIA's DCGM, AMD's device metrics) name the pod that uses a GPU:
        `pod`, or `exported_pod` where their scrape job has no `honor_labels`. Rules then join GPUs, and pods as
        kube-state-metrics shows them, to the engines, whose targets must have `pod` and `namespace`; any other label
        must be on both. Without it there is no rule, alert or board of them.
    boards: the form of the boards to which alerts lead: `raw`, or `fleet` where only those are loaded.
    boards_v2: whether the boards are also written in Grafana's v2 schema, into `deploy/grafana/v2`, for Grafana 13;
        rows of features hide there while a feature has no data.
    limits: how much of a page is read before it is refused.
    """

    __pydantic_config__ = _STRICT

    metric_prefixes: tuple[str, ...] = ("vllm:",)
    scope_labels: tuple[str, ...] = ("cluster", "namespace", "job")
    target_selector: str = 'job=~".*vllm.*"'
    scrape_interval: str = "15s"
    evaluation_interval: str = "30s"
    histogram_interval: str = "1m"
    rate_window: str = "5m"
    histograms: Histograms = "classic"
    thresholds: Mapping[str, Mapping[Severity, float]] = field(default_factory=dict)
    holds: Mapping[str, Mapping[Severity, str]] = field(default_factory=dict)
    models: tuple[ModelSettings, ...] = ()
    objectives: tuple[Objective, ...] = _OBJECTIVES
    buckets: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    alerts_off: tuple[str, ...] = ()
    price_per_engine_hour: float | None = None
    runbook_url: str = "https://vllm-observability.example/runbooks/{alert}"
    dashboard_url: str = "https://grafana.example/d/{board}"
    instance_label: str = "instance"
    gpu_join_label: str | None = None
    boards: FormName = "raw"
    boards_v2: bool = False
    limits: Limits = field(default_factory=Limits)

    @property
    def checks(self) -> tuple[Check, ...]:
        """Every check at this site: those of GPUs only where they are joined to engines."""
        return (*checks.ALL, *beside.CHECKS) if self.gpu_join_label else checks.ALL

    @property
    def drawn(self) -> tuple[Board, ...]:
        """Every board at this site, in the order in which one looks."""
        return (*boards.ALL, BESIDE) if self.gpu_join_label else boards.ALL

    def landing(self, alert: str) -> Board:
        """The board to which an alert's link leads."""
        return BESIDE if any(alert == check.alert for check in beside.CHECKS) else boards.INCIDENT

    @property
    def model_labels(self) -> tuple[str, ...]:
        """Labels of a series recorded at level `model`."""
        return (*self.scope_labels, "model_name")

    @property
    def engine_labels(self) -> tuple[str, ...]:
        """Labels of a series recorded at level `engine`."""
        return (*self.target_labels, "engine", "model_name")

    @property
    def target_labels(self) -> tuple[str, ...]:
        """Labels that tell one scrape target from another, by the name that people use too."""
        return (*self.scope_labels, *dict.fromkeys(("instance", self.instance_label)))

    @property
    def server_selector(self) -> str:
        """The selector of targets that are engines: a router is none, though its job may be called after vLLM."""
        return ",".join(filter(None, (self.target_selector, _IN_FRONT)))

    @property
    def places(self) -> tuple[str, ...]:
        """Scope labels that say where, from wide to narrow: all but the scrape job."""
        return tuple(label for label in self.scope_labels if label != "job")

    @property
    def short_window(self) -> str:
        """The shortest window over which rates can be trusted: four scrape intervals, two minutes at least.

        In two minutes targets that are scraped less often than the rules were built for still have two samples.
        """
        return f"{max(120, math.ceil(4 * (seconds(self.scrape_interval) or 0)))}s"

    @property
    def last_moments(self) -> str:
        """A minute, four scrapes at least: enough to show that trouble is over, too short to show anything else."""
        interval = seconds(self.scrape_interval) or 0
        return "1m" if interval <= 15 else f"{math.ceil(4 * interval)}s"

    @property
    def percentiles_every(self) -> str | None:
        """The interval at which percentiles are recorded; None: like everything else, as that is not more often.

        At most the rate window, so that no observation falls between two windows.
        """
        interval = min(self.histogram_interval, self.rate_window, key=lambda text: seconds(text) or 0)
        return interval if (seconds(interval) or 0) > self.evaluation_seconds else None

    @property
    def evaluation_seconds(self) -> float:
        """Seconds from one evaluation to the next."""
        return seconds(self.evaluation_interval) or 0

    @property
    def histogram_seconds(self) -> float:
        """Seconds of `histogram_interval`."""
        return seconds(self.histogram_interval) or 0

    def seconds_between(self, check: Check) -> float:
        """How long the number that a check judges stays the same: from one evaluation to the next."""
        own = self.percentiles_every if isinstance(check.signal.expr, Quantile) else None
        return seconds(own or self.evaluation_interval) or 0

    def bound(self, check: Check, bound: Bound) -> float | None:
        """The number in force for every model that no override names; None for an event."""
        return self.thresholds.get(check.id, {}).get(bound.severity, bound.value)

    def chose(self, check: Check, bound: Bound, model_name: str | None = None) -> bool:
        """Whether the number in force is another than the catalogue's: for all models, or for one.

        It is told by the number, as rules tell it: they know the threshold's recorded series, not who wrote it.
        """
        chosen = self.bound(check, bound) if model_name is None else self.bound_for(check, bound, model_name)
        return chosen != bound.value

    def hold(self, check: Check, bound: Bound) -> str:
        """How long it must be so before the alert fires: what the site chose, else the default, or two evaluations."""
        return self.holds.get(check.id, {}).get(bound.severity) or held(bound.hold, self.seconds_between(check))

    def price_for(self, model_name: str) -> float | None:
        """What an hour of a model's engine costs: the first override that matches and names it, else the default."""
        for override in self.models:
            if override.price_per_engine_hour is not None and matches_whole(override.match, model_name):
                return override.price_per_engine_hour
        return self.price_per_engine_hour

    def bound_for(self, check: Check, bound: Bound, model_name: str) -> float | None:
        """The number in force for one model: the first override that matches and names this bound, else the default."""
        for override in self.models:
            value = override.thresholds.get(check.id, {}).get(bound.severity)
            if value is not None and matches_whole(override.match, model_name):
                return value
        return self.bound(check, bound)


def held(default: str, every: float) -> str:
    """A hold of at least two evaluations, `every` seconds apart; none stays none. One evaluation may be an accident."""
    length = seconds(default)
    return default if length is None or length >= 2 * every else f"{2 * every:g}s"
