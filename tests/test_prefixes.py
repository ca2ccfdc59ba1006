"""A platform's own prefix, given in the settings, is read wherever pages are: report, doctor, folders, redacted too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from made_pages import write_pages
from recordings import DATA, RECORDINGS
from vllm_observability.command.cli import main
from vllm_observability.pages.evaluate import window
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.snapshot import Snapshot, snapshot
from vllm_observability.pages.source import Source
from vllm_observability.report import Report, analyse
from vllm_observability.settings import Settings

CASE = DATA / "cases/own-prefix"
PREFIXES = ("acme_vllm:", "acme_vllm_", "platform:inference_", "x:", "vllm_on_acme_")


def _report(page: Snapshot) -> Report:
    return analyse(window(page), Source("file", "page"), Settings())


def _run(*args: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, [str(arg) for arg in args])
    return done.exit_code, done.output


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.folder)
def test_a_page_says_the_same_under_any_prefix_of_the_settings(recording: object, prefix: str) -> None:
    """Every figure and finding of a recorded page, with vLLM's prefix replaced throughout."""
    raw = (DATA / "pages" / recording.folder / "after.txt").read_bytes()  # type: ignore[attr-defined]
    plain = _report(snapshot(read_page(raw)))
    other = _report(snapshot(read_page(raw.replace(b"vllm:", prefix.encode())), (prefix,)))
    assert plain.figures == other.figures
    assert plain.findings == other.findings
    assert plain.engine.version_range == other.engine.version_range
    assert prefix == other.engine.prefix


def test_engines_under_two_prefixes_of_the_settings_are_both_read() -> None:
    """One page that holds a server of each, as a Prometheus gives it; without them in the settings only one is."""
    page = read_page(
        b'vllm:num_requests_running{model_name="a"} 1\nacme_vllm:num_requests_running{model_name="b"} 2\n'
        b'acme_vllm:num_requests_waiting{model_name="b"} 3\n'
    )
    both = _report(snapshot(page, ("vllm:", "acme_vllm:")))
    assert ["a", "b"] == [model.name for model in both.models]
    assert ["a"] == [model.name for model in _report(snapshot(page)).models]


def test_the_case_is_read_with_its_settings() -> None:
    """By the report and by the doctor, in the clear and redacted; version and prefix are known."""
    with_settings = (CASE / "page.txt", "--settings", CASE / "settings.yaml")
    code, text = _run("analyze", *with_settings, "--format", "json")
    assert (0, "acme_vllm:") == (code, json.loads(text)["engine"]["prefix"])
    assert ["0.32.0", None] == json.loads(text)["engine"]["version_range"]
    for more in ((), ("--redact",)):
        code, text = _run("doctor", *with_settings, *more)
        assert "Alerts: 31 of 35 have their data" in text, code
        assert "begin with" not in text
    code, text = _run("analyze", *with_settings, "--redact", "--format", "json")
    assert "model-1" == json.loads(text)["engine"]["models"][0]["name"]


@pytest.mark.parametrize("command", ["analyze", "doctor"])
def test_without_settings_the_prefix_is_named_with_what_to_write(command: str) -> None:
    """Never that statistics are off; redacted, it is not named."""
    code, text = _run(command, CASE / "page.txt")
    assert code == 2
    assert "begin with acme_vllm: look like vLLM's" in text
    assert 'metric_prefixes: ["acme_vllm:"]' in text
    assert "acme" not in _run(command, CASE / "page.txt", "--redact")[1]


def test_folders_of_pages_are_read_under_the_prefix(tmp_path: Path) -> None:
    """The same capacity as under vLLM's own."""
    plain, other = (write_pages(tmp_path / name, minutes=3) for name in ("plain", "other"))
    for path in other.rglob("*.txt"):
        path.write_text(path.read_text().replace("vllm:", "acme_vllm:"))
    (tmp_path / "site.yaml").write_text("metric_prefixes: ['acme_vllm:']\n")
    found = [
        _run("capacity", folder, "--format", "json", *more)
        for folder, more in ((plain, ()), (other, ("--settings", tmp_path / "site.yaml")))
    ]
    assert json.loads(found[0][1])["models"] == json.loads(found[1][1])["models"]
