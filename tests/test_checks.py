"""Signals and checks: every row can be asked, judged, recorded and put into words."""

from __future__ import annotations

import re
from collections import Counter

from vllm_observability.catalog import board_signals, capacity_signals, checks, fleet_signals
from vllm_observability.catalog import signals as s
from vllm_observability.model import Condition, Metric, Owner, Quantile, Raw, metrics
from vllm_observability.pages.evaluate import Window, evaluate
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.queries.recorded import plan, recordable, threshold_name
from vllm_observability.settings import Settings
from vllm_observability.settings.durations import seconds

EMPTY = Window(snapshot(read_page(b"up 1\n")))


def test_signal_ids_are_unique_and_plain() -> None:
    """A signal's id is its figure id in the report: two rows with one id would be one figure with two meanings."""
    every = (*s.ALL, *fleet_signals.ALL, *board_signals.ALL, *capacity_signals.ALL)
    assert [] == [id for id, n in Counter(signal.id for signal in every).items() if n > 1]
    assert [] == [signal.id for signal in s.ALL if not re.fullmatch(r"[a-z][a-z0-9_]*", signal.id)]


def test_recorded_names_are_unique_and_of_three_parts() -> None:
    """`stem:operation` once per signal, so that `level:vllm_stem:operation` has exactly two colons."""
    stems = Counter(signal.record for signal in s.ALL if signal.record)
    assert [] == [stem for stem, n in stems.items() if n > 1]
    assert [] == [stem for stem in stems if not re.fullmatch(r"[a-z0-9_]+:[a-z0-9_]+", stem)]


def test_every_signal_says_what_it_means() -> None:
    """Title and meaning head every panel and finding: the title is a name, the meaning one or more sentences."""
    for signal in s.ALL:
        assert re.fullmatch(r"[A-Z].*[^.]", signal.title), signal.id
        assert re.fullmatch(r"[A-Z].*\.", signal.meaning), signal.id
        assert len(signal.levels) == len(set(signal.levels)) > 0, signal.id


def test_signals_that_the_report_shows_can_be_evaluated() -> None:
    """A figure has a second reader; on a page without vLLM every signal has no answer, rather than 0 or an error."""
    for signal in s.ALL:
        if isinstance(signal.expr, Raw):
            assert signal.figure is False or signal.record, signal.id
        else:
            assert {} == evaluate(signal.expr, EMPTY, ("model_name",)), signal.id


def test_check_ids_and_alert_names_are_unique() -> None:
    """An id is a settings key and a series name; checks that share an alert, and so its runbook, differ in a label."""
    assert [] == [id for id, n in Counter(check.id for check in checks.ALL).items() if n > 1]
    alerts = Counter((check.alert, check.labels) for check in checks.ALL if check.alert)
    assert [] == [alert for alert, n in alerts.items() if n > 1]
    assert [] == [
        threshold_name(c) for c in checks.ALL if not re.fullmatch(r"model:vllm_[a-z0-9_]+:threshold", threshold_name(c))
    ]
    assert [] == [
        check.alert for check in checks.ALL if check.alert and not re.fullmatch(r"Vllm([A-Z][a-z]+)+", check.alert)
    ]


def test_every_check_is_worded() -> None:
    """Every text is a sentence; the summary is static, the description holds the number and the bound where it has."""
    for check in checks.ALL:
        for text in (check.summary, check.description, check.cause, check.advice):
            assert re.fullmatch(r"([A-Z{-]|p95 ).*[.]", text), check.id
        assert re.fullmatch(r"[A-Z][^.]*[^.]", check.title), check.id
        assert "{" not in check.summary, check.id
        event = all(bound.value is None for bound in check.bounds)
        assert check.description.count("{value}") == (0 if event else 1) or check.id == "engine_stalled", check.id
        small = all(bound.value in (None, 0, 1, 2) for bound in check.bounds)  # speaks for itself: more than none
        assert check.description.count("{bound}") in ((0, 1) if small else (1,)), check.id


def test_the_description_names_what_it_is_about() -> None:
    """Somebody paged at night must read which model, engine or target it is; HTTP counters know no model."""
    named = {"model": "model_name", "engine": "instance", "target": "instance"}
    for check in checks.ALL:
        read = metrics(check.signal.expr)
        if check.level in named and not (read and read[0].owner is Owner.SERVER):
            assert f"$labels.{named[check.level]}" in check.description, check.id


def test_bounds_get_worse_with_severity() -> None:
    """Info, warning, critical: each severity once, the graver one further out, and each says why it is that number."""
    rank = {"info": 0, "warning": 1, "critical": 2}
    for check in checks.ALL:
        severities = [bound.severity for bound in check.bounds]
        assert severities == sorted(set(severities), key=rank.__getitem__), check.id
        values = [bound.value for bound in check.bounds if bound.value is not None]
        assert len(values) in (0, len(check.bounds)), check.id
        assert values == sorted(values, reverse=check.op == "<"), check.id
        assert len(values) == len(set(values)), check.id
        assert all(bound.reason and not bound.reason.endswith(".") for bound in check.bounds), check.id


# They count over a window of many evaluations, so that waiting longer tells nothing new.
AT_ONCE = {"VllmRestarting", "VllmCorruptedRequests"}


def test_every_alert_holds_for_two_evaluations_or_more() -> None:
    """At the default evaluation interval of 30 s a hold of a minute is the least that survives one odd sample."""
    for check in checks.ALL:
        for bound in check.bounds:
            assert check.alert in AT_ONCE or (seconds(bound.hold) or 0) >= 60, check.id


def test_shares_and_percentiles_have_a_traffic_floor() -> None:
    """One failed request of one must not page: a share of requests or a percentile asks for enough of them first."""
    for check in checks.ALL:
        ratio_of_growth = {"request_errors", "http_server_errors", "aborts", "output_truncation", "preemptions"}
        if (
            check.id in ratio_of_growth
            or isinstance(check.signal.expr, Quantile)
            or check.id == "spec_decode_acceptance"
        ):
            assert all(_floor(bound.when) >= 20 for bound in check.bounds), check.id


def _floor(conditions: tuple[Condition, ...]) -> float:
    return max((c.value for c in conditions if c.op in (">", ">=")), default=0.0)


def test_bounds_on_percentiles_can_be_passed() -> None:
    """No quantile exceeds the last finite bucket, in any version: a bound at or over it would be dead code."""
    judged = [check for check in checks.ALL if isinstance(check.signal.expr, Quantile)]
    assert {"ttft", "itl"} <= {check.id for check in judged}
    for check in judged:
        assert isinstance(check.signal.expr, Quantile)
        metric: Metric = check.signal.expr.metric
        last = max(layout.bounds[-1] for layout in metric.buckets if layout.until is None)
        assert max(bound.value for bound in check.bounds) < last, check.id


def test_every_check_reads_what_is_recorded() -> None:
    """An alert is short and cheap: its signal has a recorded series, or each part of it that can have one."""
    planned = plan(Settings())
    for check in checks.ALL:
        for signal in (check.signal, *(c.signal for bound in check.bounds for c in bound.when)):
            whole = planned.find(check.level, signal.expr)
            parts = [planned.find(check.level, leaf) for leaf in recordable(signal.expr)]
            assert whole or all(parts), (check.id, signal.id)
            assert whole or parts or isinstance(signal.expr, Raw), (check.id, signal.id)


# The documented defaults: a change here is news for whoever is paged.
DEFAULTS = {
    "VllmTargetDown": {"critical": (None, "2m")},
    "VllmModelVanished": {"critical": (None, "5m")},
    "VllmRestarting": {"warning": (1, "0m")},
    "VllmEngineStalled": {"critical": (None, "5m")},
    "VllmMetricsMissing": {"warning": (None, "10m")},
    "VllmRecordingRulesMissing": {"warning": (None, "10m")},
    "VllmAdmissionRejections": {"warning": (0, "5m")},
    "VllmCorruptedRequests": {"warning": (0, "0m")},
    "VllmQueueDrainSlow": {"warning": (30, "5m"), "critical": (120, "5m")},
    "VllmPrefixCacheHitRatioDropped": {"info": (0.5, "30m")},
    "VllmConfigDrift": {"info": (1, "30m")},
    "VllmKvTransferFailures": {"warning": (0, "5m")},
    "VllmScrapeSlow": {"warning": (0.5, "10m")},
    "VllmKvCacheUsageHigh": {"warning": (0.80, "10m"), "critical": (0.95, "5m")},
    "VllmRequestsWaiting": {"warning": (10, "5m"), "critical": (50, "5m")},
    "VllmTimeToFirstTokenHigh": {"warning": (1.0, "10m"), "critical": (2.5, "10m")},
    "VllmInterTokenLatencyHigh": {"warning": (0.1, "10m"), "critical": (0.25, "10m")},
    "VllmQueueTimeHigh": {"warning": (1.0, "10m"), "critical": (10.0, "10m")},
    "VllmThroughputDropped": {"warning": (0.55, "10m")},
    "VllmPreemptionsHigh": {"warning": (0.05, "10m"), "critical": (0.20, "10m")},
    "VllmRequestErrorsHigh": {"warning": (0.01, "5m"), "critical": (0.05, "5m")},
    "VllmHttpServerErrorsHigh": {"warning": (0.01, "5m"), "critical": (0.05, "5m")},
    "VllmAbortsHigh": {"info": (0.20, "15m")},
    "VllmOutputTruncationHigh": {"info": (0.30, "30m")},
    "VllmSpecDecodeAcceptanceLow": {"info": (0.30, "30m")},
}


def test_default_bounds_and_holds_are_the_documented_ones() -> None:
    """Names, bounds, severities and holds that users have read about; new alerts may come, these stay."""
    found = {c.alert: {b.severity: (b.value, b.hold) for b in c.bounds} for c in checks.ALL if not c.labels}
    assert DEFAULTS == {name: found.get(name) for name in DEFAULTS}
