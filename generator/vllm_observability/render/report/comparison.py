"""A comparison -> a document for text, Markdown and HTML, and JSON, schema 1."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from vllm_observability.compare.records import Change, Comparison, Facts, Question
from vllm_observability.model import Unit
from vllm_observability.render.report.document import (
    Block,
    Bullets,
    Document,
    Grid,
    Para,
    Rows,
    Scatter,
    Section,
    Span,
    words,
)
from vllm_observability.words.phrases import English, Language, Phrase, Quantity, neutral, say

SCHEMA = 1
VERDICTS = {
    "better": say("better"), "worse": say("worse"), "same": say("same"), "not-comparable": say("not comparable"),
    "can't tell": say("can't tell"),
}  # fmt: skip
STYLES = {"better": "good", "worse": "critical", "same": "good", "not-comparable": "unknown", "can't tell": "unknown"}
CHANGES = {
    "version": say("vLLM's version, by its metric names"), "engines": say("number of engines"),
    "configuration": say("cache configuration"), "metric-gone": say("metric that disappeared"),
    "metric-new": say("metric that appeared"), "metric-renamed": say("metric renamed"),
    "emptied": say("panel or alert that becomes empty"),
}  # fmt: skip


def comparison_document(found: Comparison, language: Language | None = None) -> Document:
    """The comparison in one language."""
    spoken = language or English()
    write = spoken.write
    names = [neutral(side.name) for side in found.sides]
    sections = [
        Section("summary", write(say("Verdict")), tuple(_verdict(found, spoken))),
        Section("questions", write(say("Questions")), (
            _table(found, spoken), *(_why(q, spoken) for q in found.questions),
            Para(words(
                write(say(
                    "Positive is worse. An interval is meant to hold the true difference in 95 of 100 cases; "
                    "docs/compare.md says what trials measured of it."
                )), "dim",
            )),
        )),
        Section("sides", write(say("Sides")), (_sides(found, spoken),)),
    ]  # fmt: skip
    if found.changes:
        sections.append(Section("changes", write(say("What else changed")), (_changes(found.changes, spoken),)))
    if all(found.points):
        sections.append(Section("picture", write(say("Time between tokens against load")), (_picture(found, spoken),)))
    worst = "critical" if found.verdict == "worse" else "ok" if found.verdict in ("same", "better") else "info"
    title = write(say("vLLM comparison: {before} against {after}", before=names[0], after=names[1]))
    models = ", ".join(neutral(model) for model in found.sides[0].models)
    return Document(title, models, tuple(sections), worst, spoken.code)


def _verdict(found: Comparison, spoken: Language) -> Iterator[Block]:
    yield Para((Span(spoken.write(VERDICTS[found.verdict]), STYLES[found.verdict]),))
    for question in found.questions:
        if question.verdict in ("worse", "better") and question.adjusted is not None:
            yield Bullets((f"{spoken.write(question.title)}: {_percent(question, question.adjusted, spoken)}",))


def _percent(question: Question, value: float | None, spoken: Language) -> str:
    if value is None:
        return "–"
    number = spoken.significant(float(f"{abs(value):.1f}"))
    sign = "+" if value > 0 else "−" if value < 0 else ""
    unit = "%" if question.unit == "percent" else spoken.write(say("points"))
    return f"{sign}{number} {unit}"


def _table(found: Comparison, spoken: Language) -> Grid:
    write = spoken.write
    headings = ("", write(say("verdict")), write(say("plain")), write(say("at equal load")), write(say("interval")))
    rows = []
    for q in found.questions:
        interval = "–" if q.interval is None else " … ".join(_percent(q, end, spoken) for end in q.interval)
        rows.append((
            q.id, write(VERDICTS[q.verdict]), _percent(q, q.naive, spoken), _percent(q, q.adjusted, spoken), interval,
        ))  # fmt: skip
    return Grid(headings, tuple(rows))


def _why(question: Question, spoken: Language) -> Rows:
    return Rows(((words(question.id, "bold"), words(spoken.write(question.reason))),))


def _sides(found: Comparison, spoken: Language) -> Grid:
    write = spoken.write
    rows: list[tuple[str, ...]] = []

    def row(title: Phrase, values: list[float | None], unit: Unit) -> None:
        cells = ["–" if v is None else spoken.quantity(Quantity(float(f"{v:.3g}"), unit)) for v in values]
        rows.append((write(title), *cells))

    sides = found.sides
    row(say("engines"), [float(s.engines) for s in sides], Unit.COUNT)
    row(say("time"), [s.seconds for s in sides], Unit.SECONDS)
    row(say("requests per second"), [s.requests_per_second for s in sides], Unit.NONE)
    row(say("output tokens per second"), [s.output_tokens_per_second for s in sides], Unit.NONE)
    row(say("prompt tokens per request"), [s.prompt_tokens_per_request for s in sides], Unit.NONE)
    row(say("output tokens per request"), [s.output_tokens_per_request for s in sides], Unit.NONE)
    row(say("sequences per step"), [s.sequences_per_step for s in sides], Unit.NONE)
    row(say("prompt tokens per step"), [s.prompt_tokens_per_step for s in sides], Unit.NONE)
    row(say("KV cache usage"), [s.kv_cache_usage for s in sides], Unit.RATIO)
    for name in ("itl", "ttft", "e2e"):
        for label in ("p50", "p95", "p99"):
            values = [s.quantiles.get(name, {}).get(label) for s in sides]
            if any(value is not None for value in values):
                row(say("{name} {label}", name=name, label=label), values, Unit.SECONDS)
    return Grid(("", *map(write, found.called)), tuple(rows))


def _changes(changes: tuple[Change, ...], spoken: Language) -> Rows:
    rows = [
        (words(spoken.write(CHANGES[one.what])), words(neutral(one.name), "bold"),
         words(f"{neutral(one.before)} → {neutral(one.after)}"))
        for one in changes
    ]  # fmt: skip
    return Rows(tuple(rows))


def _picture(found: Comparison, spoken: Language) -> Scatter:
    write = spoken.write
    groups = tuple(
        (write(name), tuple((point.batch, 1000 * point.seconds) for point in points))
        for name, points in zip(found.called, found.points, strict=True)
    )
    return Scatter(
        write(say("Time between tokens against load")),
        write(say("a point is one engine over one interval")),
        write(say("sequences per step")), write(say("ms between tokens")), groups,
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------- JSON


def comparison_data(found: Comparison) -> dict[str, Any]:
    """The comparison as plain data; sentences in English."""
    write = English().write
    return {
        "schema": SCHEMA,
        "verdict": found.verdict,
        "sides": [_side_data(side) for side in found.sides],
        "questions": [
            {
                "id": q.id,
                "verdict": q.verdict,
                "unit": q.unit,
                "naive_percent": _finite(q.naive),
                "adjusted_percent": _finite(q.adjusted),
                "interval_percent": [_finite(end) for end in q.interval] if q.interval else None,
                "before": q.before,
                "after": q.after,
                "reason": write(q.reason),
            }
            for q in found.questions
        ],
        "changes": [
            {"what": one.what, "name": one.name, "before": one.before, "after": one.after} for one in found.changes
        ],
    }


def _side_data(side: Facts) -> dict[str, Any]:
    return {
        "name": side.name,
        "models": list(side.models),
        "engines": side.engines,
        "seconds": side.seconds,
        "requests": side.requests,
        "requests_per_second": side.requests_per_second,
        "output_tokens_per_second": side.output_tokens_per_second,
        "prompt_tokens_per_request": side.prompt_tokens_per_request,
        "output_tokens_per_request": side.output_tokens_per_request,
        "sequences_per_step": side.sequences_per_step,
        "prompt_tokens_per_step": side.prompt_tokens_per_step,
        "kv_cache_usage": side.kv_cache_usage,
        "version_range": list(side.versions),
        "quantiles": {name: dict(values) for name, values in side.quantiles.items()},
        "notes": list(side.notes),
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 3)


def comparison_json(found: Comparison) -> str:
    """ASCII only, so that no byte of a label can act on a terminal."""
    return json.dumps(comparison_data(found), indent=2, ensure_ascii=True, allow_nan=False) + "\n"
