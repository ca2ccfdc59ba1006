"""Questions about targets, engines and change over time that only PromQL can ask; none of them is in the report."""

from __future__ import annotations

from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.connectors import TRANSFER_FAILURES
from vllm_observability.model import Growth, Node, Over, Part, PerSecond, Raw, Signal, Unit


def _signal(id: str, expr: Node, unit: Unit, title: str, meaning: str, **more: object) -> Signal:
    return Signal(id, expr, unit, title, meaning, figure=False, **more)  # type: ignore[arg-type]


# --------------------------------------------------------------------------------------------- targets

TARGET_DOWN = _signal(
    "target_down", Raw("min by ({target}) (up{{{selector}}}) == 0"), Unit.NONE, "Targets down",
    "Scrape targets of vLLM that Prometheus can't read.", topic="fleet",
)
METRICS_MISSING = _signal(
    "metrics_missing",
    # Before the first request some servers show only their configuration: that is the engine's too.
    Raw(
        "min by ({target}) (up{{{selector}}}) == 1\nunless on ({target})\n({requests_running} or {cache_config})",
        (m.REQUESTS_RUNNING, m.CACHE_CONFIG),
    ),
    Unit.NONE, "Targets without engine metrics", "Targets that answer, but with no metric of the engine.", topic="fleet",
)
SCRAPE_SHARE = _signal(
    "scrape_duration_share",
    Raw("max by ({target}) (scrape_duration_seconds{{{selector}}}) / {interval}"),
    Unit.RATIO, "Scrape duration, share of the interval", "How much of the scrape interval a scrape takes.", topic="fleet",
)
MODEL_VANISHED = _signal(
    "model_vanished",
    Raw(
        # Idle for minutes and then gone is how scaling to zero looks; the recorded rate ends with the engines.
        "{running} offset 15m\nunless on ({model})\n{running}\nand on ({model})\nlast_over_time({tokens}[20m]) > 0",
        series=(("running", s.RUNNING.expr), ("tokens", Growth(m.GENERATION_TOKENS))),
    ),
    Unit.NONE, "Vanished models", "Models that had engines 15 minutes ago, were in use to the end, and have none.", topic="fleet",
)
RULES_MISSING = _signal(
    "recording_rules_missing",
    Raw(
        "group by ({scope}) ({requests_running})\nunless on ({scope})\n{running}",
        (m.REQUESTS_RUNNING,), series=(("running", s.RUNNING.expr),),
    ),
    Unit.NONE, "Deployments without recorded series", "Engines are scraped, but nothing is recorded of them.",
    topic="fleet",
)

# --------------------------------------------------------------------------------------------- engines

RESTARTS = _signal(
    "engine_restarts",
    # Over generated tokens: a counter that every working engine moves, so that each restart is a fall.
    Raw("max by ({engine}) ({resets})", overs=(("resets", Over("resets", m.GENERATION_TOKENS, "30m")),)),
    Unit.COUNT, "Restarts in 30 minutes", "How often an engine's counters started again from 0.",
    record="engine_restarts:resets30m", levels=("engine",), topic="fleet",
)
STALLED = _signal(
    "engine_stalled",
    Raw(
        # Over the shortest window, not the rate window: the hold alone says how long is too long.
        "{running} + {waiting} > 0\n"
        # Two scrapes in the window, or nothing is known of its progress; a router's gauges have no tokens at all.
        "and on ({engine})\nsum by ({engine}) ({seen}) >= 2\n"
        "unless on ({engine})\nsum by ({engine}) ({tokens}) > 0\n"
        "unless on ({engine})\nsum by ({engine}) ({steps}) > 0\n"
        "unless on ({engine})\nmax by ({engine}) ({asleep}) == 1",
        parts=(("running", s.RUNNING.expr), ("waiting", s.WAITING.expr)),
        overs=(
            ("seen", Over("count_over_time", m.GENERATION_TOKENS)),
            ("tokens", Over("rate", m.GENERATION_TOKENS)),
            ("steps", Over("rate", m.ITERATION_TOKENS, part=Part.COUNT)),
            ("asleep", Over("last_over_time", m.ENGINE_SLEEP_STATE, where=(("sleep_state", "!=", "awake"),))),
        ),
    ),
    Unit.REQUESTS, "Stalled engines", "Engines with work that make neither a step nor a token, and are not asleep.",
    levels=("engine",), topic="fleet",
)


def _outlier(id: str, mean: Signal, what: str) -> Signal:
    text = (
        "{mean}\n/ on ({model}) group_left ()\n(\n"
        "  quantile by ({model}) (0.5, {mean})\n"
        "  and on ({model})\n"
        "  count by ({model}) ({mean}) >= 3\n)"  # of two engines the median lies between: neither is the odd one
    )
    return _signal(
        id, Raw(text, parts=(("mean", mean.expr),), peers=True), Unit.NONE, f"{what} against the model's median",
        f"{what} of an engine, divided by the median of its model's engines.",
        record=f"{id}:ratio", levels=("engine",), topic="latency", nothing="fewer than three engines of a model, or no traffic",
    )


OUTLIER_TTFT = _outlier("engine_outlier_ttft", s.TTFT_MEAN, "Mean time to first token")
OUTLIER_ITL = _outlier("engine_outlier_itl", s.ITL_MEAN, "Mean inter-token latency")
IMBALANCE_KV = _signal(
    "load_imbalance_kv",
    Raw(
        "abs({usage} - on ({model}) group_left () avg by ({model}) ({usage}))\n"
        "and on ({model})\ncount by ({model}) ({usage}) >= 2",
        parts=(("usage", s.KV_USAGE.expr),), peers=True,
    ),
    Unit.RATIO, "KV cache usage against the model's mean", "Distance of an engine's KV cache usage from the mean.",
    record="load_imbalance_kv:distance", levels=("engine",), topic="cache", nothing="fewer than two engines of a model",
)
_ABOVE = "({running} + 1) / on ({model}) group_left () (avg by ({model}) ({running}) + 1)"
IMBALANCE_RUNNING = _signal(
    "load_imbalance_running",
    Raw(
        # One is added to both, so that 1 against 0 is not infinitely many.
        f"(\n  {_ABOVE} >= 1\n  or\n  1 / ({_ABOVE})\n)\nand on ({{model}})\ncount by ({{model}}) ({{running}}) >= 2",
        parts=(("running", s.RUNNING.expr),), peers=True,
    ),
    Unit.NONE, "Running requests against the model's mean",
    "An engine's running requests over its model's mean, or the mean over them, whichever is larger.",
    record="load_imbalance_running:factor", levels=("engine",), topic="load", nothing="fewer than two engines of a model",
)

# ---------------------------------------------------------------------------------------------- models

_CONFIG = "block_size, cache_dtype, enable_prefix_caching, gpu_memory_utilization"
CONFIG_VARIANTS = _signal(
    "config_variants",
    Raw(
        # cache_config_info has no model_name: it is joined from the running gauge, by target. The number of blocks is
        # left out, since it differs a little from GPU to GPU.
        "count by ({model}) (\n"
        f"  group by ({{model}}, {_CONFIG}) (\n"
        "    group by ({target}, model_name) ({requests_running})\n"
        f"    * on ({{target}}) group_left ({_CONFIG})\n"
        f"    topk by ({{target}}) (1, group by ({{target}}, {_CONFIG}) ({{cache_config}}))\n"
        "  )\n)",
        (m.REQUESTS_RUNNING, m.CACHE_CONFIG),
    ),
    Unit.COUNT, "Cache configurations", "Different cache configurations among the engines of a model.",
    record="config_variants:count", topic="fleet",
)
QUEUE_DRAIN = _signal(
    "queue_drain_seconds",
    Raw(
        "{waiting} / ({finishing} > 0)\nor\n0 * ({waiting} > 0) + 3600",  # nothing finishes: an hour stands for never
        parts=(("waiting", s.WAITING.expr), ("finishing", s.REQUEST_RATE.expr)),
    ),
    Unit.SECONDS, "Time to drain the queue",
    "Waiting requests over requests finished per second; an hour where requests wait and none finishes.",
    record="queue_drain:seconds", topic="requests",
)
REJECTION_RATE = _signal(
    "admission_rejections_per_second", PerSecond(Growth(m.ADMISSION_REJECTIONS)), Unit.REQUESTS_PER_SECOND,
    "Rejected requests per second", "Requests refused by a queue limit of the front end.",
)
CORRUPTED = _signal(
    "corrupted_requests",
    Raw("sum by ({model}) ({grown})", overs=(("grown", Over("increase", m.CORRUPTED_REQUESTS, "15m")),)),
    Unit.REQUESTS, "Corrupted requests in 15 minutes", "Finished requests that had NaN in their logits.",
    record="corrupted_requests:increase15m", topic="requests",
)


def _cached_share(window: str) -> str:
    return f"(sum_over_time({{hits}}[{window}]) / (sum_over_time({{queries}}[{window}]) > 0))"


PREFIX_HIT_CHANGE = _signal(
    "prefix_cache_hit_change_ratio",
    Raw(
        # Under 5 % in the day before there was nothing to lose; fewer tokens in an hour are a few dozen prompts. A rate
        # over five minutes says as much of a day when it is read every five.
        f"{_cached_share('1h')}\n/\n({_cached_share('1d:5m')} > 0.05)\n"
        "and on ({model})\navg_over_time({queries}[1h]) * 3600 >= 50000",
        series=(("hits", Growth(m.PREFIX_CACHE_HITS)), ("queries", Growth(m.PREFIX_CACHE_QUERIES))),
    ),
    Unit.RATIO, "Prefix cache hits of the last hour against the day", "Hit ratio of the last hour over that of the day.",
    record="prefix_cache_hits:change1d", topic="cache",
)

# `or` would drop a family with the labels of another, so each gets a label of its own before they are summed.
_FAILURE = 'label_replace({{{id}}}, "of", "{id}", "", "")'
KV_TRANSFER_FAILURES = _signal(
    "kv_transfer_failures_per_second",
    Raw(
        "sum by ({model}) (\n  " + "\n  or\n  ".join(_FAILURE.format(id=x.id) for x in TRANSFER_FAILURES) + "\n)",
        overs=tuple((x.id, Over("rate", x, "{rate_window}")) for x in TRANSFER_FAILURES),
    ),
    Unit.PER_SECOND, "Failed KV transfers per second", "Failures of moving KV blocks, over every connector.",
    nothing="no KV connector that counts failures is switched on",
    record="kv_transfer_failures:sum", topic="connectors",
)

ALL: tuple[Signal, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Signal))
