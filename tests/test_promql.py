"""Reader 1: what a question looks like as PromQL, to the letter, and that all of it parses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import promql_parser
import pytest

from vllm_observability.catalog import checks
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.model import (
    Beyond,
    Either,
    Growth,
    Late,
    Level,
    Node,
    Owner,
    Part,
    PerSecond,
    Plus,
    Quantile,
    Ratio,
    Raw,
    Scope,
    ShareWithin,
    Unexplained,
    le_spellings,
)
from vllm_observability.queries.promql import Reader, Recorded, fold
from vllm_observability.queries.recorded import Plan, plan
from vllm_observability.rules.alerts import alert_groups
from vllm_observability.rules.budgets import slo_groups
from vllm_observability.rules.recording import recording_groups
from vllm_observability.settings import Settings

PLAIN = Reader(by=("model_name",), window="5m")
ERRORS = Growth(m.REQUEST_SUCCESS, where=(("finished_reason", "=", "error"),))


def _text(lines: str) -> str:
    """A query as written in a test: without the indentation of the test itself."""
    rows = lines.strip("\n").splitlines()
    margin = min(len(row) - len(row.lstrip()) for row in rows if row.strip())
    return "\n".join(row[margin:] for row in rows if row.strip())


# ------------------------------------------------------------------------------------- shape by shape


def test_a_counter_grows_by_increase_and_flows_by_rate() -> None:
    """Growth is what a window added, per second it is a rate; both summed to the reader's labels."""
    assert "sum by (model_name) (increase(vllm:prompt_tokens_total[5m]))" == PLAIN.text(Growth(m.PROMPT_TOKENS))
    assert "sum by (model_name) (rate(vllm:prompt_tokens_total[5m]))" == PLAIN.text(PerSecond(Growth(m.PROMPT_TOKENS)))


def test_without_labels_the_sum_is_over_everything() -> None:
    """No `by ()`: a query over everything reads as people write it."""
    assert "sum(rate(vllm:prompt_tokens_total[5m]))" == Reader((), "5m").text(PerSecond(Growth(m.PROMPT_TOKENS)))


def test_renamed_metrics_join_inside_the_sum_newest_first() -> None:
    """Joined outside, a mixed fleet would lose its old servers; oldest first, an overlap release would speak twice."""
    expected = _text("""
        sum by (model_name) (
          rate(vllm:prefix_cache_hits_total[5m]) or rate(vllm:gpu_prefix_cache_hits_total[5m])
        )
    """)
    assert expected == PLAIN.text(PerSecond(Growth(m.PREFIX_CACHE_HITS)))


def test_a_gauge_sums_counts_and_takes_the_fullest_of_shares() -> None:
    """`max` needs no pid rule; every other aggregation counts the pid rows of one gauge once, as the largest."""
    assert "max by (model_name) (vllm:kv_cache_usage_perc or vllm:gpu_cache_usage_perc)" == PLAIN.text(
        Level(m.KV_CACHE_USAGE, "max")
    )
    assert "sum by (model_name) (max without (pid) (vllm:num_requests_running))" == PLAIN.text(
        Level(m.REQUESTS_RUNNING, "sum")
    )
    assert (
        "avg by (model_name) (max without (pid) (vllm:kv_cache_usage_perc or vllm:gpu_cache_usage_perc))"
        == PLAIN.text(Level(m.KV_CACHE_USAGE, "avg"))
    )


def test_a_level_under_at_least_is_left_out() -> None:
    """-1 says that a feature is off: it must not enter an average."""
    assert "avg by (model_name) (max without (pid) (vllm:gpu_prefix_cache_hit_rate >= 0))" == PLAIN.text(
        Level(m.PREFIX_CACHE_HIT_RATE, "avg", at_least=0.0)
    )


def test_at_least_binds_to_all_names_joined() -> None:
    """`>=` binds tighter than `or`: without parentheses it would judge the oldest name only."""
    assert "max by (model_name) ((vllm:kv_cache_usage_perc or vllm:gpu_cache_usage_perc) >= 0)" == PLAIN.text(
        Level(m.KV_CACHE_USAGE, "max", at_least=0.0)
    )


def test_a_ratio_guards_its_divisor() -> None:
    """Without traffic the answer is empty, not NaN; both sides are summed to the same labels."""
    expected = _text("""
        sum by (model_name) (rate(vllm:time_to_first_token_seconds_sum[5m]))
        /
        (sum by (model_name) (rate(vllm:time_to_first_token_seconds_count[5m])) > 0)
    """)
    assert expected == PLAIN.text(s.TTFT_MEAN.expr)


def test_a_short_ratio_stays_on_one_line() -> None:
    """A query is folded only where it is long."""
    assert "sum(rate(vllm:num_preemptions_total[5m])) / (sum(rate(vllm:request_success_total[5m])) > 0)" == Reader(
        (), "5m"
    ).text(s.PREEMPTIONS_PER_REQUEST.expr)


def test_a_filtered_growth_is_zero_where_the_metric_exists() -> None:
    """A server that never failed has no error series: its error share is 0, not unknown."""
    expected = _text("""
        (
          sum by (model_name) (rate(vllm:request_success_total{finished_reason="error"}[5m]))
          or
          0 * sum by (model_name) (rate(vllm:request_success_total[5m]))
        )
        /
        (sum by (model_name) (rate(vllm:request_success_total[5m])) > 0)
    """)
    assert expected == PLAIN.text(Ratio(ERRORS, Growth(m.REQUEST_SUCCESS)))


def test_a_filtered_growth_by_itself_is_zero_too() -> None:
    """The same holds for the count: joined by `or` to nought times the whole."""
    expected = _text("""
        sum by (model_name) (increase(vllm:request_success_total{finished_reason="error"}[5m]))
        or
        0 * sum by (model_name) (increase(vllm:request_success_total[5m]))
    """)
    assert expected == PLAIN.text(ERRORS)


def test_a_quantile_merges_the_buckets_first() -> None:
    """`le` is kept in the sum, old and new histograms join inside it; `>= 0` drops the NaN of no observations."""
    expected = _text("""
        histogram_quantile(0.95,
          sum by (model_name, le) (
            rate(vllm:inter_token_latency_seconds_bucket[5m])
            or
            rate(vllm:time_per_output_token_seconds_bucket[5m])
          )
        ) >= 0
    """)
    assert expected == Reader(("model_name",), "5m", common_bounds=False).text(Quantile(0.95, m.ITL))


def test_buckets_of_engines_with_other_bounds_are_summed_where_all_have_them() -> None:
    """In a mixed fleet a sum at a bound that some engines lack would fall, and a percentile jump to the last bound."""
    expected = _text("""
        histogram_quantile(0.95,
          sum by (model_name, le) (rate(vllm:time_to_first_token_seconds_bucket[5m]))
          and on (model_name, le)
          (
            count by (model_name, le) (vllm:time_to_first_token_seconds_bucket)
            == on (model_name) group_left ()
            count by (model_name) (vllm:time_to_first_token_seconds_bucket{le="+Inf"})
          )
        ) >= 0
    """)
    assert expected == PLAIN.text(Quantile(0.95, m.TTFT))


def test_a_share_within_a_bound_matches_either_spelling_of_it() -> None:
    """Prometheus 2 keeps `le="1.0"` as Python wrote it, 3 writes `le="1"`; engines without the bound are left out."""
    expected = _text(r"""
        sum by (model_name) (rate(vllm:time_to_first_token_seconds_bucket{le=~"1|1\\.0"}[5m]))
        /
        (
          sum by (model_name) (
            rate(vllm:time_to_first_token_seconds_bucket{le="+Inf"}[5m])
            and ignoring (le)
            rate(vllm:time_to_first_token_seconds_bucket{le=~"1|1\\.0"}[5m])
          ) > 0
        )
    """)
    assert expected == PLAIN.text(ShareWithin(m.TTFT, 1.0))


UNEXPLAINED = Unexplained(m.TTFT, m.QUEUE_TIME, m.PREFILL_TIME, ((2.5, 0.3, 0.5),))


def test_a_wait_is_late_beside_the_work_of_whoever_waits() -> None:
    """Each class of waits times the requests whose work is less, over all waits and all work; and the unexplained."""
    late = Late(m.QUEUE_TIME, m.PREFILL_TIME, ((2.0, 0.5), (60.0, None)), UNEXPLAINED)
    wait, work = (f"sum by (model_name) (rate(vllm:request_{name}_time_seconds_bucket" for name in ("queue", "prefill"))
    two, minute, half, end = (f'{{le=~"{le}"}}[5m]))' for le in (r"2|2\\.0", r"60|60\\.0", r"0\\.5", r"\\+Inf"))
    expected = (
        f"( ( {wait}{minute} - {wait}{two} ) * {work}{half} + ( {wait}{end} - {wait}{minute} ) * {work}{end} )"
        f" / ( ( {wait}{end} * {work}{end} ) > 0 ) + {PLAIN.text(UNEXPLAINED)}"
    )
    assert re.sub(r"\s+", "", expected) == re.sub(r"\s+", "", PLAIN.text(late))
    beyond = f"({wait}{end} - {wait}{two}) / ({wait}{end} > 0)"
    assert re.sub(r"\s+", "", beyond) == re.sub(r"\s+", "", PLAIN.text(Beyond(m.QUEUE_TIME, 2.0)))


def test_starts_are_unexplained_as_far_as_neither_part_can_be_the_reason() -> None:
    """Those above, less everybody who waits or works longer; 0 where waits are known and the rest says nothing."""
    shares = [
        f"( sum by (model_name) (rate(vllm:{name}_seconds_bucket{{le=~'{le}'}}[5m]))"
        f" / (sum by (model_name) (rate(vllm:{name}_seconds_bucket{{le=~'\\\\+Inf'}}[5m])) > 0) )"
        for name, le in (
            ("request_queue_time", r"0\\.3"),
            ("request_prefill_time", r"0\\.5"),
            ("time_to_first_token", r"2\\.5"),
        )
    ]
    known = "0 * ( sum by (model_name) (rate(vllm:request_queue_time_seconds_bucket{le=~'\\\\+Inf'}[5m])) > 0 )"
    expected = (
        f"max by (model_name) ( {known} or label_replace( {shares[0]} + {shares[1]} - {shares[2]} - 1,"
        " 'above', '2.5', '', '' ) )"
    )
    assert re.sub(r"\s+", "", expected).replace("'", '"') == re.sub(r"\s+", "", PLAIN.text(UNEXPLAINED))


@pytest.mark.parametrize(
    ("bound", "expected", "spelt"),
    [
        (1.0, r"1|1\.0", ("1", "1.0")),
        (0.25, r"0\.25", ("0.25",)),
        (2560.0, r"2560|2560\.0", ("2560", "2560.0")),
        (0.001, r"0\.001", ("0.001",)),
    ],
)
def test_bounds_are_matched_whole_and_escaped(bound: float, expected: str, spelt: tuple[str, ...]) -> None:
    """The expression takes every spelling and nothing else: its dot is a dot."""
    assert expected == le_spellings(bound)
    assert all(re.fullmatch(le_spellings(bound), text) for text in spelt)
    assert not re.fullmatch(le_spellings(0.25), "0125")


def test_either_and_plus() -> None:
    """The first where it is defined, else the second; a constant stands outside the parentheses of a ratio."""
    either = Either(Level(m.REQUESTS_RUNNING, "max"), Level(m.REQUESTS_WAITING, "max"))
    assert "max(vllm:num_requests_running) or max(vllm:num_requests_waiting)" == Reader((), "5m").text(either)
    expected = _text("""
        1 + (
          sum by (model_name) (rate(vllm:spec_decode_num_accepted_tokens_total[5m]))
          /
          (sum by (model_name) (rate(vllm:spec_decode_num_drafts_total[5m])) > 0)
        )
    """)
    assert expected == PLAIN.text(Plus(Ratio(Growth(m.SPEC_ACCEPTED_TOKENS), Growth(m.SPEC_DRAFTS)), 1.0))


def test_an_exact_answer_has_no_label_that_nobody_asked_for() -> None:
    """An engine's gauge stands for itself, with a pod's labels if it has some; a table would make them columns."""
    reader = Reader(("instance", "engine"), "5m", one_by=("instance", "engine"))
    assert "vllm:num_requests_running" == reader.text(Level(m.REQUESTS_RUNNING, "max"))
    exact = replace(reader, exact=True)
    assert "max by (instance, engine) (vllm:num_requests_running)" == exact.text(Level(m.REQUESTS_RUNNING, "max"))


# ------------------------------------------------------------------------------------- choice of series


def test_every_prefix_of_a_site_is_asked_for() -> None:
    """Two prefixes and two names make four selectors; a newer name under any prefix comes before an older one."""
    expected = _text("""
        max(
          ray_vllm_kv_cache_usage_perc
          or
          vllm:kv_cache_usage_perc
          or
          ray_vllm_gpu_cache_usage_perc
          or
          vllm:gpu_cache_usage_perc
        )
    """)
    reader = Reader((), "5m", prefixes=("ray_vllm_", "vllm:"))
    assert expected == reader.text(Level(m.KV_CACHE_USAGE, "max"))


def test_the_targets_selector_is_for_everybodys_metrics_only() -> None:
    """`http_*` and `process_*` exist in every Python program, so they need vLLM's job; vLLM's own names need none."""
    reader = Reader(("job",), "5m", foreign='job=~".*vllm.*"')
    assert 'sum by (job) (increase(http_requests_total{job=~".*vllm.*"}[5m]))' == reader.text(Growth(m.HTTP_REQUESTS))
    assert 'max by (job) (process_resident_memory_bytes{job=~".*vllm.*"})' == reader.text(s.RESIDENT_MEMORY.expr)
    assert "sum by (job) (increase(vllm:prompt_tokens_total[5m]))" == reader.text(Growth(m.PROMPT_TOKENS))


def test_matchers_apply_where_a_series_can_carry_the_label() -> None:
    """A filter on model_name would empty every HTTP panel; target labels are on every series."""
    reader = Reader((), "5m", matchers=(("model_name", "=~", "a|b"), ("instance", "=", "x:1")))
    assert 'sum(increase(vllm:prompt_tokens_total{model_name=~"a|b",instance="x:1"}[5m]))' == reader.text(
        Growth(m.PROMPT_TOKENS)
    )
    assert 'sum(increase(http_requests_total{instance="x:1"}[5m]))' == reader.text(Growth(m.HTTP_REQUESTS))


def test_values_of_matchers_are_escaped() -> None:
    """A model name may hold a quote, a backslash or a line break, and is still one string."""
    reader = Reader((), "5m", matchers=(("model_name", "=", 'a"b\\c\nd'),))
    text = reader.text(Growth(m.PROMPT_TOKENS))
    assert r'sum(increase(vllm:prompt_tokens_total{model_name="a\"b\\c\nd"}[5m]))' == text
    promql_parser.parse(text)


def test_recorded_series_are_put_in() -> None:
    """A recorded node is read by name, over the reader's matchers; at other labels its parts are summed again."""
    rate, mean = Growth(m.PROMPT_TOKENS), s.TTFT_MEAN.expr
    held = {
        rate: Recorded("engine:vllm_prompt_tokens:rate5m", ("instance", "model_name")),
        mean: Recorded("model:vllm_time_to_first_token_seconds:mean_rate5m", ("model_name",)),
    }
    reader = Reader(("model_name",), "5m", matchers=(("instance", "=", "x:1"),), recorded=held.get)
    assert 'sum by (model_name) (engine:vllm_prompt_tokens:rate5m{instance="x:1"})' == reader.text(PerSecond(rate))
    assert "model:vllm_time_to_first_token_seconds:mean_rate5m" == reader.text(mean)


def test_a_recorded_ratio_is_not_averaged_to_other_labels() -> None:
    """At other labels than recorded, a ratio is asked of the raw counters again: no average of averages."""
    held = {s.TTFT_MEAN.expr: Recorded("model:vllm_time_to_first_token_seconds:mean_rate5m", ("model_name",))}
    text = Reader((), "5m", recorded=held.get).text(s.TTFT_MEAN.expr)
    assert "mean_rate5m" not in text
    assert text.startswith("sum(rate(vllm:time_to_first_token_seconds_sum[5m]))")


def test_growth_from_a_recorded_rate_is_the_rate_times_the_window() -> None:
    """Five minutes are 300 seconds: a floor of 20 requests means 20 in the window, whichever series is read."""
    held = {Growth(m.REQUEST_SUCCESS): Recorded("model:vllm_request_success:rate5m", ("finished_reason", "model_name"))}
    reader = Reader(("model_name",), "5m", recorded=held.get)
    assert "sum by (model_name) (model:vllm_request_success:rate5m) * 300" == reader.text(Growth(m.REQUEST_SUCCESS))


def test_raw_text_takes_only_recorded_parts() -> None:
    """`offset` works on a series, not on an expression: without a recording there is no such query, and it says so."""
    with pytest.raises(ValueError, match="must be a recorded series"):
        PLAIN.text(s.THROUGHPUT_CHANGE.expr)


def test_long_queries_fold_at_a_hundred_columns() -> None:
    """A hundred characters stay on one line, a hundred and one do not."""
    assert "f(" + "x" * 97 + ")" == fold("f(", "x" * 97, ")")
    assert "f(\n  " + "x" * 98 + "\n)" == fold("f(", "x" * 98, ")")


# ---------------------------------------------------------------------------------------- all of them


def _queries() -> Iterator[tuple[str, Node, str]]:
    """Every signal, raw and with recorded series put in, at both levels, with one prefix and with two."""
    for prefixes in (("vllm:",), ("kserve_vllm:", "vllm_")):
        planned = plan(Settings(metric_prefixes=prefixes))
        levels: tuple[Scope, ...] = ("model", "engine")
        for level in levels:
            for signal in s.ALL:
                yield f"{signal.id} recorded", signal.expr, _asked(planned, level, signal.expr)
                if not isinstance(signal.expr, Raw):
                    yield f"{signal.id} raw", signal.expr, planned.raw_reader(level).text(signal.expr)


def _asked(planned: Plan, level: Scope, node: Node) -> str:
    # What only PromQL can say is recorded per model, not per engine.
    return planned.reader("model" if isinstance(node, Raw) else level).text(node)


QUERIES = list(_queries())


def test_every_signal_parses_raw_and_recorded() -> None:
    """Each query is PromQL with the types that it needs, at either level, for any prefix."""
    assert len(QUERIES) > 200
    for what, _, text in QUERIES:
        assert promql_parser.parse(text), what


def test_no_query_breaks_a_law() -> None:
    """No clamp_min to dodge a nought, no `__name__` (Google's Prometheus refuses it), no unguarded division."""
    for what, _, text in QUERIES:
        assert "clamp_min" not in text, what
        assert "__name__" not in text, what
        for operation in _divisions(promql_parser.parse(text)):
            assert re.search(r"> 0\)?$", str(operation.rhs)), what


def test_no_average_of_a_ratio_or_a_percentile() -> None:
    """An average over engines is of a gauge: averaged ratios and percentiles weigh an idle engine like a busy one."""
    averaged = 0
    for what, _, text in QUERIES:
        for node in _nodes(promql_parser.parse(text)):
            if isinstance(node, promql_parser.AggregateExpr) and str(node.op) == "avg":
                averaged += 1
                assert "/" not in str(node.expr), what
                assert "histogram_quantile" not in str(node.expr), what
                assert "mean" not in str(node.expr), what
    assert averaged >= 8


def test_old_names_stand_in_no_query_without_the_new_one_before_it() -> None:
    """Wherever a retired name is read, its successor is read first, in the same join."""
    for what, _, text in QUERIES:
        for metric in (x for x in m.ALL if len(x.names) > 1 and x.owner is Owner.ENGINE):
            for part in metric.parts:
                new, old = (name.removeprefix("vllm:") for name in metric.series(part))
                places = [text.find(name) for name in (f":{new}", f":{old}")]
                assert places[1] < 0 or 0 <= places[0] < places[1], what


def test_every_series_that_an_alert_or_a_rule_reads_under_a_level_is_recorded() -> None:
    """A rule that reads a series which nobody records would be silent for ever."""
    planned = plan(Settings())
    groups = (*recording_groups(planned), *slo_groups(planned), *alert_groups(planned))
    recorded = {rule.record for group in groups for rule in group.rules if rule.record}
    read = {
        name
        for group in groups
        for rule in group.rules
        for name in re.findall(r"\b(?:model|engine):[a-z0-9_]+:[a-z0-9_]+", rule.expr)
    }
    assert len(read) > 20
    assert set() == read - recorded


def test_conditions_are_asked_per_model_or_engine() -> None:
    """Every further clause of a bound has an answer in the labels by which it is joined to the check."""
    planned = plan(Settings())
    for check in checks.ALL:
        for condition in (c for bound in check.bounds for c in bound.when):
            level = check.level if check.level in condition.signal.levels else "model"
            text = planned.reader(level).text(condition.signal.expr)
            if level == "model":  # series of engines are summed up, or counted, to their model
                assert not re.match(r"engine:", text), check.id
            promql_parser.parse(f"({text}) {condition.op} {condition.value:g}")


def _nodes(node: object) -> Iterator[object]:
    yield node
    for name in ("expr", "lhs", "rhs", "vector_selector"):
        child = getattr(node, name, None)
        if child is not None:
            yield from _nodes(child)
    for child in getattr(node, "args", None) or ():
        yield from _nodes(child)


def _divisions(node: object) -> Iterator[promql_parser.BinaryExpr]:
    for found in _nodes(node):
        if isinstance(found, promql_parser.BinaryExpr) and str(found.op) == "/":
            yield found


def test_the_parts_of_a_histogram_are_read_by_their_own_names() -> None:
    """Sum, count and buckets are three series of one name, in the order that the metric lists its names."""
    assert ["vllm:e2e_request_latency_seconds_sum"] == PLAIN.series(m.E2E, Part.SUM)
    assert ["vllm:inter_token_latency_seconds_count", "vllm:time_per_output_token_seconds_count"] == PLAIN.series(
        m.ITL, Part.COUNT
    )
