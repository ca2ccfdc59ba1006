"""The verdict table, the advice and the executive summary: what a busy person reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vllm_observability.catalog import checks
from vllm_observability.catalog import figures as f
from vllm_observability.catalog.figures import FigureRow
from vllm_observability.catalog.fleet_checks import STALLED
from vllm_observability.model import Area, Unit
from vllm_observability.pages.source import Source
from vllm_observability.report.facts import CacheConfig
from vllm_observability.report.limits import Limit
from vllm_observability.report.records import RANK, Advice, Figure, Finding, Insight, Judged, Model
from vllm_observability.words.phrases import Phrase, Quantity, say

Figures = Sequence[Figure]
IDLE_USAGE = 0.05  # below it the KV cache is no limit, and more requests at once cost next to nothing
MOST = 0.75  # of the time to a first token: the phase that takes so much is the one to mend
LONG_LIMIT = 4  # a max-model-len over so many times the mean request reserves room that nobody uses


def total(figures: Figures, of: FigureRow) -> float | None:
    """Sum of a figure over models; None where there is none."""
    values = [figure.value for figure in figures if figure.of is of]
    return sum(values) if values else None


def largest(figures: Figures, of: FigureRow) -> Figure | None:
    """The largest of a figure over models and engines."""
    return max((figure for figure in figures if figure.of is of), key=lambda figure: figure.value, default=None)


# ------------------------------------------------------------------------------------------- insights


def insights(figures: Figures, findings: Sequence[Finding]) -> tuple[Insight, ...]:
    """One verdict per area: its gravest finding, else what there is to say for it."""
    return tuple(
        _insight(area, figures, [x for x in findings if x.area == area or (area == "scalability" and _stalled([x]))])
        for area in ("health", "performance", "cache", "memory", "scalability")
    )


def _stalled(findings: Sequence[Finding]) -> bool:
    """Whether an engine makes no progress: what its gauges say of the load is then no reason to tune anything."""
    return any(finding.id == STALLED.id and finding.severity != "ok" for finding in findings)


def _insight(area: Area, figures: Figures, findings: Sequence[Finding]) -> Insight:
    worst = max(findings, key=lambda finding: RANK[finding.severity], default=None)
    if worst and worst.severity != "ok":
        return Insight(
            area,
            "watch" if worst.severity == "info" else "problem",
            say("{title}: {evidence}", title=worst.title, evidence=worst.evidence),
        )
    reason = {
        "health": _health,
        "performance": _performance,
        "cache": _cache,
        "memory": _memory,
        "scalability": _scalability,
    }[area](figures)
    if reason is None:
        return Insight(area, "unknown", say("this page has nothing on it"))
    return Insight(area, "good", reason)


def _health(figures: Figures) -> Phrase | None:
    finished = total(figures, f.FINISHED)
    if not finished:
        return say("no request has finished, no error either") if finished == 0 else None
    ends = [figure for figure in figures if figure.of is f.FINISHED]
    errors = sum(figure.value for figure in ends if figure.labels.get("finished_reason") == "error")
    success = largest(figures, f.HTTP_SUCCESS)
    if success:
        return say(
            "{n} requests finished, {errors} with an error; {share} of HTTP answers are 2xx",
            n=round(finished),
            errors=round(errors),
            share=success.quantity,
        )
    return say("{n} requests finished, {errors} with an error", n=round(finished), errors=round(errors))


def _performance(figures: Figures) -> Phrase | None:
    ttft, speed = largest(figures, f.TTFT.mean), _slowest(figures)
    if ttft and speed:
        return say(
            "first token after {ttft} on average, then {speed} per request", ttft=ttft.quantity, speed=speed.quantity
        )
    return say("first token after {ttft} on average", ttft=ttft.quantity) if ttft else None


def _slowest(figures: Figures) -> Figure | None:
    speeds = [figure for figure in figures if figure.of is f.DECODE_SPEED]
    return min(speeds, key=lambda figure: figure.value, default=None)


def _cache(figures: Figures) -> Phrase | None:
    usage, hits = largest(figures, f.KV_USAGE), largest(figures, f.PREFIX_HIT)
    if usage and hits:
        return say("KV cache {usage} full; prefix cache hits {hits}", usage=usage.quantity, hits=hits.quantity)
    return say("KV cache {usage} full", usage=usage.quantity) if usage else None


def _memory(figures: Figures) -> Phrase | None:
    resident, stuck = largest(figures, f.RESIDENT_MEMORY), total(figures, f.GC_UNCOLLECTABLE)
    if resident is None:
        return None
    if stuck:
        return say("API server holds {rss}; {n} objects can't be collected", rss=resident.quantity, n=round(stuck))
    return say("API server holds {rss}; nothing uncollectable", rss=resident.quantity)


def _scalability(figures: Figures) -> Phrase | None:
    running, waiting = total(figures, f.RUNNING), total(figures, f.WAITING)
    if running is None and waiting is None:
        return None
    if not running and not waiting:
        return say("idle at this moment: watch waiting requests under load")
    return say("{running} running, {waiting} waiting", running=round(running or 0), waiting=round(waiting or 0))


# --------------------------------------------------------------------------------------------- advice


def advice(
    figures: Figures,
    judged: Sequence[Judged],
    findings: Sequence[Finding],
    configs: Sequence[CacheConfig],
    limit: Limit | None,
) -> tuple[Advice, ...]:
    """What to change or keep, each with the figure that says so."""
    fullest = _fullest(judged)
    return (
        *_batch(figures, fullest, findings, limit),
        *_model_length(figures, configs),
        *_kv_bound(fullest),
        *_prefix(configs),
    )


def _fullest(judged: Sequence[Judged]) -> Judged | None:
    """Of the models' KV caches the one that is worst by its own bounds, then the fullest."""
    usages = (row for row in judged if row.check is checks.KV_CACHE_USAGE)
    return max(usages, key=lambda row: (RANK[row.severity], row.value.number), default=None)


def _usage(fullest: Judged) -> Quantity:
    return Quantity(fullest.value.number, fullest.check.signal.unit, fullest.value.quality)


def _batch(
    figures: Figures, fullest: Judged | None, findings: Sequence[Finding], limit: Limit | None
) -> Iterator[Advice]:
    running, waiting = total(figures, f.RUNNING), total(figures, f.WAITING)
    if fullest is None or running is None or _stalled(findings):
        return
    usage, room = _usage(fullest), fullest.bound is None
    if waiting:
        if limit and limit.kind == "token_budget":
            yield Advice(
                "--max-num-batched-tokens",
                say(
                    "Steps are full of tokens while requests wait: a larger --max-num-batched-tokens takes in prompts "
                    "faster, and makes each token of running requests wait a little longer."
                ),
                f.WAITING,
            )
        elif room and limit and limit.kind == "unknown":
            yield Advice(
                "--max-num-seqs, --max-num-batched-tokens",
                say(
                    "Requests wait while the KV cache is {usage} full: compare both limits with the requests that run "
                    "and the tokens of a step, and raise the one that is reached.",
                    usage=usage,
                ),
                f.WAITING,
            )
        elif room and not (limit and limit.kind == "deferred"):
            yield Advice(
                "--max-num-seqs",
                say(
                    "Requests wait while the KV cache is {usage} full: a larger --max-num-seqs lets more run at once.",
                    usage=usage,
                ),
                f.WAITING,
            )
        return
    busy = any(x.area in ("cache", "scalability") and x.severity in ("warning", "critical") for x in findings)
    if usage.number < IDLE_USAGE and not busy:  # idle now, but not under the load that the averages are of
        yield Advice(
            "--max-num-seqs",
            say(
                "There is idle capacity: {running} running, KV cache {usage} full. More requests at once (up to "
                "--max-num-seqs) raise tokens per second at little cost to each.",
                running=round(running),
                usage=usage,
            ),
            f.KV_USAGE,
        )


def _model_length(figures: Figures, configs: Sequence[CacheConfig]) -> Iterator[Advice]:
    mean = _request_length(figures)
    capacity = min((c.capacity_tokens for c in configs if c.capacity_tokens), default=None)
    limit = max((c.max_model_len for c in configs if c.max_model_len), default=None)
    if not mean or not capacity:
        return
    room = Quantity(float(int(capacity // mean)), Unit.REQUESTS)
    tokens, per_request = Quantity(capacity, Unit.TOKENS), Quantity(float(round(mean)), Unit.TOKENS)
    if limit and limit > LONG_LIMIT * mean:
        yield Advice(
            "--max-model-len",
            say(
                "Requests take {mean} tokens on average, --max-model-len allows {limit}. A limit nearer to what is "
                "used keeps one huge request from crowding out the {room} that fit the cache of {tokens} tokens.",
                mean=per_request,
                limit=Quantity(limit, Unit.TOKENS),
                room=room,
                tokens=tokens,
            ),
            f.MAX_MODEL_LEN,
        )
        return
    yield Advice(
        "--max-model-len",
        say(
            "The KV cache of {tokens} tokens holds about {room} requests of the mean length ({mean} tokens) at once; "
            "set --max-model-len to the longest that users need, no more.",
            tokens=tokens,
            room=room,
            mean=per_request,
        ),
        f.KV_CAPACITY,
    )


def _request_length(figures: Figures) -> float | None:
    """Prompt and output of a mean request, of the model where they are longest."""
    lengths: dict[str, float] = {}
    for figure in figures:
        if figure.of in (f.PROMPT_LENGTH, f.GENERATION_LENGTH):
            model = figure.labels.get("model_name", "")
            lengths[model] = lengths.get(model, 0.0) + figure.value
    return max(lengths.values(), default=None) or None


def _kv_bound(fullest: Judged | None) -> Iterator[Advice]:
    if fullest is None or fullest.severity != "ok":
        return  # the finding itself advises
    yield Advice(
        "--gpu-memory-utilization",
        say(
            "Keep KV cache usage under {bound} (now {usage}): above it preemptions and queueing begin.",
            bound=Quantity(fullest.limit or 0.0, fullest.check.signal.unit),
            usage=_usage(fullest),
        ),
        f.KV_USAGE,
    )


def _prefix(configs: Sequence[CacheConfig]) -> Iterator[Advice]:
    if configs and all(config.prefix_caching is False for config in configs):
        yield Advice(
            "--enable-prefix-caching",
            say("Prefix caching is off. Turning it on spares the prefill of shared prompts and costs next to nothing."),
            f.PREFIX_HIT,
        )


# -------------------------------------------------------------------------------------------- summary


def summary(
    source: Source,
    models: Sequence[Model],
    figures: Figures,
    findings: Sequence[Finding],
    limit: Limit | None,
    restarted: bool,
) -> Iterator[Phrase]:
    """A few sentences: the verdict, the speed, the room, and what to do first."""
    if restarted:
        yield say("The server restarted between the two pages.")
    bad = [finding for finding in findings if finding.severity in ("warning", "critical")]
    finished = total(figures, f.FINISHED)
    what = ", ".join(model.name for model in models[:3]) or "vLLM"
    if bad:
        yield say(
            "Needs attention: {what}. Findings: {n}; the gravest: {title} ({evidence}).",
            what=what,
            n=sum(finding.severity != "ok" for finding in findings),  # as many as are listed
            title=bad[0].title,
            evidence=bad[0].evidence,
        )
    elif not finished:
        yield say("Up, but no request finished in the window, so there is nothing to judge yet: {what}.", what=what)
    else:
        yield say("Stable and efficient by what this page shows: {what}.", what=what)
    ttft, speed, e2e = largest(figures, f.TTFT.mean), _slowest(figures), largest(figures, f.E2E.mean)
    if ttft and speed and e2e:
        yield say(
            "First token after {ttft}, {speed} per request, {e2e} from end to end, on average.",
            ttft=ttft.quantity,
            speed=speed.quantity,
            e2e=e2e.quantity,
        )
    running, waiting = total(figures, f.RUNNING), total(figures, f.WAITING)
    if running is not None and waiting is not None:
        if running == 0 and waiting == 0:
            yield say("It was idle at that moment; under load, watch waiting requests and KV cache usage.")
        else:
            yield say(
                "At that moment: {running} running, {waiting} waiting.", running=round(running), waiting=round(waiting)
            )
            if limit and (limit.kind == "stall" or not _stalled(findings)):
                yield say("What limits it now: {limit}.", limit=limit.reason)
    if bad and bad[0].advice:
        yield say("First step: {advice}", advice=_slow_start(bad[0], figures) or bad[0].advice)
    if source.window_seconds is None and source.kind != "pair" and finished:
        yield say("All averages are since the server started, not of the last minutes.")


def _slow_start(finding: Finding, figures: Figures) -> Phrase | None:
    """What to do about slow first tokens where one phase is most of them; None where the page doesn't tell."""
    labels = dict(finding.labels)
    if finding.id != checks.TTFT.id:
        return None
    own = [figure for figure in figures if figure.labels.get("model_name") == labels.get("model_name")]
    queue, prefill = largest(own, f.QUEUE_TIME.mean), largest(own, f.PREFILL_TIME.mean)
    if queue is None or prefill is None or queue.value + prefill.value <= 0:
        return None
    share = queue.value / (queue.value + prefill.value)
    values = {"queue": queue.quantity, "prefill": prefill.quantity}
    if share >= MOST:
        return say(
            "Requests wait {queue} for their turn, and prefill takes {prefill}: add replicas, or raise what limits "
            "the batch.",
            **values,
        )
    if share <= 1 - MOST:
        return say(
            "Prefill takes {prefill}, and requests wait {queue} before it: shorten prompts, see that prefix caching "
            "is on and hits, or raise --max-num-batched-tokens.",
            **values,
        )
    return None
