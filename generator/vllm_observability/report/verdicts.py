"""The verdict table and the executive summary: what a busy person reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vllm_observability.catalog import checks
from vllm_observability.catalog import figures as f
from vllm_observability.catalog.figures import FigureRow
from vllm_observability.catalog.fleet_checks import STALLED
from vllm_observability.catalog.notices import AWAITED, OLD_GAUGE
from vllm_observability.model import Area
from vllm_observability.pages.source import Source
from vllm_observability.report.limits import Limit
from vllm_observability.report.noticing import depth
from vllm_observability.report.records import RANK, Figure, Finding, Insight, Model, has
from vllm_observability.report.state import States
from vllm_observability.words.phrases import Phrase, say

Figures = Sequence[Figure]
MOST = 0.75  # of the time to a first token: the phase that takes so much is the one to mend


def total(figures: Figures, of: FigureRow) -> float | None:
    """Sum of a figure over models; of parts that are kept apart the largest sum. None where there is none."""
    return max(parts(figures, of).values(), default=None)


def parts(figures: Figures, of: FigureRow) -> dict[str, float]:
    """Sums of a figure over models, by the parts that are kept apart; one without a name where there are none."""
    summed = {"model_name", *(of.signal.by if of.signal else ())}
    sums: dict[str, float] = {}
    for figure in figures:
        if figure.of is of:
            name = ", ".join(f"{k} {v}" for k, v in figure.labels.items() if k not in summed)
            sums[name] = sums.get(name, 0.0) + figure.value
    return sums


def largest(figures: Figures, of: FigureRow) -> Figure | None:
    """The largest of a figure over models and engines."""
    return max((figure for figure in figures if figure.of is of), key=lambda figure: figure.value, default=None)


# ------------------------------------------------------------------------------------------- insights


def insights(figures: Figures, findings: Sequence[Finding], states: States) -> tuple[Insight, ...]:
    """One verdict per area: its gravest finding, else what there is to say for it."""
    return tuple(
        _insight(
            area,
            figures,
            [x for x in findings if x.area == area or (area == "scalability" and _nothing_runs([x]))],
            states,
        )
        for area in ("health", "performance", "cache", "memory", "scalability")
    )


def stands_still(findings: Sequence[Finding]) -> bool:
    """Whether an engine makes no progress: what its gauges say of the load is then no reason to tune anything."""
    return any(finding.id in (STALLED.id, OLD_GAUGE.id) and finding.severity != "ok" for finding in findings)


def _nothing_runs(findings: Sequence[Finding]) -> bool:
    return stands_still(findings) or any(finding.id == AWAITED.id for finding in findings)


def _insight(area: Area, figures: Figures, findings: Sequence[Finding], states: States) -> Insight:
    worst = max(findings, key=lambda finding: RANK[finding.severity], default=None)
    if worst and worst.severity != "ok":
        return Insight(
            area,
            "watch" if worst.severity == "info" else "problem",
            say("{title} – {evidence}", title=worst.title, evidence=worst.evidence),
        )
    reason = {
        "health": _health,
        "performance": _performance,
        "cache": _cache,
        "memory": _memory,
        "scalability": _scalability,
    }[area](figures, states)
    if reason is None:
        return Insight(area, "unknown", say("this page has no data on it"))
    return Insight(area, "good", reason)


def _health(figures: Figures, _: States) -> Phrase | None:
    finished = total(figures, f.FINISHED)
    if not finished:
        return say("no request has finished yet") if finished == 0 else None
    errors = total([figure for figure in figures if figure.labels.get("finished_reason") == "error"], f.FINISHED) or 0
    if len(parts(figures, f.FINISHED)) > 1:
        return say(
            "{n} requests finished in the part with the most, {errors} with an error",
            n=round(finished),
            errors=round(errors),
        )
    success = largest(figures, f.HTTP_SUCCESS)
    if success:
        return say(
            "{n} requests finished, {errors} with an error; {share} of HTTP answers are 2xx",
            n=round(finished),
            errors=round(errors),
            share=success.quantity,
        )
    return say("{n} requests finished, {errors} with an error", n=round(finished), errors=round(errors))


def _performance(figures: Figures, _: States) -> Phrase | None:
    ttft, speed = largest(figures, f.TTFT.mean), _slowest(figures)
    if ttft and speed:
        return say(
            "first token after {ttft} on average, then {speed} per request", ttft=ttft.quantity, speed=speed.quantity
        )
    if ttft:
        return say("first token after {ttft} on average", ttft=ttft.quantity)
    whole = largest(figures, f.E2E.mean)
    return say("{e2e} from end to end on average", e2e=whole.quantity) if whole else None


def _slowest(figures: Figures) -> Figure | None:
    speeds = [figure for figure in figures if figure.of is f.DECODE_SPEED]
    return min(speeds, key=lambda figure: figure.value, default=None)


def _cache(figures: Figures, states: States) -> Phrase | None:
    if not states.keep_kv:
        return say("this model keeps no KV cache")
    usage, hits = largest(figures, f.KV_USAGE), largest(figures, f.PREFIX_HIT)
    if usage and hits:
        return say("KV cache {usage} full; prefix cache hits {hits}", usage=usage.quantity, hits=hits.quantity)
    return say("KV cache {usage} full", usage=usage.quantity) if usage else None


def _memory(figures: Figures, _: States) -> Phrase | None:
    resident, stuck = largest(figures, f.RESIDENT_MEMORY), total(figures, f.GC_UNCOLLECTABLE)
    if resident is None:
        return None
    if stuck:
        return say("API server holds {rss}; {n} objects can't be collected", rss=resident.quantity, n=round(stuck))
    return say("API server holds {rss}; nothing uncollectable", rss=resident.quantity)


def _scalability(figures: Figures, states: States) -> Phrase | None:
    running, waiting = total(figures, f.RUNNING), total(figures, f.WAITING)
    if running is None and waiting is None:
        return None
    if states.asleep:
        return say("asleep: it takes in nothing until it is woken")
    if not running and not waiting:
        return say("idle at this moment: watch waiting requests under load")
    return say("{running} running, {waiting} waiting", running=round(running or 0), waiting=round(waiting or 0))


# -------------------------------------------------------------------------------------------- summary


def summary(
    source: Source,
    models: Sequence[Model],
    figures: Figures,
    findings: Sequence[Finding],
    limit: Limit | None,
    states: States,
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
            "Needs attention: {what}. Findings: {n}; most severe: {title} ({evidence}).",
            what=what,
            n=sum(finding.severity != "ok" for finding in findings),  # as many as are listed
            title=bad[0].title,
            evidence=bad[0].evidence,
        )
    elif states.asleep:
        yield say("Asleep: {what}. It runs nothing until it is woken.", what=what)
    elif not finished:
        yield say("Up, but no request finished in the window, so there is nothing to judge yet: {what}.", what=what)
    else:
        yield say("Stable and efficient, as far as this page shows: {what}.", what=what)
    ttft, speed, e2e = largest(figures, f.TTFT.mean), _slowest(figures), largest(figures, f.E2E.mean)
    if ttft and speed and e2e:
        yield say(
            "First token after {ttft}, {speed} per request, {e2e} from end to end, on average.",
            ttft=ttft.quantity,
            speed=speed.quantity,
            e2e=e2e.quantity,
        )
    running, waiting = total(figures, f.RUNNING), total(figures, f.WAITING)
    if states.sleepers:
        n = sum(state.engines for state in states.known.values())
        asleep = len(states.sleepers)
        yield say("Engines asleep: {asleep} of {n} ({depth}).", asleep=asleep, n=n, depth=depth(states.sleepers[0]))
    if running is not None and waiting is not None:
        if len(parts(figures, f.RUNNING)) > 1:
            yield say("At that moment, by part: {parts}.", parts=_by_part(figures))
        elif running == 0 and waiting == 0:
            yield from _idle(states)
        else:
            yield say(
                "At that moment: {running} running, {waiting} waiting.", running=round(running), waiting=round(waiting)
            )
        if (running or waiting) and limit and (limit.kind == "stall" or not stands_still(findings)):
            yield say("What limits it now: {limit}.", limit=limit.reason)
    if bad and bad[0].advice:
        yield say("First step: {advice}", advice=_slow_start(bad[0], figures) or bad[0].advice)
    if source.window_seconds is None and source.kind != "pair" and finished:
        yield say("All averages cover the time since the server started, not the last minutes.")


def _idle(states: States) -> Iterator[Phrase]:
    """What to look at next time; of engines that sleep it is said that they do."""
    if states.keep_kv and not states.asleep:
        yield say("It was idle at that moment; under load, watch waiting requests and KV cache usage.")
    elif not states.asleep:
        yield say("It was idle at that moment; under load, watch waiting requests.")


def _by_part(figures: Figures) -> Phrase:
    """What runs and waits in each part that is kept apart."""
    running, waiting = parts(figures, f.RUNNING), parts(figures, f.WAITING)
    text = None
    for name in running:
        part = say(
            "{part}: {running} running, {waiting} waiting",
            part=name,
            running=round(running[name]),
            waiting=round(waiting.get(name, 0)),
        )
        text = say("{first}; {more}", first=text, more=part) if text else part
    return text or say("none")


def _slow_start(finding: Finding, figures: Figures) -> Phrase | None:
    """What to do about slow first tokens where one phase is most of them; None where the page doesn't tell."""
    labels = dict(finding.labels)
    if finding.id != checks.TTFT.id:
        return None
    own = [figure for figure in figures if has(figure, labels)]
    first = largest(own, f.TTFT.mean)
    if first is None:  # no figure of a model that makes no tokens
        return None
    queue, prefill = largest(own, f.QUEUE_TIME.mean), largest(own, f.PREFILL_TIME.mean)
    if queue is None or prefill is None or queue.value + prefill.value <= 0:
        return None
    share = queue.value / (queue.value + prefill.value)
    values = {"queue": queue.quantity, "prefill": prefill.quantity}
    if queue.value + prefill.value <= (1 - MOST) * first.value:
        return say(
            "The first token takes {first}, but requests wait only {queue}, and prefill takes {prefill}. The rest "
            "passes in the API server or in a KV transfer: look at the CPU of the API server, and start more of them "
            "with --api-server-count.",
            first=first.quantity,
            **values,
        )
    if share >= MOST:
        return say(
            "Requests wait {queue} for their turn, and prefill takes {prefill}: add replicas, or raise what limits "
            "the batch.",
            **values,
        )
    if share <= 1 - MOST:
        return say(
            "Prefill takes {prefill}, and requests wait {queue} before it: shorten prompts, check that prefix "
            "caching is on and gets hits, or raise --max-num-batched-tokens.",
            **values,
        )
    return None
