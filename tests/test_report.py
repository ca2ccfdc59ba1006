"""The report on pages of real servers: its figures are their own counters, its findings what was sent to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from recordings import BY_FOLDER, MODEL, PAGES, RECORDINGS, Recording, after, of_text, reported, seen
from vllm_observability.catalog.figures import BY_ID
from vllm_observability.model import Quality, version_key
from vllm_observability.pages.evaluate import window
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.pages.source import Source
from vllm_observability.render.report.json import report_json
from vllm_observability.render.report.text import report_text
from vllm_observability.report import Report, analyse
from vllm_observability.settings import Settings, parse
from vllm_observability.words.phrases import English

EACH = pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.folder)
SERIES = PAGES / "vllm-0.32.0" / "series"


def _pair(folder: Path, earlier: str, later: str, seconds: float | None) -> Report:
    both = window(seen(folder / later), seen(folder / earlier), seconds)
    return analyse(both, Source("pair", f"{earlier} -> {later}"), Settings())


def _value(report: Report, id: str, **labels: str) -> float:
    figure = report.find(BY_ID[id], **labels)
    assert figure is not None, id
    return figure.value


def _found(report: Report) -> dict[str, str]:
    """Findings that say something is wrong: id -> severity."""
    return {finding.id: finding.severity for finding in report.findings if finding.severity != "ok"}


# ----------------------------------------------------------------------- figures against the servers' counters


@pytest.mark.parametrize(
    ("recording", "path"),
    [
        (recording, path)
        for recording in RECORDINGS
        for path in recording.pages
        if path.stem in ("after", "openmetrics")
    ],
    ids=lambda value: value.folder if isinstance(value, Recording) else value.stem,
)
def test_counts_are_the_servers_own(recording: Recording, path: Path) -> None:
    """Finish reasons, tokens, lengths and preemptions are what the server had counted, in either format."""
    report = reported(path)
    finished = recording.stop + recording.length
    assert recording.stop == _value(report, "requests_finished", finished_reason="stop")
    assert recording.length == _value(report, "requests_finished", finished_reason="length")
    assert finished == sum(figure.value for figure in report.all(BY_ID["requests_finished"]))
    assert recording.prompt_tokens == _value(report, "prompt_tokens")
    assert recording.generation_tokens == _value(report, "generation_tokens")
    assert recording.finished_prompt_tokens / finished == pytest.approx(_value(report, "prompt_tokens_per_request"))
    assert recording.finished_generation_tokens / finished == pytest.approx(
        _value(report, "generation_tokens_per_request")
    )
    assert recording.generation_tokens / recording.prompt_tokens == pytest.approx(_value(report, "output_input_ratio"))
    assert recording.preemptions == _value(report, "preemptions")
    assert recording.preemptions / finished == pytest.approx(_value(report, "preemptions_per_request"))


@EACH
def test_means_are_sum_over_count(recording: Recording) -> None:
    """First token, end to end and token gaps: the server's own sum by its own count, dropped requests included."""
    report = after(recording.folder)
    for id, (count, total) in (
        ("ttft_mean_seconds", recording.ttft),
        ("e2e_mean_seconds", recording.e2e),
        ("itl_mean_seconds", recording.gaps),
    ):
        assert total / count == pytest.approx(_value(report, id), rel=1e-12), id
    count, total = recording.gaps
    assert count / total == pytest.approx(_value(report, "decode_tokens_per_second_per_request"))


@EACH
def test_prefix_cache_figures_are_the_servers_own(recording: Recording) -> None:
    """Hits, and hits by prompt tokens looked up; V0 on a CPU has no prefix cache, and so no figure at all."""
    report = after(recording.folder)
    if recording.cache_hits is None:
        assert report.find(BY_ID["prefix_cache_hit_ratio"]) is None
        assert report.find(BY_ID["prefix_cache_saved_tokens"]) is None
        return
    # The hung server had looked up prompts whose first token it never gave.
    looked_up = {"vllm-0.9.2-hung": 6827}.get(recording.folder, recording.prompt_tokens)
    assert recording.cache_hits == _value(report, "prefix_cache_saved_tokens")
    assert recording.cache_hits / looked_up == pytest.approx(_value(report, "prefix_cache_hit_ratio"))


HTTP = {
    ("/v1/chat/completions", "2xx"): 49,
    ("/v1/completions", "2xx"): 49,
    ("/v1/chat/completions", "4xx"): 7,  # 3 malformed, 4 of an unknown model
    ("/v1/completions", "4xx"): 4,
    ("none", "4xx"): 1,
}
HTTP_OF = {
    # In that release two prompts over the limit were 400 to the client and 5xx in the counter.
    "vllm-0.20.2": {**HTTP, ("/v1/completions", "4xx"): 2, ("/v1/completions", "5xx"): 2},
    "vllm-0.8.5": {},  # the V0 engine's plain page has none
}


@EACH
def test_http_counts_are_what_was_sent(recording: Recording) -> None:
    """98 good requests and 12 refused ones, by handler and status; the share of 2xx follows."""
    report = after(recording.folder)
    expected = HTTP_OF.get(recording.folder, HTTP)
    got = {(f.labels["handler"], f.labels["status"]): f.value for f in report.all(BY_ID["http_requests"])}
    assert expected == got
    if expected:
        assert 98 / 110 == pytest.approx(_value(report, "http_success_ratio"))
    else:
        assert report.find(BY_ID["http_success_ratio"]) is None


# ------------------------------------------------------------------------------------- what every page keeps


def _pages() -> Iterator[Path]:
    yield from (path for recording in RECORDINGS for path in recording.pages)
    yield from sorted(SERIES.glob("*.txt"))


EACH_PAGE = pytest.mark.parametrize("path", list(_pages()), ids=lambda path: f"{path.parent.name}/{path.stem}")


@EACH_PAGE
def test_the_text_fits_a_terminal(path: Path) -> None:
    """At most 80 columns, no control character but the line end, no NaN, and every section's heading."""
    text = report_text(reported(path))
    assert max(len(line) for line in text.splitlines()) <= 80
    assert not re.search(r"[^\n -~\u00a0-\uffff]|[\u0080-\u009f]", text)
    assert not re.search(r"(?<![\w.+-])(nan|inf)(?![\w.])", text, re.I)
    for heading in ("In short", "Requests and tokens", "Latency", "KV cache and prefix cache", "Insights", "Findings"):
        assert f"\n{heading}\n" in text


@EACH_PAGE
def test_the_text_fits_a_narrow_terminal_too(path: Path) -> None:
    """Sixty columns are the least that the command asks for."""
    assert max(len(line) for line in report_text(reported(path), width=60).splitlines()) <= 60


@EACH_PAGE
def test_figures_are_possible_numbers(path: Path) -> None:
    """Finite, not negative, shares at most 1, each id and label set once."""
    figures = reported(path).figures
    assert all(0 <= figure.value < float("inf") for figure in figures)
    assert [] == [f.id for f in figures if f.id.endswith("_ratio") and f.id != "output_input_ratio" and f.value > 1]
    keys = [(figure.id, tuple(sorted(figure.labels.items()))) for figure in figures]
    assert len(keys) == len(set(keys))


@EACH
def test_the_version_range_holds_the_true_version(recording: Recording) -> None:
    """What the names and labels of a page allow includes the release that wrote it, in both formats."""
    for path in recording.pages:
        low, high = reported(path).engine.version_range
        assert low is not None
        assert version_key(low) <= version_key(recording.version)
        assert high is None or version_key(recording.version) <= version_key(high)


@EACH
def test_a_fresh_server_has_nothing_wrong(recording: Recording) -> None:
    """Before the first request there is no latency, no ratio, and nothing above a remark."""
    report = reported(PAGES / recording.folder / "fresh.txt")
    assert {} == _found(report)
    assert [] == [f.id for f in report.figures if "_mean_" in f.id or "_p95_" in f.id or "_bound_" in f.id]
    assert "nothing to judge yet" in " ".join(English().write(phrase) for phrase in report.summary)


@EACH
def test_under_load_the_queue_is_found(recording: Recording) -> None:
    """In the middle of a burst 41 to 70 requests wait and first tokens take seconds: both are said, with the alert.

    On the page of 0.32.0 three of 25 waited over 2 s: some, not many.
    """
    report = reported(PAGES / recording.folder / "loaded.txt")
    found = _found(report)
    waiting = _value(report, "requests_waiting") / (2 if recording.folder == "vllm-0.32.0-dp2" else 1)
    assert 27 <= waiting <= 70
    assert ("critical" if waiting > 50 else "warning") == found["requests_waiting"]
    assert ("warning" if recording.folder == "vllm-0.32.0" else "critical") == found["ttft"]
    assert {"VllmRequestsWaiting", "VllmTimeToFirstTokenHigh"} <= {f.alert for f in report.findings}


def test_findings_come_gravest_first() -> None:
    """Who reads only the first line reads the worst."""
    rank = ["critical", "warning", "info", "ok"]
    for recording in RECORDINGS:
        severities = [rank.index(f.severity) for f in after(recording.folder).findings]
        assert severities == sorted(severities)


def test_the_model_is_read_from_its_name() -> None:
    """Four billion parameters in FP8, by the name alone; CPython from its own family."""
    report = after("vllm-0.32.0")
    assert [(MODEL, "4B", "FP8")] == [(m.name, m.size, m.quantisation) for m in report.models]
    assert "CPython 3.11.7" == report.python


# ------------------------------------------------------------------------------------------------- pairs


@pytest.mark.parametrize(
    ("earlier", "later", "seconds", "finished", "prompt", "generated", "preempted"),
    [
        ("02", "07", 25.011, 46, 3817, 3466, 0),
        ("08", "11", 14.438, 77, 7997, 7188, 2),
        ("11", "12", 3.971, 21, 1509, 2563, 2),
        ("00", "23", 115.005, 219, 20151, 20013, 5),
    ],
)
def test_rates_between_two_pages(
    earlier: str, later: str, seconds: float, finished: int, prompt: int, generated: int, preempted: int
) -> None:
    """Growth of the server's counters over the client's clock, per second."""
    report = _pair(SERIES, f"{earlier}.txt", f"{later}.txt", seconds)
    assert finished == sum(figure.value for figure in report.all(BY_ID["requests_finished"]))
    assert finished / seconds == pytest.approx(_value(report, "requests_per_second"))
    assert prompt / seconds == pytest.approx(_value(report, "prompt_tokens_per_second"))
    assert generated / seconds == pytest.approx(_value(report, "generation_tokens_per_second"))
    assert preempted == _value(report, "preemptions")
    assert seconds == report.source.window_seconds


def test_an_idle_gap_has_rates_of_zero_and_no_latency() -> None:
    """Ten seconds without a request: 0 a second is known, a latency is not, and nothing is wrong."""
    report = _pair(SERIES, "00.txt", "02.txt", 10.0)
    assert 0 == _value(report, "requests_per_second") == _value(report, "generation_tokens_per_second")
    assert report.find(BY_ID["ttft_mean_seconds"]) is None
    assert report.find(BY_ID["prefix_cache_hit_ratio"]) is None
    assert {} == _found(report)


def test_without_a_gap_there_is_growth_but_no_rate() -> None:
    """Two pages of unknown distance: 77 finished, nothing per second, and the coverage says how to give the gap."""
    report = _pair(SERIES, "08.txt", "11.txt", None)
    assert 77 == sum(figure.value for figure in report.all(BY_ID["requests_finished"]))
    assert report.find(BY_ID["requests_per_second"]) is None
    rates = next(entry for entry in report.coverage if entry.topic == "rates")
    assert "absent" == rates.state
    assert rates.next is not None
    assert "--gap" in English().write(rates.next)
    assert [] == [p for p in report.summary if "since the server started" in English().write(p)]


def test_the_first_step_for_slow_first_tokens_is_about_the_phase_that_takes_them() -> None:
    """Queue 5.6 s, prefill 12 ms: nobody has to compare the two."""
    told = [English().write(phrase) for phrase in reported(PAGES / "vllm-0.32.0" / "after.txt").summary]
    assert [True] == [
        "wait 5.58 s" in text and "add replicas" in text for text in told if text.startswith("First step")
    ]


def test_a_hung_engine_is_found_between_two_pages() -> None:
    """2 running, 32 waiting, no token in 20 s while /health is 200: critical, and first."""
    report = _pair(PAGES / "vllm-0.9.2-hung", "00.txt", "02.txt", 20.0)
    first = report.findings[0]
    assert ("engine_stalled", "critical") == (first.id, first.severity)
    assert "2 running and 32 waiting" in English().write(first.evidence)
    assert "stands still" in English().write(report.summary[0])
    assert "VllmEngineStalled" == first.alert
    assert "problem" == next(insight.verdict for insight in report.insights if insight.area == "scalability")
    told = [English().write(text) for text in (*report.summary, *(a.text for a in report.advice))]
    assert [] == [text for text in told if "limits it now" in text or "max-num-seqs" in text]


def test_one_page_of_a_hung_engine_proves_nothing() -> None:
    """With requests running a single page can't tell a hang from work: no stall is claimed."""
    assert "engine_stalled" not in _found(after("vllm-0.9.2-hung"))


def test_a_busy_engine_is_not_stalled() -> None:
    """Eleven requests in the system and tokens flowing."""
    assert "engine_stalled" not in _found(_pair(SERIES, "08.txt", "11.txt", 14.438))


def test_without_a_counter_that_could_move_no_stall_is_claimed() -> None:
    """A page cut down to its gauges can't show progress, so that it shows none proves nothing."""
    gauges = 'vllm:num_requests_running{model_name="a"} 2'
    report = analyse(of_text(gauges, earlier=gauges, seconds=20), Source("pair", "gauges"), Settings())
    assert "engine_stalled" not in _found(report)


def test_pages_of_two_servers_are_a_restart() -> None:
    """Another process, started later, with lower counters: growth is its own, and there is no rate."""
    both = window(seen(PAGES / "vllm-0.32.0" / "after.txt"), seen(SERIES / "23.txt"), 60.0)
    report = analyse(both, Source("pair", "two"), Settings())
    assert {"restarted": "info"} == {k: v for k, v in _found(report).items() if k == "restarted"}
    assert 8661 == _value(report, "prompt_tokens")
    assert report.find(BY_ID["prompt_tokens_per_second"]) is None


# ---------------------------------------------------------------------------------------- special servers


def test_two_engines_are_read_apart_and_together() -> None:
    """Data parallel: 90.3 % and 48.4 % full is 90.3 % for the model, each engine by its label, capacity of each."""
    report = reported(PAGES / "vllm-0.32.0-dp2" / "loaded.txt")
    usage = {f.labels.get("engine"): f.value for f in report.all(BY_ID["kv_cache_usage_ratio"])}
    assert {None: 0.9032258064516129, "0": 0.9032258064516129, "1": 0.4838709677419355} == usage
    assert "warning" == _found(report)["kv_cache_usage"]
    assert [("0", 1024.0), ("1", 1024.0)] == [
        (f.labels.get("engine"), f.value) for f in report.all(BY_ID["kv_cache_capacity_tokens"])
    ]
    assert 7 == _value(report, "requests_running")
    finding = next(f for f in report.findings if f.id == "kv_cache_usage")
    assert "on engine 0 of 2" in English().write(finding.evidence)


def test_the_worst_of_several_engines_is_named() -> None:
    """Of waiting, latency and every other number of engines, with its own value; not where they are alike."""
    report = reported(PAGES / "vllm-0.32.0-dp2" / "loaded.txt")
    words = {f.id: English().write(f.evidence) for f in report.findings}

    assert ": 27.5 (worst of 2: engine 1 with 28), past the threshold of 10" in words["requests_waiting"]
    assert ": 7.17 s (worst of 2: engine 1 with 7.29 s), past the threshold of 2.5 s" in words["ttft"]
    assert ": 28.5 ms (worst of 2: engine 1 with 34.6 ms) (threshold 100 ms)" in words["itl"]
    assert "worst" not in words["request_errors"]
    assert not any("worst" in English().write(f.evidence) for f in after("vllm-0.32.0").findings)


def test_several_api_servers_have_no_process_and_say_so() -> None:
    """--api-server-count 2: no process figure, a reason in the coverage, and counts that are not doubled."""
    report = after("vllm-0.32.0-api2")
    assert report.find(BY_ID["process_resident_memory_bytes"]) is None
    assert report.python is None
    process = next(entry for entry in report.coverage if entry.topic == "process")
    assert "absent" == process.state
    assert "several API-server processes" in English().write(process.detail)


def test_series_given_twice_are_flagged_and_counted_once() -> None:
    """Behind two API servers OpenMetrics shows a process' own HTTP counters below the merged ones: the merged count."""
    report = reported(PAGES / "vllm-0.32.0-api2" / "openmetrics.txt")
    assert 49 == _value(report, "http_requests", handler="/v1/completions", status="2xx")
    assert "info" == _found(report)["inconsistent_samples"]
    assert 8661 == _value(report, "prompt_tokens")


def test_adapters_are_not_counted_as_requests() -> None:
    """LoRA rows are times: their 1.8e9 seconds are in no figure, and requests carry the base model's name."""
    report = after("vllm-0.32.0-lora-kv-mfu")
    assert {MODEL} == {f.labels["model_name"] for f in report.figures if "model_name" in f.labels}
    assert max(f.value for f in report.figures if not f.id.startswith("process")) < 1e6
    assert () == seen(PAGES / "vllm-0.32.0-lora-kv-mfu" / "after.txt").unknown


def test_speculative_decoding_that_does_not_pay_is_said() -> None:
    """17 of 5326 draft tokens accepted in 1789 steps: 0.32 %, 1.0095 tokens a step, and a finding that says so."""
    report = after("vllm-0.32.0-spec-ngram")
    assert 17 / 5326 == pytest.approx(_value(report, "spec_decode_acceptance_ratio"))
    assert 1 + 17 / 1789 == pytest.approx(_value(report, "spec_decode_tokens_per_step"))
    assert "info" == _found(report)["spec_decode_acceptance"]
    assert after("vllm-0.32.0").find(BY_ID["spec_decode_acceptance_ratio"]) is None


def test_capacity_is_vllms_own_figure_where_it_gives_one() -> None:
    """32 blocks of 32 tokens hold 1024, room for two requests of 512; older versions give blocks alone."""
    new, old = after("vllm-0.32.0"), after("vllm-0.10.2")
    assert 1024 == _value(new, "kv_cache_capacity_tokens")
    assert 512 == _value(new, "max_model_len_tokens")
    assert 2 == _value(new, "max_full_length_requests")
    assert 160 == _value(old, "kv_cache_blocks")
    assert 2560 == _value(old, "kv_cache_capacity_tokens")
    assert old.find(BY_ID["max_model_len_tokens"]) is None


def test_percentiles_say_where_they_end() -> None:
    """Queue times of seconds are interpolated; token gaps under the first edge of 10 ms are only "below 10 ms"."""
    report = after("vllm-0.32.0")
    queue, gap = report.find(BY_ID["queue_time_p95_seconds"]), report.find(BY_ID["itl_p50_seconds"])
    assert queue is not None
    assert gap is not None
    assert Quality.INTERPOLATED is queue.quality
    assert (0.01, Quality.BELOW_FIRST) == (gap.value, gap.quality)
    assert "< 10 ms" in report_text(report)


# ------------------------------------------------------------------------------------------------ settings


def test_a_model_can_have_its_own_bounds() -> None:
    """With a bound of 20 s for this model, a p95 of 9.4 s is fine; for others the default still holds."""
    settings = parse({"models": [{"match": "Qwen/.*", "thresholds": {"ttft": {"warning": 20, "critical": 30}}}]})
    page = window(seen(PAGES / "vllm-0.32.0" / "after.txt"))
    severities = {f.id: f.severity for f in analyse(page, Source("file", "x"), settings).findings}
    assert "ok" == severities["ttft"]
    assert "critical" == _found(after("vllm-0.32.0"))["ttft"]


def test_a_percentile_below_the_first_bucket_exceeds_nothing() -> None:
    """All gaps are within 10 ms: over a bound of 5 ms they may be, or may not, and what is not known is not found."""
    page = """
        vllm:inter_token_latency_seconds_bucket{le="0.01",model_name="a"} 5000
        vllm:inter_token_latency_seconds_bucket{le="+Inf",model_name="a"} 5000
        vllm:inter_token_latency_seconds_count{model_name="a"} 5000
        vllm:inter_token_latency_seconds_sum{model_name="a"} 20
    """
    settings = parse({"thresholds": {"itl": {"warning": 0.005}}})
    report = analyse(of_text(page), Source("file", "x"), settings)
    assert (0.01, Quality.BELOW_FIRST) == next((f.value, f.quality) for f in report.all(BY_ID["itl_p95_seconds"]))
    assert {} == _found(report)


def test_names_shown_on_request_widen_the_version_range() -> None:
    """Both names of the token gap: 0.10.2 and 0.11.0 by themselves, up to 0.14.0 if hidden metrics were asked for."""
    page = """
        vllm:inter_token_latency_seconds_count{model_name="a"} 1
        vllm:time_per_output_token_seconds_count{engine="0",model_name="a"} 1
    """
    assert ("0.10.2", "0.14.0") == analyse(of_text(page), Source("file", "x"), Settings()).engine.version_range


def test_reports_are_the_same_every_time() -> None:
    """One page gives one text and one JSON, to the byte."""
    path = PAGES / "vllm-0.32.0-dp2" / "after.txt"
    again = analyse(window(seen(path)), Source("file", path.name), Settings())
    assert report_text(reported(path)) == report_text(again)
    assert report_json(reported(path)) == report_json(again)


def test_the_recordings_are_those_listed() -> None:
    """Every folder of pages is judged here, the one without statistics where commands are tested."""
    assert {*BY_FOLDER, "vllm-0.32.0-nostats"} == {path.name for path in PAGES.iterdir() if path.is_dir()}


@pytest.mark.parametrize(
    ("running", "waiting", "usage", "limit"),
    [
        (4, 0, 0.3, "nothing; new requests run at once (4 now)"),
        (4, 7, 0.97, "the KV cache, 97 % full"),
        (
            4,
            7,
            0.3,
            "the batch: the KV cache is only 30 % full; this page doesn't tell whether --max-num-seqs or "
            "--max-num-batched-tokens limits it",
        ),
        (0, 7, 0.3, "the engine itself: requests wait and none runs"),
    ],
)
def test_the_summary_says_what_limits_it_now(running: int, waiting: int, usage: float, limit: str) -> None:
    """By the gauges of the moment; an idle server has no limit worth a word."""
    labels = '{model_name="m",engine="0"}'
    page = "".join(
        f"vllm:{name}{labels} {value}\n"
        for name, value in (
            ("num_requests_running", running),
            ("num_requests_waiting", waiting),
            ("kv_cache_usage_perc", usage),
        )
    )
    report = analyse(window(snapshot(read_page(page.encode()))), Source("file", "x"), Settings())

    assert f"What limits it now: {limit}." in [English().write(phrase) for phrase in report.summary]
