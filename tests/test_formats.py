"""The report as Markdown, HTML and JSON: whole, well formed, and dead to whatever a label holds."""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from harness.programs import ROOT
from recordings import DATA, PAGES, of_text
from vllm_observability.command.cli import main
from vllm_observability.pages.source import Source
from vllm_observability.render.report.html import report_html
from vllm_observability.render.report.json import report_json
from vllm_observability.render.report.markdown import escaped, report_markdown
from vllm_observability.render.report.text import report_text
from vllm_observability.report import analyse
from vllm_observability.settings import Settings

EXAMPLE = ROOT / "examples/vllm-0.32.0.txt"
EVERY_PAGE = sorted([*PAGES.glob("*/*.txt"), *DATA.glob("oddities/**/*.txt"), *DATA.glob("cases/**/*.txt"), EXAMPLE])
SERVERS = [EXAMPLE, *(p for p in EVERY_PAGE if p.name == "after.txt" and "nostats" not in str(p))]
SCHEMA = json.loads((ROOT / "docs/report.schema.json").read_text())
VOID = {"meta", "br", "hr", "img", "input", "link", "rect"}


@cache
def _report(path: Path, form: str, *more: str) -> str:
    done = CliRunner().invoke(main, ["analyze", str(path), "--format", form, *more])
    assert done.exit_code in (0, 2), done.output
    return done.stdout if done.exit_code == 0 else ""


# ------------------------------------------------------------------------------------------------ JSON


def test_the_published_schema_is_strict() -> None:
    """It is a schema, and it refuses a key too many."""
    Draft202012Validator.check_schema(SCHEMA)
    report = json.loads(_report(EXAMPLE, "json"))
    assert list(Draft202012Validator(SCHEMA).iter_errors({**report, "extra": 1}))
    assert list(Draft202012Validator(SCHEMA).iter_errors({**report, "findings": [{"id": "x"}]}))


@pytest.mark.parametrize("path", EVERY_PAGE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_report_validates(path: Path) -> None:
    """Against docs/report.schema.json."""
    if text := _report(path, "json"):
        errors = [error.message for error in Draft202012Validator(SCHEMA).iter_errors(json.loads(text))]
        assert [] == errors


# ------------------------------------------------------------------------------------------------ HTML


class _Page(HTMLParser):
    """Tags with their attributes, and what is left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open, f"</{tag}> closes nothing"
            assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words += data


ALLOWED = set(
    "html head meta title style body header main section article h1 h2 h3 p div ul li dl dt dd table thead tbody tr th "
    "td span i figure figcaption svg rect line text".split()
)


@pytest.mark.parametrize("path", EVERY_PAGE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_html_is_whole_and_fetches_nothing(path: Path) -> None:
    """Every tag is closed and known; no script, no address, no handler."""
    text = _report(path, "html")
    if not text:
        return
    page = _Page(text)

    assert [] == page.open
    assert {tag for tag, _ in page.tags} <= ALLOWED
    keys = {key for _, attributes in page.tags for key in attributes}
    assert not {key for key in keys if key.startswith("on") or key in ("href", "src", "srcset", "action", "xlink:href")}
    assert "url(" not in text
    assert "@import" not in text


def test_html_shows_what_the_terminal_shows() -> None:
    """The same figures and findings, and a picture of each latency with its marks."""
    page, plain = _Page(_report(EXAMPLE, "html")), _report(EXAMPLE, "text")
    for words in ("5.64 s", "First tokens are slow", "VllmTimeToFirstTokenHigh", "1,024 tokens", "89.1 %"):
        assert words in plain
        assert words in page.words
    pictures = [attributes["aria-label"] for tag, attributes in page.tags if tag == "svg"]
    assert [
        "First token (TTFT): mean 5.64 s, p50 5.8 s, p95 16.4 s, warning 1 s, critical 2.5 s",
        "Token gap (ITL): mean 6.58 ms, p50 < 10 ms, p95 11 ms, warning 100 ms, critical 250 ms",
        "End to end: mean 6.27 s, p50 6.38 s, p95 13.6 s",
    ] == pictures
    assert ("html", {"lang": "en"}) in page.tags
    assert ("html", {"lang": "pt-BR"}) in _Page(_report(EXAMPLE, "html", "--lang", "pt-BR")).tags


def test_bars_are_as_high_as_their_counts() -> None:
    """The example timed 102 first tokens: the bars' own words add up, and the highest bar has the most."""
    picture = _report(EXAMPLE, "html").split("<svg")[1].split("</svg>")[0]
    bars = re.findall(r'height="([\d.]+)"><title>[^<]*: ([\d,]+)</title>', picture)
    heights, counts = [float(height) for height, _ in bars], [int(count.replace(",", "")) for _, count in bars]

    assert sum(counts) == 102
    assert heights.index(max(heights)) == counts.index(max(counts))
    assert all((height == 0) == (count == 0) for height, count in zip(heights, counts, strict=True))


# -------------------------------------------------------------------------------------------- Markdown


@pytest.mark.parametrize("path", EVERY_PAGE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_markdown_has_only_what_we_write(path: Path) -> None:
    """Headings, lists, tables and bold words; no link, no picture, no tag, no code."""
    text = _report(path, "markdown")
    kinds = set()
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(text):
        kinds.update({token.type, *(child.type for child in token.children or ())})

    assert not kinds & {"link_open", "image", "html_block", "html_inline", "fence", "code_block", "code_inline"}
    assert not re.search(r"(?i)[a-z]://|\bwww\.|[<>@]", text)
    assert not re.search(r"^ *- .*\n(?! *-|\n|\||#)", text, re.M)  # a line that an item would swallow


@pytest.mark.parametrize(
    "nasty",
    ["[x](http://evil.example)", "<img src=x onerror=alert(1)>", "**b** _i_ `c`", "a|b", "@all #1", "www.evil.example",
     "javascript:alert(1)", "mailto:a@b.example", "~~x~~", "$x^2$", "\\", "&lt;", "# h"],
)  # fmt: skip
def test_a_label_stays_text(nasty: str) -> None:
    """What is shown is exactly the label, as words."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parseInline(escaped(nasty))[0].children or []

    assert {token.type for token in tokens} <= {"text", "text_special"}
    assert nasty == "".join(token.content for token in tokens)


def test_hostile_names_are_dead_in_every_format() -> None:
    """A model that is named like an attack."""
    name = "</title><script>alert(1)</script>[x](javascript:alert(1))|\x1b[31m@all"
    row = f'vllm:num_requests_running{{model_name="{name}",engine="0"}} 3\n'
    for form in ("html", "markdown"):
        done = CliRunner().invoke(main, ["analyze", "-", "--format", form], input=row.encode())
        assert done.exit_code == 0
        assert "<script" not in done.stdout
        assert "\x1b" not in done.stdout
        if form == "html":
            page = _Page(done.stdout)
            assert {tag for tag, _ in page.tags} <= ALLOWED
            assert "<script>alert(1)</script>" in page.words


# ------------------------------------------------------------------------------------------- redaction


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_no_name_survives_redaction(form: str) -> None:
    """Neither the model's nor the file's; the numbers stay."""
    text = _report(EXAMPLE, form, "--redact")

    assert "Qwen" not in text
    assert "examples" not in text
    assert "model-1" in text.replace("\\", "")
    assert "92" in text


@pytest.mark.parametrize("path", SERVERS, ids=lambda p: p.parent.name)
def test_figures_are_the_same_without_names(path: Path) -> None:
    """Redaction changes words only, of every version's page."""
    plain, redacted = (_report(path, "json", *more) for more in ((), ("--redact",)))
    figures = [[(f["id"], f["value"], f["quality"]) for f in json.loads(t)["figures"]] for t in (plain, redacted)]
    assert figures[0] == figures[1]
    assert json.loads(plain)["engine"]["version_range"] == json.loads(redacted)["engine"]["version_range"]


# ------------------------------------------------------------------------------------ labels that come and go


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(
            'vllm:num_requests_running{model_name="a",zone="x"} 1\n'
            'vllm:num_requests_running{model_name="a",zone="y"} 2\n'
            + "".join(
                f'vllm:request_{phase}_time_seconds_{part}{{model_name="a"}} 4\n'
                for phase in ("queue", "prefill", "decode")
                for part in ("sum", "count")
            ),
            id="parts of a model, and phases of the whole",
        ),
        pytest.param(
            'vllm:num_requests_running{model_name="a",engine="0"} 0\n'
            'vllm:engine_sleep_state{model_name="a",engine="0"} 1\n',
            id="a state of sleep without its name",
        ),
    ],
)
def test_a_label_that_only_some_rows_have_stops_no_report(rows: str) -> None:
    """Relabelling takes a label from some series; a report is made all the same, in every form."""
    report = analyse(of_text(rows), Source("file", "page"), Settings())
    for form in (report_text, report_markdown, report_html, report_json):
        assert form(report)
