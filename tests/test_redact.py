"""Redaction: the same name becomes the same word, and nothing but vLLM's own words stays."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from recordings import PAGES
from vllm_observability.command.cli import main
from vllm_observability.pages.redact import Redaction
from vllm_observability.pages.scrape import read_page


def test_the_same_name_becomes_the_same_word() -> None:
    """Over labels and pages; another name gets another word."""
    redaction = Redaction()

    assert "model-1" == redaction.word("model", "acme/a")
    assert "model-2" == redaction.word("model", "acme/b")
    assert "model-1" == redaction.word("model", "acme/a")
    assert "adapter-1" == redaction.word("adapter", "acme/a")
    assert "" == redaction.word("model", "")


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"handler": "/v1/chat/completions"}, {"handler": "/v1/chat/completions"}),
        ({"handler": "/v1/responses/{response_id}"}, {"handler": "/v1/responses/{response_id}"}),
        ({"handler": "none"}, {"handler": "none"}),
        ({"handler": "/merger"}, {"handler": "path-1"}),  # one word, and the site's own
        ({"handler": "/v1/chat/merger"}, {"handler": "path-1"}),
        ({"instance": "10.0.0.5"}, {"instance": "instance-1"}),
        ({"model_name": "2024.1"}, {"model_name": "model-1"}),
        ({"model_name": "None"}, {"model_name": "model-1"}),
        (
            {"running_lora_adapters": "7,8", "waiting_lora_adapters": ""},
            {"running_lora_adapters": "adapter-1,adapter-2", "waiting_lora_adapters": ""},
        ),
        ({"tenant": "4711", "engine": "0", "le": "0.5"}, {"label_1": "label-1-1", "engine": "0", "le": "0.5"}),
        ({"acme_team": "a", "pod": "a"}, {"label_1": "label-1-1", "pod": "pod-1"}),
    ],
)
def test_only_vllms_own_words_survive(labels: dict[str, str], expected: dict[str, str]) -> None:
    """A number can be a name, and a path of one word a secret."""
    assert expected == Redaction().labels(labels)


def test_many_names_are_quickly_replaced() -> None:
    """A page may name a hundred thousand: the time for each must not grow with those before."""
    redaction, start = Redaction(), time.perf_counter()
    words = [redaction.word("model", f"m{n}") for n in range(100_000)]

    assert len(set(words)) == 100_000
    assert time.perf_counter() - start < 5


# ------------------------------------------------------------------------------- the commands, with --redact

SECRET = re.compile("acme|s3cret|gpu-17|merger", re.IGNORECASE)
# Every label in which vLLM has words of its own, an unknown metric, and a declared one.
TELLING = """\
# TYPE vllm:acme_requests_total counter
# HELP vllm:acme_requests_total of the merger
vllm:acme_requests_total{model_name="acme/a"} 3
vllm:num_requests_running{model_name="acme/a",engine="acme-0",acme_team="merger"} 1
vllm:num_requests_waiting_by_reason{model_name="acme/a",engine="0",reason="acme merger"} 2
vllm:request_success_total{model_name="acme/a",engine="0",finished_reason="acme-policy"} 5
vllm:engine_sleep_state{model_name="acme/a",engine="0",sleep_state="acme"} 1
vllm:cache_config_info{engine="0",block_size="acme",cache_dtype="acme-fp4",num_gpu_blocks="10.0.0.5"} 1
vllm:lora_requests_info{running_lora_adapters="acme-sql",waiting_lora_adapters="",max_lora="4"} 1
http_requests_total{handler="/acme",method="ACME",status="acme"} 4
python_info{implementation="AcmePython",major="3",minor="11",patchlevel="7",version="3.11.7-acme"} 1
process_start_time_seconds 1
s3cret line of gpu-17
"""


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_nothing_telling_passes_in_a_report(form: str, tmp_path: Path) -> None:
    """Neither in the report, nor beside it."""
    page = tmp_path / "gpu-17.acme.txt"
    page.write_text(TELLING)
    for given in ([str(page)], [str(page), str(page), "--gap", "60"]):
        done = CliRunner().invoke(main, ["analyze", *given, "--format", form, "--redact"])
        assert done.exit_code == 0, done.stderr
        assert [] == SECRET.findall(done.stdout + done.stderr)
        assert "model-1" in done.stdout
    done = CliRunner().invoke(main, ["doctor", str(page), "--redact"])
    assert done.exit_code in (0, 1)
    assert [] == SECRET.findall(done.stdout + done.stderr)


@pytest.mark.parametrize(
    "content", [b"s3cret merger\n", b"\x1f\x8bacme", b"", b"{acme}", b"<html>acme</html>", b"acme_total 1\n", None]
)
def test_nothing_telling_passes_in_a_refusal(content: bytes | None, tmp_path: Path) -> None:
    """File, address, host, first line: a sentence stays that says what is wrong."""
    page = tmp_path / "gpu-17.acme.txt"
    if content is not None:
        page.write_bytes(content)
    for command in ("analyze", "doctor"):
        done = CliRunner().invoke(main, [command, str(page), "--redact"])
        assert (2, "") == (done.exit_code, done.stdout)
        assert [] == SECRET.findall(done.stderr)
        assert str(tmp_path) not in done.stderr
        assert done.stderr.startswith("Error: source-1")


@pytest.mark.parametrize(
    "more",
    [
        ["http://gpu-17.acme.invalid:8000/merger"],
        ["http://127.0.0.1:9/acme"],
        ["http://127.0.0.1:9", "--bearer-token-file", "/acme/token"],
        ["http://127.0.0.1:9", "--header", "acme(s3cret): x"],
        ["--prometheus", "http://u:s3cret@gpu-17.acme.invalid"],
        ["--prometheus", "http://127.0.0.1:9/acme/prometheus"],
        ["http://127.0.0.1:9", "--settings", "/acme/merger.yaml"],
    ],
)
def test_no_address_passes(more: list[str]) -> None:
    """Hosts, paths and files that the command was given."""
    for command in ("analyze", "doctor"):
        done = CliRunner().invoke(main, [command, *more, "--redact", "--timeout", "2"])
        assert (2, "") == (done.exit_code, done.stdout)
        assert [] == SECRET.findall(done.stderr)
        assert "127.0.0.1" not in done.stderr


@pytest.mark.parametrize(
    ("label", "own", "strange"),
    [
        ("finished_reason", "stop", "acme"),
        ("reason", "capacity", "acme"),
        ("method", "POST", "ACME"),
        ("status", "4xx", "4acme"),
        ("version", "3.12.9", "10.20.30.40"),
        ("engine", "12", "123456789012"),
        ("le", "0.005", "acme"),
        ("gpu_memory_utilization", "0.92", "0.9 acme"),
        ("cache_dtype", "fp8_e4m3", "acme"),
        ("tier", "0", "acme-tier"),
        ("source", "disk", "acme"),
        ("enable_prefix_caching", "True", "acme"),
    ],
)
def test_labels_keep_what_vllm_says_itself(label: str, own: str, strange: str) -> None:
    """Its words and numbers of sensible length; whatever else is there gets a word."""
    assert {label: own} == Redaction().labels({label: own})
    assert {label: f"{label.replace('_', '-')}-1"} == Redaction().labels({label: strange})


def test_labels_that_are_not_vllms() -> None:
    """They get a word, the same for the same, unless the settings tell figures apart by them."""
    redaction = Redaction(kept=frozenset({"inferenceservice"}))
    assert {"label_1": "label-1-1"} == redaction.labels({"merger": "x"})
    assert {"label_2": "label-2-1", "label_1": "label-1-1"} == redaction.labels({"acme": "x", "merger": "x"})
    assert {"inferenceservice": "inferenceservice-1"} == redaction.labels({"inferenceservice": "x"})
    for page in sorted(PAGES.glob("*/after.txt")):
        for sample in read_page(page.read_bytes()).samples:
            assert set(sample.labels) == set(redaction.labels(sample.labels)), page


def test_names_of_metrics_that_are_not_vllms() -> None:
    """vLLM's own stay, under any prefix; others get a word, the same for the same."""
    redaction = Redaction()
    for name in ("vllm:num_requests_running", "process_cpu_seconds_total", "http_requests_total", "python_info"):
        assert name == redaction.metric(name)
    assert "vllm:metric_1" == redaction.metric("vllm:acme_total")
    assert "metric_2" == redaction.metric("acme_total")
    assert "vllm:metric_1" == redaction.metric("vllm:acme_total")
    assert "ray_vllm_num_requests_running" == redaction.metric("ray_vllm_num_requests_running", "ray_vllm_")


def test_every_page_keeps_its_figures() -> None:
    """Redacting a real page changes names, not numbers."""
    for page in sorted(PAGES.glob("*/after.txt")):
        plain, hidden = (
            CliRunner().invoke(main, ["analyze", str(page), "--format", "json", *more]) for more in ([], ["--redact"])
        )
        assert plain.exit_code == hidden.exit_code
        if plain.exit_code == 0:
            figures = [[(f["id"], f["value"]) for f in json.loads(done.stdout)["figures"]] for done in (plain, hidden)]
            assert figures[0] == figures[1]
            assert len(figures[0]) > 20
