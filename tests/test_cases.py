"""Pages after public reports, each standing for a kind, and made pages of the same kinds: what a report says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from recordings import DATA, PAGES, RECORDINGS, Recording, of_text, seen
from vllm_observability.catalog import checks, slo
from vllm_observability.catalog.figures import BY_ID
from vllm_observability.doctor import coverage, names_of_page
from vllm_observability.intervals.folder import read_folder
from vllm_observability.model import Check, Owner, Raw
from vllm_observability.pages.evaluate import window
from vllm_observability.pages.scrape import Page, Sample, read_page
from vllm_observability.pages.snapshot import Snapshot, lookup, snapshot
from vllm_observability.pages.source import Source
from vllm_observability.pages.sources import SourceError
from vllm_observability.render.report.document import Split
from vllm_observability.render.report.glance import glance
from vllm_observability.report import Report, analyse
from vllm_observability.report.page_answers import clause, teller
from vllm_observability.settings import Settings, parse
from vllm_observability.words.phrases import English, Phrase

CASES = DATA / "cases"
EACH = pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.folder)
OF = 'engine="0",model_name="m"'


def _report(later: Path, earlier: Path | None = None, settings: Settings | None = None) -> Report:
    pages = window(seen(later), seen(earlier) if earlier else None, 300.0 if earlier else None)
    return analyse(pages, Source("pair" if earlier else "file", later.name), settings or Settings())


def _of(text: str, earlier: str | None = None) -> Report:
    return analyse(
        of_text(text, earlier, 60.0 if earlier else None), Source("pair" if earlier else "file", "p"), Settings()
    )


def _bad(report: Report) -> dict[str, str]:
    return {finding.id: finding.severity for finding in report.findings if finding.severity != "ok"}


def _words(*phrases: Phrase | None) -> str:
    return " | ".join(English().write(phrase) for phrase in phrases if phrase)


def _finding(report: Report, id: str) -> str:
    found = next(finding for finding in report.findings if finding.id == id and finding.severity != "ok")
    return _words(found.title, found.evidence, found.cause, found.advice)


def _settings(report: Report) -> str:
    return " ".join(advice.setting for advice in report.advice)


# ------------------------------------------------------------------------------------- stalls, by engine


def test_a_frozen_rank_is_named_while_the_other_works() -> None:
    """Engine 1 has 5 running and 9 waiting and does not move in five minutes: critical, first, and no tuning."""
    report = _report(CASES / "stalled-rank/after.txt", CASES / "stalled-rank/before.txt")
    first = report.findings[0]
    assert ("engine_stalled", "critical", "VllmEngineStalled") == (first.id, first.severity, first.alert)
    assert {"engine": "1", "model_name": "acme/moe"} == dict(first.labels)
    assert "engine 1: 5 running and 9 waiting" in _words(first.evidence)
    assert "max-num" not in _settings(report)
    assert "Stable" not in _words(*report.summary)


def _engine(rank: int, running: int, waiting: int, tokens: int, usage: float = 0.3, state: str = "awake") -> str:
    of = f'engine="{rank}",model_name="m"'
    lines = [
        f"vllm:num_requests_running{{{of}}} {running}",
        f"vllm:num_requests_waiting{{{of}}} {waiting}",
        f"vllm:generation_tokens_total{{{of}}} {tokens}",
        f"vllm:kv_cache_usage_perc{{{of}}} {usage}",
    ]
    lines += [
        f'vllm:engine_sleep_state{{{of},sleep_state="{each}"}} {int(each == state)}'
        for each in ("awake", "weights_offloaded", "discard_all")
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("others", [1, 2, 7])
@pytest.mark.parametrize("waiting", [1, 40])
def test_of_any_number_of_ranks_the_frozen_one_is_found(others: int, waiting: int) -> None:
    """Whichever rank it is."""
    for frozen in (0, others):
        pages = [
            "".join(_engine(r, 3, waiting if r == frozen else 0, 100 if r == frozen else t) for r in range(others + 1))
            for t in (100, 900)
        ]
        first = _of(pages[1], pages[0]).findings[0]
        assert ("engine_stalled", "critical", str(frozen)) == (first.id, first.severity, dict(first.labels)["engine"])


@pytest.mark.parametrize(("handler", "id"), [("/v1/models", "nothing_moves"), ("/v1/completions", "engine_stalled")])
def test_demand_is_work_that_is_asked_for(handler: str, id: str) -> None:
    """Nobody waits in the gauge, but work is refused or answered late: a probe is no such work."""
    pages = [
        _engine(0, 1, 0, 100) + f'http_requests_total{{handler="{handler}",method="GET",status="5xx"}} {n}\n'
        for n in (5, 9)
    ]
    assert id in _bad(_of(pages[1], pages[0]))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (_engine(0, 2, 5, 100), _engine(0, 2, 5, 101), {}),  # a token
        (_engine(0, 2, 5, 100, 0.3), _engine(0, 2, 5, 100, 0.4), {}),  # a long prompt fills the KV cache
        (_engine(0, 1, 0, 100), _engine(0, 1, 0, 100), {"nothing_moves": "warning"}),  # nobody waits: an old gauge?
        (_engine(0, 0, 5, 100), _engine(0, 0, 5, 100), {"engine_stalled": "critical"}),
        (
            _engine(0, 0, 5, 100, 0.0, "discard_all"),
            _engine(0, 0, 5, 100, 0.0, "discard_all"),
            {"asleep_with_requests": "warning"},
        ),
    ],
)
def test_progress_and_sleep_are_no_stall(before: str, after: str, expected: dict[str, str]) -> None:
    """One token, or a KV cache that moves, is progress; who sleeps does not stall."""
    ids = {"engine_stalled", "nothing_moves", "asleep", "asleep_with_requests"}
    assert expected == {id: severity for id, severity in _bad(_of(after, before)).items() if id in ids}


# ---------------------------------------------------------------------------------------------- sleep


@pytest.mark.parametrize(
    ("page", "earlier", "depth", "severity"),
    [
        ("weights_offloaded", None, "level 1: weights are in CPU memory", "info"),
        ("discard_all", None, "level 2: weights and KV cache are discarded", "info"),
        ("asleep-waiting", None, "level 1: weights are in CPU memory", "warning"),
        ("later", "asleep-waiting", "level 1: weights are in CPU memory", "warning"),
    ],
)
def test_sleep_is_said_with_its_depth_and_who_waits(page: str, earlier: str | None, depth: str, severity: str) -> None:
    """Seven requests that wait for it are a warning to wake it up, never a stall; nothing is to be tuned."""
    report = _report(CASES / f"sleep/{page}.txt", CASES / f"sleep/{earlier}.txt" if earlier else None)
    id = "asleep_with_requests" if severity == "warning" else "asleep"
    assert severity == _bad(report)[id]
    assert depth in _finding(report, id)
    assert "engine_stalled" not in _bad(report)
    assert depth in _words(*report.summary)
    assert () == report.advice
    if severity == "warning":
        assert "7 requests wait" in _finding(report, id)
        assert "First step: Wake it up" in _words(*report.summary)
    else:
        assert "idle capacity" not in _words(*(insight.reason for insight in report.insights))


def test_awake_nothing_of_sleep_is_said() -> None:
    """The same page with its first state."""
    assert "sleep" not in _words(*_report(CASES / "sleep/awake.txt").summary)


def test_one_of_two_engines_sleeps() -> None:
    """It is named; the other one is judged as ever."""
    report = _of(_engine(0, 3, 0, 10) + _engine(1, 0, 2, 10, 0.0, "weights_offloaded"))
    assert "2 requests wait; engine 1 of 2 sleeps" in _finding(report, "asleep_with_requests")
    assert "Engines asleep: 1 of 2" in _words(*report.summary)


# ------------------------------------------------------------------------------------ failure counters


def test_failures_that_counters_hold_have_the_alerts_names() -> None:
    """12 corrupted answers, 300 failed transfers, 90 expired ones between the pages, with the alerts' severities."""
    report = _report(CASES / "failure-counters/after.txt", CASES / "failure-counters/before.txt")
    alerts = {finding.alert: finding.severity for finding in report.findings if finding.severity != "ok"}
    assert {
        "VllmCorruptedRequests": "warning",
        "VllmKvTransferFailures": "warning",
        "VllmAdmissionRejections": "warning",
    } == alerts
    assert "Corrupted requests: 12, between the two pages" in _finding(report, "corrupted_requests")
    transfers = _finding(report, "kv_transfer_failures")
    assert "Failed NIXL KV transfers: 300" in transfers
    assert "before it was fetched (counted on the prefill instance): 90" in transfers


@pytest.mark.parametrize("check", [check for check in checks.ALL if teller(check)], ids=lambda check: check.id)
def test_a_check_that_pages_answer_has_no_clause_that_they_cannot(check: Check) -> None:
    """Such a clause would never hold, and the finding would never be told."""
    pages = window(seen(CASES / "failure-counters/after.txt"), seen(CASES / "failure-counters/before.txt"), 300.0)
    clauses = [each for bound in check.bounds for each in bound.when if not (each.or_unknown or each.by_default)]
    assert [] == [
        each.signal.id for each in clauses if isinstance(each.signal.expr, Raw) and not clause(each.signal, pages)
    ]


def test_of_one_page_failures_are_mentioned_since_the_start() -> None:
    """They may be long ago: information, and how to know."""
    report = _report(CASES / "failure-counters/before.txt")
    assert {"corrupted_requests": "info", "kv_transfer_failures": "info", "admission_rejections": "info"} == _bad(
        report
    )
    assert "12, since the server started; two pages tell" in _finding(report, "corrupted_requests")


def test_counters_that_stand_still_are_judged_fine() -> None:
    """The same page twice: judged, and no finding."""
    report = _report(CASES / "failure-counters/after.txt", CASES / "failure-counters/after.txt")
    judged = {finding.id: finding.severity for finding in report.findings}
    assert {"ok"} == {judged[id] for id in ("corrupted_requests", "kv_transfer_failures")}


@pytest.mark.parametrize(
    "path",
    sorted([*PAGES.glob("*/after.txt"), *CASES.rglob("*.txt")]),
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_every_alert_of_the_site_is_judged_or_listed_as_not_judged(path: Path) -> None:
    """With a reason each, once; an alert that is off is neither."""
    found = snapshot(read_page(path.read_bytes()), ("acme_vllm:",))
    if not found.engine_samples:
        return
    settings = parse({"alerts_off": ["VllmConfigDrift"]})
    report = analyse(window(found), Source("file", "p"), settings)
    listed = [alert for each in report.not_judged for alert in each.alerts]
    judged = {row.check.alert for row in report.judged if row.severity == "ok" or row.bound}
    every = {check.alert for check in checks.ALL} | {b.alert for b in slo.BUDGETS if b.kind != "e2e"}
    assert every - {"VllmConfigDrift"} == {*listed, *judged} - {None}
    assert len(listed) == len(set(listed))
    assert set() == judged.intersection(listed)
    assert all(_words(each.why) for each in report.not_judged)


# ---------------------------------------------------------------------------------------- kinds of model


def test_an_embedding_model_gets_no_advice_and_no_figures_that_do_not_apply() -> None:
    """4,000 inputs, no token, one block: no token latencies, no cache, no settings of either."""
    report = _report(CASES / "embedding/page.txt")
    ids = {figure.id for figure in report.figures}
    assert {"requests_finished", "prompt_tokens", "e2e_mean_seconds", "prompt_tokens_per_request"} <= ids
    assert not [
        id for id in ids if id.startswith(("ttft", "itl", "tpot", "decode", "generation", "kv_cache", "prefix"))
    ]
    assert () == report.advice
    assert "embedding model" in _words(*(c.detail for c in report.coverage if c.topic == "kind"))
    assert "KV cache usage" not in _words(*report.summary)


def _pooling(path: str, tokens: int, handler_tokens: str = "stop") -> str:
    return (
        f'vllm:request_success_total{{{OF},finished_reason="{handler_tokens}"}} 50\n'
        f"vllm:generation_tokens_total{{{OF}}} {tokens}\n"
        f'http_requests_total{{handler="{path}",method="POST",status="2xx"}} 50\n'
        f"vllm:num_requests_running{{{OF}}} 0\nvllm:num_requests_waiting{{{OF}}} 0\n"
        f"vllm:kv_cache_usage_perc{{{OF}}} 0.01\n"
        f'vllm:cache_config_info{{num_gpu_blocks="1000",block_size="16",enable_prefix_caching="False"}} 1\n'
    )


@pytest.mark.parametrize(
    ("page", "kind", "advised"),
    [
        (_pooling("/v1/embeddings", 0), "an embedding model", False),
        (_pooling("/v2/rerank", 0), "a reranking model", False),
        (_pooling("/classify", 0), "a pooling model", False),
        (_pooling("/somewhere/else", 0), "a pooling model", False),
        (_pooling("/v1/audio/transcriptions", 900), "a transcription model", False),
        (_pooling("/v1/chat/completions", 900), "", True),
        (_pooling("/v1/chat/completions", 0, "error"), "", True),  # every request failed: no sign of a kind
    ],
)
def test_kinds_are_told_by_what_the_page_has(page: str, kind: str, advised: bool) -> None:
    """By tokens and by the paths that are called; prefix caching is advised to chats alone."""
    report = _of(page)
    told = _words(*(c.detail for c in report.coverage if c.topic == "kind"))
    assert told.startswith(kind) if kind else told == ""
    assert advised == ("--enable-prefix-caching" in _settings(report))


# ------------------------------------------------------------------------------- labels that nobody knows


def test_stages_are_kept_apart_and_said() -> None:
    """120 requests are not 360; each stage has its own figures, bounds and configuration."""
    report = _report(CASES / "omni-stages/page.txt", settings=parse({"thresholds": {"ttft": {"warning": 0.9}}}))
    finished = {f.labels["stage"]: f.value for f in report.all(BY_ID["requests_finished"]) if f.value}
    assert {"0": 120, "1": 120, "2": 120} == finished
    assert {"0": 0.2, "1": 1.9, "2": 0.6} == {
        f.labels["stage"]: round(f.value, 6) for f in report.all(BY_ID["ttft_mean_seconds"])
    }
    names = [(f.id, tuple(sorted(f.labels.items()))) for f in report.figures]
    assert len(names) == len(set(names))
    assert "stage" in _words(*(c.detail for c in report.coverage if c.topic == "labels"))
    assert "stage 1: KV cache usage: 93 %" in _finding(report, "kv_cache_usage")
    assert "observations only" not in _finding(report, "ttft")
    assert "360" not in _words(*report.summary, *(insight.reason for insight in report.insights))
    assert "stage 0: 2 running, 0 waiting; stage 1: 1 running, 3 waiting" in _words(*report.summary)
    glances = [block.title for block in glance(report, English()) if isinstance(block, Split)]
    assert len(glances) == len(set(glances)) == 3


def test_a_stage_that_hangs_is_found() -> None:
    """Stage 1 stands still, the others work."""
    text = (CASES / "omni-stages/page.txt").read_text()
    later = re.sub(
        r'^(vllm:(?:generation_tokens|iteration_tokens|prompt_tokens)_total(?:_count)?\{.*stage="[02]".*\}) (\S+)$',
        lambda m: f"{m[1]} {float(m[2]) + 50}",
        text,
        flags=re.MULTILINE,
    )
    first = _of(later, text).findings[0]
    assert ("engine_stalled", "1") == (first.id, dict(first.labels)["stage"])


def _twice(page: Page, label: str, values: tuple[str, ...]) -> Snapshot:
    """Each row of an engine once for each value of a label."""
    samples = []
    for sample in page.samples:
        known = lookup(sample.name)
        of_engine = known is not None and known.metric.owner is Owner.ENGINE
        for value in values if of_engine else (None,):
            more = {label: value} if value is not None else {}
            samples.append(Sample(sample.name, {**sample.labels, **more}, sample.value, sample.timestamp))
    return snapshot(Page(samples, page.types, (), 0, page.lines, 0, False))


@EACH
@pytest.mark.parametrize(
    ("label", "values"), [("stage", ("0", "1")), ("colour", ("blue", "green", "red")), ("tier", ("x",))]
)
def test_rows_of_an_unknown_label_are_never_merged(recording: Recording, label: str, values: tuple[str, ...]) -> None:
    """Of every recorded page each part has the figures that the page has; one value alone changes nothing."""
    page = read_page((PAGES / recording.folder / "after.txt").read_bytes())
    plain = analyse(window(snapshot(page)), Source("file", "p"), Settings())
    report = analyse(window(_twice(page, label, values)), Source("file", "p"), Settings())

    def numbers(report: Report, part: str | None) -> set[tuple[object, ...]]:
        return {
            (f.id, round(f.value, 9), tuple(sorted((k, v) for k, v in f.labels.items() if k not in (label, "engine"))))
            for f in report.figures
            if part is None or f.labels.get(label, part) == part
        }

    for value in values:
        assert numbers(plain, None) == numbers(report, value)
    said = [c for c in report.coverage if c.topic == "labels"]
    assert (len(values) > 1) == bool(said)
    names = [(f.id, tuple(sorted(f.labels.items()))) for f in report.figures]
    assert len(names) == len(set(names))


def test_a_label_of_too_many_values_is_summed_and_said() -> None:
    """A request's id tells no parts of a model."""
    report = _of("".join(f'vllm:prompt_tokens_total{{model_name="m",request="{i}"}} 2\n' for i in range(300)))
    assert [600.0] == [f.value for f in report.all(BY_ID["prompt_tokens"])]
    assert "they are summed" in _words(*(c.detail for c in report.coverage if c.topic == "labels"))


def test_the_doctor_says_which_labels_rules_would_add_up() -> None:
    """On a page, until they are scope labels."""
    names = names_of_page(seen(CASES / "omni-stages/page.txt"))
    (hint,) = (problem for problem in coverage(names, Settings()).problems if problem.id == "labels")
    assert "differ by stage" in hint.what
    assert "'stage'" in hint.fix
    settings = parse({"scope_labels": ["cluster", "namespace", "job", "stage"]})
    assert [] == [problem for problem in coverage(names, settings).problems if problem.id == "labels"]


def test_a_scope_label_may_be_called_stage() -> None:
    """As vLLM-Omni calls the parts of a pipeline; labels that alerts read stay refused."""
    assert "stage" in parse({"scope_labels": ["cluster", "stage", "job"]}).scope_labels
    with pytest.raises(ValueError, match="finished_reason"):
        parse({"scope_labels": ["finished_reason"]})


# ------------------------------------------------------------------------------------ advice by the state


@pytest.mark.parametrize(
    ("page", "id", "says", "never"),
    [
        (_engine(0, 0, 0, 10, 0.93), "kv_cache_filled", "held although nothing runs", "max-num-seqs"),
        (
            _engine(0, 9, 3, 10, 0.97) + _engine(1, 1, 0, 10, 0.05),
            "kv_cache_usage",
            "engine 0 holds far more than the mean",
            "max-num-seqs",
        ),
        (_engine(0, 8, 2, 10, 0.93), "kv_cache_usage", "Lower --max-num-seqs", "Balance"),
        (
            _engine(0, 0, 30, 10, 0.0, "weights_offloaded"),
            "requests_waiting",
            "Wake it up",
            "Add a replica",
        ),
    ],
)
def test_cause_and_advice_look_at_the_state(page: str, id: str, says: str, never: str) -> None:
    """Nothing runs, an uneven load, a busy engine, a sleeper."""
    text = _finding(_of(page), id)
    assert says in text
    assert never not in text


def test_prefix_caching_is_not_advised_where_a_cache_outside_is_used() -> None:
    """Its lookups show that prompts are shared already."""
    page = _pooling("/v1/chat/completions", 900)
    assert "--enable-prefix-caching" in _settings(_of(page))
    outside = f"vllm:external_prefix_cache_queries_total{{{OF}}} 500\n"
    assert "--enable-prefix-caching" not in _settings(_of(page + outside))


def test_folders_of_pages_with_unknown_parts_are_refused(tmp_path: Path) -> None:
    """Compare and capacity add engines up, which nobody knows to be right for parts."""
    text = (CASES / "omni-stages/page.txt").read_text()
    for second in (1795100000, 1795100015):
        (tmp_path / f"{second}.txt").write_text(text)
    with pytest.raises(SourceError, match="differ by stage"):
        read_folder(str(tmp_path), Settings())


# ----------------------------------------------------------------------------------------- a full KV cache


@pytest.mark.parametrize(("full", "advised"), [(0.95, False), (0.5, True)])
def test_a_full_cache_is_no_reason_for_a_larger_batch(full: float, advised: bool) -> None:
    """Requests wait for blocks then: --max-num-seqs is raised only while the cache has room."""
    labels = '{model_name="m",engine="0"}'
    report = _of(
        f"vllm:num_requests_running{labels} 40\nvllm:num_requests_waiting{labels} 60\n"
        f"vllm:kv_cache_usage_perc{labels} {full}\nvllm:generation_tokens_total{labels} 1000\n"
    )
    waiting = next(f for f in report.findings if f.id == "requests_waiting")

    assert advised == ("raise --max-num-seqs" in _words(waiting.advice))
