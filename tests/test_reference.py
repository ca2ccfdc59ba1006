"""The reference analysis: one page that was read by hand, number by number, in text and in JSON."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from recordings import DATA, MODEL, RECORDINGS, after, reported
from vllm_observability.render.report.json import report_data, report_json
from vllm_observability.render.report.text import report_text
from vllm_observability.report import Report

PAGE = DATA / "oddities" / "00-reference.txt"


def _report() -> Report:
    return reported(PAGE)


def _rows(section: str = "") -> dict[str, str]:
    """Rows of the text from a heading on: what stands left, and right of it after two spaces; the first one counts."""
    text = report_text(_report())
    lines = text[text.index(f"\n{section}\n") if section else 0 :].splitlines()
    pairs = [re.split(r" {2,}", line.strip(), maxsplit=1) for line in lines]
    return {pair[0]: pair[1] for pair in reversed(pairs) if len(pair) == 2}


# ------------------------------------------------------------------------------------------------ text


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Python", "CPython 3.12.3"),
        ("Memory", "1.11 GB (API-server process)"),
        ("CPU time", "14 s (API-server process)"),
        ("Finished", "6 (6 stop)"),
        ("Running now", "0"),
        ("Waiting now", "0"),
        ("Prompt tokens", "246"),
        ("Output tokens", "1,739"),
        ("Prompt per request", "41 tokens"),
        ("Output per request", "290 tokens"),
        ("Output : input", "7.1 : 1"),
        ("KV cache in use", "0.118 % (1 of 850 blocks)"),
        ("Capacity", "13,600 tokens (850 blocks x 16)"),
        ("GPU memory setting", "90 %"),
        ("Prefix cache hits", "32.5 %"),
        ("Prompt tokens served from cache", "80"),
        ("Preemptions", "0"),
        ("Answered", "33, 100 % of them 2xx"),
        ("27", "GET /v1/models 2xx"),
        ("6", "POST /v1/chat/completions 2xx"),
    ],
)
def test_each_row_says_the_number_of_the_reference(row: str, expected: str) -> None:
    """Requests, tokens, cache, HTTP and process, as the analysis by hand has them."""
    assert expected == {**_rows(), **_rows("Context")}[row]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("First token (TTFT)", ["41 ms", "40 ms", "58 ms", "59.6 ms", "60 ms (100 %)"]),
        ("Token gap (ITL)", ["23.7 ms", "17.5 ms", "24.3 ms", "24.9 ms", "25 ms (99.6 %)"]),
        ("Per token (TPOT)", ["23.8 ms", "17.5 ms", "24.3 ms", "24.9 ms", "25 ms (100 %)"]),
        ("End to end", ["6.89 s", "6.67 s", "13.5 s", "14.7 s", "15 s (100 %)"]),
        ("  queue", ["22.8 µs", "< 300 ms", "< 300 ms", "< 300 ms", "300 ms (100 %)"]),
        ("  decode", ["6.85 s", "6.67 s", "13.5 s", "14.7 s", "15 s (100 %)"]),
    ],
)
def test_the_latency_table_has_mean_percentiles_and_the_99_percent_edge(row: str, expected: list[str]) -> None:
    """Mean beside every percentile, "<" below the first bucket, and the edge that holds 99 % with its share."""
    line = next(line for line in report_text(_report()).splitlines() if line.startswith(f"  {row}"))
    cell = r"(?:< )?[\d.]+ (?:µs|ms|s)(?: \([\d.]+ %\))?"
    assert expected == re.findall(cell, line.removeprefix(f"  {row}"))


def test_the_summary_is_a_verdict() -> None:
    """Stable and efficient, the speed, idle at the time, and what to watch under load."""
    text = " ".join(report_text(_report()).split("What this page")[0].split())
    assert f"Stable and efficient, as far as this page shows: {MODEL}." in text
    assert "First token after 41 ms, 42.2 tokens/s per request, 6.89 s from end to end" in text
    assert "It was idle at that moment; under load, watch waiting requests and KV cache usage." in text


def test_context_and_sections_of_the_reference_are_all_there() -> None:
    """Every heading of the analysis by hand: the verdict first, what is missing last."""
    text = report_text(_report())
    headings = [
        "In short",
        "At a glance",
        "Findings",
        "Advice",
        "Insights",
        "Requests and tokens",
        "Latency",
        "KV cache and prefix cache",
        "HTTP",
        "Garbage collection",
        "Context",
        "What this page can't answer, and why",
    ]
    places = [text.find(f"\n{heading}\n") for heading in headings]
    assert -1 not in places
    assert places == sorted(places)
    assert "Qwen/Qwen3-4B-Instruct-2507-FP8 (4B parameters, FP8; read from the" in text
    assert "1,974 in generation 0, 179 in generation 1, 11 in generation 2; nothing" in text
    assert "No threshold is passed, as far as this page can be judged." in text


def test_each_insight_has_a_verdict() -> None:
    """Health, performance, cache, memory and scalability, each good here, each with its reason."""
    rows = _rows("Insights")
    for area, reason in (
        ("Health", "6 requests finished, 0 with an error; 100 % of HTTP answers"),
        ("Performance", "First token after 41 ms on average, then 42.2 tokens/s per"),
        ("Cache", "KV cache 0.118 % full; prefix cache hits 32.5 %."),
        ("Memory", "API server holds 1.11 GB; nothing uncollectable."),
        ("Scalability", "Idle at this moment: watch waiting requests under load."),
    ):
        assert f"good  {reason}" == rows[area]


def test_each_advice_names_a_setting_and_its_figure() -> None:
    """Batch size, longest request, KV bound: each about one flag, each led to by a figure that is in the report."""
    advice = {a.setting: a for a in _report().advice}
    assert {"--max-num-seqs", "--max-model-len", "--gpu-memory-utilization"} == set(advice)
    for a in advice.values():
        assert _report().find(a.figure) is not None
    text = " ".join(report_text(_report()).split())
    assert "There is idle capacity: 0 running, KV cache 0.118 % full." in text
    assert "13,600 tokens holds about 41 requests of the mean length (331 tokens) at once" in text
    assert "Keep KV cache usage under 80 % (now 0.118 %)" in text


def test_colour_is_only_for_terminals() -> None:
    """Escape sequences come on request; without them the words are the same."""
    plain, coloured = report_text(_report()), report_text(_report(), color=True)
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert plain.split() == re.sub(r"\x1b\[[0-9;]*m", "", coloured).split()


# ------------------------------------------------------------------------------------------------ JSON

NUMBERS = {
    "prompt_tokens": 246,
    "generation_tokens": 1739,
    "prompt_tokens_per_request": 41,
    "generation_tokens_per_request": 1739 / 6,
    "output_input_ratio": 1739 / 246,
    "requests_running": 0,
    "requests_waiting": 0,
    "ttft_mean_seconds": 0.2463 / 6,
    "ttft_bound_seconds": 0.06,
    "ttft_bound_ratio": 1,
    "itl_mean_seconds": 41.11 / 1733,
    "itl_bound_seconds": 0.025,
    "itl_bound_ratio": 1726 / 1733,
    "decode_tokens_per_second_per_request": 1733 / 41.11,
    "e2e_mean_seconds": 41.36 / 6,
    "kv_cache_usage_ratio": 0.001176,
    "kv_cache_blocks": 850,
    "kv_cache_block_size": 16,
    "kv_cache_capacity_tokens": 13600,
    "gpu_memory_utilization_ratio": 0.9,
    "prefix_cache_hit_ratio": 80 / 246,
    "prefix_cache_saved_tokens": 80,
    "preemptions": 0,
    "http_success_ratio": 1,
    "process_cpu_seconds": 14.04,
    "gc_uncollectable_objects": 0,
}


@pytest.mark.parametrize(("id", "expected"), NUMBERS.items())
def test_each_figure_is_the_number_of_the_reference(id: str, expected: float) -> None:
    """Unrounded, and once: one model, one engine."""
    figures = [f for f in report_data(_report())["figures"] if f["id"] == id]
    assert [pytest.approx(expected, rel=1e-9)] == [f["value"] for f in figures]


def test_split_figures_carry_their_labels() -> None:
    """Finished by reason; HTTP by handler, method and status, 27 + 6 = 33; collections by generation."""
    figures = report_data(_report())["figures"]
    finished = {f["labels"]["finished_reason"]: f["value"] for f in figures if f["id"] == "requests_finished"}
    assert {"stop": 6, "length": 0, "abort": 0} == finished
    http = {(f["labels"]["handler"], f["labels"]["method"]): f["value"] for f in figures if f["id"] == "http_requests"}
    assert {("/v1/models", "GET"): 27, ("/v1/chat/completions", "POST"): 6} == http
    collections = {f["labels"]["generation"]: f["value"] for f in figures if f["id"] == "gc_collections"}
    assert {"0": 1974, "1": 179, "2": 11} == collections


SEVERITIES = {"enum": ["ok", "info", "warning", "critical"]}
TEXT = {"type": "string", "minLength": 1}
SCHEMA = {
    "type": "object",
    "required": ["schema", "source", "engine", "coverage", "figures", "findings", "summary"],
    "properties": {
        "schema": {"const": 1},
        "source": {
            "required": ["kind", "name", "window_seconds", "uptime_seconds"],
            "properties": {
                "kind": {"enum": ["file", "url", "prometheus", "pair"]},
                "name": TEXT,
                "window_seconds": {"type": ["number", "null"], "exclusiveMinimum": 0},
                "uptime_seconds": {"type": ["number", "null"], "minimum": 0},
            },
        },
        "engine": {
            "required": ["product", "version_range", "prefix"],
            "properties": {
                "product": {"const": "vllm"},
                "version_range": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": ["string", "null"]}},
                "prefix": TEXT,
            },
        },
        "coverage": {
            "type": "array",
            "minItems": 5,
            "items": {
                "required": ["topic", "state", "detail", "next"],
                "properties": {"topic": TEXT, "state": {"enum": ["present", "declared-empty", "off", "absent"]}},
            },
        },
        "figures": {
            "type": "array",
            "items": {
                "required": ["id", "value", "unit", "labels", "quality"],
                "properties": {
                    "id": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
                    "value": {"type": "number", "minimum": 0},
                    "unit": {"type": "string"},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    "quality": {"enum": ["exact", "interpolated", "below-first-bound", "above-last-bound"]},
                },
            },
        },
        "findings": {
            "type": "array",
            "items": {
                "required": ["id", "severity", "title", "evidence", "advice", "alert"],
                "properties": {
                    "id": TEXT,
                    "severity": SEVERITIES,
                    "title": TEXT,
                    "evidence": TEXT,
                    "alert": {"type": ["string", "null"], "pattern": "^Vllm[A-Za-z]+$"},
                },
            },
        },
        "summary": {"type": "array", "minItems": 1, "items": TEXT},
    },
}


@pytest.mark.parametrize("page", [PAGE, *(path for recording in RECORDINGS for path in recording.pages)], ids=str)
def test_json_is_of_schema_one(page: Any) -> None:
    """The keys, types and words that other programs rely on, on every recorded page; ASCII, without NaN."""
    text = report_json(reported(page))
    assert text.isascii()
    assert text.endswith("}\n")
    data = json.loads(text, parse_constant=pytest.fail)
    jsonschema.validate(data, SCHEMA)


LATENCIES = ("ttft", "itl", "tpot", "e2e", "queue_time", "prefill_time", "decode_time", "inference_time")
DOCUMENTED = {
    *"requests_finished prompt_tokens generation_tokens prompt_tokens_per_request".split(),
    *"generation_tokens_per_request output_input_ratio requests_running requests_waiting".split(),
    *"requests_per_second prompt_tokens_per_second generation_tokens_per_second".split(),
    *"decode_tokens_per_second_per_request kv_cache_usage_ratio".split(),
    *"kv_cache_capacity_tokens kv_cache_blocks kv_cache_block_size max_model_len_tokens".split(),
    *"max_full_length_requests gpu_memory_utilization_ratio prefix_cache_hit_ratio prefix_cache_saved_tokens".split(),
    *"preemptions preemptions_per_request http_requests http_success_ratio process_resident_memory_bytes".split(),
    *"process_cpu_seconds process_uptime_seconds gc_collections gc_uncollectable_objects".split(),
    *"spec_decode_acceptance_ratio spec_decode_tokens_per_step".split(),
    *(f"{h}_{what}" for h in LATENCIES for what in ("mean_seconds", "p50_seconds", "p95_seconds", "p99_seconds")),
    *(f"{h}_{what}" for h in LATENCIES for what in ("bound_seconds", "bound_ratio")),
}


def test_figure_ids_are_the_documented_ones() -> None:
    """No id but those that are promised, and all of those that a busy server can show."""
    ids = {figure.id for recording in RECORDINGS for figure in after(recording.folder).figures}
    assert set() == ids - DOCUMENTED
    pairs_and_dates_only = {
        "requests_per_second",
        "prompt_tokens_per_second",
        "generation_tokens_per_second",
        "process_uptime_seconds",
    }
    assert pairs_and_dates_only == DOCUMENTED - ids
