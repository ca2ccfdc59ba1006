"""Request lengths of engines without a length histogram: tokens by finished requests, said to be approximate."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from harness.programs import ROOT, promtool_test_rules
from recordings import PAGES
from vllm_observability.catalog import figures as f
from vllm_observability.catalog import signals as s
from vllm_observability.model import Quality
from vllm_observability.pages.evaluate import window
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.pages.source import Source
from vllm_observability.queries.recorded import plan
from vllm_observability.render.report.json import report_data
from vllm_observability.render.report.text import report_text
from vllm_observability.report import Report, analyse
from vllm_observability.settings import Settings
from vllm_observability.words.languages import LANGUAGES

LENGTHS = (s.PROMPT_LENGTH, s.GENERATION_LENGTH)
WHOLE = (PAGES / "vllm-0.32.0/after.txt").read_text()
DROPPED = re.sub(r"(?m)^vllm:request_(prompt|generation)_tokens_(bucket|sum|count).*\n", "", WHOLE)


def _report(text: str) -> Report:
    return analyse(window(snapshot(read_page(text.encode()))), Source("file", "page"), Settings())


def _lengths(report: Report) -> list[tuple[float, Quality]]:
    found = [report.find(row) for row in (f.PROMPT_LENGTH, f.GENERATION_LENGTH)]
    return [(round(figure.value, 4), figure.quality) for figure in found if figure]


def test_totals_stand_in_where_the_histogram_was_dropped() -> None:
    """As a relabelling rule would; the server's own totals by the requests that it had finished."""
    report = _report(DROPPED)
    prompt, output, finished = (
        sum(figure.value for figure in report.all(row)) for row in (f.PROMPT_TOKENS, f.GENERATION_TOKENS, f.FINISHED)
    )
    expected = [(round(total / finished, 4), Quality.APPROXIMATE) for total in (prompt, output)]
    assert expected == _lengths(report)
    assert "approximate" in {figure["quality"] for figure in report_data(report)["figures"]}
    assert (
        "approximate"
        in json.loads((ROOT / "docs/report.schema.json").read_text())["properties"]["figures"]["items"]["properties"][
            "quality"
        ]["enum"]
    )


def test_the_histogram_comes_first() -> None:
    """It is exact, and of finished requests alone."""
    assert {Quality.EXACT} == {quality for _, quality in _lengths(_report(WHOLE))}
    assert len(_lengths(_report(WHOLE))) == 2


def test_without_a_finished_request_there_is_no_length() -> None:
    """Tokens alone are no answer."""
    of = 'model_name="m",engine="0"'
    assert [] == _lengths(_report(f"vllm:prompt_tokens_total{{{of}}} 77\nvllm:num_requests_running{{{of}}} 3\n"))


@pytest.mark.parametrize(("code", "words"), [("en", "from totals"), ("pt-BR", "dos totais")])
def test_it_is_said_in_words(code: str, words: str) -> None:
    """With a sign before the number, in both languages."""
    text = report_text(_report(DROPPED), language=LANGUAGES[code])
    assert re.search(rf"≈ [\d.,]+ tokens \({words}", text)
    assert words not in report_text(_report(WHOLE), language=LANGUAGES[code])


@pytest.mark.parametrize("histogram", [False, True], ids=["totals", "histogram"])
def test_prometheus_says_the_same_raw_and_recorded(histogram: bool, tmp_path: Path) -> None:
    """Ten requests a minute of 70 prompt and 30 output tokens; the histogram, where it is there, says 60 and 20."""
    labels = 'job="vllm",instance="1",model_name="m",engine="0"'
    series = [("request_success_total", ',finished_reason="stop"', 10), ("prompt_tokens_total", "", 700)]
    series.append(("generation_tokens_total", "", 300))
    if histogram:
        for name, tokens in (("prompt", 600), ("generation", 200)):
            series += [(f"request_{name}_tokens_sum", "", tokens), (f"request_{name}_tokens_count", "", 10)]
    rows = "\n".join(f"      - {{series: 'vllm:{n}{{{labels}{more}}}', values: '0+{by}x30'}}" for n, more, by in series)
    planned = plan(Settings())
    tests = []
    for signal, value in zip(LENGTHS, (60, 20) if histogram else (70, 30), strict=True):
        recorded = planned.find("model", signal.expr)
        assert recorded is not None
        for query in (recorded.name, planned.raw_reader("model").text(signal.expr)):
            sample = {"labels": '{job="vllm",model_name="m"}', "value": value}
            expr = f"round(sum by (job, model_name) ({query}), 0.0001)"
            tests.append({"expr": expr, "eval_time": "25m", "exp_samples": [sample]})
    path = tmp_path / "scenario.yaml"
    path.write_text(
        f"rule_files: [{ROOT / 'alerts/vllm-recording-rules.yaml'}]\nevaluation_interval: 1m\ntests:\n"
        f"  - interval: 1m\n    input_series:\n{rows}\n    promql_expr_test: {json.dumps(tests)}\n"
    )
    assert "" == promtool_test_rules(path)
