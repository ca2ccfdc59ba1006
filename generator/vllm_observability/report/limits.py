"""What keeps more requests from running, by the gauges of this moment and the sizes of the window's steps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from vllm_observability.catalog import signals as s
from vllm_observability.model import Unit, metrics
from vllm_observability.pages.evaluate import Buckets, Group, Window, evaluate, merged_buckets
from vllm_observability.report.consistency import MODEL
from vllm_observability.report.state import States
from vllm_observability.words.phrases import Phrase, Quantity, say

FULL_USAGE = 0.9  # of the KV cache: from here on no further request of ordinary length fits
# Steps that a budget cuts hold exactly as many tokens as it allows, so they lie at the upper edge of their bucket.
AT_THE_EDGE = 0.9  # mean tokens of those steps, over that edge
MANY_STEPS, MUCH_WORK = 20, 0.25  # so many of them, with such a share of all tokens: a few are one long prompt
(_STEP,) = metrics(s.STEP_SIZES.expr)


@dataclass(frozen=True)
class Limit:
    """What binds first, and why: `reason` completes "What limits it now:"."""

    kind: Literal["nothing", "asleep", "stall", "deferred", "kv_cache", "token_budget", "sequences", "unknown"]
    reason: Phrase


def limit(window: Window, states: States) -> Limit | None:
    """Of the model with the longest queue; None where nothing runs or waits, or neither is known."""
    running, waiting = (evaluate(signal.expr, window, MODEL) for signal in (s.RUNNING, s.WAITING))
    groups = {**running, **waiting}
    if not groups:
        return None
    counts = {g: tuple(round(a[g].number) if g in a else 0 for a in (waiting, running)) for g in groups}
    group = max(counts, key=lambda g: counts[g])
    queued, active = counts[group]
    if not queued and not active:
        return None
    if not queued:
        total = sum(count for _, count in counts.values())
        if window.apart:  # parts that are not summed
            return Limit("nothing", say("nothing; new requests run at once"))
        return Limit("nothing", say("nothing; new requests run at once ({running} now)", running=total))
    if states.of(group).sleepers and not active:
        found = Limit("asleep", say("sleep: waiting requests run when the engine is woken"))
    else:
        found = _of_a_queue(window, group, queued, active)
    if len(groups) == 1:
        return found
    whose = ", ".join(filter(None, (dict(group).get("model_name", "?"), states.part(group))))
    named = say("{reason} ({model}, which has the longest queue)", reason=found.reason, model=whose)
    return Limit(found.kind, named)


def _of_a_queue(window: Window, group: Group, queued: int, active: int) -> Limit:
    usage = evaluate(s.KV_USAGE.expr, window, MODEL).get(group)
    deferred = evaluate(s.WAITING_DEFERRED.expr, window, MODEL).get(group)
    if deferred is not None and deferred.number >= queued:
        return Limit("deferred", say("something outside the batch: a KV transfer or a LoRA slot (--max-loras)"))
    if not active:
        return Limit("stall", say("the engine itself: requests wait and none runs"))
    if usage is not None and usage.number >= FULL_USAGE:
        return Limit("kv_cache", say("the KV cache, {usage} full", usage=Quantity(usage.number, Unit.RATIO)))
    budget = token_budget(window, group, active)
    if isinstance(budget, Budget):
        share, tokens = Quantity(budget.share, Unit.RATIO), Quantity(budget.tokens, Unit.TOKENS)
        reason = say(
            "the tokens of a step (--max-num-batched-tokens): at least {share} of all came in steps full with {tokens}",
            share=share,
            tokens=tokens,
        )
        return Limit("token_budget", reason)
    if usage is None:
        return Limit("unknown", say("the batch or the KV cache; this page doesn't tell which"))
    full = Quantity(usage.number, Unit.RATIO)
    if budget == "none":
        reason = say(
            "the batch (--max-num-seqs): the KV cache is only {usage} full, and steps are rarely long", usage=full
        )
        return Limit("sequences", reason)
    reason = say(
        "the batch: the KV cache is only {usage} full; this page doesn't tell whether --max-num-seqs or "
        "--max-num-batched-tokens limits it",
        usage=full,
    )
    return Limit("unknown", reason)


# ---------------------------------------------------------------------------------------- token budget


@dataclass(frozen=True)
class Budget:
    """A budget that cuts steps: its tokens, and the share of all tokens that came in steps which it cut."""

    tokens: float
    share: float


def token_budget(window: Window, group: Group, active: int) -> Budget | Literal["none", "unknown"]:
    """The token budget, as far as the sizes of steps give it away.

    The bounds of their histogram are powers of two, as most budgets are. Any other budget lies inside a bucket, and one
    past the last bound has no upper edge: those stay unknown.
    """
    buckets = merged_buckets(_STEP, window, MODEL).get(group)
    total = evaluate(s.STEP_TOKENS.expr, window, MODEL).get(group)
    if buckets is None or total is None or not buckets.total or total.number <= 0:
        return "unknown"
    counts = [max(0.0, now - before) for before, now in pairwise((0.0, *buckets.counts))]
    top = max(i for i, count in enumerate(counts) if count > 0)
    if top == len(counts) - 1:
        return "unknown"
    least, most = _tokens_at(buckets, counts, top, total.number)
    steps, edge = counts[top], buckets.bounds[top]
    if most < MUCH_WORK * total.number:
        return "none"  # a budget can cut only the longest steps, and these are few
    # Where twice the requests that run reach the edge, decoding alone may fill it.
    if steps < MANY_STEPS or least < max(AT_THE_EDGE * edge * steps, MUCH_WORK * total.number) or edge < 2 * active:
        return "unknown"
    return Budget(edge, min(1.0, least / total.number))


def _tokens_at(buckets: Buckets, counts: list[float], top: int, total: float) -> tuple[float, float]:
    """The fewest and the most tokens that the steps of bucket `top` can hold, by the sum of all."""
    bounds = (0.0, *buckets.bounds)
    fewest = total - sum(count * high for count, high in zip(counts[:top], bounds[1:], strict=False))
    most = total - sum(count * low for count, low in zip(counts[:top], bounds, strict=False))
    return fewest, min(most, counts[top] * buckets.bounds[top])
