"""Reader 2: what a question answers on pages of a few lines, each number worked out by hand."""

from __future__ import annotations

import re

import pytest

from recordings import of_text
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.model import (
    Beyond,
    Either,
    Growth,
    Late,
    Level,
    Node,
    Part,
    PerSecond,
    Plus,
    Quality,
    Quantile,
    Ratio,
    Raw,
    ShareWithin,
    Unexplained,
)
from vllm_observability.pages.evaluate import Buckets, Value, evaluate, matches, merged_buckets, window
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.snapshot import snapshot

A = (("model_name", "a"),)
B = (("model_name", "b"),)
MODEL = ("model_name",)

# Two engines of model a, one of model b. Waits of 0.04 s to 0.06 s, and one of a minute.
PER_RUNNING = Ratio(PerSecond(Growth(m.GENERATION_TOKENS)), Level(m.REQUESTS_RUNNING, "sum"))
TWO_ENGINES = """
    vllm:num_requests_running{engine="0",model_name="a"} 3
    vllm:num_requests_running{engine="1",model_name="a"} 5
    vllm:num_requests_running{engine="0",model_name="b"} 7
    vllm:kv_cache_usage_perc{engine="0",model_name="a"} 0.25
    vllm:kv_cache_usage_perc{engine="1",model_name="a"} 0.75
    vllm:request_success_total{engine="0",finished_reason="stop",model_name="a"} 30
    vllm:request_success_total{engine="1",finished_reason="stop",model_name="a"} 8
    vllm:request_success_total{engine="1",finished_reason="error",model_name="a"} 2
    vllm:request_success_total{engine="0",finished_reason="stop",model_name="b"} 11
    vllm:time_to_first_token_seconds_bucket{engine="0",le="0.1",model_name="a"} 10
    vllm:time_to_first_token_seconds_bucket{engine="0",le="0.5",model_name="a"} 18
    vllm:time_to_first_token_seconds_bucket{engine="0",le="1.0",model_name="a"} 20
    vllm:time_to_first_token_seconds_bucket{engine="0",le="+Inf",model_name="a"} 20
    vllm:time_to_first_token_seconds_count{engine="0",model_name="a"} 20
    vllm:time_to_first_token_seconds_sum{engine="0",model_name="a"} 5
    vllm:time_to_first_token_seconds_bucket{engine="1",le="0.1",model_name="a"} 0
    vllm:time_to_first_token_seconds_bucket{engine="1",le="0.5",model_name="a"} 12
    vllm:time_to_first_token_seconds_bucket{engine="1",le="1.0",model_name="a"} 19
    vllm:time_to_first_token_seconds_bucket{engine="1",le="+Inf",model_name="a"} 20
    vllm:time_to_first_token_seconds_count{engine="1",model_name="a"} 20
    vllm:time_to_first_token_seconds_sum{engine="1",model_name="a"} 15
"""


def _ask(node: Node, *, by: tuple[str, ...] = MODEL, page: str = TWO_ENGINES) -> dict[object, float]:
    return {group: value.number for group, value in evaluate(node, of_text(page), by).items()}


# ---------------------------------------------------------------------------------------------- levels


def test_counts_add_over_engines() -> None:
    """3 + 5 running for model a, 7 for b; over everything 15; per engine each by itself."""
    running = Level(m.REQUESTS_RUNNING, "sum")
    assert {A: 8.0, B: 7.0} == _ask(running)
    assert {(): 15.0} == _ask(running, by=())
    assert {
        (("engine", "0"), ("model_name", "a")): 3.0,
        (("engine", "1"), ("model_name", "a")): 5.0,
        (("engine", "0"), ("model_name", "b")): 7.0,
    } == _ask(running, by=("model_name", "engine"))


def test_shares_are_not_added() -> None:
    """A quarter and three quarters: the fullest is 0.75, the mean 0.5, the emptiest 0.25; b has no answer."""
    assert {A: 0.75} == _ask(Level(m.KV_CACHE_USAGE, "max"))
    assert {A: 0.5} == _ask(Level(m.KV_CACHE_USAGE, "avg"))
    assert {A: 0.25} == _ask(Level(m.KV_CACHE_USAGE, "min"))


def test_minus_one_is_off_not_a_share() -> None:
    """Of -1 and 0.4 the mean is 0.4; where all are -1 there is no answer."""
    rate = Level(m.PREFIX_CACHE_HIT_RATE, "avg", at_least=0.0)
    page = """
        vllm:gpu_prefix_cache_hit_rate{model_name="a",engine="0"} -1
        vllm:gpu_prefix_cache_hit_rate{model_name="a",engine="1"} 0.4
        vllm:gpu_prefix_cache_hit_rate{model_name="b"} -1
    """
    assert {A: 0.4} == _ask(rate, page=page)
    assert {} == _ask(rate, page='vllm:gpu_prefix_cache_hit_rate{model_name="b"} -1')


def test_a_level_takes_matchers() -> None:
    """Only the series that match are read; a group without one has no answer, for a gauge has no natural 0."""
    assert {A: 5.0} == _ask(Level(m.REQUESTS_RUNNING, "sum", where=(("engine", "=", "1"),)))


# ---------------------------------------------------------------------------------------------- growth


def test_growth_since_start_is_the_page_itself() -> None:
    """One page: 30 + 8 + 2 for a, split by reason where asked."""
    finished = Growth(m.REQUEST_SUCCESS)
    assert {A: 40.0, B: 11.0} == _ask(finished)
    reasons = _ask(finished, by=("model_name", "finished_reason"))
    assert 38.0 == reasons[("finished_reason", "stop"), ("model_name", "a")]
    assert 2.0 == reasons[("finished_reason", "error"), ("model_name", "a")]


def test_a_filtered_growth_is_zero_where_the_metric_exists() -> None:
    """b has no error series and so no error: 0, not unknown; a model without the metric stays unknown.

    Of what is declared from the start a missing series is unknown: b's vLLM counts no errors.
    """
    assert {A: 2.0, B: 0.0} == _ask(Growth(m.REQUEST_SUCCESS, where=(("finished_reason", "=", "error"),)))
    assert {A: 0.05} == _ask(s.ERROR_SHARE.expr)


def test_growth_between_two_pages_is_the_difference() -> None:
    """40 then 55 is 15; over 60 s 0.25 a second."""
    pages = of_text(
        'vllm:request_success_total{model_name="a"} 55',
        earlier='vllm:request_success_total{model_name="a"} 40',
        seconds=60,
    )
    assert {A: Value(15.0)} == evaluate(Growth(m.REQUEST_SUCCESS), pages, MODEL)
    assert {A: Value(0.25)} == evaluate(PerSecond(Growth(m.REQUEST_SUCCESS)), pages, MODEL)


def test_a_counter_that_is_new_on_the_later_page_started_at_zero() -> None:
    """V0 creates a reason's series on first use: its 3 on the later page all happened in between."""
    pages = of_text(
        """
        vllm:request_success_total{finished_reason="stop",model_name="a"} 44
        vllm:request_success_total{finished_reason="abort",model_name="a"} 3
        """,
        earlier='vllm:request_success_total{finished_reason="stop",model_name="a"} 40',
        seconds=10,
    )
    assert {A: Value(7.0)} == evaluate(Growth(m.REQUEST_SUCCESS), pages, MODEL)


def test_without_a_gap_nothing_is_per_second() -> None:
    """One page, or two of unknown distance: no rate, and so no ratio that is made of one."""
    rate = PerSecond(Growth(m.REQUEST_SUCCESS))
    assert {} == _ask(rate)
    line = 'vllm:request_success_total{model_name="a"} 4'
    assert {} == evaluate(rate, of_text(line, earlier=line, seconds=None), MODEL)
    assert {} == _ask(PER_RUNNING)


def test_no_growth_is_zero_per_second() -> None:
    """Two equal pages a minute apart: 0 a second is known."""
    line = 'vllm:request_success_total{model_name="a"} 4'
    assert {A: Value(0.0)} == evaluate(
        PerSecond(Growth(m.REQUEST_SUCCESS)), of_text(line, earlier=line, seconds=60), MODEL
    )


# --------------------------------------------------------------------------------------------- restarts

BEFORE = """
    process_start_time_seconds 1000
    vllm:prompt_tokens_total{model_name="a"} 500
    vllm:generation_tokens_total{model_name="a"} 70
"""


def test_a_counter_that_fell_is_a_restart() -> None:
    """500 then 120: the server restarted, growth is 120 and 90 since then, and nothing is per second."""
    after = """
        vllm:prompt_tokens_total{model_name="a"} 120
        vllm:generation_tokens_total{model_name="a"} 90
    """
    pages = of_text(after, earlier=BEFORE, seconds=60)
    assert pages.restarted is True
    assert {A: Value(120.0)} == evaluate(Growth(m.PROMPT_TOKENS), pages, MODEL)
    assert {A: Value(90.0)} == evaluate(Growth(m.GENERATION_TOKENS), pages, MODEL)
    assert {} == evaluate(PerSecond(Growth(m.GENERATION_TOKENS)), pages, MODEL)


def test_a_start_time_that_moved_is_a_restart_even_where_counters_grew() -> None:
    """Busy after a restart, the counters may already be higher: the start time tells."""
    after = """
        process_start_time_seconds 1050
        vllm:prompt_tokens_total{model_name="a"} 900
    """
    pages = of_text(after, earlier=BEFORE, seconds=60)
    assert pages.restarted is True
    assert {A: Value(900.0)} == evaluate(Growth(m.PROMPT_TOKENS), pages, MODEL)


def test_a_gauge_that_fell_is_no_restart() -> None:
    """Fewer running requests is a quieter server; memory may shrink too."""
    pages = of_text(
        'process_resident_memory_bytes 100\nvllm:num_requests_running{model_name="a"} 1',
        earlier='process_resident_memory_bytes 200\nvllm:num_requests_running{model_name="a"} 9',
        seconds=60,
    )
    assert pages.restarted is False


def test_one_page_has_not_restarted() -> None:
    """A restart is between two pages."""
    assert window(snapshot(read_page(b"up 1\n"))).restarted is False


# ------------------------------------------------------------------------------------ ratios and shares


def test_a_mean_is_sum_over_count_of_all_engines() -> None:
    """(5 + 15) / (20 + 20) = 0.5 s: exact, and not the mean of 0.25 and 0.75 by luck of equal counts alone."""
    assert {A: 0.5} == _ask(s.TTFT_MEAN.expr)
    lopsided = TWO_ENGINES.replace('_count{engine="1",model_name="a"} 20', '_count{engine="1",model_name="a"} 80')
    assert {A: 0.2} == _ask(s.TTFT_MEAN.expr, page=lopsided)


def test_no_traffic_has_no_mean() -> None:
    """0 / 0 is left out: never NaN, never 0 ms."""
    page = """
        vllm:time_to_first_token_seconds_count{model_name="a"} 0
        vllm:time_to_first_token_seconds_sum{model_name="a"} 0
        vllm:time_to_first_token_seconds_bucket{le="0.1",model_name="a"} 0
        vllm:time_to_first_token_seconds_bucket{le="+Inf",model_name="a"} 0
    """
    for node in (s.TTFT_MEAN.expr, s.TTFT_P95.expr, ShareWithin(m.TTFT, 0.1)):
        assert {} == _ask(node, page=page)


def test_a_share_within_a_bound_is_exact() -> None:
    """At or under 0.5 s: (18 + 12) of 40; a bound that is no bucket edge has no answer."""
    assert {A: 0.75} == _ask(ShareWithin(m.TTFT, 0.5))
    assert {} == _ask(ShareWithin(m.TTFT, 0.6))


def test_late_requests_are_those_that_waited_for_long_beside_their_own_work() -> None:
    """Of 100, 20 waited 2 to 5 s and 10 longer than a minute; 40 have a prefill under half a second.

    By hand: 20 of 100 times 40 of 100, and all of the 10: 8 % and 10 %. A page without a bound of them has no answer.
    Of the first tokens 80 % are later than 2.5 s, beside 30 % who waited over 0.3 s and 40 % who read for over 1.5 s:
    10 % are late for another reason.
    """
    waits = {"0.3": 70, "2.0": 70, "5.0": 90, "15.0": 90, "60.0": 90, "+Inf": 100}
    works = {"0.5": 80, "1.5": 120, "5.0": 200, "+Inf": 200}
    starts = {"2.5": 20, "7.5": 100, "+Inf": 100}

    def shown(name: str, rows: dict[str, int]) -> str:
        return "".join(f'vllm:{name}_seconds_bucket{{model_name="a",le="{le}"}} {n}\n' for le, n in rows.items())

    page = shown("request_queue_time", waits) + shown("request_prefill_time", works)
    rest = Unexplained(m.TTFT, m.QUEUE_TIME, m.PREFILL_TIME, ((2.5, 0.3, 1.5), (7.5, 2.0, 1.5)))
    late = Late(m.QUEUE_TIME, m.PREFILL_TIME, ((2.0, 0.5), (5.0, 1.5), (15.0, 5.0), (60.0, None)), rest)
    assert {A: pytest.approx(0.18)} == _ask(late, page=page)
    with_starts = page + shown("time_to_first_token", starts)
    assert {A: pytest.approx(0.1)} == _ask(rest, page=with_starts)
    assert {A: pytest.approx(0.28)} == _ask(late, page=with_starts)
    assert {A: 0.0} == _ask(rest, page=page)
    assert {} == _ask(rest, page=shown("time_to_first_token", starts))
    assert {} == _ask(late, page="\n".join(line for line in page.splitlines() if '"15.0"' not in line))
    assert {} == _ask(late, page=re.sub(r" \d+$", " 0", page, flags=re.MULTILINE))
    assert {A: pytest.approx(0.25)} == _ask(Beyond(m.TTFT, 0.5))
    assert {} == _ask(Beyond(m.TTFT, 0.6))


def test_either_takes_the_first_where_it_is_defined() -> None:
    """Counters for a, the ready-made gauge for b: each model by what it has."""
    page = """
        vllm:prefix_cache_queries_total{model_name="a"} 80
        vllm:prefix_cache_hits_total{model_name="a"} 20
        vllm:gpu_prefix_cache_hit_rate{model_name="a"} 0.9
        vllm:gpu_prefix_cache_hit_rate{model_name="b"} 0.6
    """
    assert {A: 0.25, B: 0.6} == _ask(s.PREFIX_HIT.expr, page=page)
    assert {A: 8.0, B: 7.0} == _ask(Either(Level(m.REQUESTS_RUNNING, "sum"), Level(m.REQUESTS_WAITING, "sum")))


def test_plus_adds_to_the_number() -> None:
    """Three accepted of two drafts each: 1 + 1.5 tokens a step."""
    page = """
        vllm:spec_decode_num_drafts_total{model_name="a"} 2
        vllm:spec_decode_num_accepted_tokens_total{model_name="a"} 3
    """
    assert {A: 2.5} == _ask(s.SPEC_TOKENS_PER_STEP.expr, page=page)
    assert {A: 9.0, B: 8.0} == _ask(Plus(Level(m.REQUESTS_RUNNING, "sum"), 1.0))


def test_a_ratio_of_a_level_counts_each_side_once() -> None:
    """60 tokens in 10 s by 8 + 7 running requests: by model 4 / 8 and 2 / 7 a second."""
    pages = of_text(
        TWO_ENGINES
        + 'vllm:generation_tokens_total{model_name="a"} 40\nvllm:generation_tokens_total{model_name="b"} 20',
        earlier='vllm:generation_tokens_total{model_name="a"} 0\nvllm:generation_tokens_total{model_name="b"} 0',
        seconds=10,
    )
    assert {A: Value(0.5), B: Value(2 / 7)} == evaluate(PER_RUNNING, pages, MODEL)


def test_promql_only_nodes_are_refused() -> None:
    """What only PromQL can say must not silently become no answer."""
    with pytest.raises(TypeError, match="only be read as PromQL"):
        _ask(Ratio(Raw("vector(1)"), Growth(m.PROMPT_TOKENS)))


# -------------------------------------------------------------------------------------------- quantiles


def test_buckets_of_engines_merge_before_a_quantile() -> None:
    """Merged: 10 to 0.1 s, 30 to 0.5 s, 39 to 1 s, 40 in all; p50 is rank 20: 0.1 + 0.4 * 10/20 = 0.3 s."""
    assert {A: Buckets((0.1, 0.5, 1.0, float("inf")), (10.0, 30.0, 39.0, 40.0))} == merged_buckets(
        m.TTFT, of_text(TWO_ENGINES), MODEL
    )
    answer = evaluate(Quantile(0.5, m.TTFT), of_text(TWO_ENGINES), MODEL)
    assert 0.3 == pytest.approx(answer[A].number, rel=1e-12)
    assert Quality.INTERPOLATED is answer[A].quality


def test_a_quantile_in_the_first_bucket_is_only_a_bound() -> None:
    """Rank 4 of the first 10: interpolated from 0 as Prometheus does, and marked as below the first bound."""
    answer = evaluate(Quantile(0.1, m.TTFT), of_text(TWO_ENGINES), MODEL)
    assert 0.04 == pytest.approx(answer[A].number)
    assert Quality.BELOW_FIRST is answer[A].quality


def test_a_quantile_beyond_the_last_finite_bound_is_only_a_bound() -> None:
    """Rank 39.6 of 40 lies over 1 s: how far is unknown, so it is the last bound and says so."""
    assert {A: Value(1.0, Quality.ABOVE_LAST)} == evaluate(Quantile(0.99, m.TTFT), of_text(TWO_ENGINES), MODEL)


def test_a_quantile_at_the_edge_is_the_edge() -> None:
    """Rank 30 of 40 is exactly what 0.5 s holds."""
    answer = evaluate(Quantile(0.75, m.TTFT), of_text(TWO_ENGINES), MODEL)
    assert Value(0.5, Quality.INTERPOLATED) == answer[A]


def test_a_quantile_of_growth_forgets_the_past() -> None:
    """A thousand fast answers before, ten slow ones since: the median is of the ten, 0.5 + 0.5 * 5/10 s."""
    lines = (
        'vllm:time_to_first_token_seconds_bucket{{le="0.5",model_name="a"}} {0}\n'
        'vllm:time_to_first_token_seconds_bucket{{le="1.0",model_name="a"}} {1}\n'
        'vllm:time_to_first_token_seconds_bucket{{le="+Inf",model_name="a"}} {1}\n'
    )
    pages = of_text(lines.format(1000, 1010), earlier=lines.format(1000, 1000), seconds=60)
    assert {A: Value(0.75, Quality.INTERPOLATED)} == evaluate(Quantile(0.5, m.TTFT), pages, MODEL)


def test_counts_that_fall_are_lifted_as_prometheus_does() -> None:
    """A page is not written at one instant: 9, 7, 12 is read as 9, 9, 12, and rank 10 is a third of the last step."""
    found = Buckets((1.0, 2.0, 3.0, 4.0, float("inf")), (5.0, 9.0, 7.0, 12.0, 20.0)).quantile(0.5)
    assert found is not None
    assert 3 + 1 / 3 == pytest.approx(found.number, rel=1e-12)
    assert Quality.INTERPOLATED is found.quality


def test_a_first_bound_of_zero_or_less_is_not_interpolated() -> None:
    """From 0 up to a bound of 0 there is nothing to interpolate: the bound itself."""
    assert Value(0.0, Quality.BELOW_FIRST) == Buckets((0.0, 1.0, float("inf")), (6.0, 9.0, 10.0)).quantile(0.5)


@pytest.mark.parametrize(
    ("bounds", "counts"),
    [
        ((0.5, 1.0), (3.0, 4.0)),  # cut page: no +Inf
        ((float("inf"),), (4.0,)),  # nothing finite
        ((0.5, float("inf")), (0.0, 0.0)),  # no observation
        ((), ()),
    ],
)
def test_without_a_whole_histogram_there_is_no_quantile(bounds: tuple[float, ...], counts: tuple[float, ...]) -> None:
    """Without +Inf, a finite bound or an observation nothing can be said."""
    assert Buckets(bounds, counts).quantile(0.95) is None
    assert Buckets(bounds, counts).smallest_holding(0.99) is None


def test_the_smallest_edge_that_holds_a_share() -> None:
    """99 of 100 within 0.5 s: exactly 99 % is enough; 99.1 % needs the next edge, and none holds what is beyond all."""
    buckets = Buckets((0.1, 0.5, 1.0, float("inf")), (50.0, 99.0, 100.0, 100.0))
    assert (0.5, 0.99) == buckets.smallest_holding(0.99)
    assert (1.0, 1.0) == buckets.smallest_holding(0.991)
    assert Buckets((0.1, float("inf")), (50.0, 100.0)).smallest_holding(0.99) is None


def test_bounds_are_numbers_however_they_are_written() -> None:
    """1, 1.0 and 1e0 are one bound, so that engines of different builds merge; what is no number is left out."""
    page = """
        vllm:time_to_first_token_seconds_bucket{engine="0",le="1",model_name="a"} 1
        vllm:time_to_first_token_seconds_bucket{engine="1",le="1.0",model_name="a"} 2
        vllm:time_to_first_token_seconds_bucket{engine="2",le="1e0",model_name="a"} 4
        vllm:time_to_first_token_seconds_bucket{engine="0",le="much",model_name="a"} 8
        vllm:time_to_first_token_seconds_bucket{engine="0",le="NaN",model_name="a"} 16
        vllm:time_to_first_token_seconds_bucket{engine="0",model_name="a"} 32
    """
    assert {A: Buckets((1.0,), (7.0,))} == merged_buckets(m.TTFT, of_text(page), MODEL)


# --------------------------------------------------------------------------------------------- matchers


@pytest.mark.parametrize(
    ("expected", "op", "value"),
    [
        (True, "=", "2xx"),
        (False, "=", "5xx"),
        (True, "!=", "5xx"),
        (False, "!=", "2xx"),
        (True, "=~", "2.."),
        (False, "=~", "2"),  # the whole value, as in Prometheus
        (False, "!~", "2.*|3.*"),
        (True, "!~", "5.."),
    ],
)
def test_matchers_are_prometheus_own(expected: bool, op: str, value: str) -> None:
    """The four operators, anchored at both ends."""
    assert expected is matches((("status", "2xx"),), (("status", op, value),))  # type: ignore[arg-type]


def test_an_absent_label_is_the_empty_string() -> None:
    """As in Prometheus: no label and an empty one are the same."""
    assert matches((), (("status", "=", ""),)) is True
    assert matches((), (("status", "!=", ""),)) is False
    assert {(): 3.0} == _ask(Level(m.REQUESTS_RUNNING, "sum"), page='vllm:num_requests_running{model_name=""} 3')


def test_growth_of_each_part_of_a_histogram() -> None:
    """Count and sum grow like counters: 20 + 20 observations, 5 + 15 seconds."""
    assert {A: 40.0} == _ask(Growth(m.TTFT, Part.COUNT))
    assert {A: 20.0} == _ask(Growth(m.TTFT, Part.SUM))


def test_an_empty_label_is_no_label() -> None:
    """As in Prometheus: a row with an empty engine belongs to the same group as one without."""
    page = of_text(
        """
        vllm:num_requests_running{model_name="m",engine=""} 2
        vllm:num_requests_running{model_name="m",ReplicaId="x"} 3
        """
    )

    assert {(("model_name", "m"),): 5.0} == {
        group: value.number
        for group, value in evaluate(Level(m.REQUESTS_RUNNING, "sum"), page, ("model_name", "engine")).items()
    }
