"""A side's intervals -> each model's capacity, or why there is none to be told."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from vllm_observability.capacity.fit import ROW, Row, Steps, error_of, fit, rows
from vllm_observability.capacity.full import DRAWN, Full, Lengths, drawn, played
from vllm_observability.capacity.maximum import Demand, Mix, burst, most
from vllm_observability.capacity.records import Answer, Binds, Capacity, Change, Estimate, Limits, Objectives, Refusal
from vllm_observability.capacity.saturated import Saturated, saturated
from vllm_observability.intervals import Engine, Interval, Side, merged, total
from vllm_observability.intervals.clocks import check_clock
from vllm_observability.intervals.prefill import counts_cached, prefilled
from vllm_observability.model import Unit
from vllm_observability.words.phrases import Phrase, Quantity, say

DRAWS = 100
LEAST_ROWS = 24
LEAST_OUTPUT = 24.0  # steps of decode per request: fewer say little of a step
MOST_ERROR = 0.12  # median relative error of the fit
MOST_AHEAD = 4.0  # the batch at the maximum, in batches that were seen
LEAST_SPREAD = 1.25  # 95 % point of the batch over its 5 % point
SURE = 0.12  # what no interval is narrower than
UNSURE = 0.07  # wider by so much for each doubling of the batch beyond what was seen
CHANCE = 0.5  # wider by this part of what preemptions compute again, because who is preempted is chance
MOST_REACH = 0.42  # half the interval, as a share: a wider one is no answer
NINETY = 1.645
SEQS, TOKENS = 256, 8192  # vLLM's defaults on data-centre GPUs
UNMODELLED = {"nixl": "NixlConnector", "mooncake": "MooncakeConnector", "kv_offload": "KV offloading"}


def capacity(
    side: Side, objectives: Mapping[str, Objectives], for_load: float = 1.0,
    max_num_seqs: int | None = None, max_num_batched_tokens: int | None = None,
) -> Capacity:  # fmt: skip
    """Every model's capacity; SourceError where clocks differ.

    objectives: by model. for_load: a factor on the present load.
    """
    check_clock(side)
    found: list[Answer | Refusal] = []
    for model in side.models:
        engines = [engine for engine in side.engines if engine.model == model]
        limits = _limits(engines, max_num_seqs, max_num_batched_tokens)
        found.append(_model(model, engines, objectives.get(model, {}), for_load, limits))
    return Capacity(side.name, tuple(found))


def _limits(engines: Sequence[Engine], seqs: int | None, tokens: int | None) -> Limits:
    seen = max((i.gauges.get("running", 0.0) for e in engines for i in e.intervals), default=0.0)
    guess = tokens or int(max(_largest_step(engines), 2048))
    return Limits(seqs or max(SEQS, math.ceil(seen)), guess, given=seqs is not None and tokens is not None)


def _largest_step(engines: Sequence[Engine]) -> float:
    """The bucket of the largest steps; chunked prefill fills a step up to its limit whenever a prompt is longer."""
    intervals = [one for engine in engines for one in engine.intervals]
    held = total(intervals).buckets.get("step", {}) if intervals else {}
    steps = held.get(math.inf, 0.0)
    if steps <= 0:
        return TOKENS
    return next((bound for bound in sorted(held) if held[bound] >= steps - 0.5 and not math.isinf(bound)), TOKENS)


@dataclass(frozen=True)
class _Known:
    """Everything measured of a model."""

    rows: list[Row]
    steps: Steps
    mix: Mix
    lengths: Lengths
    limits: Limits
    room: float | None  # tokens of the KV cache, more where requests share a part of it
    full: Full
    seen: float  # 95 % point of the batch


def _model(
    model: str, engines: Sequence[Engine], objectives: Objectives, for_load: float, limits: Limits
) -> Answer | Refusal:
    def refuse(reason: Phrase) -> Refusal:
        return Refusal(model, len(engines), reason)

    intervals = [one for engine in engines for one in engine.intervals]
    if not intervals:
        return refuse(say("there is only one scrape of each engine; counters need at least two"))
    grown = total(intervals)
    if grown.get("generated") <= 0:
        return refuse(say("there was no traffic"))
    if over := saturated(engines):
        return refuse(_saturated(over, for_load))
    named = sorted({what for e in engines for name in e.names for part, what in UNMODELLED.items() if part in name})
    if named:
        return refuse(say("{features} move work between engines, which is not modelled", features=", ".join(named)))
    if grown.get("steps") <= 0:
        return refuse(
            say("these engines do not show iteration_tokens_total, which counts steps (vLLM 0.6.6 and later)")
        )
    cached = counts_cached(engines)
    mix = _mix(grown, cached)
    if mix.decode_steps < LEAST_OUTPUT:
        return refuse(say(
            "outputs are too short to time a step: {n} decode steps per request, and {least} are needed",
            n=_number(mix.decode_steps), least=_number(LEAST_OUTPUT),
        ))  # fmt: skip
    found = rows(engines, cached)
    if len(found) < LEAST_ROWS:
        read = sum(len(merged(engine.intervals, ROW)) for engine in engines)
        if len(found) > read / 2:
            return refuse(say(
                "the time is too short: an engine was never idle in {n} of the {read} intervals of {seconds} that were "
                "read, and {least} such intervals are needed",
                n=len(found), read=read, seconds=Quantity(ROW, Unit.SECONDS), least=LEAST_ROWS,
            ))  # fmt: skip
        return refuse(say(
            "the load is too light: {n} intervals in which an engine was never idle, and {least} are needed",
            n=len(found), least=LEAST_ROWS,
        ))  # fmt: skip
    batches = sorted(row.batch for row in found)
    low, high = batches[int(0.05 * len(batches))], batches[int(0.95 * len(batches))]
    if high < LEAST_SPREAD * low:
        return refuse(say(
            "the load is too narrow to see how a step grows: {low} to {high} sequences per step",
            low=_number(low), high=_number(high),
        ))  # fmt: skip
    steps = fit(found)
    if steps is None:
        return refuse(say("a step's length does not follow from what it carries"))
    error = error_of(steps, found)
    if error > MOST_ERROR:
        return refuse(say("the fit is too poor: half of the steps differ from it by more than {error}",
                          error=Quantity(error, Unit.RATIO)))  # fmt: skip
    lengths = _lengths(grown, mix)
    held = _held(engines, shared=grown.get("hits") > 0.05 * grown.get("queries"))
    room = _room(engines, lengths, held)
    full = played(lengths, limits, room)
    known = _Known(found, steps, mix, lengths, limits, room, full, high)
    value, binds = most(steps, mix, full)
    batch = full.decoding
    if batch > MOST_AHEAD * high and binds != "compute":
        return refuse(say(
            "the load is too light: {seen} sequences per step were seen, and {batch} would run at the maximum",
            seen=_number(high), batch=_number(batch),
        ))  # fmt: skip
    answer = _answer(model, engines, objectives, for_load, known, value, binds, grown, error)
    reach = answer.steady.high / answer.steady.value - 1
    if reach > MOST_REACH:
        return refuse(unsure(reach, full, high))
    return answer


def unsure(reach: float, full: Full, seen: float) -> Phrase:
    """Why an estimate is too vague: by what makes it most so."""
    if CHANCE * full.again > UNSURE * _doublings(full, seen):
        return say(
            "preemptions make the maximum a matter of chance: with the KV cache full, {again} of the prompt tokens "
            "would be computed again, and the estimate may be {reach} off",
            again=Quantity(full.again, Unit.RATIO), reach=Quantity(reach, Unit.RATIO),
        )  # fmt: skip
    return say(
        "the load is too light for the maximum: the estimate may be {reach} off; {seen} sequences per step were "
        "seen, and {batch} would run",
        reach=Quantity(reach, Unit.RATIO), seen=_number(seen), batch=_number(full.decoding),
    )  # fmt: skip


def _doublings(full: Full, seen: float) -> float:
    """How often the batch doubles from what was seen to the maximum."""
    return max(math.log2(max(full.decoding, 1.0) / seen), 0.0)


def _saturated(over: Saturated, for_load: float) -> Phrase:
    known = say(
        "{n} of {engines} engines are saturated: {waiting} requests wait in them on average and {running} run, so "
        "that what one of them finishes now, {most} requests per second, is its measured maximum",
        n=over.engines, engines=over.out_of, waiting=_number(over.waiting), running=_number(over.running),
        most=_number(over.most),
    )  # fmt: skip
    needed = over.needed(for_load)
    if needed is None:
        return known
    return say(
        "{known}; at least {demand} requests per second arrive at all engines, what clients gave up not counted, and "
        "{factor} times as many need at least {needed} engines",
        known=known, demand=_number(over.demand), factor=Quantity(for_load, Unit.NONE), needed=needed,
    )  # fmt: skip


def _answer(
    model: str, engines: Sequence[Engine], objectives: Objectives, for_load: float, known: _Known,
    value: float, binds: Binds, grown: Interval, error: float,
) -> Answer:  # fmt: skip
    batch = known.full.decoding
    draws = _draws(known.rows)
    count = len(engines)
    spread = _spread(known, draws, known.full)
    steady = _estimate(value, spread, known.full, known, count)
    demand = [
        [Demand(one.seconds, one.get("first_tokens")) for one in merged(e.intervals, ROW)] for e in engines
    ]  # fmt: skip
    queue = grown.mean("queue_seconds", "requests") or 0.0
    base = max((grown.mean("first_seconds", "first_tokens") or 0.0) - queue, 0.0)
    hold = burst(
        known.steps, known.mix, value, batch, demand, objectives.get("ttft"), objectives.get("itl"), base
    )  # fmt: skip
    share = hold / value if value > 0 else 0.0
    bursts = Estimate(steady.value * share, steady.low * share * 0.9, min(steady.high * share * 1.1, steady.high))
    seconds = sum(engine.seconds for engine in engines) / count
    present = grown.get("first_tokens") / seconds if seconds > 0 else 0.0
    per_engine = (bursts.value if bursts.value > 0 else steady.value) / count
    return Answer(
        model=model,
        engines=count,
        present=present,
        steady=steady,
        tokens=Estimate(*(known.mix.output * one for one in (steady.value, steady.low, steady.high))),
        burst=bursts,
        binds=binds,
        used_ratio=present / steady.value if steady.value > 0 else 0.0,
        replicas=max(1, math.ceil(present * for_load / per_engine - 1e-9)) if per_engine > 0 else 1,
        for_load=for_load,
        batch=batch,
        kv_sequences=known.room / known.lengths.held if known.room else None,
        limits=known.limits,
        what_if=tuple(_what_if(known, draws, count, value)),
        rests_on=_rests_on(known, error, batch),
    )


def _draws(found: Sequence[Row]) -> list[Steps]:
    """Fits of what a bootstrap over blocks of two minutes draws."""
    blocks: dict[tuple[str, str, int], list[Row]] = {}
    for row in found:
        blocks.setdefault(row.block, []).append(row)
    dice, keys = Random(len(found)), list(blocks)
    drawn = (fit([row for _ in keys for row in blocks[dice.choice(keys)]]) for _ in range(DRAWS))
    return [steps for steps in drawn if steps is not None]


def _spread(known: _Known, draws: Sequence[Steps], full: Full) -> float:
    """Relative standard deviation of the maximum over the draws."""
    values = [most(steps, known.mix, full)[0] for steps in draws]
    if len(values) < 2:
        return 0.5
    mean = sum(values) / len(values)
    return math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1)) / mean


def _estimate(value: float, spread: float, full: Full, known: _Known, count: int) -> Estimate:
    """With an interval that also holds what a straight line does not know, more of it the further it reaches."""
    beyond = SURE + UNSURE * _doublings(full, known.seen) + CHANCE * full.again
    reach = math.hypot(NINETY * spread, beyond)
    return Estimate(count * value, count * value / (1 + reach), count * value * (1 + reach))


def _what_if(known: _Known, draws: Sequence[Steps], count: int, value: float) -> list[Change]:
    """Settings that an operator can turn; each from the same fit."""
    limits, room = known.limits, known.room
    tries: list[tuple[str, Phrase, Limits, float | None]] = [
        ("max_num_seqs", say("--max-num-seqs {n}", n=2 * limits.max_num_seqs),
         replace(limits, max_num_seqs=2 * limits.max_num_seqs), room),
        ("max_num_batched_tokens", say("--max-num-batched-tokens {n}", n=2 * limits.max_num_batched_tokens),
         replace(limits, max_num_batched_tokens=2 * limits.max_num_batched_tokens), room),
        ("fp8_kv", say("--kv-cache-dtype fp8, which doubles the tokens that the KV cache holds"), limits,
         2 * room if room else None),
    ]  # fmt: skip
    found = []
    for id, title, changed, cache in tries:
        full = played(known.lengths, changed, cache)
        new, binds = most(known.steps, known.mix, full)
        found.append(Change(id, title, _estimate(new, _spread(known, draws, full), full, known, count), binds))
    if count > 1:
        binds = most(known.steps, known.mix, known.full)[1]
        fewer = _estimate(value, _spread(known, draws, known.full), known.full, known, count - 1)
        found.append(Change("one_engine_fewer", say("one engine fewer"), fewer, binds))
    return found


def _rests_on(known: _Known, error: float, batch: float) -> tuple[Phrase, ...]:
    guess = say("as given") if known.limits.given else say("guessed: say what the engines were started with")
    return (
        say("{n} intervals of {seconds} in which an engine was never idle", n=len(known.rows),
            seconds=Quantity(ROW, Unit.SECONDS)),
        say("a step takes {base}, {sequence} more for each sequence and {token} more for each prompt token; half of "
            "the intervals are within {error}",
            base=Quantity(known.steps.base, Unit.SECONDS), sequence=Quantity(known.steps.sequence, Unit.SECONDS),
            token=Quantity(known.steps.token, Unit.SECONDS), error=Quantity(error, Unit.RATIO)),
        say("up to {seen} sequences per step were seen, and {batch} run at the maximum", seen=_number(known.seen),
            batch=_number(batch)),
        say("--max-num-seqs {seqs} and --max-num-batched-tokens {tokens}, {guess}", seqs=known.limits.max_num_seqs,
            tokens=known.limits.max_num_batched_tokens, guess=guess),
    )  # fmt: skip


def _number(value: float) -> Quantity:
    return Quantity(float(f"{value:.3g}"), Unit.NONE)


# ------------------------------------------------------------------------------------------------- the mix


def _mix(grown: Interval, cached: bool) -> Mix:
    first = max(grown.get("first_tokens"), 1.0)
    return Mix(
        decode_steps=grown.get("gaps") / first,
        prefill=prefilled(grown, cached) / first,
        output=grown.get("generated") / first,
    )


def _lengths(grown: Interval, mix: Mix) -> Lengths:
    """Requests to play: prompts and answers as the histograms have them, drawn apart from each other."""
    dice = Random(DRAWN)
    prompt = max(grown.mean("prompts", "first_tokens") or mix.prefill, 1.0)
    prompts = drawn(prompt, grown.buckets.get("prompt", {}), dice)
    outputs = drawn(mix.output, grown.buckets.get("output", {}), dice)
    per_step = max((mix.output - 1) / mix.decode_steps, 1.0) if mix.decode_steps > 0 else 1.0
    computed = min(mix.prefill / prompt, 1.0)  # preemptions compute prompts more than once already
    return Lengths(list(zip(prompts, outputs, strict=True)), computed, per_step)


def _room(engines: Sequence[Engine], lengths: Lengths, held: float | None) -> float | None:
    """Tokens of the smallest KV cache, more where sequences hold a part of it together; None where unknown."""
    room = [engine.capacity for engine in engines if engine.capacity is not None]
    return min(room) * max(lengths.held / held, 1.0) if room and held else None


def _held(engines: Sequence[Engine], shared: bool) -> float | None:
    """Tokens of KV cache for each further running sequence; None where unknown.

    Where prompts begin alike, a part is held once for all: then the slope counts, not the mean.
    """
    points = [
        (one.gauges.get("running", 0.0), one.gauges["kv"] * engine.capacity)
        for engine in engines
        for one in engine.intervals
        if engine.capacity and "kv" in one.gauges
    ]
    running, tokens = sum(x for x, _ in points), sum(y for _, y in points)
    if running <= 0 or tokens <= 0:
        return None
    mean = tokens / running
    if not shared:
        return mean
    x_mean, y_mean = running / len(points), tokens / len(points)
    square = sum((x - x_mean) ** 2 for x, _ in points)
    slope = sum((x - x_mean) * (y - y_mean) for x, y in points) / square if square > 0 else mean
    return min(max(slope, 0.5 * mean), mean)
