"""Page -> snapshot: which metric a sample is, under any prefix and generation of names, and what is left out."""

from __future__ import annotations

import pytest

from recordings import of_text
from vllm_observability.catalog import metrics as m
from vllm_observability.model import Part
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.snapshot import Snapshot, find_prefix, lookup, snapshot
from vllm_observability.words.phrases import English

A = (("model_name", "a"),)


def _page(text: str) -> Snapshot:
    return of_text(text).later


def _doubts(page: Snapshot) -> list[str]:
    return [English().write(doubt) for doubt in page.doubts]


# --------------------------------------------------------------------------------------------- prefixes


@pytest.mark.parametrize(
    "prefix",
    ["vllm:", "vllm_", "ray_vllm:", "ray_vllm_", "kserve_vllm:", "kserve_vllm_", "vllm_omni:", "vllm_omni_"],
)
def test_a_page_is_read_under_any_known_prefix(prefix: str) -> None:
    """Ray and OpenTelemetry replace the colon, other builds put a name in front: the metrics are the same."""
    page = _page(f"""
        # TYPE {prefix}lora_requests_info gauge
        {prefix}num_requests_running{{model_name="a"}} 3
        {prefix}time_to_first_token_seconds_bucket{{le="0.1",model_name="a"}} 2
        {prefix}brand_new_thing 1
    """)
    assert prefix == page.prefix
    assert {A: 3.0} == page.of(m.REQUESTS_RUNNING)
    assert {(("le", "0.1"), *A): 2.0} == page.of(m.TTFT, Part.BUCKET)
    assert (f"{prefix}brand_new_thing",) == page.unknown
    assert {"lora_requests"} == page.declared


def test_the_prefix_of_most_known_names_wins() -> None:
    """A router may re-export a metric or two under another prefix: the engine's own page is the one with more."""
    assert "ray_vllm_" == find_prefix(
        ["ray_vllm_num_requests_running", "ray_vllm_prompt_tokens_total", "vllm:num_requests_running"]
    )


def test_without_a_known_name_the_prefix_is_vllms_own() -> None:
    """A page of another program must not be taken for an odd dialect of vLLM."""
    assert "vllm:" == find_prefix(["up", "node_load1", "vllm_router_requests"])
    assert "vllm:" == find_prefix([])


def test_samples_of_one_metric_do_not_depend_on_a_suffix() -> None:
    """Some exporters leave `_total` out; `request_prompt_tokens` is another family all the same."""
    page = _page("""
        vllm:prompt_tokens{model_name="a"} 6300
        vllm:request_prompt_tokens_sum{model_name="a"} 41
        vllm:iteration_tokens_total_count{model_name="a"} 5
    """)
    assert {A: 6300.0} == page.of(m.PROMPT_TOKENS)
    assert {A: 41.0} == page.of(m.REQUEST_PROMPT_TOKENS, Part.SUM)
    assert {A: 5.0} == page.of(m.ITERATION_TOKENS, Part.COUNT)


def test_families_declared_under_the_colon_count_on_a_page_with_underscores() -> None:
    """prometheus_client's OpenMetrics escapes the colon in samples, not in TYPE lines: both speak of one family."""
    page = _page("""
        # TYPE vllm:num_requests_running gauge
        vllm_num_requests_running{model_name="a"} 3
        # TYPE vllm:time_to_first_token_seconds histogram
    """)
    assert "vllm_" == page.prefix
    assert {"time_to_first_token_seconds"} == page.declared


def test_times_of_creation_are_no_counts_and_not_unknown() -> None:
    """`_created` is a Unix time beside every counter; taking it for a value would add a billion."""
    page = _page("""
        vllm:prompt_tokens_total{model_name="a"} 7
        vllm:prompt_tokens_created{model_name="a"} 1.7955734549842272e+09
        vllm:iteration_tokens_total_created{model_name="a"} 1.7955734549842272e+09
    """)
    assert {A: 7.0} == page.of(m.PROMPT_TOKENS)
    assert () == page.unknown
    assert page.has(m.ITERATION_TOKENS) is False


# ------------------------------------------------------------------------------------- names and labels


def test_the_newest_name_wins_for_each_series() -> None:
    """A release that shows both names counts once, whichever comes first on the page; a lone old name still counts."""
    page = _page("""
        vllm:gpu_cache_usage_perc{model_name="a"} 0.31
        vllm:kv_cache_usage_perc{model_name="a"} 0.32
        vllm:gpu_cache_usage_perc{model_name="b"} 0.41
        vllm:prefix_cache_hits_total{model_name="a"} 5
        vllm:gpu_prefix_cache_hits_total{model_name="a"} 4
    """)
    assert {A: 0.32, (("model_name", "b"),): 0.41} == page.of(m.KV_CACHE_USAGE)
    assert {A: 5.0} == page.of(m.PREFIX_CACHE_HITS)
    assert [] == _doubts(page)
    used = [name.text for name in page.used["kv_cache_usage"]]
    assert ["vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"] == used


def test_pid_rows_of_a_gauge_are_one_series_the_largest() -> None:
    """Two API-server processes each show the gauge, one of them stale: 3, not 5, and no doubt about it."""
    page = _page("""
        vllm:num_requests_running{model_name="a",pid="11"} 3
        vllm:num_requests_running{model_name="a",pid="12"} 2
    """)
    assert {A: 3.0} == page.of(m.REQUESTS_RUNNING)
    assert [] == _doubts(page)


def test_the_simulators_finish_reason_is_vllms() -> None:
    """llm-d's simulator writes finish_reason: reasons must not fall together for the missing letters."""
    page = _page("""
        vllm:request_success_total{model_name="a",finish_reason="stop"} 50
        vllm:request_success_total{model_name="a",finish_reason="length"} 6
    """)
    assert {(("finished_reason", "stop"), *A): 50.0, (("finished_reason", "length"), *A): 6.0} == page.of(
        m.REQUEST_SUCCESS
    )


def test_the_order_of_labels_means_nothing() -> None:
    """One series written twice in two orders is one series given twice."""
    page = _page("""
        vllm:num_requests_running{model_name="a",engine="0"} 3
        vllm:num_requests_running{engine="0",model_name="a"} 3
    """)
    assert {(("engine", "0"), *A): 3.0} == page.of(m.REQUESTS_RUNNING)
    assert [] == _doubts(page)


def test_a_series_given_twice_with_two_values_is_doubted() -> None:
    """The first is used, and said: two exporters behind one page, or an aggregator that adds nothing up."""
    page = _page("""
        vllm:prompt_tokens_total{model_name="a"} 100
        vllm:prompt_tokens_total{model_name="a"} 200
    """)
    assert {A: 100.0} == page.of(m.PROMPT_TOKENS)
    assert ["vllm:prompt_tokens_total is given twice with different values; the first was used"] == _doubts(page)


# -------------------------------------------------------------------------------------- possible values


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("vllm:prompt_tokens_total", "NaN"),
        ("vllm:prompt_tokens_total", "+Inf"),
        ("vllm:prompt_tokens_total", "-1"),
        ("vllm:num_requests_waiting", "-3"),
        ("vllm:num_requests_waiting", "Inf"),
        ("vllm:kv_cache_usage_perc", "1.2"),
        ("vllm:kv_cache_usage_perc", "-0.5"),
        ("vllm:time_to_first_token_seconds_count", "-0.001"),
        ("process_resident_memory_bytes", "-4096"),
        ("process_start_time_seconds", "1e12"),
        ("vllm:kv_cache_usage_perc", "-1"),
        ("http_requests_total", "1e300"),
    ],
)
def test_impossible_values_are_left_out_and_said(name: str, value: str) -> None:
    """No server has minus three requests or a cache 120 % full: such a sample is not a number to report."""
    page = _page(f'{name}{{model_name="a"}} {value}')
    assert all(not rows for rows in page.series.values())
    assert [f"{name}: samples left out because their value cannot be right: 1"] == _doubts(page)


@pytest.mark.parametrize(
    ("metric", "name", "value"),
    [
        (m.KV_CACHE_USAGE, "vllm:kv_cache_usage_perc", 0.0),
        (m.KV_CACHE_USAGE, "vllm:kv_cache_usage_perc", 1.0),
        (m.PREFIX_CACHE_HIT_RATE, "vllm:gpu_prefix_cache_hit_rate", -1.0),
        (m.LORA_REQUESTS, "vllm:lora_requests_info", 1795577014.3),
        (m.PROMPT_TOKENS, "vllm:prompt_tokens_total", 1e15),
    ],
)
def test_values_at_the_edge_of_the_possible_are_kept(metric: object, name: str, value: float) -> None:
    """Empty, full, off, a time, and very many."""
    page = _page(f'{name}{{model_name="a"}} {value!r}')
    assert isinstance(metric, type(m.TTFT))
    assert {A: value} == page.of(metric)
    assert [] == _doubts(page)


# ------------------------------------------------------------------------------------- others on a page


def test_other_programs_on_the_page_count_for_nothing() -> None:
    """A node exporter, a proxy and an engine of another make, named alike, add no request and raise no question."""
    page = _page("""
        vllm:num_requests_running{model_name="a"} 1
        sglang:num_requests_running{model_name="a"} 77
        vllm_router:num_requests_running 99999
        num_requests_running 5
        node_load1 400
        my_vllm:num_requests_running{model_name="a"} 6
    """)
    assert {A: 1.0} == page.of(m.REQUESTS_RUNNING)
    assert () == page.unknown
    assert [] == _doubts(page)


def test_a_page_without_engine_samples_is_not_vllms() -> None:
    """HTTP and process families belong to any Python server: alone they don't make a page vLLM's."""
    page = _page("""
        # TYPE vllm:num_requests_running gauge
        http_requests_total{handler="/",method="GET",status="2xx"} 5
        process_cpu_seconds_total 3
    """)
    assert page.engine_samples is False
    assert {"requests_running"} == page.declared
    assert page.has(m.HTTP_REQUESTS) is True


def test_lookup_says_part_and_age() -> None:
    """A name with a histogram's ending is that part; the old name ranks behind the new one."""
    found = lookup("vllm:time_per_output_token_seconds_bucket")
    assert found is not None
    assert ("inter_token_latency_seconds", Part.BUCKET, 1) == (found.metric.id, found.part, found.rank)
    assert lookup("vllm:no_such_thing") is None
    assert lookup("vllm:num_requests_running", "ray_vllm_") is None


def test_the_latest_timestamp_is_the_pages() -> None:
    """Samples may carry the time of the scrape; without one the page has none."""
    page = _page("""
        vllm:num_requests_running{model_name="a"} 1 1771301000000
        vllm:num_requests_running{model_name="b"} 1 1771301002500
    """)
    assert 1771301002.5 == page.timestamp
    assert snapshot(read_page(b"up 1\n")).timestamp is None
