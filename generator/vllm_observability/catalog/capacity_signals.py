"""Questions of the weekly capacity meeting: how much more fits, what it cost, and how much of that was idle."""

from __future__ import annotations

from vllm_observability.catalog import checks as c
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.board_questions import each_step, signal
from vllm_observability.catalog.board_signals import ENGINES
from vllm_observability.catalog.memory_signals import ENGINES_IDLE
from vllm_observability.model import ByName, Check, Either, Growth, Over, Raw, Signal, Unit

# -------------------------------------------------------------------------------------------------- room

TOKENS_PER_ENGINE = signal(
    "generation_tokens_per_second_per_engine",
    Raw(
        "{tokens}\n/\n{engines}", parts=(("tokens", s.GENERATION_RATE.expr), ("engines", ENGINES.expr)),
    ),
    Unit.TOKENS_PER_SECOND, "Output tokens per second per engine", "Output tokens per second, divided by the engines that report.",
)
NOTHING_RUNS = "no request runs to show how large one is"
# Under a hundredth of the cache the estimate would be noise.
REQUESTS_THAT_FIT = signal(
    "requests_that_fit",
    Raw("{running} / ({usage} > 0.01)", parts=(("running", s.RUNNING.expr), ("usage", s.KV_USAGE_MEAN.expr))),
    Unit.REQUESTS, "Requests that fit the KV cache",
    "Running requests over KV cache usage: how many of the present kind fill the cache. --max-num-seqs may stop earlier.",
    nothing=NOTHING_RUNS,
)
HEADROOM = signal(
    "requests_headroom",
    Raw(
        "{running} * (1 / ({usage} > 0.01) - 1)",
        parts=(("running", s.RUNNING.expr), ("usage", s.KV_USAGE_MEAN.expr)),
    ),
    Unit.REQUESTS, "Room for more requests",
    "How many more requests of the present kind fit into the KV cache. --max-num-seqs may stop earlier. A model without "
    "requests has room that nothing measures.",
    nothing=NOTHING_RUNS,
)
TIME_TO_FULL = signal(
    "kv_time_to_full_seconds",
    Raw(
        # Room and trend are of one engine: the fullest is seldom the one that fills fastest.
        "min by ({by}) (\n"
        "  (1 - max by ({engine}) ({kv_cache_usage}))\n  / (max by ({engine}) ({slope}) > 0)\n) < 86400",
        (m.KV_CACHE_USAGE,), overs=(("slope", Over("deriv", m.KV_CACHE_USAGE, "15m")),),
    ),
    Unit.SECONDS, "KV cache full in", "Time until the first engine is full, at the trend of the last 15 minutes.",
    nothing="no engine will be full within a day",
)
PER_ENGINE_REQUESTS = signal(
    "requests_per_second_per_engine",
    Raw(
        "{rate}\n/\n{engines}", parts=(("rate", s.REQUEST_RATE.expr), ("engines", ENGINES.expr)),
    ),
    Unit.REQUESTS_PER_SECOND, "Finished requests per second per engine", "Finished requests per second, divided by the engines.",
)
# A day back in the steps that the rates span, so that no moment of it is missed; it costs a rule two series per model.
ROOM_SHOWN = signal(
    "output_headroom",
    Raw(
        "clamp_min(\n  1 - {tokens} / {engines}\n  / (max_over_time(({tokens} / {engines})[1d:5m]) > 0),\n  0\n)",
        series=(("tokens", Growth(m.GENERATION_TOKENS)), ("engines", ENGINES.expr)),
    ),
    Unit.RATIO, "Room to the most seen",
    "By how much output tokens per second per engine are below the most that this model's engines made within a day. They "
    "can do that much at least: where they were never full, there is more room than this says.",
    record="output_headroom:ratio", topic="memory",
    nothing="no output token was made within a day",
)
_LEFT = "{running} * ((1 - 1 / {engines}) / ({usage} > 0.01) - 1)"
_SHORT = "how many more requests of the present kind fit into the KV cache. Below 0, so many would wait. With a single engine, all of them."
ROOM_WITHOUT_ONE = signal(
    "requests_headroom_without_one",
    Raw(
        _LEFT,
        parts=(("running", s.RUNNING.expr), ("usage", s.KV_USAGE_MEAN.expr), ("engines", ENGINES.expr)),
    ),
    Unit.REQUESTS, "Room with one engine gone", f"With one engine fewer, {_SHORT}", signed=True, nothing=NOTHING_RUNS,
)

# ------------------------------------------------------------------------------------------- over a range
# Of a week every fifth minute is read. Idle engines, which come and go faster, are recorded as a mean over five minutes.

_STEP = "5m"
_STEP_SECONDS = 300


def _summed(text: str) -> str:
    """Seconds for which something was so, or as many times the seconds, over the time range shown."""
    return f"{each_step('sum_over_time', text, '$__range', _STEP)} * {_STEP_SECONDS}"


_ENGINES, _IDLE = ("engines", ENGINES.expr), ("idle", ENGINES_IDLE.expr)
ENGINE_HOURS = signal(
    "engine_hours", Raw(f"{_summed('{engines}')} / 3600", series=(_ENGINES,)), Unit.NONE, "Engine-hours",
    "Hours that engines were there, all of them added up, over the time range shown.", decimals=1,
)
IDLE_SHARE = signal(
    "engine_hours_idle_ratio",
    Raw(f"{_summed('{idle}')}\n/\n({_summed('{engines}')})", series=(_IDLE, _ENGINES)),
    Unit.RATIO, "Idle share of the engine-hours", "Share of the engine-hours in which an engine ran no request.",
)
ROOM_WITHOUT_ONE_LEAST = signal(
    "requests_headroom_without_one_least",
    Raw(
        f"min_over_time(({_LEFT})[$__range:{_STEP}])",
        series=(("running", s.RUNNING.expr), ("usage", s.KV_USAGE_MEAN.expr), ("engines", ENGINES.expr)),
    ),
    Unit.REQUESTS, "Room with one engine gone, least",
    f"In the fullest moment of the time range shown: with one engine fewer, {_SHORT}", signed=True, nothing=NOTHING_RUNS,
)


def _time_over(check: Check, what: str) -> Signal:
    """How long a check's signal was above its warning threshold."""
    return signal(
        f"{check.id}_seconds_over",
        Raw(
            _summed("({value} > bool on ({model}) {threshold})"),
            series=(("value", check.signal.expr),),
            parts=(("threshold", ByName(f"model:vllm_{check.id}:threshold", (("severity", "=", "warning"),))),),
        ),
        Unit.SECONDS, f"{what}, time over the threshold",
        f"How long {what} was above its warning threshold, over the time range shown.",
    )


KV_USAGE_OVER = _time_over(c.KV_CACHE_USAGE, "KV cache usage of the fullest engine")
WAITING_OVER = _time_over(c.REQUESTS_WAITING, "the number of waiting requests per engine")
TTFT_OVER = _time_over(c.TTFT, "the time to first token (p95)")

# ------------------------------------------------------------------------------------------------- money

PRICE = signal(
    "price_per_engine_hour",
    # What the settings say is recorded; the field above the board is for all other models.
    Either(ByName("model:vllm_price_per_engine_hour:currency"), Raw("$price + 0 * {engines}", parts=(_ENGINES,))),
    Unit.NONE, "Price of an engine per hour",
    "From the settings (`price_per_engine_hour`, also per model), else what is typed in above the board.", decimals=2,
)
_PRICE = ("price", PRICE.expr)
COST_OUTPUT = signal(
    "cost_per_million_output_tokens",
    Raw(
        "{price} * {engines}\n/\n({tokens} > 0) / 3600 * 1e6",
        parts=(_PRICE, _ENGINES, ("tokens", s.GENERATION_RATE.expr)),
    ),
    Unit.NONE, "Cost per million output tokens", "The price of all engines, divided by the output tokens that they make.",
    decimals=2,
)
COST_ALL = signal(
    "cost_per_million_tokens",
    Raw(
        "{price} * {engines}\n/\n({prompt} + {tokens} > 0) / 3600 * 1e6",
        parts=(_PRICE, _ENGINES, ("prompt", s.PROMPT_RATE.expr), ("tokens", s.GENERATION_RATE.expr)),
    ),
    Unit.NONE, "Cost per million tokens, prompt and output", "The price of all engines, divided by all tokens they handle.",
    decimals=2,
)
COST_HOUR = signal(
    "cost_per_hour", Raw("{price} * {engines}", parts=(_PRICE, _ENGINES)),
    Unit.NONE, "Cost per hour", "Engines that report, times the price of one.", decimals=2,
)
_AT_PRESENT = "over the time range shown, at the present price"
SPEND = signal(
    "spend", Raw(f"{_summed('{engines}')} / 3600 * {{price}}", parts=(_PRICE,), series=(_ENGINES,)),
    Unit.NONE, "Spend", f"What the engines cost {_AT_PRESENT}.", decimals=2,
)
IDLE_SPEND = signal(
    "idle_spend", Raw(f"{_summed('{idle}')} / 3600 * {{price}}", parts=(_PRICE,), series=(_IDLE,)),
    Unit.NONE, "Idle spend", f"What engines cost while they ran no request, {_AT_PRESENT}.", decimals=2,
)

ALL: tuple[Signal, ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Signal) and value not in (ENGINES, ENGINES_IDLE)
)
