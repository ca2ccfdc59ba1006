"""What each panel should show, worked out from what recorded servers said: names and arithmetic, written out once more.

A row for each query: (board, panel, name of the query) -> the true values. Of `Moment`: `of(labels)` are sums by these.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.programs import Labels
from stepped import EVERY, START, Rows, Sums, average, combined, folded, ratio

SCOPE = ("cluster", "namespace", "job")
MODEL = (*SCOPE, "model_name")
TARGET = (*SCOPE, "instance")
ENGINE = (*SCOPE, "instance", "engine", "model_name")

TTFT = "vllm:time_to_first_token_seconds"
ITL = ("vllm:inter_token_latency_seconds", "vllm:time_per_output_token_seconds")
TPOT = "vllm:request_time_per_output_token_seconds"
E2E = "vllm:e2e_request_latency_seconds"
QUEUE, PREFILL, DECODE = (f"vllm:request_{what}_time_seconds" for what in ("queue", "prefill", "decode"))
DONE = "vllm:request_success_total"
PROMPT, OUTPUT = "vllm:prompt_tokens_total", "vllm:generation_tokens_total"
PROMPTS, OUTPUTS = "vllm:request_prompt_tokens", "vllm:request_generation_tokens"
RUNNING, WAITING = "vllm:num_requests_running", "vllm:num_requests_waiting"
KV = ("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc")
LOOKED, FOUND = (
    (f"vllm:prefix_cache_{what}_total", f"vllm:gpu_prefix_cache_{what}_total") for what in ("queries", "hits")
)
STEP = "vllm:iteration_tokens_total"
PREEMPTED = "vllm:num_preemptions_total"
HTTP = "http_requests_total"
CALLED = ("/v1/completions", "/v1/chat/completions")  # of the handlers on recorded pages, those that run a model
DRAFTS = "vllm:spec_decode_num_drafts_total"
DRAFTED, ACCEPTED = (f"vllm:spec_decode_num_{what}_tokens_total" for what in ("draft", "accepted"))
PRICE = 2.5


@dataclass(frozen=True)
class Moment:
    """When, over which window, and what is looked at."""

    at: float
    window: float
    keep: Callable[[Mapping[str, str]], bool]

    def of(self, *labels: str) -> Sums:
        """Sums by labels."""
        return Sums(self.at, self.window, self.keep, labels)

    @property
    def model(self) -> Sums:
        """By model, in each deployment."""
        return self.of(*MODEL)

    @property
    def engine(self) -> Sums:
        """By engine."""
        return self.of(*ENGINE)

    @property
    def target(self) -> Sums:
        """By server."""
        return self.of(*TARGET)

    @property
    def whole(self) -> Sums:
        """Over everything."""
        return self.of()


Truth = Callable[[Moment], Rows]


def _count(sums: Sums) -> Rows:
    return sums.now(lambda values: float(len(list(values))), RUNNING)


def _share(reason: str) -> Truth:
    def share(m: Moment) -> Rows:
        over = m.model.rate(DONE, where=lambda labels: labels["finished_reason"] == reason)
        return ratio(over, m.model.rate(DONE))

    return share


def _errors(m: Moment) -> Rows:
    """Of models that have a series of errors: others count none."""
    counting = m.of(*MODEL, "finished_reason").rate(DONE)
    able = {
        tuple(p for p in group if p[0] != "finished_reason")
        for group in counting
        if ("finished_reason", "error") in group
    }
    return {group: value for group, value in _share("error")(m).items() if group in able}


def _server_errors(m: Moment) -> Rows:
    """Of calls that were answered or failed: neither mistakes of clients nor probes and lists of models count."""
    scope = m.of(*SCOPE)

    def calls(*statuses: str) -> Rows:
        return scope.rate(HTTP, where=lambda labels: labels["handler"] in CALLED and labels["status"] in statuses)

    return ratio(calls("5xx"), calls("2xx", "5xx"))


def _fit(m: Moment) -> Rows:
    usage = {group: value for group, value in m.model.now(average, *KV).items() if value > 0.01}
    return ratio(m.model.now(sum, RUNNING), usage)


def _room(m: Moment) -> Rows:
    return combined(lambda fit, running: fit - running, _fit(m), m.model.now(sum, RUNNING))


def _room_without_one(m: Moment) -> Rows:
    """The others hold their share of what fits."""
    left = combined(lambda fit, engines: fit * (engines - 1) / engines, _fit(m), _count(m.model))
    return combined(lambda fit, running: fit - running, left, m.model.now(sum, RUNNING))


def _full_in(m: Moment) -> Rows:
    """Of each engine the line through its last quarter of an hour, down to what is full first."""
    last = math.floor((m.at - START) / EVERY)
    first = math.ceil((m.at - 900 - START) / EVERY)
    times = [t * EVERY for t in range(first, last + 1)]
    found = []
    for series in m.engine._seen(*KV):
        values = series.values[first : last + 1]
        middle, mean = average(times), average(values)
        rise = sum((t - middle) * (v - mean) for t, v in zip(times, values, strict=True)) / sum(
            (t - middle) ** 2 for t in times
        )
        if rise > 0 and (1 - values[-1]) / rise < 86400:
            found.append((1 - values[-1]) / rise)
    return {(): min(found)} if found else {}


def _drains(m: Moment) -> Rows:
    waiting, finishing = m.model.now(sum, WAITING), m.model.rate(DONE)
    never = {group: 3600.0 for group, value in waiting.items() if value > 0}
    return {**never, **ratio(waiting, finishing)}


def _each(name: str) -> Truth:
    return lambda m: ratio(m.model.rate(name), _count(m.model))


def _cost(m: Sums, *names: str) -> Rows:
    tokens = combined(lambda *values: sum(values), *(m.rate(name) for name in names))
    return ratio({g: PRICE * n / 3600 * 1e6 for g, n in _count(m).items()}, tokens)


def _against_median(*names: str, least: int) -> Truth:
    """Peers count whether they are looked at or not; of an engine with fewer observations the mean says nothing."""

    def against(m: Moment) -> Rows:
        everyone = Moment(m.at, m.window, lambda _: True).engine
        far = _over_median(everyone.mean(*names))
        counted = everyone.rate(*(f"{name}_count" for name in names))
        seen = m.engine.now(sum, RUNNING)
        return {group: value for group, value in far.items() if group in seen and counted[group] * 300 >= least}

    return against


def _first_token_against_median(m: Moment) -> Rows:
    """Prompts that are longer than the median engine's may take longer by as much; shorter ones are no excuse."""
    everyone = Moment(m.at, m.window, lambda _: True).engine
    longer = _over_median(ratio(everyone.rate(PROMPT), everyone.rate(f"{TTFT}_count")))
    far = _against_median(TTFT, least=20)(m)
    return {group: value / max(1.0, longer[group]) for group, value in far.items()}


def _over_median(values: Rows) -> Rows:
    """Of each engine against its model's, of three engines or more."""
    found = {}
    for group, value in values.items():
        peers = sorted(v for g, v in values.items() if _model_of(g) == _model_of(group))
        if len(peers) >= 3:
            half = (len(peers) - 1) / 2
            found[group] = value / average((peers[math.floor(half)], peers[math.ceil(half)]))
    return found


def _model_of(group: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in group if pair[0] in MODEL)


def _peers(name: str | tuple[str, ...], far: Callable[[float, float], float]) -> Truth:
    def against(m: Moment) -> Rows:
        names = (name,) if isinstance(name, str) else name
        values = Moment(m.at, m.window, lambda _: True).engine.now(sum, *names)
        found = {}
        for group, value in values.items():
            peers = [v for g, v in values.items() if _model_of(g) == _model_of(group)]
            if len(peers) >= 2 and group in m.engine.now(sum, RUNNING):
                found[group] = far(value, average(peers))
        return found

    return against


def _uneven(value: float, mean: float) -> float:
    return max((value + 1) / (mean + 1), (mean + 1) / (value + 1))


def _within(m: Moment, bound: float, *names: str) -> Rows:
    """Share of a histogram's observations up to a bound."""
    good, everything = (
        m.model.rate(*(f"{name}_bucket" for name in names), where=lambda labels, le=le: float(labels["le"]) == le)  # type: ignore[misc]
        for le in (bound, math.inf)
    )
    return ratio(good, everything)


def _late(m: Moment) -> Rows:
    """A wait over 2 s and over three times the own prefill, as if the one did not depend on the other."""
    excuses = {2.0: 0.5, 5.0: 1.5, 15.0: 5.0, 60.0: math.inf}  # up to the next row's wait, unless a prefill took longer
    waited = {wait: _within(m, wait, QUEUE) for wait in (*excuses, math.inf)}
    late: Rows = dict.fromkeys(waited[2.0], 0.0)
    for (wait, prefill), longer in zip(excuses.items(), list(waited)[1:], strict=True):
        quick = _within(m, prefill, PREFILL)
        late = {
            group: share + (waited[longer][group] - waited[wait][group]) * quick[group] for group, share in late.items()
        }
    return {group: share + _unexplained(m).get(group, 0.0) for group, share in late.items()}


def _unexplained(m: Moment) -> Rows:
    """First tokens over 2.5 s (7.5 s), less whoever waits over 0.3 s (2 s) or reads for over 0.5 s (1.5 s)."""
    found: Rows = {}
    for first, wait, prefill in ((2.5, 0.3, 0.5), (7.5, 2.0, 1.5)):
        late, waits, reads = _within(m, first, TTFT), _within(m, wait, QUEUE), _within(m, prefill, PREFILL)
        for group in late.keys() & waits.keys() & reads.keys():
            excused = (1 - waits[group]) + (1 - reads[group])
            found[group] = max(found.get(group, 0.0), (1 - late[group]) - excused)
    return found


def _slow(m: Moment) -> Rows:
    """Answers whose tokens were over 0.1 s apart on average; where a version does not tell, gaps over 0.1 s."""
    return {group: 1 - share for group, share in {**_within(m, 0.1, *ITL), **_within(m, 0.1, TPOT)}.items()}


def _burn(bad: Truth, allowed: float) -> Truth:
    return lambda m: {group: share / allowed for group, share in bad(m).items()}


def _worst(truth: Truth) -> Truth:
    return lambda m: folded(max, truth(m))


def _best(truth: Truth) -> Truth:
    return lambda m: folded(min, truth(m))


def _one_of(values: Mapping[str, Callable[[Sums], Rows]], of: Callable[[Moment], Sums]) -> dict[str, Truth]:
    return {name: (lambda m, ask=ask: ask(of(m))) for name, ask in values.items()}  # type: ignore[misc]


def _per_board(board: str, panels: Mapping[str, Truth | Mapping[str, Truth]]) -> dict[tuple[str, str, str], Truth]:
    rows: dict[tuple[str, str, str], Truth] = {}
    for title, truth in panels.items():
        named = truth if isinstance(truth, Mapping) else {"": truth}
        rows |= {(board, title, name): each for name, each in named.items()}
    return rows


def _percentiles(*names: str) -> dict[str, Truth]:
    return {
        "mean": lambda m: m.whole.mean(*names),
        "p50": lambda m: m.whole.quantile(0.5, *names),
        "p95": lambda m: m.whole.quantile(0.95, *names),
        "p99": lambda m: m.whole.quantile(0.99, *names),
    }


def _acceptance(m: Moment) -> Rows:
    return ratio(m.model.rate(ACCEPTED), m.model.rate(DRAFTED))


def _by_position(m: Moment) -> Rows:
    drafts = m.model.rate(DRAFTS)
    each = m.of(*MODEL, "position").rate("vllm:spec_decode_num_accepted_tokens_per_pos_total")
    return {group: value / drafts[_model_of(group)] for group, value in each.items() if drafts[_model_of(group)] > 0}


def _cached(sums: Sums) -> Rows:
    return ratio(sums.rate(*FOUND), sums.rate(*LOOKED))


def _since_start(m: Moment) -> Rows:
    return {group: m.at - value for group, value in m.target.now(max, "process_start_time_seconds").items()}


def _open(m: Moment) -> Rows:
    return ratio(m.target.now(max, "process_open_fds"), m.target.now(max, "process_max_fds"))


def _rest(m: Moment) -> Rows:
    means = (m.whole.mean(name) for name in (TTFT, QUEUE, PREFILL))
    rest = combined(lambda first, queue, prefill: first - queue - prefill, *means)
    return {group: max(0.0, value) for group, value in rest.items()}


def _nothing(_: Moment) -> Rows:
    """Nothing is recorded of an hour ago: `test_a_query_of_before_is_the_query_of_then` looks back."""
    return {}


def _before(truth: Truth) -> dict[str, Truth]:
    return {"now": truth, **dict.fromkeys(("an hour before", "a day before", "a week before"), _nothing)}


def _most(truth: Truth, of: Truth) -> Truth:
    """Of the five that have most of something."""
    return lambda m: {g: v for g, v in truth(m).items() if g in sorted(of(m), key=of(m).__getitem__)[-5:]}


def _typical(m: Moment, *names: str) -> Rows:
    """The mean of a gauge over the window's scrapes, of each engine."""
    first, last = math.ceil((m.at - m.window - START) / EVERY), math.floor((m.at - START) / EVERY)
    return {g: max(v) for g, v in m.engine._each(names, lambda s: average(s.values[first : last + 1])).items()}


def _peak(m: Moment, *names: str) -> Rows:
    first, last = math.ceil((m.at - m.window - START) / EVERY), math.floor((m.at - START) / EVERY)
    return {g: max(v) for g, v in m.engine._each(names, lambda s: max(s.values[first : last + 1])).items()}


def _binds(m: Moment) -> Rows:
    """No recorded server had a request that was deferred."""
    steps, running = m.engine.rate(f"{STEP}_count"), m.engine.now(max, RUNNING)
    tokens, largest = m.engine.mean(STEP), m.engine.quantile(0.99999, STEP)
    queue, usage = _typical(m, WAITING), _peak(m, *KV)

    def state(engine: Labels) -> int:
        if steps[engine] == 0:
            return 6 if running[engine] >= 1 else 0
        if queue[engine] < 2:
            return 1
        if largest[engine] > 1024 and tokens[engine] >= 0.6 * largest[engine]:
            return 3
        return 4 if usage[engine] >= 0.9 else 2

    return {engine: float(state(engine)) for engine in steps}


def _count_binds(m: Moment) -> Rows:
    words = ("idle", "decode", "sequences", "step tokens", "KV blocks", "deferred", "no step")
    counted = Counter(words[int(state)] for state in _binds(m).values())
    return {(("binds", word),): float(number) for word, number in counted.items()}


def _saved(prefill: Rows, sums: Sums) -> Rows:
    """As if cached tokens took as long as computed ones."""
    found, looked = sums.rate(*FOUND), sums.rate(*LOOKED)
    share = ratio(found, combined(lambda all_, cached: all_ - cached, looked, found))
    return combined(lambda seconds, times: seconds * times, prefill, share)


def _kept(m: Moment) -> Rows:
    drafts, drafted, accepted = (m.whole.rate(name) for name in (DRAFTS, DRAFTED, ACCEPTED))
    return ratio(combined(lambda a, b: a + b, drafts, accepted), combined(lambda a, b: a + b, drafts, drafted))


_SLOWEST: Truth = lambda m: m.engine.mean(TTFT)  # noqa: E731
_FULLEST: Truth = lambda m: m.engine.now(sum, WAITING)  # noqa: E731

TRUTHS: dict[tuple[str, str, str], Truth] = {
    **_per_board(
        "vllm-incident",
        {
            "Targets down": lambda _: {(): 0.0},
            "Engines": lambda m: folded(sum, _count(m.model)),
            "Running": lambda m: m.whole.now(sum, RUNNING),
            "Waiting per engine": _worst(lambda m: m.model.now(average, WAITING)),
            "KV cache, fullest": _worst(lambda m: m.model.now(max, *KV)),
            "TTFT, mean": lambda m: m.whole.mean(TTFT),
            "ITL, mean": lambda m: m.whole.mean(*ITL),
            "Output tokens/s": lambda m: m.whole.rate(OUTPUT),
            "First token = queue + prefill + rest": {
                "queue": lambda m: m.whole.mean(QUEUE),
                "prefill": lambda m: m.whole.mean(PREFILL),
                "rest": _rest,
            },
            "Waiting requests, by reason": lambda m: m.of("reason").now(sum, "vllm:num_requests_waiting_by_reason"),
            "Running and waiting requests": {
                "running": lambda m: m.whole.now(sum, RUNNING),
                "waiting": lambda m: m.whole.now(sum, WAITING),
            },
            "Time to first token, mean: now and before": _before(lambda m: m.whole.mean(TTFT)),
            "Output tokens per second: now and before": _before(lambda m: m.whole.rate(OUTPUT)),
            "Models, now and before": {
                "TTFT": lambda m: m.model.mean(TTFT),
                "Tokens/s": lambda m: m.model.rate(OUTPUT),
                **{f"{what} -{ago}": _nothing for what in ("TTFT", "Tokens/s") for ago in ("1h", "1d", "1w")},
            },
            "Five engines with the slowest first token": {
                "TTFT": _most(_SLOWEST, _SLOWEST),
                "ITL": _most(lambda m: m.engine.mean(*ITL), _SLOWEST),
                "Waiting": _most(lambda m: m.engine.now(sum, WAITING), _SLOWEST),
                "KV cache": _most(lambda m: m.engine.now(max, *KV), _SLOWEST),
            },
            "Five engines with most waiting requests": {
                "Waiting": _most(_FULLEST, _FULLEST),
                "Running": _most(lambda m: m.engine.now(sum, RUNNING), _FULLEST),
                "KV cache": _most(lambda m: m.engine.now(max, *KV), _FULLEST),
                "Steps/s": _most(lambda m: m.engine.rate(f"{STEP}_count"), _FULLEST),
            },
        },
    ),
    **_per_board(
        "vllm-overview",
        {
            "Targets down": lambda _: {(): 0.0},
            "TTFT p95, worst": _worst(lambda m: m.model.quantile(0.95, TTFT)),
            "ITL p95, worst": _worst(lambda m: m.model.quantile(0.95, *ITL)),
            "KV cache, fullest": _worst(lambda m: m.model.now(max, *KV)),
            "Waiting per engine": _worst(lambda m: m.model.now(average, WAITING)),
            "Errors, worst": _worst(_errors),
            "HTTP 5xx": _worst(_server_errors),
            "Engines": lambda m: folded(sum, _count(m.model)),
            "TTFT, mean": lambda m: m.whole.mean(TTFT),
            "Tokens/s per user": lambda m: {g: 1 / v for g, v in m.whole.mean(*ITL).items()},
            "Running": lambda m: m.whole.now(sum, RUNNING),
            "Prefix cache hits": lambda m: _cached(m.whole),
            "Requests/s": lambda m: m.whole.rate(DONE),
            "Prompt tokens/s": lambda m: m.whole.rate(PROMPT),
            "Output tokens/s": lambda m: m.whole.rate(OUTPUT),
            "Models": {
                "Engines": lambda m: _count(m.model),
                "Running": lambda m: m.model.now(sum, RUNNING),
                "Waiting": lambda m: m.model.now(average, WAITING),
                "KV cache": lambda m: m.model.now(max, *KV),
                "TTFT p95": lambda m: m.model.quantile(0.95, TTFT),
                "ITL p95": lambda m: m.model.quantile(0.95, *ITL),
                "Tokens/s": lambda m: m.model.rate(OUTPUT),
                "Errors": _errors,
            },
            "Time to first token by model, p95": lambda m: m.model.quantile(0.95, TTFT),
            "Inter-token latency by model, p95": lambda m: m.model.quantile(0.95, *ITL),
            "End-to-end latency by model, p95": lambda m: m.model.quantile(0.95, E2E),
            "Output tokens per second by model": lambda m: m.model.rate(OUTPUT),
            "Running requests by model": lambda m: m.model.now(sum, RUNNING),
            "Finished requests per second, by reason": lambda m: m.of("finished_reason").rate(DONE),
            "KV cache usage by model, fullest engine": lambda m: m.model.now(max, *KV),
            "Waiting requests per engine, by model": lambda m: m.model.now(average, WAITING),
            "Share finished with error, by model": _errors,
        },
    ),
    **_per_board(
        "vllm-latency",
        {
            "TTFT p95, worst": _worst(lambda m: m.model.quantile(0.95, TTFT)),
            "ITL p95, worst": _worst(lambda m: m.model.quantile(0.95, *ITL)),
            "Queue, worst mean": _worst(lambda m: m.model.mean(QUEUE)),
            "TTFT, mean": lambda m: m.whole.mean(TTFT),
            "ITL, mean": lambda m: m.whole.mean(*ITL),
            "TPOT, mean": lambda m: m.whole.mean(TPOT),
            "E2E, mean": lambda m: m.whole.mean(E2E),
            "E2E p95": lambda m: m.whole.quantile(0.95, E2E),
            "Time to first token": _percentiles(TTFT),
            "Inter-token latency": _percentiles(*ITL),
            "End-to-end latency": _percentiles(E2E),
            "Mean time of a request, by phase": {
                "queue": lambda m: m.whole.mean(QUEUE),
                "prefill": lambda m: m.whole.mean(PREFILL),
                "decode": lambda m: m.whole.mean(DECODE),
            },
            "Queue time by model, mean": lambda m: m.model.mean(QUEUE),
            "Prefill time by model, mean": lambda m: m.model.mean(PREFILL),
            "Late starts, by model": _late,
            "Slow answers, by model": _slow,
            "Time to first token by model, mean": lambda m: m.model.mean(TTFT),
            "Inter-token latency by model, mean": lambda m: m.model.mean(*ITL),
            "Tokens/s of one request, by model": lambda m: {g: 1 / v for g, v in m.model.mean(*ITL).items()},
            "Time to first token, heatmap": lambda m: m.of("le").rate(f"{TTFT}_bucket"),
            "Inter-token latency, heatmap": lambda m: m.of("le").rate(*(f"{name}_bucket" for name in ITL)),
            "End-to-end latency, heatmap": lambda m: m.of("le").rate(f"{E2E}_bucket"),
        },
    ),
    **_per_board(
        "vllm-throughput",
        {
            "Errors, worst": _worst(_errors),
            "Cut off, worst": _worst(_share("length")),
            "Aborted, worst": _worst(_share("abort")),
            "Requests/s": lambda m: m.whole.rate(DONE),
            "Prompt tokens/s": lambda m: m.whole.rate(PROMPT),
            "Output tokens/s": lambda m: m.whole.rate(OUTPUT),
            "Output tokens per second, by model": lambda m: m.model.rate(OUTPUT),
            "Prompt tokens per second, by model": lambda m: m.model.rate(PROMPT),
            "Tokens per engine step, by model": lambda m: m.model.mean(STEP),
            "Finished requests per second, by model": lambda m: m.model.rate(DONE),
            "Finished requests per second, by reason": lambda m: m.of("finished_reason").rate(DONE),
            "Cut off by length, by model": _share("length"),
            "Prompt length": {"Prompt length": lambda m: m.whole.mean(PROMPTS), **_percentiles(PROMPTS)},
            "Output length": {"Output length": lambda m: m.whole.mean(OUTPUTS), **_percentiles(OUTPUTS)},
            "Output tokens per prompt token, by model": lambda m: ratio(m.model.rate(OUTPUT), m.model.rate(PROMPT)),
            "HTTP requests per second, by status": lambda m: m.of("status").rate(HTTP),
            "HTTP requests per second, by handler": lambda m: m.of("handler").rate(HTTP),
            "Share of HTTP 5xx": _server_errors,
            "Prompt tokens per second, by source": lambda m: m.of("source").rate("vllm:prompt_tokens_by_source_total"),
            "Prompt tokens computed each, by model": lambda m: m.model.mean("vllm:request_prefill_kv_computed_tokens"),
            "max_tokens asked for, by model": lambda m: m.model.mean("vllm:request_params_max_tokens"),
        },
    ),
    **_per_board(
        "vllm-kv-cache",
        {
            "KV cache, fullest": _worst(lambda m: m.model.now(max, *KV)),
            "Waiting per engine": _worst(lambda m: m.model.now(average, WAITING)),
            "Preempted, worst": _worst(lambda m: ratio(m.model.rate(PREEMPTED), m.model.rate(DONE))),
            "Queue drains in": _worst(_drains),
            "KV cache, mean": lambda m: m.whole.now(average, *KV),
            "Room, least": _best(_room),
            "Prefix cache hits": lambda m: _cached(m.whole),
            "Cached tokens/s": lambda m: m.whole.rate(*FOUND),
            "KV cache usage over engines": {
                "fullest": lambda m: m.whole.now(max, *KV),
                "mean": lambda m: m.whole.now(average, *KV),
                "emptiest": lambda m: m.whole.now(min, *KV),
            },
            "KV cache usage by model, fullest engine": lambda m: m.model.now(max, *KV),
            "Running and waiting requests": {
                "running": lambda m: m.whole.now(sum, RUNNING),
                "waiting": lambda m: m.whole.now(sum, WAITING),
            },
            "Preemptions per request, by model": lambda m: ratio(m.model.rate(PREEMPTED), m.model.rate(DONE)),
            "Time to drain the queue, by model": _drains,
            "Waiting requests, by reason": lambda m: m.of("reason").now(sum, "vllm:num_requests_waiting_by_reason"),
            "Prefix cache hit ratio, by model": lambda m: _cached(m.model),
            "Prompt tokens/s, all and from the cache": {
                "all": lambda m: m.whole.rate(PROMPT),
                "from the cache": lambda m: m.whole.rate(*FOUND),
            },
            "Prompt length by model, mean": lambda m: m.model.mean(PROMPTS),
            "Block lifetime, mean": lambda m: m.model.mean("vllm:kv_block_lifetime_seconds"),
            "Idle before eviction, mean": lambda m: m.model.mean("vllm:kv_block_idle_before_evict_seconds"),
            "Gap between uses, mean": lambda m: m.model.mean("vllm:kv_block_reuse_gap_seconds"),
        },
    ),
    **_per_board(
        "vllm-engines",
        {
            "Engines": lambda m: folded(sum, _count(m.model)),
            "Targets down": lambda _: {(): 0.0},
            "TTFT, odd one out": _worst(_first_token_against_median),
            "ITL, odd one out": _worst(_against_median(*ITL, least=200)),
            "KV, odd one out": _worst(_peers(KV, lambda value, mean: abs(value - mean))),
            "Running, odd one": _worst(_peers(RUNNING, _uneven)),
            "KV cache, fullest": _worst(lambda m: m.model.now(max, *KV)),
            "All engines": {
                "Running": lambda m: m.engine.now(sum, RUNNING),
                "Waiting": lambda m: m.engine.now(sum, WAITING),
                "KV cache": lambda m: m.engine.now(max, *KV),
                "TTFT mean": lambda m: m.engine.mean(TTFT),
                "ITL mean": lambda m: m.engine.mean(*ITL),
                "Tokens/s": lambda m: m.engine.rate(OUTPUT),
                "Steps/s": lambda m: m.engine.rate(f"{STEP}_count"),
                "Restarts": lambda m: dict.fromkeys(m.engine.rate(OUTPUT), 0.0),
            },
            "KV cache usage": lambda m: m.engine.now(max, *KV),
            "Running requests": lambda m: m.engine.now(sum, RUNNING),
            "Waiting requests": lambda m: m.engine.now(sum, WAITING),
            "Time to first token, mean": lambda m: m.engine.mean(TTFT),
            "Inter-token latency, mean": lambda m: m.engine.mean(*ITL),
            "Output tokens per second": lambda m: m.engine.rate(OUTPUT),
            "Time to first token against the median": _first_token_against_median,
            "Inter-token latency against the median": _against_median(*ITL, least=200),
            "CPU cores used": lambda m: m.target.rate("process_cpu_seconds_total"),
            "Resident memory": lambda m: m.target.now(max, "process_resident_memory_bytes"),
            "Open files": _open,
            "Engine steps per second": lambda m: m.engine.rate(f"{STEP}_count"),
            "Tokens per engine step, mean": lambda m: m.engine.mean(STEP),
            "Garbage collections per second": lambda m: m.of(*TARGET, "generation").rate("python_gc_collections_total"),
            "Uptime": _since_start,
        },
    ),
    **_per_board(
        "vllm-slo",
        {
            "Time to first token: burn rate": _burn(_late, 0.01),
            "Inter-token latency: burn rate": _burn(_slow, 0.01),
            "Requests without error: burn rate": _burn(_errors, 0.001),
        },
    ),
    **_per_board(
        "vllm-capacity",
        {
            "KV cache, fullest": _worst(lambda m: m.model.now(max, *KV)),
            "Waiting per engine": _worst(lambda m: m.model.now(average, WAITING)),
            "KV cache full in": _full_in,
            "Room, least": _best(_room),
            "Engines": lambda m: folded(sum, _count(m.model)),
            "Tokens/s each, least": _best(_each(OUTPUT)),
            "Cost an hour": lambda m: {g: PRICE * n for g, n in folded(sum, _count(m.model)).items()},
            "Cost per M output, most": _worst(lambda m: _cost(m.model, OUTPUT)),
            "Room with one engine gone, by model": _room_without_one,
            "Room for more requests, by model": _room,
            "KV cache usage by model, mean": lambda m: m.model.now(average, *KV),
            "Output tokens/s per engine, by model": _each(OUTPUT),
            "Finished requests/s per engine, by model": _each(DONE),
            "Engines by model": lambda m: _count(m.model),
            "Cost per million output tokens, by model": lambda m: _cost(m.model, OUTPUT),
            "Cost per M tokens, in and out, by model": lambda m: _cost(m.model, PROMPT, OUTPUT),
            "Models": {
                "Engines": lambda m: _count(m.model),
                "Fit": _fit,
                "Running": lambda m: m.model.now(sum, RUNNING),
                "Tokens/s per engine": _each(OUTPUT),
                "Cost per M output": lambda m: _cost(m.model, OUTPUT),
            },
        },
    ),
    **_per_board(
        "vllm-features",
        {
            "Draft acceptance, worst": _best(_acceptance),
            "Tokens a draft step": lambda m: {
                group: 1 + value for group, value in ratio(m.whole.rate(ACCEPTED), m.whole.rate(DRAFTS)).items()
            },
            "FLOP/s per GPU, mean": lambda m: folded(average, m.engine.rate("vllm:estimated_flops_per_gpu_total")),
            "Draft acceptance, by model": _acceptance,
            "Draft acceptance, by position": _by_position,
            "Tokens per speculative step, by model": lambda m: {
                group: 1 + value for group, value in ratio(m.model.rate(ACCEPTED), m.model.rate(DRAFTS)).items()
            },
            "Draft tokens per second": {
                "proposed": lambda m: m.whole.rate(DRAFTED),
                "accepted": lambda m: m.whole.rate(ACCEPTED),
            },
            "Inter-token latency": _percentiles(*ITL),
            "Cached prompt tokens per second, by tier": lambda m: m.of("source").rate(
                "vllm:prompt_tokens_cached_by_source_total"
            ),
            "FLOP/s per GPU, by engine": lambda m: m.engine.rate("vllm:estimated_flops_per_gpu_total"),
            "Memory reads per GPU, by engine": lambda m: m.engine.rate("vllm:estimated_read_bytes_per_gpu_total"),
            "Memory writes per GPU, by engine": lambda m: m.engine.rate("vllm:estimated_write_bytes_per_gpu_total"),
        },
    ),
    **_per_board(
        "vllm-tuning",
        {
            "Waiting per engine": _worst(lambda m: m.model.now(average, WAITING)),
            "KV cache, fullest": _worst(lambda m: m.model.now(max, *KV)),
            "Preempted, worst": _worst(lambda m: ratio(m.model.rate(PREEMPTED), m.model.rate(DONE))),
            "Draft acceptance, worst": _best(_acceptance),
            "Tokens a step, mean": lambda m: m.whole.mean(STEP),
            "Running": lambda m: m.whole.now(sum, RUNNING),
            "Prefix cache hits": lambda m: _cached(m.whole),
            "Prefill saved, each": lambda m: _saved(m.whole.mean(PREFILL), m.whole),
            "Engines, by what binds them": _count_binds,
            "What binds each engine": _binds,
            "Tokens per engine step": {
                **_percentiles(STEP),
                "largest": lambda m: m.whole.quantile(0.99999, STEP),
            },
            "Mean step against the largest": lambda m: ratio(m.engine.mean(STEP), m.engine.quantile(0.99999, STEP)),
            "Engine steps per second": lambda m: m.engine.rate(f"{STEP}_count"),
            "Running requests": lambda m: m.engine.now(sum, RUNNING),
            "KV cache usage": lambda m: m.engine.now(max, *KV),
            "Queue time": _percentiles(QUEUE),
            "Inter-token latency": _percentiles(*ITL),
            "Time per output token": _percentiles(TPOT),
            "Prompt length, in tokens": lambda m: m.of("le").rate(f"{PROMPTS}_bucket"),
            "Output length, in tokens": lambda m: m.of("le").rate(f"{OUTPUTS}_bucket"),
            "Prefix cache hit ratio, by engine": lambda m: _cached(m.engine),
            "Preemptions per second, by engine": lambda m: m.engine.rate(PREEMPTED),
            "Prefill of a request: computed and saved": {
                "computed": lambda m: m.whole.mean(PREFILL),
                "saved by the cache": lambda m: _saved(m.whole.mean(PREFILL), m.whole),
            },
            "Prefill seconds saved per second, by model": lambda m: _saved(m.model.rate(f"{PREFILL}_sum"), m.model),
            "Draft acceptance, by engine": lambda m: ratio(m.engine.rate(ACCEPTED), m.engine.rate(DRAFTED)),
            "What speculation gains": {
                "memory binds": lambda m: {
                    group: 1 + value for group, value in ratio(m.whole.rate(ACCEPTED), m.whole.rate(DRAFTS)).items()
                },
                "arithmetic binds": _kept,
            },
        },
    ),
}
