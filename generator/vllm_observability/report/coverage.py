"""What this page can and can't answer, and why: read before any number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.model import Growth, Metric, Part, Unit
from vllm_observability.pages.evaluate import Asked, Window, evaluate
from vllm_observability.report.consistency import Contradiction
from vllm_observability.report.facts import CacheConfig
from vllm_observability.report.records import Coverage, State
from vllm_observability.report.state import States
from vllm_observability.words.phrases import Phrase, Quantity, say

_TOPICS: tuple[tuple[str, tuple[Metric, ...]], ...] = (
    ("load", (m.REQUESTS_RUNNING, m.REQUESTS_WAITING)),
    ("requests", (m.REQUEST_SUCCESS,)),
    ("tokens", (m.PROMPT_TOKENS, m.GENERATION_TOKENS)),
    ("latency", (m.TTFT, m.ITL, m.E2E)),
    ("kv_cache", (m.KV_CACHE_USAGE,)),
    ("capacity", (m.CACHE_CONFIG,)),
    ("http", (m.HTTP_REQUESTS,)),
    ("process", (m.PROCESS_RESIDENT_MEMORY, m.PROCESS_CPU)),
)


def coverage(
    window: Window, configs: tuple[CacheConfig, ...], wrong: tuple[Contradiction, ...], states: States
) -> tuple[Coverage, ...]:
    """One entry per topic, then what is odd about the page itself."""
    page = window.later
    out = [_topic(topic, metrics, window) for topic, metrics in _TOPICS]
    out.append(_prefix_cache(window, configs, states))
    out += _kinds(states)
    if states.generate:
        out.append(_speculation(window))
    out += _rates(window)
    out += _asked(window.asked) if window.asked else ()
    if not page.engine_samples:
        return tuple(out)
    for contradiction in wrong:
        out.append(
            Coverage(
                "consistency",
                "present",
                say(
                    "{metric}: {why}; its percentiles are left out",
                    metric=contradiction.metric.names[0].text,
                    why=contradiction.why,
                ),
                say("Look for a proxy, an aggregator or several processes behind this page."),
            )
        )
    out += [Coverage("consistency", "present", doubt) for doubt in page.doubts]
    if many := [label for label in page.unknown_labels if label not in page.apart]:
        text = say(
            "rows differ by {labels}, which has too many values to keep apart: they are summed", labels=", ".join(many)
        )
        out.append(Coverage("labels", "present", text))
    if page.apart:
        out.append(
            Coverage(
                "labels",
                "present",
                say(
                    "rows differ by {labels}, which this tool does not know: they are kept apart, and nothing is "
                    "summed over them",
                    labels=", ".join(page.apart),
                ),
                say(
                    "Add the labels that tell parts of a model apart to scope_labels; rules and boards then keep "
                    "them too."
                ),
            )
        )
    if page.page.fault_count:
        first = page.page.faults[0]
        out.append(
            Coverage(
                "page",
                "present",
                say(
                    "{n} of {lines} lines could not be read; the first is line {line}: {reason}",
                    n=page.page.fault_count,
                    lines=page.page.lines,
                    line=str(first.line),
                    reason=first.reason,
                ),
                # The last line, cut in its middle, is how an interrupted download looks.
                say("Fetch the page again: it looks cut off.") if first.line == page.page.lines else None,
            )
        )
    if page.unknown:
        out.append(
            Coverage(
                "unknown",
                "present",
                say(
                    "{n} names with vLLM's prefix are unknown to this version of the tool: {names}",
                    n=len(page.unknown),
                    names=", ".join(page.unknown[:4]),
                ),
            )
        )
    return tuple(out)


def _topic(topic: str, metrics: tuple[Metric, ...], window: Window) -> Coverage:
    page = window.later
    present = [metric for metric in metrics if page.has(metric)]
    if present:
        observed = any(_observed(metric, window) for metric in present)
        names = {name.text for metric in present for name in page.used.get(metric.id, metric.names[:1])}
        used = ", ".join(sorted(names))
        if not observed and topic in ("latency", "requests", "tokens", "http"):
            nothing = say("no traffic in the window, so there is nothing to average")
            return Coverage(topic, "present", nothing, quiet=True)
        return Coverage(topic, "present", say("read from {names}", names=used))
    if any(metric.id in page.declared for metric in metrics):
        return Coverage(
            topic,
            "declared-empty",
            say("declared on the page, but without a sample: nothing was observed yet"),
            say("Send a request and look again; if it stays empty, the engine's statistics don't reach this page."),
        )
    detail, hint = _absent(topic)
    return Coverage(topic, "absent", detail, hint)


def _absent(topic: str) -> tuple[Phrase, Phrase]:
    names = ", ".join(metric.names[0].text for metric in dict(_TOPICS)[topic])
    if topic == "process":
        return (
            say("no process metrics: several API-server processes (also data parallel), or the Rust front end"),
            say("Memory and CPU have to come from the host or the container."),
        )
    if topic == "http":
        return (
            say("no HTTP metrics: V0 in multi-process mode, Ray, or a front end other than vLLM's own"),
            say("Take success rates from the gateway."),
        )
    if topic == "capacity":
        return (
            say("no cache configuration, so the size of the KV cache is unknown"),
            say("The server's log says it at start: GPU KV cache size."),
        )
    return (
        say("{names} not on this page", names=names),
        say("Check that this is the engine's own port and that --disable-log-stats is not set."),
    )


def _observed(metric: Metric, window: Window) -> bool:
    part = Part.COUNT if Part.COUNT in metric.parts else Part.VALUE
    return any(value.number > 0 for value in evaluate(Growth(metric, part), window, ()).values())


_KINDS = {
    "embedding": say("an embedding model: it makes no tokens, so figures per token are left out"),
    "reranking": say("a reranking model: it makes no tokens, so figures per token are left out"),
    "pooling": say(
        "a pooling model (embedding, classification, reranking): it makes no tokens, so figures per token are left out"
    ),
    "transcription": say("a transcription model, judging by the paths called"),
}


def _kinds(states: States) -> Iterator[Coverage]:
    """What kind of model this is, where it is no chat."""
    for kind in dict.fromkeys(state.kind for state in states.known.values()):
        if kind in _KINDS:
            yield Coverage("kind", "present", _KINDS[kind])


def _prefix_cache(window: Window, configs: tuple[CacheConfig, ...], states: States) -> Coverage:
    topic, page = "prefix_cache", window.later
    if not states.keep_kv:
        return Coverage(topic, "off", say("this model keeps no KV cache"))
    enabled = [config.prefix_caching for config in configs if config.prefix_caching is not None]
    if evaluate(s.PREFIX_HIT.expr, window, ()):
        return Coverage(topic, "present", say("hit ratio over the whole window, not over recent requests"))
    if page.has(m.PREFIX_CACHE_HIT_RATE) or (enabled and not any(enabled)):
        return Coverage(
            topic, "off", say("prefix caching is switched off"), say("--enable-prefix-caching turns it on.")
        )
    if page.has(m.PREFIX_CACHE_QUERIES):
        return Coverage(topic, "present", say("no lookups in the window, so no hit ratio"))
    state: State = "declared-empty" if m.PREFIX_CACHE_QUERIES.id in page.declared else "absent"
    return Coverage(topic, state, say("no prefix-cache counters on this page"))


def _speculation(window: Window) -> Coverage:
    if window.later.has(m.SPEC_DRAFT_TOKENS) or window.later.has(m.SPEC_ACCEPTANCE_RATE):
        return Coverage("speculative_decoding", "present", say("draft and accepted tokens are counted"))
    return Coverage("speculative_decoding", "off", say("not configured (--speculative-config), or no draft yet"))


_LEFT_OUT = {
    "rules": (
        say("skipped: these checks need recorded series, which are missing: {alerts}"),
        say("Load alerts/vllm-recording-rules.yaml into this Prometheus."),
    ),
    "selection": (
        say("skipped: these labels cannot select what the checks read: {alerts}"),
        say("Repeat the command without --model and --selector."),
    ),
    "refused": (
        say("skipped: the server refused the query: {alerts}"),
        say("The rules page of that server says why, if the rules are loaded there."),
    ),
}


def _asked(asked: Asked) -> Iterator[Coverage]:
    """What was asked of a Prometheus beyond the pages, and what could not be."""
    figures = (
        say("figures come from recorded series where these are complete, from raw series otherwise")
        if asked.sums
        else say(
            "figures come from raw series: recorded ones are missing, too young, too coarse for this span, or "
            "lack a label"
        )
    )
    yield Coverage("series", "present", figures)
    read = say("recorded series (alerts/vllm-recording-rules.yaml)") if asked.recorded else say("raw series")
    if asked.answers:
        yield Coverage("fleet", "present", say("checks that only a Prometheus can answer read {what}", what=read))
    for why, (detail, hint) in _LEFT_OUT.items():
        if alerts := [alert for reason, alert in asked.left_out if reason == why]:
            yield Coverage("fleet", "absent", replace(detail, args=(("alerts", ", ".join(alerts)),)), hint)


def _rates(window: Window) -> Iterator[Coverage]:
    if window.restarted:
        yield Coverage(
            "rates",
            "absent",
            say("the server restarted between the two pages: growth is counted since the restart"),
            say("Take two pages of one run for rates per second."),
        )
    elif window.seconds and window.asked and window.seconds < window.asked.wanted:
        gap, wanted = (Quantity(length, Unit.SECONDS) for length in (window.seconds, window.asked.wanted))
        yield Coverage(
            "rates", "present",
            say("growth over {gap}: Prometheus has no data of these servers from {wanted} ago", gap=gap, wanted=wanted),
        )  # fmt: skip
    elif window.seconds:
        yield Coverage(
            "rates", "present", say("growth over {gap} between two pages", gap=Quantity(window.seconds, Unit.SECONDS))
        )
    elif window.earlier is not None:
        yield Coverage(
            "rates", "absent", say("the time between the two pages is unknown"), say("Give it with --gap SECONDS.")
        )
    elif window.asked is not None:
        yield Coverage(
            "rates",
            "absent",
            say(
                "Prometheus has no data of these servers from that long ago: all figures are totals since they started"
            ),
            say("Ask for a shorter time with --since."),
        )
    else:
        yield Coverage(
            "rates",
            "absent",
            say("one page holds only totals since the server started, so there are no rates per second"),
            say("Give an earlier and a later page for rates."),
        )
