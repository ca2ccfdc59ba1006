"""Two sides at equal load: what changed in the engine is found, what changed in the load is not blamed on it."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from harness.programs import ROOT
from made_pages import START, write_pages
from vllm_observability.command.cli import main
from vllm_observability.compare import GROUPS, TIMES, compare
from vllm_observability.compare.effect import Apart, Row, effect
from vllm_observability.compare.judge import _apart
from vllm_observability.compare.measures import MEASURES
from vllm_observability.compare.records import Called
from vllm_observability.intervals.folder import read_folder
from vllm_observability.render.report.comparison import comparison_document
from vllm_observability.render.report.markdown import document_markdown
from vllm_observability.settings import Settings
from vllm_observability.words.phrases import English

SCHEMA = json.loads((ROOT / "docs/compare.schema.json").read_text())


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["compare", *(str(a) for a in arguments)])


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain side, one with a quarter more load, one whose steps take 15 % longer, one with four times the load."""
    folder = tmp_path_factory.mktemp("sides")
    write_pages(folder / "plain", seed="a")
    write_pages(folder / "busier", seed="b", rate=5.0)
    write_pages(folder / "slower", seed="c", rate=4.5, speed=1 / 1.15, version="0.24.0", config={"cache_dtype": "fp8"})
    write_pages(folder / "far", seed="d", rate=16.0)
    return folder


def _questions(done: Result) -> dict[str, dict[str, object]]:
    return {q["id"]: q for q in json.loads(done.stdout)["questions"]}


def test_more_load_is_no_regression(pages: Path) -> None:
    """A quarter more requests make tokens slower, and the engine is the same."""
    done = _run(pages / "plain", pages / "busier", "--format", "json")
    assert 0 == done.exit_code, done.output
    itl = _questions(done)["itl"]
    assert "same" == itl["verdict"]
    assert 1.0 < float(str(itl["naive_percent"])) < 4.0
    assert -1.5 < float(str(itl["adjusted_percent"])) < 1.5


def test_a_slower_engine_is_found_and_ends_with_1(pages: Path) -> None:
    """15 % more for each step, at another load."""
    done = _run(pages / "plain", pages / "slower", "--format", "json")
    assert 1 == done.exit_code, done.output
    itl = _questions(done)["itl"]
    assert "worse" == itl["verdict"]
    low, high = itl["interval_percent"]  # type: ignore[misc]
    assert low < 15 < high
    assert 12 < float(str(itl["adjusted_percent"])) < 18
    assert "worse" == json.loads(done.stdout)["verdict"]


def test_a_faster_engine_is_better_and_ends_with_0(pages: Path) -> None:
    """The same two sides the other way around."""
    done = _run(pages / "slower", pages / "plain", "--format", "json")
    assert 0 == done.exit_code, done.output
    assert "better" == _questions(done)["itl"]["verdict"]
    assert "better" == json.loads(done.stdout)["verdict"]


def test_a_regression_under_the_bound_ends_with_0(pages: Path) -> None:
    """Whoever accepts 40 % has no failure at 15 %."""
    assert 0 == _run(pages / "plain", pages / "slower", "--fail-on-regression", "40").exit_code


def test_loads_that_do_not_overlap_give_no_number(pages: Path) -> None:
    """Four times the load: no interval of one side is like one of the other."""
    done = _run(pages / "plain", pages / "far", "--format", "json")
    assert 3 == done.exit_code, done.output
    itl = _questions(done)["itl"]
    assert "not-comparable" == itl["verdict"]
    assert None is itl["adjusted_percent"]
    assert None is itl["interval_percent"]
    assert "the loads do not overlap: sequences per step" in str(itl["reason"])


def _made(points: Sequence[tuple[float, float]], after: bool) -> list[Row]:
    return [Row(0.0, at, 1.0, after, n // 2) for n, at in enumerate(points)]


ITL = next(measure for measure in MEASURES if measure.id == "itl")
LOW, WIDE = [(n / 40, 1.0) for n in range(40)], [(0.95 + n / 40, 1.0) for n in range(40)]


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (LOW, [(x + 9, y) for x, y in LOW], "the loads do not overlap: sequences per step"),
        (LOW, WIDE, "the loads overlap too little: sequences per step"),
        ([(0.5, 0.5)] * 6 + [(0.0, 5.0)] * 17 + [(5.0, 0.0)] * 17, [(0.0, 0.0)] * 20 + [(0.6, 0.6)] * 20,
         "too few intervals of 15 s have a load that the other side has in every part too: 6 "),
        ([(1.0, 1.0)] * 5, LOW, "too few intervals of 15 s with traffic: 5 "),
    ],
)  # fmt: skip
@pytest.mark.parametrize("called", [TIMES, GROUPS])
def test_the_reason_of_not_comparable_is_true(
    first: list[tuple[float, float]], second: list[tuple[float, float]], reason: str, called: Called
) -> None:
    """Disjoint ranges, ranges with too few intervals in common, parts that never come together, too few at all."""
    found = effect(_made(first, False) + _made(second, True))
    assert isinstance(found, Apart)
    said = English().write(_apart(ITL, found, called))
    assert reason in said
    if found.common:
        assert f": {found.common[0]} " in said or "do not overlap" in said
    if found.covariate is not None and found.before[1] > found.after[0]:
        assert "do not overlap" not in said
    assert not any(word in said.split() for word in ("before,", "after,")) or called is TIMES


def test_groups_are_called_a_and_b(pages: Path) -> None:
    """In the reasons and in the table of the sides, not before and after."""
    sides = [read_folder(str(pages / name), Settings()).side for name in ("plain", "far")]
    text = document_markdown(comparison_document(compare(sides[0], sides[1], called=GROUPS)))
    assert "before" not in text
    assert "after" not in text


def test_a_part_of_a_difference_is_in_points(pages: Path) -> None:
    """Percent of a percentage could be read as a share of it."""
    reason = str(_questions(_run(pages / "plain", pages / "busier", "--format", "json"))["itl"]["reason"])
    assert "percentage points that come from" in reason, reason
    assert "is meant to hold the true difference" in " ".join(_run(pages / "plain", pages / "busier").stdout.split())


def test_what_else_changed_is_listed(pages: Path) -> None:
    """Version by names, cache configuration, metrics that went."""
    changes = json.loads(_run(pages / "plain", pages / "slower", "--format", "json").stdout)["changes"]
    found = {(one["what"], one["name"]) for one in changes}
    assert ("version", "vLLM") in found
    assert ("configuration", "cache_dtype") in found
    assert "metric-gone" in {what for what, _ in found}


@pytest.mark.parametrize("names", [("plain", "busier"), ("plain", "slower"), ("plain", "far")])
def test_json_keeps_to_the_published_schema(pages: Path, names: tuple[str, str]) -> None:
    """Against docs/compare.schema.json."""
    Draft202012Validator.check_schema(SCHEMA)
    done = _run(*(pages / name for name in names), "--format", "json")
    Draft202012Validator(SCHEMA).validate(json.loads(done.stdout))


def test_every_form_says_the_verdict(pages: Path) -> None:
    """Text in two languages, Markdown, and HTML with a picture."""
    both = (pages / "plain", pages / "slower")
    assert "worse" in _run(*both).stdout
    assert "pior" in _run(*both, "--lang", "pt-BR").stdout
    markdown = _run(*both, "--format", "markdown").stdout
    assert markdown.startswith("# vLLM comparison")
    assert "| itl | worse |" in markdown
    page = _run(*both, "--format", "html").stdout
    assert 'class="dot g1"' in page
    assert "<script" not in page


def test_names_are_redacted(pages: Path) -> None:
    """Neither the model nor the folder is named."""
    text = _run(pages / "plain", pages / "busier", "--redact", "--format", "json").stdout
    assert "acme" not in text
    assert str(pages) not in text


# ----------------------------------------------------------------------------------------------- bad input


def _says(done: Result, code: int, *sentences: str) -> None:
    assert code == done.exit_code, done.output
    for sentence in sentences:
        assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.output


def test_one_scrape_is_refused(pages: Path, tmp_path: Path) -> None:
    """Counters need two."""
    side = tmp_path / "one"
    for target in (pages / "plain").iterdir():
        (side / target.name).mkdir(parents=True)
        first = sorted(target.iterdir())[0]
        shutil.copy(first, side / target.name)
    _says(_run(pages / "plain", side), 2, "one scrape only")


def test_a_restart_inside_a_side_is_refused(pages: Path, tmp_path: Path) -> None:
    """The counters begin again."""
    side = tmp_path / "side"
    shutil.copytree(pages / "plain", side)
    target = side / "chat-0:8000"
    early, late = sorted(target.iterdir())[0], sorted(target.iterdir())[30]
    shutil.copy(early, late)
    _says(_run(side, pages / "plain"), 2, "restarted", "begins after the restart")


def test_a_side_without_traffic_cannot_tell(pages: Path, tmp_path: Path) -> None:
    """No request, no answer, and no number."""
    side = write_pages(tmp_path / "idle", rate=0.0, minutes=6)
    _says(_run(side, pages / "plain"), 3, "no traffic")


def test_a_short_side_cannot_tell(pages: Path, tmp_path: Path) -> None:
    """Two minutes."""
    side = write_pages(tmp_path / "short", minutes=2)
    _says(_run(pages / "plain", side), 3, "too few")


def test_sides_of_different_models_are_refused(pages: Path, tmp_path: Path) -> None:
    """Their times say nothing of each other."""
    side = write_pages(tmp_path / "other", minutes=5, model="acme/coder")
    _says(_run(pages / "plain", side), 2, "different models", "acme/chat", "acme/coder")


def test_native_histograms_are_refused(pages: Path, tmp_path: Path) -> None:
    """Counts without buckets."""
    side = tmp_path / "native"
    shutil.copytree(pages / "plain", side)
    for page in side.glob("*/*.txt"):
        page.write_text(re.sub(r"(?m)^vllm:inter_token_latency_seconds_bucket.*\n", "", page.read_text()))
    _says(_run(pages / "plain", side), 2, "no classic buckets", "native histograms")


def test_clocks_that_differ_are_refused(pages: Path, tmp_path: Path) -> None:
    """Names that run six times as slowly as the engines did, and a server whose pages are of another hour."""
    slow = tmp_path / "slow"
    for target in (pages / "far").iterdir():
        (slow / target.name).mkdir(parents=True)
        for page in target.iterdir():
            at = START + (float(page.stem) - START) / 6
            shutil.copy(page, slow / target.name / f"{at:.1f}.txt")
    _says(_run(slow, slow), 2, "clock")
    apart = tmp_path / "apart"
    shutil.copytree(pages / "plain", apart)
    for page in sorted((apart / "chat-1:8000").iterdir(), reverse=True):
        page.rename(page.with_name(f"{float(page.stem) + 3600:.0f}.txt"))
    _says(_run(apart, pages / "plain"), 2, "their clocks differ")


def test_files_that_were_copied_together_are_refused(pages: Path, tmp_path: Path) -> None:
    """Without times in names, dates must say something."""
    side = tmp_path / "copied"
    for target in (pages / "plain").iterdir():
        (side / target.name).mkdir(parents=True)
        for page in target.iterdir():
            copy = side / target.name / f"page-{page.stem}.txt"
            copy.write_bytes(page.read_bytes())
            os.utime(copy, (START, START))
    _says(_run(side, pages / "plain"), 2, "copied together")


def test_what_is_no_page_is_refused(pages: Path, tmp_path: Path) -> None:
    """A missing folder, an empty one, and text that is no metrics."""
    _says(_run(tmp_path / "none", pages / "plain"), 2, "is not a directory")
    (tmp_path / "empty").mkdir()
    _says(_run(tmp_path / "empty", pages / "plain"), 2, "has no files")
    (tmp_path / "junk").mkdir()
    for name in ("1.txt", "2.txt"):
        (tmp_path / "junk" / name).write_text("<html>no</html>")
    _says(_run(tmp_path / "junk", pages / "plain"), 2, "web page")
    _says(_run(pages / "plain"), 2, "two folders")


def test_a_flat_folder_is_one_server(pages: Path) -> None:
    """`DIR/<seconds>.txt`."""
    done = _run(pages / "plain/chat-0:8000", pages / "plain/chat-1:8000", "--format", "json")
    assert done.exit_code in (0, 3), done.output
    assert [1, 1] == [side["engines"] for side in json.loads(done.stdout)["sides"]]


@pytest.mark.parametrize("bound", ["512.0", "+Inf"])
@pytest.mark.parametrize("value", ["", "1e29"])
def test_a_bucket_that_is_wrong_on_one_page_is_no_crash(pages: Path, tmp_path: Path, bound: str, value: str) -> None:
    """Gone, at 0, or far too large: the answer may change, and nothing ends without one."""
    side = tmp_path / "damaged"
    shutil.copytree(pages / "plain", side)
    page = sorted((side / "chat-0:8000").iterdir())[5]
    bucket = rf'vllm:iteration_tokens_total_bucket{{[^}}]*le="{re.escape(bound)}"[^}}]*}}'
    line = re.compile(rf"^({bucket}) .*\n", re.MULTILINE)
    damaged, found = line.subn(rf"\1 {value}\n" if value else "", page.read_text())
    page.write_text(damaged)
    assert 1 == found
    assert _run(side, side).exit_code in (0, 1, 3)
    done = CliRunner().invoke(main, ["capacity", str(side)])
    assert done.exit_code in (0, 3), done.output
