"""Checks that only a Prometheus can answer, in the report: an outlier, a stall, a dead target; which series say so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from harness.history import Replica, history
from harness.programs import ROOT, Labels, Server, backfill, prometheus_lines, record, running_prometheus
from vllm_observability.catalog import checks
from vllm_observability.model import Raw
from vllm_observability.pages.evaluate import Asked, Value
from vllm_observability.pages.redact import Redaction
from vllm_observability.pages.sources import Access
from vllm_observability.prometheus import Api, QueryRefused, Question, read_prometheus, reading
from vllm_observability.prometheus.checks import matchers
from vllm_observability.render.report.text import report_text
from vllm_observability.report import Report, analyse
from vllm_observability.report.findings import finding
from vllm_observability.report.judging import OfPrometheus, judged
from vllm_observability.report.records import RANK, Finding
from vllm_observability.report.state import States
from vllm_observability.settings import Settings, parse
from vllm_observability.words.languages import LANGUAGES
from vllm_observability.words.phrases import English, say

END = 1_800_001_200.0
AT = END - 91
LINE = prometheus_lines()[0]
FLEET = (
    *(Replica(f"chat-{n}:8000") for n in range(3)),
    Replica("chat-3:8000", incident="slow_engine"),
    Replica("code-0:8000", "acme/code", incident="stalled"),
    Replica("gone:8000", "acme/gone", incident="down"),
)


# Of the rules and of the scrapes of the fleet here, which come every 30 s.
BESIDES = {"recording_rules_missing", "model_vanished", "scraped_seldom"}

RECORDED = pytest.mark.parametrize("server", [True], ids=["recorded"], indirect=True)


@pytest.fixture(scope="module", params=[False, True], ids=["raw", "recorded"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A fleet with four faults, without and with the recording rules."""
    directory = tmp_path_factory.mktemp("tsdb") / "data"
    backfill(history(FLEET, END, 75 if request.param else 40), directory, LINE)
    if request.param:
        record(directory, ROOT / "alerts/vllm-recording-rules.yaml", END - 2400, END, line=LINE)
    with running_prometheus(directory, line=LINE) as running:
        yield running


def _report(
    server: Server, settings: Settings | None = None, redaction: Redaction | None = None, **more: str
) -> Report:
    settings = settings or Settings()
    question = Question(since=1800, at=AT, **more)  # type: ignore[arg-type]
    return analyse(*read_prometheus(server.url, question, Access(timeout=60), settings, redaction), settings)


@pytest.fixture(scope="module")
def recorded(server: Server) -> bool:
    """Whether the rules have been recorded."""
    return bool(server.query("model:vllm_requests_running:sum", AT))


def _bad(report: Report) -> dict[tuple[str, str], Finding]:
    return {(f.id, dict(f.labels).get("model_name", "")): f for f in report.findings if f.severity != "ok"}


def test_faults_of_a_fleet_are_found(server: Server) -> None:
    """Each with the engine or model, the number and the bound; a stall is told once, and not of the page again."""
    found = _bad(_report(server))
    words = {id: English().write(finding.evidence) for (id, _), finding in found.items()}

    assert {
        ("target_down_alone", ""), ("engine_stalled", "acme/code"), ("queue_drain", "acme/code"), ("scrape_slow", ""),
        ("requests_waiting", "acme/code"), ("engine_outlier_itl", "acme/chat"),
    } == {key for key in found if key[0] not in BESIDES}  # fmt: skip
    assert words["target_down_alone"].startswith(
        "Targets down while most of their deployment is up: instance gone:8000"
    )
    assert words["engine_stalled"].startswith("Stalled engines: instance code-0:8000, engine 0 (52 requests)")
    assert ": 2.3" in words["engine_outlier_itl"]
    outlying = "on instance chat-3:8000, engine 0, past the threshold of 2; its alert fires after 15 min"
    assert outlying in words["engine_outlier_itl"]
    outlier = found["engine_outlier_itl", "acme/chat"]
    assert ("warning", "VllmEngineOutlier") == (outlier.severity, outlier.alert)
    assert "GPU" in English().write(outlier.advice or say(""))
    assert {"instance": "chat-3:8000", "engine": "0", "job": "vllm"}.items() <= dict(outlier.labels).items()
    ids = [(f.id, f.labels) for f in _report(server).findings]
    assert len(ids) == len(set(ids))


def test_what_reads_recorded_series_is_asked_where_they_are(server: Server, recorded: bool) -> None:
    """A vanished model needs them; without them coverage says so, and that the rules are missing is a finding."""
    report = _report(server)
    coverage = [English().write(c.detail) for c in report.coverage if c.topic == "fleet"]

    assert recorded == (("model_vanished", "acme/gone") in _bad(report))
    assert recorded != (("recording_rules_missing", "") in _bad(report))
    assert ("read recorded series" in coverage[0]) == recorded
    for alert in ("VllmModelVanished", "VllmPrefixCacheHitRatioDropped"):
        assert (alert in " ".join(coverage)) != recorded


@RECORDED
def test_findings_are_those_of_the_alert_rules(server: Server) -> None:
    """Every rule of a check made of PromQL, asked as it is emitted: the same models, the same gravest severity."""
    groups = yaml.safe_load((ROOT / "alerts/vllm-alerts.yaml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    ours = {check.alert for check in checks.ALL if isinstance(check.signal.expr, Raw)}
    expected: dict[tuple[str, str], str] = {}
    for rule in (rule for rule in rules if rule["alert"] in ours):
        for labels in server.query(rule["expr"], AT):
            key, severity = (rule["alert"], dict(labels).get("model_name", "")), rule["labels"]["severity"]
            if RANK[severity] > RANK[expected.get(key, "ok")]:
                expected[key] = severity

    found = {(f.alert, model): f.severity for (_, model), f in _bad(_report(server)).items() if f.alert in ours}
    assert expected == found
    assert len(expected) >= 6


def test_bounds_are_those_of_the_settings(server: Server) -> None:
    """For every model, or for one."""
    for data in (
        {"thresholds": {"engine_outlier_itl": {"warning": 3}}},
        {"models": [{"match": "acme/ch.*", "thresholds": {"engine_outlier_itl": {"warning": 3}}}]},
    ):
        report = _report(server, parse(data))
        finding = next(f for f in report.findings if f.id == "engine_outlier_itl")
        assert ("ok", "(threshold 3)") == (finding.severity, English().write(finding.evidence)[-13:])


def test_a_choice_of_series_holds_for_the_checks(server: Server) -> None:
    """By model: nothing of others, nothing of targets, which have no model. By instance: raw series, which have one."""
    chosen = _report(server, model="acme/chat")
    assert {("engine_outlier_itl", "acme/chat")} == set(_bad(chosen))
    assert "VllmTargetDown" in " ".join(English().write(c.detail) for c in chosen.coverage)

    one = _report(server, selector='instance=~"code-0.*"')
    assert {"acme/code"} == {model for id, model in _bad(one) if id != "scraped_seldom"}  # of the fleet's job
    assert any("raw series" in English().write(c.detail) for c in one.coverage)


def test_names_are_redacted_in_them_too(server: Server) -> None:
    """Instances and models."""
    report = _report(server, redaction=Redaction())
    text = " ".join(f"{dict(f.labels)} {English().write(f.evidence)}" for f in report.findings)

    assert "engine_stalled" in {id for id, _ in _bad(report)}
    assert not any(name in text for name in ("acme", "chat-", "code-0", "gone", "prod"))


def test_it_is_said_in_portuguese_too(server: Server) -> None:
    """Not one English title, cause or piece of advice is left."""
    text = report_text(_report(server), color=False, width=100, language=LANGUAGES["pt-BR"])

    assert "Alvos fora do ar com a maior parte da implantação no ar: instance gone:8000" in text
    said = " ".join(text.split())
    assert [] == [words for check in checks.ALL for words in (check.title, check.advice, check.cause) if words in said]


def test_a_refused_query_is_said(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of the report stands."""
    plain = Api.ask

    def ask(self: Api, query: str, at: float | None) -> object:
        if "scrape_duration_seconds" in query:
            raise QueryRefused("too many samples")
        return plain(self, query, at)

    monkeypatch.setattr(Api, "ask", ask)
    report = _report(server)
    assert "refused the query: VllmScrapeSlow" in " ".join(English().write(c.detail) for c in report.coverage)
    assert ("target_down_alone", "") in _bad(report)


# ------------------------------------------------------------------- figures of recorded series


GAUGES = ("kv_cache_usage_ratio", "requests_running", "requests_waiting")


def _figures(report: Report, model: str) -> dict[tuple[str, Labels], float]:
    return {
        (f.id, tuple(sorted(f.labels.items()))): f.value
        for f in report.figures
        if f.labels.get("model_name") == model and not f.id.endswith(("_bound_seconds", "_bound_ratio"))
    }


def _series_read(report: Report) -> str:
    return next(English().write(c.detail) for c in report.coverage if c.topic == "series")


@RECORDED
def test_figures_of_recorded_series_are_those_of_raw_ones(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same figures, within what a rate window smears; a model that is gone has its own; far fewer rows are read."""
    rows: list[int] = []
    plain = Api.values

    def values(self: Api, query: str, at: float) -> object:
        found = plain(self, query, at)
        rows.append(len(found))
        return found

    monkeypatch.setattr(Api, "values", values)
    recorded, few = _report(server), sum(rows)
    assert "figures come from recorded series" in _series_read(recorded)
    assert ("0.32.0", None) == recorded.engine.version_range
    monkeypatch.setattr(reading, "has_recorded", lambda *_: False)
    rows.clear()
    raw = _report(server)

    assert "raw series" in _series_read(raw)
    expected = _figures(raw, "acme/chat")
    found = _figures(recorded, "acme/chat")
    assert expected.keys() == found.keys()
    assert len(found) > 40
    # A rule is evaluated up to half a minute after the scrape that it reads: gauges of this moment have moved on.
    flows = {id: value for id, value in expected.items() if id[0] not in GAUGES}
    assert {id: found[id] for id, value in flows.items() if found[id] != pytest.approx(value, rel=0.04)} == {}
    assert len(flows) > 35
    assert _figures(recorded, "acme/gone")
    assert few < 0.65 * sum(rows)


@RECORDED
def test_recorded_series_are_enough(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Prometheus over many that keeps only these: latency and tokens are there, configuration is said to be not."""
    plain = Api.values
    monkeypatch.setattr(
        Api,
        "values",
        lambda self, query, at: [] if "vllm:" in query or "process_" in query else plain(self, query, at),
    )
    report = _report(server)
    figures = {id for id, _ in _figures(report, "acme/chat")}

    assert {"ttft_p95_seconds", "itl_mean_seconds", "prompt_tokens_per_second", "requests_running"} <= figures
    assert "capacity" in {c.topic for c in report.coverage if c.state == "absent"}
    assert ("0.13.0", None) == report.engine.version_range  # by a finish reason, which is a label


@RECORDED
def test_recorded_series_are_read_name_by_name_too(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a server takes no pattern."""
    expected, plain = _report(server), Api.ask

    def ask(self: Api, query: str, at: float | None) -> object:
        if "__name__=~" in query:
            raise QueryRefused("no name patterns here")
        return plain(self, query, at)

    monkeypatch.setattr(Api, "ask", ask)
    assert _figures(expected, "acme/chat") == pytest.approx(_figures(_report(server), "acme/chat"))


@RECORDED
@pytest.mark.parametrize("since", [3600, 1799])
def test_a_span_that_the_records_do_not_fit_is_read_raw(server: Server, since: float) -> None:
    """Longer than they go back: half a span's growth for the whole. Under six windows: too much of it is smeared."""
    found = read_prometheus(server.url, Question(since=since, at=AT), Access(timeout=60), Settings())
    assert "raw series" in _series_read(analyse(*found, Settings()))


# ------------------------------------------------------------------------------------ single pieces


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ('job="vllm"', (("job", "=", "vllm"),)),
        (""" job =~ "a|b" , pod!='x"y',z!~`\\d` """, (("job", "=~", "a|b"), ("pod", "!=", 'x"y'), ("z", "!~", "\\d"))),
        (r'a="q\"\\"', (("a", "=", 'q"\\'),)),
        ('"a.b"="c"', None),
        ("job=", None),
    ],
)
def test_selectors_are_read(text: str, expected: object) -> None:
    """As Prometheus reads them; what is not understood is not guessed."""
    assert expected == matchers(text)


def _findings(asked: Asked) -> list[Finding]:
    answers = OfPrometheus(asked, Settings().model_labels)
    return [finding(row, States(frozenset(), {})) for row in judged(answers, Settings())]


def test_too_little_traffic_is_no_warning() -> None:
    """Past the bound, by a handful of requests."""
    engine = (("engine", "0"), ("instance", "a:8000"), ("model_name", "m"))
    check = checks.BY_ID["engine_outlier_itl"]
    condition = check.bounds[0].when[0].signal.expr
    for gaps, severity, last in ((599.0, "info", "too little traffic to judge"), (600.0, "warning", "of this")):
        answers = {("engine", check.signal.expr): {engine: Value(9.0)}, ("model", condition): {engine[2:]: Value(gaps)}}
        (found,) = _findings(Asked(answers, recorded=False))  # type: ignore[arg-type]
        assert severity == found.severity
        assert English().write(found.evidence).endswith(last)


def test_of_many_engines_the_worst_is_named() -> None:
    """And how many are like it."""
    check = checks.BY_ID["restarting"]
    rows = {(("instance", f"e-{n}"), ("model_name", "m")): Value(float(n)) for n in range(5)}
    (found,) = _findings(Asked({("engine", check.signal.expr): rows}, recorded=True))

    assert "Restarts in 30 minutes: 4 on instance e-4, past the threshold of 1; 2 more like it" == English().write(
        found.evidence
    )
