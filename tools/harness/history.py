"""Made-up histories of a fleet, as OpenMetrics text: any vLLM version, features, incidents; series from the catalogue.

A small model of a server, not a simulation: arrivals follow a curve, Little's law gives what runs, what does not fit
waits. Everything is deterministic. Families that no driver below names get plain, harmless numbers, so that a row added
to the catalogue shows up without a change here.
"""

from __future__ import annotations

import functools
import math
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from harness.programs import openmetrics_line
from vllm_observability.catalog import metrics as m
from vllm_observability.model import Kind, Metric, Owner, Part, Unit, version_key

# What a label of vLLM's own can say; anything else is "a".
VALUES: dict[str, tuple[str, ...]] = {
    "finished_reason": ("stop", "length", "abort", "error"),
    "reason": ("capacity", "deferred"),
    "source": ("local_compute", "local_cache_hit", "external_kv_transfer"),
    "position": ("0", "1", "2"),
    "sleep_state": ("awake", "weights_offloaded", "discard_all"),
    "generation": ("0", "1", "2"),
    "transfer_type": ("GPU_to_CPU", "CPU_to_GPU"),
    "stage": ("fetching",),
    "handler": ("/v1/chat/completions", "/v1/completions", "/v1/models"),
    "method": ("POST",),
    "status": ("2xx", "4xx", "5xx"),
    "num_gpu_blocks": ("7681",),
    "block_size": ("16",),
    "cache_dtype": ("auto",),
    "enable_prefix_caching": ("True",),
    "gpu_memory_utilization": ("0.9",),
    "max_lora": ("4",),
    "running_lora_adapters": ("sql,chat",),
    "waiting_lora_adapters": ("",),
}
TIERS = {"device": 0.3, "host": 0.1, "p2p": 0.0, "disk": 0.05, "external_unspecified": 0.0}  # shares of prompt tokens
CONFIG = ("cache_dtype", "enable_prefix_caching", "gpu_memory_utilization")
DEFAULT_BOUNDS = tuple(float(n * 10**e) for e in range(5) for n in (1, 2, 5))
PROMPT, OUTPUT, FIT = 900.0, 220.0, 40.0  # tokens, tokens, requests that fill the KV cache


@dataclass(frozen=True)
class Replica:
    """One server. `features`: words of the conditions that are met; `incident` begins at 60 % of the time."""

    instance: str
    model: str = "acme/chat"
    version: str = "0.33.0"
    engines: int = 1
    features: tuple[str, ...] = ()
    load: float = 1.0
    incident: str = ""
    namespace: str = "prod"
    cluster: str = "c1"
    job: str = "vllm"
    pod: str = ""

    @property
    def target(self) -> dict[str, str]:
        """The labels that scraping adds."""
        pod = {"pod": self.pod} if self.pod else {}
        return {"job": self.job, "instance": self.instance, "namespace": self.namespace, "cluster": self.cluster, **pod}


ALL_FEATURES = (
    "speculative", "--enable-lora", "NixlConnector", "OffloadingConnector", "--kv-cache-metrics", "mfu", "kv_consumer",
    "VLLM_COMPUTE_NANS_IN_LOGITS", "SimpleCPUOffloadConnector", "VLLM_SERVER_DEV_MODE",
)  # fmt: skip


def names_at(metric: Metric, version: str) -> list[str]:
    """Names that a version exposes by default."""
    at = version_key(version)
    return [
        name.text
        for name in metric.names
        if version_key(name.since) <= at and (name.until is None or at <= version_key(name.until))
        and not (name.engine == "V0" and at >= (0, 8))
    ]  # fmt: skip


def exposed(metric: Metric, replica: Replica) -> list[str]:
    """Names under which a replica shows a metric."""
    on = metric.condition is None or any(word in metric.condition for word in replica.features)
    return names_at(metric, replica.version) if on else []


def bounds_at(metric: Metric, version: str) -> tuple[float, ...]:
    """Bucket bounds of a version."""
    at = version_key(version)
    rows = [b for b in metric.buckets if version_key(b.since) <= at and (b.until is None or at <= version_key(b.until))]
    return (rows[-1].bounds if rows else ()) or DEFAULT_BOUNDS


# --------------------------------------------------------------------------------------------- a server


@dataclass
class State:
    """What goes on in one engine during one step of `span` seconds."""

    span: float
    arrivals: float = 0.0
    running: float = 0.0
    waiting: float = 0.0
    finished: float = 0.0
    itl: float = 0.0
    ttft: float = 0.0
    queued: float = 0.0
    preempted: float = 0.0
    failing: float = 0.0
    frozen: bool = False
    deferred: float = 0.0  # of the waiting ones

    @property
    def kv(self) -> float:
        """Share of the KV cache in use."""
        return min(0.97, self.running / FIT)


def states(replica: Replica, engine: int, steps: int, span: float) -> Iterator[State]:
    """The curve of one engine."""
    dice = random.Random(f"{replica.instance}/{engine}")
    phase, queue = dice.random(), 0.0
    for i in range(steps):
        through = i / steps
        incident = replica.incident if through >= 0.6 else ""
        wave = 0.65 + 0.2 * math.sin(2 * math.pi * (2 * through + phase)) + 0.08 * dice.random()
        arrivals = 4.0 * replica.load * wave * (5.0 if incident == "kv_full" else 1.0)
        itl = 0.014 * (2.4 if incident == "slow_engine" else 1.0)
        itl *= 1 + arrivals / 40
        service = 0.25 + OUTPUT * itl
        running = min(arrivals * service, FIT * 0.98)
        done = running / service
        queue = min(60.0, queue + (arrivals - done) * span) if arrivals > done else 0.0  # then clients give up
        queued = queue / done if done else 0.0
        state = State(span, arrivals, running, queue, done * span, itl, 0.12 + queued, queued)
        if incident == "kv_full":
            state.preempted = 0.3 * state.finished
        if incident == "deferred":
            state.waiting = state.deferred = 6.0
        if incident == "errors":
            state.failing = 0.08
        if incident == "stalled":
            state = State(span, running=12, waiting=40, frozen=True)
        yield state


# ------------------------------------------------------------------------------------- what it exposes


@dataclass(frozen=True)
class Row:
    """One row of a metric in one engine: the labels that drivers look at, and the series it moves."""

    metric: Metric
    engine: int
    own: Mapping[str, str]
    series: tuple[str, ...]  # value; or sum, count and one for each bound
    bounds: tuple[float, ...] = ()


def rows(replica: Replica) -> list[Row]:
    """Everything a replica exposes."""
    found = []
    for metric in m.ALL:
        of_engine = "engine" in metric.labels or "model_name" in metric.labels
        for name in exposed(metric, replica):
            for engine in range(replica.engines if of_engine else 1):
                for labels in _label_sets(metric, replica, engine):
                    found.append(_row(metric, name, engine, labels, replica))
    return found


def _row(metric: Metric, name: str, engine: int, labels: dict[str, str], replica: Replica) -> Row:
    own = {key: value for key, value in labels.items() if key not in ("engine", "model_name")}
    labels = {**labels, **replica.target}
    if metric.kind not in (Kind.HISTOGRAM, Kind.SUMMARY):
        return Row(metric, engine, own, (_series(name, labels),))
    series = [_series(name + part.value, labels) for part in (Part.SUM, Part.COUNT)]
    bounds = (*bounds_at(metric, replica.version), math.inf) if metric.kind is Kind.HISTOGRAM else ()
    for bound in bounds:
        le = "+Inf" if bound == math.inf else repr(float(bound))
        series.append(_series(name + Part.BUCKET.value, {**labels, "le": le}))
    return Row(metric, engine, own, tuple(series), bounds)


def _series(name: str, labels: Mapping[str, str]) -> str:
    return openmetrics_line(name, labels, 0.0, 0.0).rsplit(" ", 2)[0]


def _label_sets(metric: Metric, replica: Replica, engine: int) -> list[dict[str, str]]:
    sets: list[dict[str, str]] = [{}]
    for label in (*metric.labels, *(CONFIG if metric is m.CACHE_CONFIG else ())):
        if label == "model_name":
            values: tuple[str, ...] = (replica.model,)
        elif label == "engine":
            values = (str(engine),) if version_key(replica.version) >= (0, 8, 5) else ()
        else:
            values = VALUES.get(label, ("a",))
            if metric is m.PROMPT_TOKENS_CACHED_BY_SOURCE:
                values = tuple(TIERS)
            if label == "finished_reason" and version_key(replica.version) < (0, 13):
                values = values[:3]
        sets = [{**row, label: value} for row in sets for value in values] if values else sets
    return sets


def move(row: Row, values: dict[str, float], state: State, now: float) -> None:
    """Move the series of a row by one step."""
    if row.metric.kind in (Kind.GAUGE, Kind.INFO):
        values[row.series[0]] = gauge(row.metric, row.own, state, now)
        return
    if state.frozen and row.metric.owner is not Owner.PROCESS:
        state = State(state.span)
    if row.metric.kind is Kind.COUNTER:
        values[row.series[0]] += growth(row.metric, row.own, state)
        return
    mean, count = observed(row.metric, state)
    for name, more in zip(row.series, (mean * count, count), strict=False):
        values[name] += more
    for name, bound in zip(row.series[2:], row.bounds, strict=True):
        values[name] += count * _below(bound, mean)


@functools.lru_cache(1_000_000)
def _below(bound: float, mean: float, sigma: float = 0.6) -> float:
    """Share of a lognormal distribution below a bound."""
    if bound == math.inf:
        return 1.0
    if bound <= 0 or mean <= 0:
        return float(bound >= 0 and mean <= 0)
    middle = math.log(mean) - sigma**2 / 2
    return 0.5 * (1 + math.erf((math.log(bound) - middle) / (sigma * math.sqrt(2))))


def gauge(metric: Metric, own: Mapping[str, str], state: State, now: float) -> float:
    """A gauge's value."""
    if metric is m.REQUESTS_RUNNING:
        return float(round(state.running))
    if metric is m.REQUESTS_WAITING:
        return float(round(state.waiting))
    if metric is m.REQUESTS_WAITING_BY_REASON:
        return float(round(state.deferred if own["reason"] == "deferred" else state.waiting - state.deferred))
    if metric is m.KV_CACHE_USAGE:
        return 0.4 if state.frozen else state.kv
    if metric is m.ENGINE_SLEEP_STATE:
        return float(own["sleep_state"] == "awake")
    if metric is m.PROCESS_MAX_FDS:
        return 65536.0
    if metric is m.PROCESS_START_TIME:
        return now - now % 86400 - 7200
    if metric is m.LORA_REQUESTS:
        return now
    if metric.kind is Kind.INFO:
        return 1.0
    return {
        Unit.RATIO: 0.4 * state.kv, Unit.BYTES: 2.4e9, Unit.REQUESTS: 0.0, Unit.COUNT: 3.0, Unit.SECONDS: 1.0,
        Unit.TIMESTAMP: now,
    }.get(metric.unit, 80.0)  # fmt: skip


def growth(metric: Metric, own: Mapping[str, str], state: State) -> float:
    """How much a counter grows in a step."""
    tokens, prompts = state.finished * OUTPUT, state.finished * PROMPT
    if metric is m.REQUEST_SUCCESS:
        shares = {"stop": 0.86 - state.failing, "length": 0.11, "abort": 0.03, "error": state.failing}
        return state.finished * shares.get(own["finished_reason"], 0.0)
    if metric is m.HTTP_REQUESTS:
        share = {"2xx": 0.97 - state.failing, "4xx": 0.03, "5xx": state.failing}[own["status"]]
        handler = {"/v1/chat/completions": 0.8, "/v1/completions": 0.15}.get(own["handler"], 0.05)
        return state.finished * share * handler
    drafts = tokens / 2.3
    known = {
        m.PROMPT_TOKENS.id: prompts, m.GENERATION_TOKENS.id: tokens, m.PREEMPTIONS.id: state.preempted,
        m.PREFIX_CACHE_QUERIES.id: prompts, m.PREFIX_CACHE_HITS.id: 0.45 * prompts,
        m.PROMPT_TOKENS_CACHED.id: 0.45 * prompts, m.PROCESS_CPU.id: 0.4 * state.span,
        m.SPEC_DRAFTS.id: drafts, m.SPEC_DRAFT_TOKENS.id: 3 * drafts, m.SPEC_ACCEPTED_TOKENS.id: 1.3 * drafts,
        m.EXTERNAL_CACHE_QUERIES.id: 0.2 * prompts, m.EXTERNAL_CACHE_HITS.id: 0.05 * prompts,
        m.MM_CACHE_QUERIES.id: state.finished, m.MM_CACHE_HITS.id: 0.3 * state.finished,
        m.ESTIMATED_FLOPS.id: 1.6e10 * (tokens + prompts), m.ESTIMATED_READ_BYTES.id: 9e11 * state.span,
        m.ESTIMATED_WRITE_BYTES.id: 2e10 * state.span,
    }  # fmt: skip
    if metric.id in known:
        return known[metric.id]
    if metric is m.PROMPT_TOKENS_BY_SOURCE:
        return prompts * {"local_compute": 0.5, "local_cache_hit": 0.45}.get(own["source"], 0.05)
    if metric is m.PROMPT_TOKENS_CACHED_BY_SOURCE:
        return prompts * TIERS[own["source"]]
    if metric is m.SPEC_ACCEPTED_PER_POSITION:
        return drafts * {"0": 0.7, "1": 0.4, "2": 0.2}[own["position"]]
    bad = any(
        word in metric.id for word in ("fail", "error", "expired", "expiry", "reject", "corrupt", "uncollectable")
    )
    if bad:
        return 0.0
    return state.finished * (2e6 if metric.unit is Unit.BYTES else 0.01)


def observed(metric: Metric, state: State) -> tuple[float, float]:
    """Mean and number of a step's observations."""
    steps = 0.0 if state.frozen or not state.itl else state.span / state.itl * min(1.0, state.running)
    known = {
        m.TTFT.id: (state.ttft, state.finished), m.ITL.id: (state.itl, state.finished * (OUTPUT - 1)),
        m.TPOT.id: (state.itl, state.finished), m.QUEUE_TIME.id: (max(state.queued, 0.002), state.finished),
        m.PREFILL_TIME.id: (0.1, state.finished), m.DECODE_TIME.id: (OUTPUT * state.itl, state.finished),
        m.INFERENCE_TIME.id: (0.1 + OUTPUT * state.itl, state.finished),
        m.E2E.id: (state.ttft + OUTPUT * state.itl, state.finished),
        m.HTTP_DURATION.id: (state.ttft + OUTPUT * state.itl, state.finished),
        m.REQUEST_PROMPT_TOKENS.id: (PROMPT, state.finished), m.REQUEST_GENERATION_TOKENS.id: (OUTPUT, state.finished),
        m.REQUEST_PREFILL_COMPUTED_TOKENS.id: (0.55 * PROMPT, state.finished),
        m.REQUEST_PARAMS_MAX_TOKENS.id: (1024.0, state.finished),
        m.ITERATION_TOKENS.id: ((OUTPUT + 0.55 * PROMPT) * state.finished / steps if steps else 0.0, steps),
    }  # fmt: skip
    default = {Unit.SECONDS: 0.05, Unit.BYTES: 6e7, Unit.TOKENS: 200.0}.get(metric.unit, 1.0)
    return known.get(metric.id, (default, state.finished))


# ----------------------------------------------------------------------------------------------- text


def history(replicas: Iterable[Replica], end: float, minutes: int, step: int = 30) -> str:
    """Samples of every replica up to `end`, Unix seconds; grouped by name, as promtool wants them."""
    count = minutes * 60 // step + 1
    lines: dict[str, list[str]] = defaultdict(list)
    for replica in replicas:
        exposes, values = rows(replica), defaultdict[str, float](float)
        curves = [list(states(replica, engine, count, step)) for engine in range(replica.engines)]
        for i in range(count):
            at = end - (count - 1 - i) * step
            down = replica.incident == "down" and i >= 0.6 * count
            for name, value in _scrape(len(values), down).items():
                lines[name].append(openmetrics_line(name, replica.target, value, at))
            if down:
                continue
            if replica.incident == "restart" and i == round(0.6 * count):
                values.clear()
            for row in exposes:
                move(row, values, curves[row.engine][i], at)
            for series, value in values.items():
                lines[series.partition("{")[0]].append(f"{series} {value:.15g} {at:.3f}\n")
    return "".join(line for group in lines.values() for line in group) + "# EOF\n"


def _scrape(samples: int, down: bool) -> dict[str, float]:
    """What Prometheus says of a scrape."""
    if down:
        return {"up": 0.0, "scrape_duration_seconds": 10.0, "scrape_samples_scraped": 0.0}
    return {"up": 1.0, "scrape_duration_seconds": 0.012, "scrape_samples_scraped": float(max(samples, 400))}
