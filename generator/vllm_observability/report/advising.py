"""What to change or keep: advice that fits the kind of model and the state that it is in, each with its figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vllm_observability.catalog import checks
from vllm_observability.catalog import figures as f
from vllm_observability.model import Unit
from vllm_observability.report.facts import CacheConfig
from vllm_observability.report.limits import Limit
from vllm_observability.report.records import RANK, Advice, Finding, Judged
from vllm_observability.report.state import States
from vllm_observability.report.verdicts import Figures, stands_still, total
from vllm_observability.words.phrases import Quantity, say

IDLE_USAGE = 0.05  # below it the KV cache is no limit, and more requests at once cost next to nothing
LONG_LIMIT = 4  # a max-model-len over so many times the mean request reserves room that nobody uses


def advice(
    figures: Figures,
    judged: Sequence[Judged],
    findings: Sequence[Finding],
    configs: Sequence[CacheConfig],
    limit: Limit | None,
    states: States,
) -> tuple[Advice, ...]:
    """What to change or keep, each with the figure that says so: of models that make tokens and keep a KV cache.

    The length of a transcription is its model's own, and it shares no prefixes.
    """
    if not any(state.generates and state.keeps_kv and not state.asleep for state in states.known.values()):
        return ()
    fullest = _fullest(judged, states)
    chat = any(state.kind in ("generative", "unknown") for state in states.known.values())
    quiet = states.sleepers or states.uneven or stands_still(findings)
    return (
        *(() if quiet else _batch(figures, fullest, findings, limit)),
        *(_model_length(figures, configs) if chat else ()),
        *_kv_bound(fullest),
        *(_prefix(configs) if chat and not states.external else ()),
    )


def _fullest(judged: Sequence[Judged], states: States) -> Judged | None:
    """Of the KV caches of models that make tokens the one that is worst by its own bounds, then the fullest."""
    usages = (row for row in judged if row.check is checks.KV_CACHE_USAGE and states.of(row.group).generates)
    return max(usages, key=lambda row: (RANK[row.severity], row.value.number), default=None)


def _usage(fullest: Judged) -> Quantity:
    return Quantity(fullest.value.number, fullest.check.unit, fullest.value.quality)


def _batch(
    figures: Figures, fullest: Judged | None, findings: Sequence[Finding], limit: Limit | None
) -> Iterator[Advice]:
    running, waiting = total(figures, f.RUNNING), total(figures, f.WAITING)
    if fullest is None or running is None:
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
            "Keep KV cache usage under {bound} (now {usage}); preemptions and queueing begin above it.",
            bound=Quantity(fullest.limit or 0.0, fullest.check.unit),
            usage=_usage(fullest),
        ),
        f.KV_USAGE,
    )


def _prefix(configs: Sequence[CacheConfig]) -> Iterator[Advice]:
    if configs and all(config.prefix_caching is False for config in configs):
        yield Advice(
            "--enable-prefix-caching",
            say("Prefix caching is off. Turning it on avoids the prefill of shared prompts and costs almost nothing."),
            f.PREFIX_HIT,
        )
