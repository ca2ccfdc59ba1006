"""A site's own numbers reach everything that is said: no default of the catalogue is left in any format or file."""

from __future__ import annotations

import json
import re
from functools import cache

import pytest

from odd_settings import FIRST_TOKENS, GAPS, another_catalogue, default_words, objective_words, odd_settings, said
from odd_settings import without_defaults as bare
from recordings import PAGES, seen
from vllm_observability.build.artefacts import artefacts
from vllm_observability.catalog import checks, slo
from vllm_observability.catalog.figures import BY_ID
from vllm_observability.command.explain import explain, explained
from vllm_observability.model import Node, Raw, Scope
from vllm_observability.pages.evaluate import Answer, Asked, Value, Window, window
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.pages.source import Source
from vllm_observability.render.report.html import report_html
from vllm_observability.render.report.json import report_data
from vllm_observability.render.report.markdown import report_markdown
from vllm_observability.render.report.text import report_text
from vllm_observability.report import Report, analyse
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import parse
from vllm_observability.words.languages import LANGUAGES
from vllm_observability.words.phrases import English

SITE = odd_settings()
FORMATS = ("text", "markdown", "html", "json")
RECORDED = ("vllm-0.32.0", "vllm-0.32.0-spec-ngram", "vllm-0.9.2-hung", "vllm-0.8.5")


# ---------------------------------------------------------------------------------------------- pages


def _histogram(name: str, bounds: tuple[float, ...], each: int, mean: float) -> list[str]:
    counts = [each * (n + 1) for n in range(len(bounds))]
    rows = [f'{name}_bucket{{model_name="m",engine="0",le="{b}"}} {n}' for b, n in zip(bounds, counts, strict=True)]
    of, n = '{model_name="m",engine="0"}', counts[-1]
    return [
        *rows,
        f'{name}_bucket{{model_name="m",engine="0",le="+Inf"}} {n}',
        f"{name}_count{of} {n}",
        f"{name}_sum{of} {n * mean}",
    ]


def _busy() -> str:
    """A page on which every check that a page can answer is past its bound, with no number of the catalogue on it."""
    of = 'model_name="m",engine="0"'
    ends = (("stop", 3371), ("length", 1277), ("abort", 2417), ("error", 733))
    lines = [f'vllm:request_success_total{{{of},finished_reason="{end}"}} {n}' for end, n in ends]
    lines += [f"vllm:num_requests_running{{{of}}} 37", f"vllm:num_requests_waiting{{{of}}} 73"]
    lines += [f"vllm:kv_cache_usage_perc{{{of}}} 0.4273", f"vllm:num_preemptions_total{{{of}}} 2713"]
    lines += [f"vllm:prompt_tokens_total{{{of}}} 771317", f"vllm:generation_tokens_total{{{of}}} 1377131"]
    lines += [
        f"vllm:spec_decode_num_draft_tokens_total{{{of}}} 77317",
        f"vllm:spec_decode_num_accepted_tokens_total{{{of}}} 3371",
    ]
    lines += [
        f'http_requests_total{{handler="/v1/chat/completions",method="POST",status="{s}"}} {n}'
        for s, n in (("2xx", 7717), ("5xx", 1733))
    ]
    lines.append(f'vllm:admission_rejections_total{{{of},reason="queue"}} 773')
    lines += _histogram("vllm:time_to_first_token_seconds", FIRST_TOKENS, 1331, 7.31)
    lines += _histogram("vllm:inter_token_latency_seconds", GAPS, 13371, 0.7137)
    lines += _histogram("vllm:request_queue_time_seconds", (0.313, 3.13, 31.3), 371, 7.13)
    return "\n".join(lines) + "\n"


def _text(page: str) -> Window:
    return window(snapshot(read_page(page.encode())))


def _fleet() -> Window:
    """Every question that only a Prometheus can answer, past the bound, with the further conditions met."""
    engine = (("engine", "0"), ("instance", "a:8000"), ("model_name", "m"))
    groups = {"engine": engine, "model": engine[2:], "target": engine[1:2], "scope": ()}
    answers: dict[tuple[Scope, Node], Answer] = {}
    for check in (check for check in checks.ALL if isinstance(check.signal.expr, Raw)):
        worse = 0.00131 if check.op == "<" else 77.31
        answers[check.level, check.signal.expr] = {groups[check.level]: Value(worse)}
        for condition in (c for bound in check.bounds for c in bound.when):
            answers["model", condition.signal.expr] = {
                groups["model"]: Value(99731.0 if condition.op in (">", ">=") else 0.0)
            }
    before = _text('vllm:num_requests_running{model_name="m",engine="0"} 0\n').later
    return Window(_text(_busy()).later, before, 733.0, asked=Asked(answers, recorded=True))


def _pairs() -> Window:
    folder = PAGES / "vllm-0.32.0"
    return window(seen(folder / "after.txt"), seen(folder / "fresh.txt"), 733.0)


@cache
def _windows() -> dict[str, Window]:
    recorded = {f"{name}/{page}": window(seen(PAGES / name / f"{page}.txt")) for name in RECORDED
                for page in ("loaded", "after")
                if (PAGES / name / f"{page}.txt").exists()}  # fmt: skip
    return {**recorded, "pair": _pairs(), "busy": _text(_busy()), "fleet": _fleet()}


def _report(name: str) -> Report:
    return analyse(_windows()[name], Source("file", "page"), SITE)


def _written(report: Report, form: str, code: str) -> str:
    """One format in one language, without what is the page's own: figures as such, and the axes of pictures."""
    language = LANGUAGES[code]
    if form == "json":
        data = report_data(report)
        return json.dumps(
            [data[key] for key in ("coverage", "findings", "insights", "advice", "summary")], ensure_ascii=False
        )
    if form == "html":
        text = report_html(report, language=language)
        return re.sub(r'<rect .*?</rect>|<text [^>]*text-anchor="middle">[^<]*</text>', "", text)
    return (report_text if form == "text" else report_markdown)(report, language=language)


NAMES = sorted(["pair", "busy", "fleet", *(f"{name}/after" for name in RECORDED)])


def test_the_odd_site_shares_no_number_with_the_catalogue() -> None:
    """Else a default could hide behind a chosen number; and every bound and hold is chosen."""
    chosen = [n for of in SITE.thresholds.values() for n in of.values()]
    defaults = [bound.value for check in checks.ALL for bound in check.bounds if bound.value is not None]
    assert len(chosen) == len(set(chosen)) == len(defaults)
    assert not set(chosen) & set(defaults)
    holds = [hold for of in SITE.holds.values() for hold in of.values()]
    assert len(holds) == len(set(holds)) == sum(len(check.bounds) for check in checks.ALL)
    assert not set(holds) & {bound.hold for check in checks.ALL for bound in check.bounds}


def test_on_the_made_pages_every_check_fires() -> None:
    """A sentence that is never said can't be judged."""
    found = {row.check.id for row in _report("fleet").judged if row.severity != "ok"}
    # Either somebody waits or nobody does.
    assert {check.id for check in checks.ALL} - {"kv_cache_filled"} == found


@pytest.mark.parametrize("code", ["en", "pt-BR"])
@pytest.mark.parametrize("name", NAMES)
def test_a_report_says_no_default(name: str, code: str) -> None:
    """In any format: no default stands in a sentence or on a picture, unless the page has that number itself."""
    language = LANGUAGES[code]
    assert isinstance(language, English)
    report = _report(name)
    measured = {language.quantity(figure.quantity) for figure in report.figures}
    words = default_words(language) - measured
    for form in FORMATS:
        assert [] == said(
            words if form != "json" else default_words(English()) - measured, _written(report, form, code)
        )


@pytest.mark.parametrize("name", NAMES)
def test_a_report_does_not_depend_on_defaults(name: str) -> None:
    """Every number without a unit too: with other defaults in the catalogue the same words and pictures come out."""
    ways = [(form, code) for form in FORMATS for code in LANGUAGES]
    before = {way: _written(_report(name), *way) for way in ways}
    with another_catalogue():
        assert before == {way: _written(_report(name), *way) for way in ways}


@pytest.mark.parametrize("form", FORMATS)
def test_the_bounds_in_force_are_the_ones_said(form: str) -> None:
    """Of one model, where it has bounds of its own: the others keep theirs."""
    own = {"kv_cache_usage": {"warning": 0.2713, "critical": 0.3137}, "ttft": {"warning": 0.4373, "critical": 0.7717}}
    site = parse({"thresholds": {"ttft": {"warning": 0.3317}}, "models": [{"match": "m", "thresholds": own}]})
    both = _busy() + _busy().replace('"m"', '"other"')
    report = analyse(_text(both), Source("file", "page"), site)
    text = " ".join(_written(report, form, "en").split())

    assert "past the threshold of 31.4 %" in text
    assert "past the threshold of 772 ms" in text  # of m
    assert "past the threshold of 2.5 s" in text  # of the other: the default, which is in force there
    if form == "html":
        for mark in (
            "warning 437 ms",
            "critical 772 ms",
            "warning 332 ms",
            "critical 2.5 s",
            "warning 27.1 %",
            "warning 80 %",
        ):
            assert mark in text


def test_a_model_has_no_bounds_of_another() -> None:
    """What pictures draw of a figure: the bounds of its own model, each severity once."""
    own = {"kv_cache_usage": {"warning": 0.2713, "critical": 0.3137}}
    site = parse({"models": [{"match": "m", "thresholds": own}]})
    report = analyse(_text(_busy() + _busy().replace('"m"', '"other"')), Source("file", "page"), site)

    usage = BY_ID["kv_cache_usage_ratio"]
    found = {model: sorted(report.limits(usage, model)) for model in ("m", "other")}
    assert {
        "m": [("critical", 0.3137), ("info", 0.8), ("warning", 0.2713)],
        "other": [("critical", 0.95), ("info", 0.8), ("warning", 0.8)],
    } == found


def test_the_hold_in_force_is_the_one_said() -> None:
    """And none where the alert is switched off."""
    check = checks.BY_ID["restarting"]
    rows: Answer = {(("instance", "a"), ("model_name", "m")): Value(7.0)}
    page = Window(_text(_busy()).later, asked=Asked({("engine", check.signal.expr): rows}, recorded=True))

    def evidence(site: dict[str, object]) -> str:
        report = analyse(page, Source("file", "page"), parse(site))
        return next(English().write(f.evidence) for f in report.findings if f.id == "restarting")

    assert evidence({"holds": {"restarting": {"warning": "20m"}}}).endswith(
        "past the threshold of 1; its alert fires after 20 min of this"
    )
    assert evidence({"alerts_off": ["VllmRestarting"]}).endswith("past the threshold of 1")


def test_advice_repeats_the_bound_in_force() -> None:
    """Below the site's bound there is room in the KV cache, above it there is none."""

    def advised(bound: float) -> dict[str, str]:
        site = parse({"thresholds": {"kv_cache_usage": {"warning": bound}}})
        report = analyse(_text(_busy()), Source("file", "page"), site)
        return {a.setting: English().write(a.text) for a in report.advice}

    assert "under 43.7 % (now 42.7 %)" in advised(0.437)["--gpu-memory-utilization"]
    assert "--max-num-seqs, --max-num-batched-tokens" in advised(0.437)
    assert not {"--gpu-memory-utilization", "--max-num-seqs, --max-num-batched-tokens"} & advised(0.413).keys()


# ------------------------------------------------------------------------------- explain, and emitted files


def _explained() -> dict[str, str]:
    alerts = {check.alert or check.id for check in checks.ALL} | {budget.alert for budget in slo.BUDGETS}
    site = rules_for(SITE)  # not before: a test changes the catalogue that they follow from
    return {name: str(explained(name, site)) for name in sorted(alerts)}


def test_files_do_not_depend_on_defaults() -> None:
    """Rules, boards, runbooks, the chart, the mixin and `explain`: only a clause that names the default may differ."""
    before = {name: bare(text) for name, text in {**artefacts(SITE), **_explained()}.items()}
    assert len(before) > 100
    with another_catalogue():
        after = {name: bare(text) for name, text in {**artefacts(SITE), **_explained()}.items()}
    assert [] == [name for name in before if before[name] != after[name]]


def _prose(text: str) -> str:
    """Sentences, without queries, whose ranges are part of what they ask."""
    outside = re.sub(r"```.*?```", "", bare(text), flags=re.DOTALL)
    return "\n".join(line for line in outside.splitlines() if not line.startswith("    "))


@pytest.mark.parametrize("alert", sorted({check.alert for check in checks.ALL if check.alert}))
def test_a_runbook_and_an_explanation_say_no_default(alert: str) -> None:
    """None of the alert's own."""
    words = default_words(English(), [check for check in checks.ALL if check.alert == alert])
    page = artefacts_of_the_site()[f"alerts/runbooks/{alert}.md"]
    assert [] == said(words, _prose(page)) + said(words, _prose(str(explain(alert, SITE))))


@pytest.mark.parametrize("budget", slo.BUDGETS, ids=lambda budget: budget.kind)
def test_a_budget_says_no_default_objective(budget: slo.Budget) -> None:
    """Neither share nor seconds, on its page and in its explanation."""
    page = artefacts_of_the_site()[f"alerts/runbooks/{budget.alert}.md"]
    assert [] == said(objective_words(English()), _prose(page) + _prose(str(explain(budget.alert, SITE))))


@cache
def artefacts_of_the_site() -> dict[str, str]:
    """The bundle as this site builds it."""
    return artefacts(SITE)


@pytest.mark.parametrize(
    "path",
    ["deploy/helm/vllm-observability/values.yaml", "deploy/helm/vllm-observability/README.md",
     "deploy/helm/vllm-observability/files/thresholds.yaml", "deploy/mixin/config.libsonnet",
     "deploy/mixin/facts.libsonnet"],
)  # fmt: skip
def test_values_and_the_mixins_choices_say_no_default(path: str) -> None:
    """What people edit shows the site's numbers, in words as in keys."""
    text = artefacts_of_the_site()[path]
    assert [] == said(default_words(English()) | objective_words(English()), text)
    plain = {f"{bound.value:g}" for check in checks.ALL for bound in check.bounds if bound.value and bound.value < 1}
    assert [] == [m for m in re.findall(r"(?<=[:=] )[\d.]+", text) if m in plain]


def test_rules_use_the_sites_window() -> None:
    """No rate over five minutes is left, in a query or in a name."""
    for path, text in artefacts_of_the_site().items():
        if path.startswith(("alerts/", "deploy/kustomize/base/", "deploy/mixin/rules", "deploy/mixin/alerts")):
            assert not re.search(r"rate5m|rate\([^()]*\[5m\]", text), path


def test_a_reason_that_is_about_a_default_says_so() -> None:
    """Beside the catalogue's own number it stands alone."""
    page = f"alerts/runbooks/{checks.TTFT.alert}.md"
    plain, odd = artefacts(parse({}))[page], artefacts_of_the_site()[page]

    assert "a second is where a chat user notices the wait |" in plain
    assert "a second is where a chat user notices the wait (so the default is 1 s for 10m) |" in odd
