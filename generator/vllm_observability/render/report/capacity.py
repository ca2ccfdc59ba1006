"""Capacity -> a document for text, Markdown and HTML, and JSON, schema 1."""

from __future__ import annotations

import json
from typing import Any

from vllm_observability.capacity.records import Answer, Capacity, Estimate, Refusal
from vllm_observability.model import Unit
from vllm_observability.render.report.document import Block, Bullets, Document, Grid, Level, Mark, Para, Section, words
from vllm_observability.words.phrases import English, Language, Phrase, Quantity, neutral, say

SCHEMA = 1
BINDS = {
    "kv": say("the KV cache is full first"), "seqs": say("--max-num-seqs is reached first"),
    "tokens": say("--max-num-batched-tokens is reached first"),
    "compute": say("the GPU's speed: a larger batch adds little"),
}  # fmt: skip


def capacity_document(found: Capacity, language: Language | None = None) -> Document:
    """The capacity of every model in one language."""
    spoken = language or English()
    sections = [
        Section(f"model-{number}", neutral(model.model),
                _answer(model, spoken) if isinstance(model, Answer) else _refusal(model, spoken))
        for number, model in enumerate(found.models)
    ]  # fmt: skip
    title = spoken.write(say("vLLM capacity: {name}", name=neutral(found.name)))
    subtitle = spoken.write(
        say(
            "for the present mix of requests; an interval is meant to hold the true value in 90 of 100 cases, and "
            "docs/capacity.md says in how many it did"
        )
    )
    return Document(title, subtitle, tuple(sections), "ok" if found.answered else "info", spoken.code)


def _refusal(model: Refusal, spoken: Language) -> tuple[Block, ...]:
    return (Para(words(spoken.write(say("No answer: {reason}.", reason=model.reason)), "warning")),)


def _answer(model: Answer, spoken: Language) -> tuple[Block, ...]:
    write = spoken.write
    headings = ("", write(say("estimate")), write(say("interval")))
    rows = [
        _row(say("steady maximum, requests per second"), model.steady, spoken),
        _row(say("steady maximum, output tokens per second"), model.tokens, spoken),
        _row(say("maximum under this traffic's bursts, objectives kept"), model.burst, spoken),
    ]
    changes = [_row(change.title, change.steady, spoken) for change in model.what_if]
    replicas = say(
        "Engines for {factor} times the present load: {n} (now {engines})",
        factor=Quantity(model.for_load, Unit.NONE), n=model.replicas, engines=model.engines,
    )  # fmt: skip
    return (
        Level(write(say("used now")), min(model.used_ratio, 1.0), _used(model, spoken),
              (Mark(1.0, write(say("maximum"))),)),
        Para(words(_used(model, spoken), "bold")),
        Grid(headings, tuple(rows)),
        Bullets((write(say("What limits it: {what}", what=BINDS[model.binds])), write(replicas))),
        Para(words(write(say("Steady maximum in requests per second with another setting")), "bold")),
        Grid(headings, tuple(changes)),
        Para(words(write(say("What this rests on")), "bold")),
        Bullets(tuple(write(phrase) for phrase in model.rests_on)),
    )  # fmt: skip


def _used(model: Answer, spoken: Language) -> str:
    return spoken.write(say(
        "{used} of the steady maximum is used: {present} requests per second",
        used=Quantity(float(f"{model.used_ratio:.3g}"), Unit.RATIO),
        present=Quantity(float(f"{model.present:.3g}"), Unit.NONE),
    ))  # fmt: skip


def _row(title: Phrase, estimate: Estimate, spoken: Language) -> tuple[str, ...]:
    value, low, high = (
        spoken.significant(float(f"{one:.3g}")) for one in (estimate.value, estimate.low, estimate.high)
    )
    return (spoken.write(title), value, f"{low} … {high}")


# ---------------------------------------------------------------------------------------------------- JSON


def capacity_data(found: Capacity) -> dict[str, Any]:
    """The capacity as plain data; sentences in English."""
    return {"schema": SCHEMA, "source": found.name, "models": [_model_data(model) for model in found.models]}


def _model_data(model: Answer | Refusal) -> dict[str, Any]:
    write = English().write
    if isinstance(model, Refusal):
        return {
            "model_name": model.model, "engines": model.engines, "state": "refused", "reason": write(model.reason),
        }  # fmt: skip
    return {
        "model_name": model.model,
        "engines": model.engines,
        "state": "answered",
        "reason": "",
        "requests_per_second": model.present,
        "steady_requests_per_second": _estimate_data(model.steady),
        "steady_output_tokens_per_second": _estimate_data(model.tokens),
        "burst_requests_per_second": _estimate_data(model.burst),
        "binds": model.binds,
        "used_ratio": model.used_ratio,
        "for_load": model.for_load,
        "replicas": model.replicas,
        "sequences_at_maximum": model.batch,
        "kv_sequences": model.kv_sequences,
        "max_num_seqs": model.limits.max_num_seqs,
        "max_num_batched_tokens": model.limits.max_num_batched_tokens,
        "limits_given": model.limits.given,
        "what_if": [
            {"id": change.id, "change": write(change.title), "binds": change.binds,
             "steady_requests_per_second": _estimate_data(change.steady)}
            for change in model.what_if
        ],
        "rests_on": [write(phrase) for phrase in model.rests_on],
    }  # fmt: skip


def _estimate_data(estimate: Estimate) -> dict[str, Any]:
    return {"value": estimate.value, "interval": [estimate.low, estimate.high]}


def capacity_json(found: Capacity) -> str:
    """ASCII only, so that no byte of a label can act on a terminal."""
    return json.dumps(capacity_data(found), indent=2, ensure_ascii=True, allow_nan=False) + "\n"
