"""The one walk over expressions: what it finds is what the queries read, and everybody's answer comes from it."""

from __future__ import annotations

import re

import pytest

from vllm_observability import model
from vllm_observability.catalog import board_signals, capacity_signals, fleet_signals, signals
from vllm_observability.catalog import metrics as m
from vllm_observability.doctor.names import Names, lacking
from vllm_observability.model import (
    Either,
    Growth,
    Level,
    Metric,
    Over,
    Part,
    PerSecond,
    Plus,
    Present,
    Quantile,
    Ratio,
    Raw,
    ShareWithin,
    Signal,
    leaves,
    parts,
)
from vllm_observability.queries.recorded import plan, recordable
from vllm_observability.settings import Settings

SIGNALS = {
    signal.id: signal for signal in (*signals.ALL, *fleet_signals.ALL, *board_signals.ALL, *capacity_signals.ALL)
}
EXPOSED = {name for metric in m.ALL for part in metric.parts for name in metric.series(part)}
WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
# They ask only for what has been recorded, so that there is no query of raw names to compare with.
OF_RECORDED = {
    "hours_recorded",
    "addresses_unexplained",
    "addresses_unexplained_6h",
    "answer_length_change_ratio",
    "engine_gone",
    "engine_hours",
    "engine_hours_idle_ratio",
    "engines_idle",
    "idle_spend",
    "kv_cache_usage_seconds_over",
    "output_headroom",
    "requests_headroom_without_one_least",
    "requests_waiting_seconds_over",
    "spend",
    "ttft_seconds_over",
    "engine_restarts_6h",
    "few_requests_error_ratio",
    "few_requests_http_error_ratio",
    "generation_throughput_change_ratio",
    "model_http_error_ratio",
    "model_in_use",
    "model_vanished",
    "models_recorded",
    "prefill_engines",
    "prefix_cache_hit_change_ratio",
    "process_starts_6h",
    "process_starts_unseen",
    "recording_rules_missing",
    "replicas_lost",
    "requests_left_ratio",
    "traffic_gone",
}
FINISHED = Growth(m.REQUEST_SUCCESS, where=(("finished_reason", "=", "error"),))


def test_parts_are_what_a_node_is_made_of() -> None:
    """One level down, in the order in which it is written; nothing of a leaf."""
    waiting, tokens = Level(m.REQUESTS_WAITING, "sum"), Growth(m.GENERATION_TOKENS)
    over = Over("rate", m.E2E, part=Part.COUNT)
    raw = Raw("{x}{y}{z}{kv_cache_usage}", (m.KV_CACHE_USAGE,), (("x", waiting),), (("y", tokens),), (("z", over),))

    assert (waiting, tokens) == parts(Ratio(waiting, tokens)) == parts(Either(waiting, tokens))
    assert (tokens,) == parts(PerSecond(tokens)) == parts(Plus(tokens, 1.0))
    assert (Growth(m.TTFT, Part.BUCKET),) == parts(Quantile(0.5, m.TTFT)) == parts(ShareWithin(m.TTFT, 1.0))
    assert (Present(m.KV_CACHE_USAGE), waiting, tokens, over) == parts(raw)
    assert () == parts(waiting) == parts(tokens) == parts(over)


def test_leaves_keep_matchers_and_what_is_recorded_has_none() -> None:
    """A recorded series serves every filter, so it has none itself."""
    share = Ratio(FINISHED, Growth(m.REQUEST_SUCCESS))

    assert [FINISHED, Growth(m.REQUEST_SUCCESS)] == [*leaves(share)]
    assert [Growth(m.REQUEST_SUCCESS)] * 2 == [*recordable(share)]
    assert (m.REQUEST_SUCCESS,) == model.metrics(share)


def test_raw_text_inside_raw_text_is_walked_too() -> None:
    """Output tokens per second per engine divide by engines, which are counted by the running gauge."""
    assert (m.GENERATION_TOKENS, m.REQUESTS_RUNNING) == model.metrics(capacity_signals.TOKENS_PER_ENGINE.expr)
    read = (m.GENERATION_TOKENS, m.REQUESTS_RUNNING, m.PROMPT_TOKENS, m.ITL)
    assert read == model.metrics(signals.THROUGHPUT_CHANGE.expr)


@pytest.mark.parametrize("signal", [s for s in SIGNALS.values() if s.id not in OF_RECORDED], ids=lambda s: s.id)
def test_the_walk_finds_what_the_query_reads(signal: Signal) -> None:
    """Name by name: the series of the leaves are those of the PromQL text, no more and no less."""
    read = {name for leaf in leaves(signal.expr) for name in leaf.metric.series(leaf.part)}
    text = plan(Settings()).raw_reader(signal.levels[0]).text(signal.expr)

    assert read == EXPOSED & set(WORD.findall(text))


def test_what_asks_for_recorded_series_only_is_listed() -> None:
    """The list above holds them all, and nothing else."""
    reader = plan(Settings()).raw_reader("model")
    refused = set()
    for signal in SIGNALS.values():
        try:
            reader.text(signal.expr)
        except ValueError:
            refused.add(signal.id)
    assert OF_RECORDED == refused


def _names(*missing: Metric) -> Names:
    there = (metric for metric in m.ALL if metric not in missing)
    known = {name for metric in there for part in metric.parts for name in metric.series(part)}
    return Names(frozenset(known), (None, None))


@pytest.mark.parametrize("signal", SIGNALS.values(), ids=lambda s: s.id)
def test_an_expression_lacks_only_what_it_reads(signal: Signal) -> None:
    """On a page with nothing some of its metrics, on one with everything none, and never another one's."""
    read = model.metrics(signal.expr)

    assert set(lacking(signal.expr, _names(*m.ALL))) <= set(read)
    assert bool(lacking(signal.expr, _names(*m.ALL))) == bool(read)
    assert [] == lacking(signal.expr, _names())
    assert [] == lacking(signal.expr, _names(*(metric for metric in m.ALL if metric not in read)))
    for metric in read:
        assert set(lacking(signal.expr, _names(metric))) <= {metric}


def test_one_of_several_sources_is_enough() -> None:
    """The hit ratio is counted or comes ready-made; a stall needs one sign of progress and its own gauges."""
    hits = signals.PREFIX_HIT.expr

    assert [] == lacking(hits, _names(m.PREFIX_CACHE_HITS)) == lacking(hits, _names(m.PREFIX_CACHE_HIT_RATE))
    assert [m.PREFIX_CACHE_HITS] == lacking(hits, _names(m.PREFIX_CACHE_HITS, m.PREFIX_CACHE_HIT_RATE))
    assert [] == lacking(fleet_signals.STALLED.expr, _names(m.ITERATION_TOKENS))
    assert [m.REQUESTS_RUNNING] == lacking(fleet_signals.STALLED.expr, _names(m.REQUESTS_RUNNING, m.ITERATION_TOKENS))
