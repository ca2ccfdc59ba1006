"""Questions about targets, engines and change over time that only PromQL can ask; none of them is in the report."""

from __future__ import annotations

from vllm_observability.catalog import failure_signals as x
from vllm_observability.catalog import memory_signals as r
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.connectors import TRANSFER_FAILURES
from vllm_observability.model import Growth, Matcher, Metric, Node, Over, Part, PerSecond, Raw, Signal, Unit


def _signal(id: str, expr: Node, unit: Unit, title: str, meaning: str, **more: object) -> Signal:
    return Signal(id, expr, unit, title, meaning, figure=False, **more)  # type: ignore[arg-type]


# --------------------------------------------------------------------------------------------- targets

# Of a target that has been up: one that has not is still loading, or was never right. Whoever showed an engine counts
# too, so that a job with another name than the selector's is watched.
_DOWN = "min by ({target}) (up) == 0\nand on ({target})\n{seen}"
_DOWN_SHARE = f"(count by ({{scope}}) (\n  {_DOWN.replace(chr(10), chr(10) + '  ')}\n) / on ({{scope}}) count by ({{scope}}) ({{seen}}))"


def _down(id: str, share: str, title: str, meaning: str) -> Signal:
    text = f"{_DOWN}\nand on ({{scope}})\n{_DOWN_SHARE} {share}"
    return _signal(id, Raw(text, parts=(("seen", r.TARGET_SEEN.expr),)), Unit.NONE, title, meaning, topic="fleet")


TARGET_DOWN = _down("target_down", ">= 0.5", "Targets down",
    "Servers that were up and that Prometheus can't read, where that is half of their deployment or more.",
)  # fmt: skip
TARGET_DOWN_ALONE = _down("target_down_alone", "< 0.5", "Targets down while most of their deployment is up",
    "Servers that were up and that Prometheus can't read, where most of their deployment answers.",
)  # fmt: skip
TARGET_NEVER_UP = _signal(
    "target_never_up",
    Raw(
        "min by ({target}) (up{{{servers}}}) == 0\nunless on ({target})\n{seen}", parts=(("seen", r.TARGET_SEEN.expr),)
    ),
    Unit.NONE, "Targets that were never up", "Scrape targets of vLLM that have not answered since they came.", topic="fleet",
)
SCRAPES_FAILING = _signal(
    "scrapes_failing_share",
    Raw(
        # Four changes are two outages at least: a start and a stop are not it.
        "1 - min by ({target}) (avg_over_time(up{{{servers}}}[10m]))\n"
        "and on ({target})\nmax by ({target}) (changes(up{{{servers}}}[10m])) >= 4"
    ),
    Unit.RATIO, "Share of scrapes that fail", "Scrapes of ten minutes that failed, of a server that comes and goes.",
    record="scrapes_failing:ratio", levels=("target",), topic="memory",
)
SCRAPED_SELDOM = _signal(
    "scraped_seldom_seconds",
    Raw(
        "{rate_seconds} / max by ({scope}) (count_over_time(up{{{servers}}}[{rate_window}])) > {rare}"
    ),
    Unit.SECONDS, "Scrape interval longer than the rules expect",
    "Seconds between two scrapes, where the rules were built for fewer.", topic="fleet",
)
METRICS_MISSING = _signal(
    "metrics_missing",
    # Before the first request some servers show only their configuration: that is the engine's too.
    Raw(
        "min by ({target}) (up{{{servers}}}) == 1\nunless on ({target})\n({requests_running} or {cache_config})",
        (m.REQUESTS_RUNNING, m.CACHE_CONFIG),
    ),
    Unit.NONE, "Targets without engine metrics", "Targets that answer, but with no metric of the engine.", topic="fleet",
)
# Every version of vLLM shows these.
_STOPPED: tuple[Matcher, ...] = (("finished_reason", "=", "stop"),)
_FAMILIES: tuple[tuple[str, Metric, Part, tuple[Matcher, ...]], ...] = (
    ("running", m.REQUESTS_RUNNING, Part.VALUE, ()), ("waiting", m.REQUESTS_WAITING, Part.VALUE, ()),
    ("tokens", m.GENERATION_TOKENS, Part.VALUE, ()), ("finished", m.REQUEST_SUCCESS, Part.VALUE, _STOPPED),
    ("first", m.TTFT, Part.COUNT, ()), ("last", m.E2E, Part.COUNT, ()),
)  # fmt: skip
_LOST = "group by ({{target}}) ({{{id}_before}}) unless on ({{target}}) {{{id}_now}}"
FAMILIES_MISSING = _signal(
    "families_missing",
    Raw(
        "(\n  " + "\n  or\n  ".join(_LOST.format(id=id) for id, *_ in _FAMILIES) + "\n)\n"
        "and on ({target})\n({tokens_written} > 0 or {requests_ended} > 0 or {answered} > 0)",
        parts=(("answered", x.HTTP_ANSWERS.expr),),
        overs=(
            ("tokens_written", Over("rate", m.GENERATION_TOKENS)),
            ("requests_ended", Over("rate", m.REQUEST_SUCCESS, where=_STOPPED)),
            *(
                (f"{id}_{when}", Over("last_over_time", metric, window, part, where))
                for id, metric, part, where in _FAMILIES
                for when, window in (("now", "1m:1m"), ("before", "1h:15m"))
            ),
        ),
    ),
    Unit.NONE, "Targets that lost metrics", "Servers that work, but no longer show a metric that they showed within the hour.",
    topic="fleet",
)  # fmt: skip
SCRAPE_SHARE = _signal(
    "scrape_duration_share",
    # At longer intervals the time-out comes first, and no scrape takes longer than that.
    Raw("max by ({target}) (scrape_duration_seconds{{{selector}}}) / {cut}"),
    Unit.RATIO, "Scrape duration, share of the interval", "How much of the scrape interval a scrape takes.", topic="fleet",
)
MODEL_VANISHED = _signal(
    "model_vanished",
    Raw(
        # A model that is somewhere, under whichever job, is not gone.
        "last_over_time({in_use}[12h:1m]) > 0\nunless on ({place_model})\n{running}",
        series=(("running", s.RUNNING.expr), ("in_use", r.IN_USE.expr)),
    ),
    Unit.NONE, "Vanished models", "Models that were in use when their last engine went, and have none anywhere.",
    topic="fleet",
)
_USUAL = "quantile_over_time(0.5, (count by ({place_model}) ({running}))[2h:5m])"
REPLICAS_LOST = _signal(
    "replicas_lost",
    Raw(
        # Usual is the median of two hours, which neither a rollout nor a switch of deployments moves. Those that a
        # scaler takes away have been drained; under light load some engines have no request at the moment they die.
        f"count by ({{place_model}}) ({{running}}) <= 0.5 * {_USUAL}\n"
        f"and on ({{place_model}})\ncount by ({{place_model}}) ({{gone}}) >= 0.5 * {_USUAL}\n"
        f"and on ({{place_model}})\ncount by ({{place_model}}) ({{gone}} > 0) >= 0.25 * {_USUAL}",
        at=(("running", "engine", s.RUNNING.expr), ("gone", "engine", r.ENGINE_GONE.expr)),
    ),
    Unit.NONE, "Models that lost half of their engines",
    "Models of which half of the usual engines or fewer are left, after others went while they had requests.",
    topic="fleet",
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
    # Over tokens: counters that every working engine moves, so that each restart is a fall. Models that embed or
    # classify generate none.
    Raw(
        "max by ({engine}) (\n"
        '  label_replace({generated}, "of", "generated", "", "")\n  or\n  label_replace({prompts}, "of", "prompts", "", "")\n)',
        overs=(
            ("generated", Over("resets", m.GENERATION_TOKENS, "30m")),
            ("prompts", Over("resets", m.PROMPT_TOKENS, "30m:1m")),
        ),
    ),
    Unit.COUNT, "Restarts in 30 minutes", "How often an engine's counters started again from 0.",
    record="engine_restarts:resets30m", levels=("engine",), topic="fleet",
)
STARTS = _signal(
    "process_starts",
    Raw("max by ({target}) ({starts})", overs=(("starts", Over("changes", m.PROCESS_START_TIME, "30m:1m")),)),
    Unit.COUNT, "Starts in 30 minutes", "How often a server's process started again, whether it had done any work or not.",
    record="process_starts:changes30m", levels=("target",), topic="fleet",
)
RESTARTS_SLOW = _signal(
    "engine_restarts_6h",
    Raw("sum_over_time({restarts}[6h:30m])", series=(("restarts", RESTARTS.expr),)),
    Unit.COUNT, "Restarts in 6 hours", "How often an engine's counters started again from 0 in six hours.",
    record="engine_restarts:sum6h", levels=("engine",), topic="memory",
)
# The restart of an engine that worked is told of the engine.
_UNTOLD = "unless on ({target})\n{restarts} > "
STARTS_UNSEEN = _signal(
    "process_starts_unseen",
    Raw(f"{{starts}}\n{_UNTOLD}1", series=(("starts", STARTS.expr),), at=(("restarts", "engine", RESTARTS.expr),)),
    Unit.COUNT, "Starts in 30 minutes, without work", "How often a process started whose engine did not get to work.",
    record="process_starts_unseen:changes30m", levels=("target",), topic="memory",
)
STARTS_SLOW = _signal(
    "process_starts_6h",
    Raw(
        "sum_over_time({starts}[6h:30m])\nunless on ({target})\nsum_over_time({restarts}[6h:30m]) > 3",
        series=(("starts", STARTS.expr),), at=(("restarts", "engine", RESTARTS.expr),),
    ),
    Unit.COUNT, "Starts in 6 hours, without work", "How often in six hours a process started whose engine did not get to work.",
    record="process_starts_unseen:sum6h", levels=("target",), topic="memory",
)
_SERVERS = "count by ({model}) (group by ({target}, model_name) ({engines}))"
ADDRESSES = _signal(
    "addresses_unexplained",
    Raw(
        # A rollout replaces each replica once, so that twice as many addresses are seen as there were at a time.
        _SERVERS.format_map({"model": "{model}", "target": "{target}", "engines": "{running} or {gone}"})
        + "\n-\n2 * max_over_time(("
        + _SERVERS.format_map({"model": "{model}", "target": "{target}", "engines": "{running}"})
        + ")[1h:5m])",
        at=(("running", "engine", s.RUNNING.expr), ("gone", "engine", r.ENGINE_GONE.expr)),
    ),
    Unit.COUNT, "Servers in an hour that no rollout explains",
    "Addresses at which a model was served within the hour, over twice the most at a time.",
    record="addresses_unexplained:count", topic="memory",
)
ADDRESSES_SLOW = _signal(
    "addresses_unexplained_6h",
    Raw(
        # A crash takes requests with it, which a scaler that takes spare engines away does not; a rollout that doesn't
        # wait for them does so once for each replica.
        _SERVERS.format_map(
            {"model": "{model}", "target": "{target}", "engines": "last_over_time(({running})[6h:5m]) > 0 unless {running}"}
        )
        + "\n-\n2 * max_over_time(("
        + _SERVERS.format_map({"model": "{model}", "target": "{target}", "engines": "{running}"})
        + ")[6h:5m])",
        at=(("running", "engine", s.RUNNING.expr),),
    ),
    Unit.COUNT, "Servers lost in six hours that no rollout explains",
    "Addresses that went away with requests within six hours, over twice the most at a time.",
    record="addresses_unexplained:sum6h", topic="memory",
)
_ENDED = ("ended", Over("rate", m.E2E, part=Part.COUNT))
STALLED = _signal(
    "engine_stalled",
    Raw(
        # Over the shortest window, not the rate window: the hold alone says how long is too long.
        "{running} + {waiting} > 0\n"
        # Two scrapes in the window, or nothing is known of its progress; a router's gauges have no tokens at all.
        "and on ({engine})\nsum by ({engine}) ({seen}) >= 2\n"
        # Gauges are written at steps, so one running request may be the last user's, who left. It counts where others
        # work: a router would have sent more, and the next step would have cleared it.
        "and on ({engine})\n(\n  {waiting} > 0\n  or\n  {running} > 1\n  or\n"
        "  {running} and on ({model}) group by ({model}) ({tokens} > 0 or {ended} > 0)\n)\n"
        "unless on ({engine})\nsum by ({engine}) ({tokens}) > 0\n"
        "unless on ({engine})\nsum by ({engine}) ({steps}) > 0\n"
        # Embeddings, rerankings and classes are answers without tokens.
        "unless on ({engine})\nsum by ({engine}) ({ended}) > 0\n"
        "unless on ({engine})\nsum by ({engine}) ({prompts}) > 0\n"
        # Steps are counted with their outputs: while a very long prompt is read, only its blocks grow.
        "unless on ({engine})\nmax by ({engine}) ({blocks}) > 0\n"
        "unless on ({engine})\nmax by ({engine}) ({asleep}) == 1\n"
        "unless on ({target})\nmax by ({target}) ({updating} > 0 or {falling_asleep} > 0)",
        parts=(("running", s.RUNNING.expr), ("waiting", s.WAITING.expr)),
        overs=(
            ("seen", Over("count_over_time", m.GENERATION_TOKENS)),
            ("tokens", Over("rate", m.GENERATION_TOKENS)),
            ("steps", Over("rate", m.ITERATION_TOKENS, part=Part.COUNT)),
            _ENDED,
            ("prompts", Over("rate", m.PROMPT_TOKENS)),
            ("blocks", Over("changes", m.KV_CACHE_USAGE)),
            ("asleep", Over("last_over_time", m.ENGINE_SLEEP_STATE, where=(("sleep_state", "!=", "awake"),))),
            ("updating", Over("max_over_time", m.BY_ID["rl_weight_update_operations_in_flight"], "{rate_window}")),
            ("falling_asleep", Over("max_over_time", m.BY_ID["sleep_mode_operations_in_flight"], "{rate_window}")),
        ),
    ),
    Unit.REQUESTS, "Stalled engines", "Engines with work that make neither a step nor a token, and are not asleep.",
    levels=("engine",), topic="fleet",
)


# By each engine's own observations: of a handful the mean is one request.
_AGAINST_MEDIAN = (
    "{mean}\n/ on ({model}) group_left ()\n(\n"
    "  quantile by ({model}) (0.5, {mean})\n"
    "  and on ({model})\n"
    "  count by ({model}) ({mean}) >= 3\n)"  # of two engines the median lies between: neither is the odd one
)


def _outlier(
    id: str, text: str, mean: Signal, observed: Metric, least: int, what: str, also: str = "", **more: Node
) -> Signal:
    counted = ("count", PerSecond(Growth(observed, Part.COUNT)))
    enough = f"\nand on ({{engine}})\n{{count}} * {{rate_seconds}} >= {least}"
    return _signal(
        id, Raw(text + enough, parts=(("mean", mean.expr), counted, *more.items()), peers=True), Unit.NONE,
        f"{what} against the model's median",
        f"{what} of an engine, divided by the median of its model's engines{also}. "
        f"Only of engines with {least} observations or more in the rules' window.",
        record=f"{id}:ratio", levels=("engine",), topic="memory",
        nothing="fewer than three engines, or little traffic",
    )  # fmt: skip


_PROMPT = "({prompts} / ({count} > 0))"
OUTLIER_TTFT = _outlier(
    "engine_outlier_ttft",
    # An engine that gets longer prompts than the others may take longer by as much.
    f"{_AGAINST_MEDIAN}\n/ on ({{engine}})\n(\n"
    f"  {_PROMPT} / on ({{model}}) group_left () quantile by ({{model}}) (0.5, {_PROMPT}) > 1\n"
    "  or\n  0 * {mean} + 1\n)",
    s.TTFT_MEAN, m.TTFT, 20, "Mean time to first token",
    ", and, where its prompts are longer than the median engine's, by how many times longer they are", prompts=PerSecond(Growth(m.PROMPT_TOKENS)),
)  # fmt: skip
OUTLIER_ITL = _outlier(
    "engine_outlier_itl", _AGAINST_MEDIAN, s.ITL_MEAN, m.ITL, 200, "Mean inter-token latency"
)
PREFILL_ENGINES = _signal(
    "prefill_engines",
    Raw(
        "count by ({model}) ({tokens} / ({first} > 0) <= 1.5)\n"
        "and on ({model})\nmax by ({model}) ({tokens} / ({first} > 0)) >= 10",
        at=(
            ("tokens", "engine", Growth(m.GENERATION_TOKENS)),
            ("first", "engine", Growth(m.TTFT, Part.COUNT)),
        ),
    ),
    Unit.COUNT, "Engines that only read prompts",
    "Engines that make one token a request, of a model whose other engines make ten or more: prefill and decode apart.",
    topic="fleet",
)
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

IDLE_HOUR = _signal(
    "engine_idle_hour",
    # A data-parallel rank that was retired leaves its rows behind, which never move again.
    Raw(
        "(max_over_time(({prompts})[1h:5m]) == 0 and on ({engine}) count_over_time(({prompts})[1h:5m]) >= 11) + 1",
        parts=(("prompts", PerSecond(Growth(m.PROMPT_TOKENS))),),
    ),
    Unit.NONE, "Engines without work for an hour", "1 for an engine that has taken no prompt for an hour.",
    levels=("engine",), topic="fleet",
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
        # One that waits behind long answers is no queue. Nothing finishes: an hour stands for never, but not while tokens
        # flow, because then long answers are under way.
        "{waiting} / ({finishing} > 0)\nand on ({model})\n{waiting} >= 5\nor\n0 * ({waiting} > 0) + 3600 unless on ({model}) sum by ({model}) ({tokens}) > 0",
        parts=(("waiting", s.WAITING.expr), ("finishing", s.REQUEST_RATE.expr)),
        overs=(("tokens", Over("rate", m.GENERATION_TOKENS)),),
    ),
    Unit.SECONDS, "Time to drain the queue",
    "Waiting requests over requests finished per second; an hour if requests wait and none finishes.",
    nothing="fewer than five requests wait",
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
        "and on ({model})\navg_over_time({queries}[1h]) * 3600 >= 50000\n"
        "and on ({model})\ncount_over_time({queries}[1d:5m]) >= 24",
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
    nothing="no KV connector counts failures",
    record="kv_transfer_failures:sum", topic="connectors",
)

KV_FAILURES_COUNTED = _signal(
    "kv_transfer_failures_15m",
    Raw("sum_over_time(({failed})[15m:1m]) * 60", parts=(("failed", KV_TRANSFER_FAILURES.expr),)),
    Unit.COUNT, "Failed KV transfers in 15 minutes", "Failures of moving KV blocks in a quarter of an hour.",
    topic="connectors",
)

ALL: tuple[Signal, ...] = (
    *r.ALL, *x.ALL, *(value for value in list(globals().values()) if isinstance(value, Signal)),
)  # fmt: skip
