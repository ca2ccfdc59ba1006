"""How each form of histograms is asked for, what follows in settings and files, and how native ones are read."""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from charts import faults, render
from vllm_observability.build.artefacts import artefacts
from vllm_observability.catalog import metrics as m
from vllm_observability.doctor.histograms import Stored, problems, stored
from vllm_observability.model import Growth, Kind, Over, Part, PerSecond, Quantile, Raw, ShareWithin
from vllm_observability.prometheus.answers import Histogram
from vllm_observability.prometheus.native import as_pages, form_of, up_to
from vllm_observability.queries.promql import Reader, taken_apart
from vllm_observability.queries.reads import names_read
from vllm_observability.render.deploy.helm_chart import CHART
from vllm_observability.render.deploy.scrape_yaml import dropped
from vllm_observability.settings import Settings, SettingsError, parse
from vllm_observability.settings.site import Histograms

NATIVE = Reader(by=("model_name",), window="5m", histograms="native")
BOTH = Reader(by=("model_name",), window="5m", histograms="both", common_bounds=False)
FORMS: tuple[Histograms, ...] = ("native", "both")


@cache
def _files(histograms: Histograms) -> dict[str, str]:
    return artefacts(parse({"histograms": histograms}))


def _words(text: str) -> str:
    return " ".join(text.split())


def test_parts_are_taken_out_of_native_histograms() -> None:
    """Under every name, the newest first."""
    assert _words(NATIVE.text(PerSecond(Growth(m.ITL, Part.COUNT)))) == (
        "sum by (model_name) ( histogram_count(rate(vllm:inter_token_latency_seconds[5m])) or "
        "histogram_count(rate(vllm:time_per_output_token_seconds[5m])) )"
    )
    assert "histogram_sum(rate(vllm:time_to_first_token_seconds[5m]))" in NATIVE.text(Growth(m.TTFT, Part.SUM)).replace(
        "increase", "rate"
    )
    assert NATIVE.text(Quantile(0.95, m.TTFT)) == (
        "histogram_quantile(0.95, sum by (model_name) (rate(vllm:time_to_first_token_seconds[5m]))) >= 0"
    )


def test_counters_and_summaries_have_no_native_form() -> None:
    """Only histograms are converted."""
    assert "histogram" not in NATIVE.text(PerSecond(Growth(m.GENERATION_TOKENS)))
    assert NATIVE.names(m.HTTP_REQUEST_SIZE, Part.SUM) == ["http_request_size_bytes_sum"]


@pytest.mark.parametrize(
    ("function", "text"),
    [
        ("rate", "histogram_count(rate(vllm:iteration_tokens_total[60s]))"),
        ("last_over_time", "histogram_count(last_over_time(vllm:iteration_tokens_total[60s]))"),
        ("count_over_time", "count_over_time(vllm:iteration_tokens_total[60s])"),
    ],
)
def test_what_counts_samples_is_a_number_already(function: str, text: str) -> None:
    """Functions that give a histogram are taken apart, others are not."""
    over = Over(function, m.ITERATION_TOKENS, "60s", Part.COUNT)
    assert NATIVE.text(Raw("{x}", overs=(("x", over),))) == text


def test_a_share_leaves_idle_engines_out() -> None:
    """Theirs is NaN, which would make the sum NaN."""
    text = _words(NATIVE.text(ShareWithin(m.TTFT, 0.7)))
    assert "histogram_fraction(-Inf, 0.7, rate(vllm:time_to_first_token_seconds[5m])) *" in text
    assert "histogram_count(rate(vllm:time_to_first_token_seconds[5m])) >= 0 ) / (" in text


def test_both_count_a_server_once() -> None:
    """Native first; a classic series counts where its server has no native one."""
    assert _words(BOTH.text(PerSecond(Growth(m.TTFT, Part.COUNT)))) == (
        "sum by (model_name) ( histogram_count(rate(vllm:time_to_first_token_seconds[5m])) or "
        "rate(vllm:time_to_first_token_seconds_count[5m]) )"
    )
    text = _words(BOTH.text(Quantile(0.5, m.TTFT)))
    assert text.count("histogram_fraction") == len(m.TTFT.buckets[0].bounds) + 1
    assert "unless ignoring (le) histogram_count(rate(vllm:time_to_first_token_seconds[5m]))" in text


def test_bounds_are_written_as_prometheus_does() -> None:
    """Else a half-converted model would have two buckets of one bound."""
    text = taken_apart("x", (0.1, 1.0, 1000000.0))
    assert re.findall(r'"le", "([^"]*)"', text) == ["0.1", "1.0", "1e+06", "+Inf"]


def test_a_native_build_reads_nothing_classic() -> None:
    """Neither in rules nor on boards nor in runbooks."""
    histograms = [metric for metric in m.ALL if metric.kind is Kind.HISTOGRAM]
    classic = {name for metric in histograms for part in metric.parts for name in metric.series(part)}
    for path, text in _files("native").items():
        if path.startswith(("alerts/", "dashboards/")) and not path.endswith("README.md"):
            assert not classic & set(re.findall(r"[a-z_]+:[a-z_]+", text)), path


@pytest.mark.parametrize("histograms", FORMS)
def test_what_is_read_is_not_dropped(histograms: Histograms) -> None:
    """By no relabel rule, whether converted or not."""
    settings = parse({"histograms": histograms})
    read = names_read(settings) | names_read(parse({"histograms": "classic"}))
    patterns = [re.compile(pattern) for pattern in dropped(settings)]
    assert [] == [name for name in sorted(read) if any(pattern.fullmatch(name) for pattern in patterns)]
    assert any(pattern.fullmatch("vllm:request_params_n") for pattern in patterns)


def test_an_objective_between_bounds() -> None:
    """Only native histograms know anything of it."""
    objectives = [{"of": "ttft", "target": 0.95, "within": 1.7}]
    assert parse({"objectives": objectives, "histograms": "native"}).objectives[0].within == 1.7
    for histograms in ("classic", "both"):
        with pytest.raises(SettingsError, match=r"1\.7 is no bucket bound"):
            parse({"objectives": objectives, "histograms": histograms})
    with pytest.raises(SettingsError, match="histograms"):
        parse({"histograms": "exponential"})


@pytest.mark.parametrize("histograms", FORMS)
def test_scrape_jobs_and_remote_writes(histograms: Histograms) -> None:
    """A native build converts; while servers are converted one by one, the site says which."""
    files = _files(histograms)
    jobs = [
        job
        for path in ("deploy/prometheus/vllm-scrape.yaml", "deploy/scale-out/prometheus-cluster.yml")
        for job in yaml.safe_load(files[path])["scrape_configs"]
    ]
    assert {job.get("convert_classic_histograms_to_nhcb", False) for job in jobs} == {histograms == "native"}
    (remote,) = yaml.safe_load(files["deploy/scale-out/prometheus-cluster.yml"])["remote_write"]
    assert remote["send_native_histograms"] is True
    kept = re.compile(remote["write_relabel_configs"][0]["regex"])
    assert kept.fullmatch("vllm:iteration_tokens_total")
    assert kept.fullmatch("model:vllm_time_to_first_token_seconds:rate5m")


def test_monitors_convert(tmp_path: Path) -> None:
    """A chart of a native build; VictoriaMetrics' operator is refused."""
    for path, text in _files("native").items():
        if path.startswith(CHART):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
    values = {"scrape": {"serviceMonitor": {"enabled": True, "selector": {"matchLabels": {"app": "vllm"}}}}}
    documents = render(values, chart=tmp_path / CHART)
    assert [] == [fault for document in documents for fault in faults(document)]
    (monitor,) = (document for document in documents if document["kind"] == "ServiceMonitor")
    assert monitor["spec"]["convertClassicHistogramsToNHCB"] is True
    plain = [yaml.safe_load(text) for path, text in _files("native").items() if path.endswith("service-monitor.yaml")]
    assert [True] == [each["spec"]["convertClassicHistogramsToNHCB"] for each in plain]
    assert [] == [fault for each in plain for fault in faults(each)]
    with pytest.raises(Exception, match="VictoriaMetrics has no native histograms"):
        render({**values, "operator": "victoria-metrics-operator"}, chart=tmp_path / CHART)


# ----------------------------------------------------------------------------------------- reading answers

TTFT = "vllm:time_to_first_token_seconds"
HOST = {"__name__": TTFT, "instance": "a"}


def test_buckets_are_at_the_same_bounds_at_both_ends() -> None:
    """A bound that only the later answer names is known in the earlier one too: no bucket spans it."""
    earlier = [(HOST, Histogram(2.0, 0.4, ((0.1, 0.25, 2.0),)))]
    later = [(HOST, Histogram(5.0, 3.0, ((0.1, 0.25, 3.0), (1.0, 2.5, 2.0))))]
    pages = as_pages([earlier, later], {TTFT: frozenset({0.2, 0.5})})
    counts = [
        {s.labels["le"]: s.value for s in page if s.name.endswith("_bucket")} for page in pages
    ]  # 0.2 lies inside a bucket that holds something, so nobody knows how many are under it
    assert counts == [
        {"0.1": 0.0, "0.25": 2.0, "0.5": 2.0, "1.0": 2.0, "2.5": 2.0, "+Inf": 2.0},
        {"0.1": 0.0, "0.25": 3.0, "0.5": 3.0, "1.0": 3.0, "2.5": 5.0, "+Inf": 5.0},
    ]
    assert [(s.name, s.value) for s in pages[1] if not s.name.endswith("_bucket")] == [
        (f"{TTFT}_count", 5.0),
        (f"{TTFT}_sum", 3.0),
    ]


def test_a_server_with_both_is_read_once() -> None:
    """From its classic series."""
    rows = [
        (HOST, Histogram(2.0, 0.4, ((0.1, 0.25, 2.0),))),
        ({**HOST, "__name__": f"{TTFT}_count"}, 2.0),
        ({**HOST, "__name__": f"{TTFT}_bucket", "le": "+Inf"}, 2.0),
    ]
    assert [s.name for s in as_pages([rows], {})[0]] == [f"{TTFT}_count", f"{TTFT}_bucket"]
    assert form_of(rows) == "both"
    assert form_of(rows[:1]) == "native"
    assert form_of([({"__name__": "up"}, 1.0)]) is None


def test_a_conversion_between_two_answers_keeps_the_classic_bounds() -> None:
    """Growth of a bound that was not there before would be all of it."""
    before = [({**HOST, "__name__": f"{TTFT}_bucket", "le": le}, n) for le, n in (("0.25", 1.0), ("+Inf", 2.0))]
    after = [(HOST, Histogram(4.0, 2.0, ((0.1, 0.25, 3.0), (1.0, 2.5, 1.0))))]
    pages = as_pages([before, after], {TTFT: frozenset({0.5})})
    assert {s.labels["le"] for s in pages[1] if "le" in s.labels} == {"0.25", "+Inf"}


def test_no_observation_is_no_bucket() -> None:
    """Zeros at every bound."""
    assert up_to(Histogram(0.0, 0.0), (0.5, 0.1)) == {0.1: 0.0, 0.5: 0.0, math.inf: 0.0}


def test_histograms_that_a_conversion_lost_are_missed() -> None:
    """A Prometheus that converts without its flag stores none of them, and says nothing."""
    rows = [({"__name__": "vllm:generation_tokens_total", "job": "vllm", "instance": "a"}, 5.0)]
    found = stored(rows, Settings())
    assert found == Stored(lost=1)
    (problem,) = problems(found, Settings(), None)
    assert problem.id == "histograms_lost"
    assert "scrape_native_histograms: true" in problem.fix
