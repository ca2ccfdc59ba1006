"""The report over recorded series says what it says over raw ones: every figure, and why requests wait."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.history import ALL_FEATURES, Replica, history
from harness.programs import ROOT, Labels, Server, backfill, prometheus_lines, record, running_prometheus
from vllm_observability.catalog import signals as s
from vllm_observability.model import Level
from vllm_observability.pages.sources import Access
from vllm_observability.prometheus import Question, read_prometheus, reading
from vllm_observability.report import Report, analyse
from vllm_observability.settings import Settings
from vllm_observability.words.phrases import English

END = 1_800_001_200.0
AT = END - 91
SCRAPE = 30.0
LINE = prometheus_lines()[0]
FLEET = (
    Replica("chat-0:8000", features=ALL_FEATURES, incident="deferred"),
    Replica("chat-1:8000", features=ALL_FEATURES),
    Replica("code-0:8000", "acme/code", features=ALL_FEATURES),
)
Figures = dict[tuple[str, Labels], float]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Servers with every feature, one of which waits for LoRA slots; the rules have recorded for 40 minutes."""
    directory = tmp_path_factory.mktemp("tsdb") / "data"
    backfill(history(FLEET, END, 75), directory, LINE)
    record(directory, ROOT / "alerts/vllm-recording-rules.yaml", END - 2400, END, line=LINE)
    with running_prometheus(directory, line=LINE) as running:
        yield running


def _report(server: Server, at: float = AT) -> Report:
    question = Question(since=1800, at=at)
    return analyse(*read_prometheus(server.url, question, Access(timeout=60), Settings()), Settings())


def _figures(report: Report) -> Figures:
    return {(f.id, tuple(sorted(f.labels.items()))): f.value for f in report.figures}


def _limit(report: Report) -> list[str]:
    said = (English().write(sentence) for sentence in report.summary)
    return [sentence for sentence in said if sentence.startswith("What limits it now")]


def test_every_figure_of_recorded_series_is_that_of_raw_ones(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every figure id that there is; and requests wait for the same reason."""
    recorded = _report(server)
    monkeypatch.setattr(reading, "has_recorded", lambda *_: False)
    raw, before = _report(server), _figures(_report(server, AT - SCRAPE))

    found, expected = _figures(recorded), _figures(raw)
    assert found.keys() == expected.keys()
    latencies = {f"{id}_bound_{what}" for id in s.LATENCIES for what in ("seconds", "ratio")}
    every = {signal.id for signal in s.ALL if signal.figure} | latencies | {"kv_cache_capacity_tokens"}
    assert every <= {id for id, _ in found}
    gauges = {signal.id for signal in s.ALL if isinstance(signal.expr, Level)}
    # A rule reads the last scrape, so that a gauge may have been scraped once more since; growth is smeared a little.
    for key, value in found.items():
        if key[0] in gauges:
            assert value in (expected[key], before[key]), key
        else:
            assert value == pytest.approx(expected[key], rel=0.04), key

    deferred = (
        "What limits it now: something outside the batch: a KV transfer or a LoRA slot (--max-loras) "
        "(acme/chat, which has the longest queue)."
    )
    assert [deferred] == _limit(raw)
    assert [deferred] == _limit(recorded)
    judged = [{(f.id, f.severity, f.labels) for f in report.findings} for report in (recorded, raw)]
    assert judged[0] == judged[1]
    assert ["present", "present"] == [c.state for r in (recorded, raw) for c in r.coverage if c.topic == "series"]
    assert "figures come from recorded series where these are complete, from raw series otherwise" in {
        English().write(c.detail) for c in recorded.coverage
    }
