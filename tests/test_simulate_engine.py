"""The simulated engine: what must hold of any run, and a recorded burst played again."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vllm_observability.catalog import metrics as m
from vllm_observability.model import Metric
from vllm_observability.simulate.engine import Conditions, Engine
from vllm_observability.simulate.hardware import PRESETS, Hardware
from vllm_observability.simulate.kv_cache import KvCache
from vllm_observability.simulate.ledger import Ledger
from vllm_observability.simulate.server import Server, Setup
from vllm_observability.simulate.traffic import DAY, SHAPES, Request, Source, Traffic

SMALL = PRESETS["4b-consumer"]


def _mean(ledger: Ledger, metric: Metric) -> float:
    held = ledger.histogram(metric)
    return held.sum / held.count


def _engine(traffic: Traffic, hardware: Hardware = SMALL, seed: int = 1) -> tuple[Engine, list[Request]]:
    gone: list[Request] = []
    ledger = Ledger(lambda metric: (0.1, 1.0, 10.0) if metric.buckets else ())
    return Engine(hardware, traffic, ledger, Random(seed), 0.0, lambda request, _: gone.append(request)), gone


def _drained(engine: Engine) -> None:
    """Let it finish what it has."""
    engine.change(engine.conditions, replace(engine.source.traffic, rate=0.0, clients=0))
    for _ in range(1000):
        if not engine.running and not engine.waiting:
            return
        engine.run(engine.now + 10)
    pytest.fail("requests never end")


@settings(max_examples=25, deadline=None)
@given(
    rate=st.floats(0.1, 12),
    prompt=st.floats(20, 2500),
    output=st.floats(2, 900),
    prefixes=st.integers(0, 30),
    drafts=st.integers(0, 4),
    max_queued=st.sampled_from([0, 20]),
    seed=st.integers(0, 1000),
)
def test_nothing_is_lost_and_nothing_is_held_for_ever(
    rate: float, prompt: float, output: float, prefixes: int, drafts: int, max_queued: int, seed: int
) -> None:
    """Blocks never exceed the pool; afterwards none is held; what was counted is what the requests got."""
    traffic = Traffic(rate=rate, prompt=prompt, output=output, prefixes=prefixes, max_tokens=2048, errors=0.02)
    engine, gone = _engine(traffic, seed=seed)
    engine.change(Conditions(drafts=drafts, max_queued=max_queued), traffic)
    for at in range(10, 200, 10):
        engine.run(at)
        assert 0 <= engine.cache.used <= engine.cache.blocks
        assert engine.running <= SMALL.max_num_seqs
        assert engine.now < at + 2.0
    _drained(engine)
    assert 0 == engine.cache.used
    done = [request for request in gone if request.reason in ("stop", "length", "abort", "error") and request.produced]
    ledger = engine.ledger
    assert len(done) == ledger.total(m.REQUEST_SUCCESS) - sum(r.reason == "error" and not r.produced for r in gone)
    assert sum(r.prompt for r in done) == ledger.histogram(m.REQUEST_PROMPT_TOKENS).sum
    outputs = sum(request.output for request in done)
    assert outputs == ledger.histogram(m.REQUEST_GENERATION_TOKENS).sum
    # The last step of a draft may go past the end, and preempted requests make no token twice.
    assert outputs * 0.97 - 5 <= ledger.total(m.GENERATION_TOKENS) <= outputs * 1.02 + len(done) * (1 + drafts)
    assert all(0 <= r.arrival <= r.scheduled <= r.first_token <= r.last_token for r in done)


def test_the_same_seed_is_the_same_run() -> None:
    """Down to the last digit."""
    pages = []
    for _ in range(2):
        server = Server(Setup(traffic=Traffic(rate=3.0)), "seed", 1.8e9)
        server.run(server.now + 120)
        pages.append(server.page().text())
    assert pages[0] == pages[1]
    other = Server(Setup(traffic=Traffic(rate=3.0)), "another", 1.8e9)
    other.run(other.now + 120)
    assert pages[0] != other.page().text()


def test_a_recorded_burst_played_again() -> None:
    """98 requests in 3 s at a real server of vLLM 0.32.0 (its README has the figures): the same shape comes out.

    Recorded: answered in 15.3 s, 82 waiting at most, TTFT 5.64 s, queue 5.58 s, ITL 6.6 ms, prefill 12.3 ms, decode
    0.58 s, 36 % of prompt tokens cached, 5 preemptions.
    """
    traffic = Traffic(
        rate=34.0, prompt=85, output=95, spread=0.8, max_tokens=340, prefixes=2, prefix_share=0.77, bad=0, aborts=0
    )
    figures: list[tuple[float, ...]] = []
    for seed in "abcdef":
        server = Server(Setup(version="0.32.0", hardware="cpu-tiny", traffic=traffic), seed, 1.8e9)
        begin, engine = server.now, server.engines[0]
        server.run(begin + 3.0)
        server.change(replace(server.setup, traffic=replace(traffic, rate=0.0)))
        most = 0
        while engine.running or engine.waiting:
            server.run(server.now + 0.1)
            most = max(most, len(engine.waiting))
        ledger = engine.ledger
        scale = ledger.histogram(m.TTFT).count / 102  # how many come in three seconds is a matter of luck
        cached = ledger.total(m.PREFIX_CACHE_HITS) / ledger.total(m.PREFIX_CACHE_QUERIES)
        means = [_mean(ledger, metric) for metric in (m.TTFT, m.QUEUE_TIME, m.ITL, m.PREFILL_TIME, m.DECODE_TIME)]
        waits = [means[0] / scale, means[1] / scale]
        preempted = ledger.total(m.PREEMPTIONS)
        figures.append(((server.now - begin) / scale, most / scale, *waits, *means[2:], cached, preempted))
    for expected, tolerance, found in zip(
        (15.3, 82, 5.64, 5.58, 0.0066, 0.0123, 0.58, 0.36, 5),
        (0.25, 0.15, 0.25, 0.25, 0.1, 0.3, 0.25, 0.2, 0.8),
        zip(*figures, strict=True),
        strict=True,
    ):
        assert pytest.approx(expected, rel=tolerance) == sum(found) / len(found)


# --------------------------------------------------------------------------------------------- behaviour


def _settled(traffic: Traffic, conditions: Conditions | None = None, hardware: Hardware = SMALL) -> Ledger:
    engine, _ = _engine(traffic, hardware)
    engine.change(conditions or Conditions(), traffic)
    engine.run(600)
    return engine.ledger


def test_a_full_cache_preempts_and_a_roomy_one_does_not() -> None:
    """Long answers on 13,600 tokens throw each other out; on 400,000 they don't."""
    traffic = Traffic(rate=1.0, output=900, max_tokens=2048)
    assert _settled(traffic).total(m.PREEMPTIONS) > 50
    assert 0 == _settled(traffic, hardware=PRESETS["8b-datacentre"]).total(m.PREEMPTIONS)


def test_a_shared_beginning_is_computed_once() -> None:
    """With prefix caching some 40 % of the prompt tokens are hits, and first tokens come sooner."""
    traffic = Traffic(rate=0.5, prompt=1500, output=50)
    cached, plain = _settled(traffic), _settled(traffic, Conditions(caching=False))
    assert 0.25 < cached.total(m.PREFIX_CACHE_HITS) / cached.total(m.PREFIX_CACHE_QUERIES) < 0.45
    assert 0 == plain.total(m.PREFIX_CACHE_QUERIES)
    assert _mean(cached, m.TTFT) < 0.85 * _mean(plain, m.TTFT)


def test_drafts_that_are_kept_make_text_faster() -> None:
    """Three drafts, 60 % of them kept: 2.8 tokens a step, each step a little longer."""
    traffic = Traffic(rate=0.5)
    fast, plain = _settled(traffic, Conditions(drafts=3, acceptance=0.6)), _settled(traffic)
    assert _mean(fast, m.DECODE_TIME) < 0.5 * _mean(plain, m.DECODE_TIME)
    accepted = fast.total(m.SPEC_ACCEPTED_TOKENS) / fast.total(m.SPEC_DRAFT_TOKENS)
    assert pytest.approx(0.6) == accepted


def test_a_frozen_engine_counts_nothing_and_keeps_its_gauges() -> None:
    """As the recorded page of a server that hung."""
    engine, _ = _engine(Traffic(rate=2.0))
    engine.run(100)
    before = {id: {own: cell.value for own, cell in held.items()} for id, held in engine.ledger.cells.items()}
    engine.change(Conditions(frozen=True), engine.source.traffic)
    engine.run(400)
    assert before == {id: {own: cell.value for own, cell in held.items()} for id, held in engine.ledger.cells.items()}
    assert before[m.REQUESTS_RUNNING.id][()] > 0


def test_a_queue_limit_rejects_and_patience_ends() -> None:
    """Over the limit a request is refused; without one clients leave after their patience, uncounted."""
    engine, gone = _engine(Traffic(rate=8.0, patience=30))
    engine.change(Conditions(max_queued=25), engine.source.traffic)
    engine.run(300)
    assert len(engine.waiting) <= 26
    assert sum(request.reason == "rejected" for request in gone) > 500
    patient, left = _engine(Traffic(rate=8.0, patience=30))
    patient.run(300)
    assert sum(request.reason == "gone" for request in left) > 500
    assert 0 == patient.ledger.total(m.REQUEST_SUCCESS, {"finished_reason": "error"})


def test_clients_that_wait_for_their_answer_never_exceed_their_number() -> None:
    """A closed loop of 12."""
    engine, gone = _engine(Traffic(clients=12, think=0.5, patience=1e9))
    for at in range(5, 300, 5):
        engine.run(at)
        assert engine.running + len(engine.waiting) <= 12
    assert len(gone) > 200


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_a_shape_has_the_mean_it_promises(shape: str) -> None:
    """Arrivals of a week are the rate times a week."""
    source = Source(Traffic(rate=0.05, shape=shape), 4096, Random(3), 0.0)  # type: ignore[arg-type]
    count = 0
    while source.next < 7 * DAY:
        source.take()
        count += 1
    assert pytest.approx(0.05 * 7 * DAY, rel=0.05) == count


def test_idle_prefixes_count_as_free_and_are_evicted_oldest_first() -> None:
    """A pool of 10 blocks: two idle prefixes of 4, then 6 more blocks are asked for."""
    cache = KvCache(11, 16)
    for prefix in (1, 2):
        assert 4 == cache.hold(prefix, 64)
        cache.let_go(prefix, 0)
    assert (0, 10) == (cache.used, cache.free)
    assert (64, 64) == (cache.cached_tokens(1, 64), cache.cached_tokens(2, 64))
    cache.take(6)
    assert (0, 64) == (cache.cached_tokens(1, 64), cache.cached_tokens(2, 64))
    assert 6 == cache.used
