"""Synthetic pages, each with an oddity met in the field, through the command, against EXPECTED.json beside them.

A key "A.txt + B.txt" is an earlier and a later page. In an expectation: figures {key: [value, relative tolerance]};
absent_figures; quality {key: word}; figures_if_present {id: [allowed]}; largest {id: [value, tolerance]};
findings_include and _exclude (id or alert, alternatives with |); severity {finding: word}; findings_max;
flags_any (some finding, coverage entry or summary line holds one of the words); coverage {topic: state}; prefix;
version (lies in version_range); source; must_print (alternatives with |); must_not_print (text and JSON);
must_not_print_html (where that format is built); max_output_bytes; mtimes (of the pages). A key `id{a=b}` is a figure
with that id and at least those labels.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from recordings import DATA
from vllm_observability.command import cli
from vllm_observability.model import version_key

PAGES = DATA / "oddities"
EXPECTED: dict[str, dict[str, Any]] = json.loads((PAGES / "EXPECTED.json").read_text())
CHECKED = {
    *"exit why figures absent_figures quality figures_if_present largest findings_include findings_exclude".split(),
    *"severity findings_max flags_any coverage prefix version source must_print must_not_print".split(),
    *"must_not_print_html max_output_bytes mtimes".split(),
}
RANK = ["ok", "info", "warning", "critical"]
QUALITIES = {"exact", "interpolated", "below-first-bound", "above-last-bound"}
NO_NUMBER = re.compile(r"(?<![\w.+-])(nan|[+-]?inf(inity)?)(?![\w.])(?! ?bucket)", re.I)


def _matching(figures: list[Any], key: str) -> list[Any]:
    name, _, rest = key.partition("{")
    labels = dict(pair.split("=", 1) for pair in re.split(r",(?=\w+=)", rest[:-1])) if rest else {}
    return [f for f in figures if f["id"] == name and all(str(f["labels"].get(k)) == v for k, v in labels.items())]


def _near(number: float, expected: float, tolerance: float) -> bool:
    return math.isclose(number, expected, rel_tol=tolerance, abs_tol=1e-12)


def _figures(figures: list[Any], want: dict[str, Any]) -> Iterator[str]:
    for f in figures:
        if not math.isfinite(f["value"]) or f["value"] < 0 or f["quality"] not in QUALITIES:
            yield f"{f['id']}: {f['value']}, {f['quality']}"
        if re.search(r"(?<!output_input)_ratio$", f["id"]) and f["value"] > 1 + 1e-9:
            yield f"{f['id']}: {f['value']} is over 1"
    for key, (value, tolerance) in want.get("figures", {}).items():
        got = [f["value"] for f in _matching(figures, key)]
        if not any(_near(number, value, tolerance) for number in got):
            yield f"{key}: {got or 'missing'}, want {value}"
    for key in want.get("absent_figures", []):
        if got := _matching(figures, key):
            yield f"{key}: {got[0]['value']}, must be left out"
    for key, word in want.get("quality", {}).items():
        qualities = [f["quality"] for f in _matching(figures, key)]
        if word not in qualities:
            yield f"{key}: quality {qualities or 'missing'}, want {word}"
    for key, allowed in want.get("figures_if_present", {}).items():
        for f in _matching(figures, key):
            if not any(_near(f["value"], value, 1e-9) for value in allowed):
                yield f"{key}: {f['value']}, may only be one of {allowed}"
    for key, (value, tolerance) in want.get("largest", {}).items():
        most = max((f["value"] for f in _matching(figures, key)), default=None)
        if most is None or not _near(most, value, tolerance):
            yield f"largest {key}: {most}, want {value}"


def _findings(data: dict[str, Any], want: dict[str, Any]) -> Iterator[str]:
    real = [f for f in data["findings"] if f["severity"] != "ok"]

    def named(names: str) -> list[str]:
        return [f["severity"] for f in real if {f["id"], f["alert"]} & set(names.split("|"))]

    yield from (f"finding {names} missing" for names in want.get("findings_include", []) if not named(names))
    yield from (f"finding {names} must not be there" for names in want.get("findings_exclude", []) if named(names))
    for names, severity in want.get("severity", {}).items():
        if named(names) and severity not in named(names):
            yield f"finding {names}: {named(names)}, want {severity}"
    if most := want.get("findings_max"):
        yield from (f"finding {f['id']}: over {most}" for f in real if RANK.index(f["severity"]) > RANK.index(most))
    said = json.dumps([real, data["coverage"], data["summary"]]).lower()
    if (words := want.get("flags_any")) and not any(word in said for word in words):
        yield f"nothing says any of {words}"


def _page(data: dict[str, Any], want: dict[str, Any]) -> Iterator[str]:
    for topic, state in want.get("coverage", {}).items():
        states = [entry["state"] for entry in data["coverage"] if entry["topic"] == topic]
        if state not in states:
            yield f"coverage {topic}: {states or 'missing'}, want {state}"
    engine = data["engine"]
    if engine["prefix"] != want.get("prefix", engine["prefix"]):
        yield f"prefix {engine['prefix']}, want {want['prefix']}"
    if version := want.get("version"):
        low, high = engine["version_range"]
        if (low and version_key(low) > version_key(version)) or (high and version_key(high) < version_key(version)):
            yield f"version range {low} to {high} leaves out {version}"
    for key, value in want.get("source", {}).items():
        if data["source"][key] != value:
            yield f"source {key}: {data['source'][key]}, want {value}"


def _text(text: str, raw: str, want: dict[str, Any]) -> Iterator[str]:
    for words in want.get("must_print", []):
        if not any(word.lower() in text.lower() for word in words.split("|")):
            yield f"text lacks {words}"
    for words in want.get("must_not_print", []):
        yield from (f"{name} has {words!r}" for name, t in (("text", text), ("JSON", raw)) if words in t)
    if "nan" not in want["why"].lower() and (found := NO_NUMBER.search(text)):
        yield f"text prints {found[0]}"
    if len(raw.encode()) > want.get("max_output_bytes", math.inf):
        yield f"{len(raw)} bytes of JSON"


def _formats() -> list[str]:
    option = next(p for p in cli.main.commands["analyze"].params if p.name == "form")
    assert isinstance(option.type, click.Choice)
    return list(option.type.choices)


@pytest.mark.parametrize("page", EXPECTED)
def test_each_odd_page_is_read_as_expected(page: str, tmp_path: Path) -> None:
    """Exit code, figures with their qualities, findings, coverage and words are what the page's author worked out."""
    want = EXPECTED[page]
    assert set() == set(want) - CHECKED
    paths = [PAGES / name for name in page.split(" + ")]
    for i, time in enumerate(want.get("mtimes", [])):
        paths[i] = Path(shutil.copy(paths[i], tmp_path))
        os.utime(paths[i], (time, time))
    outputs = {}
    for form in _formats():
        done = CliRunner().invoke(cli.main, ["analyze", *map(str, paths), "--format", form])
        assert done.exception is None or isinstance(done.exception, SystemExit)
        assert want["exit"] == done.exit_code, done.stderr
        assert (want["exit"] == 2) == bool(done.stderr.strip())
        outputs[form] = done.stdout
    if want["exit"] == 0:
        data = json.loads(outputs["json"], parse_constant=pytest.fail)
        problems = [
            *_figures(data["figures"], want),
            *_findings(data, want),
            *_page(data, want),
            *_text(outputs["text"], outputs["json"], want),
        ]
        html = outputs.get("html", "")
        problems += [f"HTML has {words!r}" for words in want.get("must_not_print_html", []) if words in html]
        assert [] == problems


def test_every_odd_page_has_an_expectation() -> None:
    """None of the pages is there without being judged."""
    judged = {name for key in EXPECTED for name in key.split(" + ")}
    assert {path.name for path in PAGES.glob("*.txt")} == judged
    assert len(EXPECTED) == 26
