"""Report -> JSON, schema 1: stable, other programs read it."""

from __future__ import annotations

import json
from typing import Any

from vllm_observability.report.records import Report
from vllm_observability.words.phrases import English

SCHEMA = 1


def report_data(report: Report) -> dict[str, Any]:
    """The report as plain data; sentences in English, numbers unrounded."""
    words = English().write
    return {
        "schema": SCHEMA,
        "source": {
            "kind": report.source.kind,
            "name": report.source.name,
            "window_seconds": report.source.window_seconds,
            "uptime_seconds": report.source.uptime_seconds,
        },
        "engine": {
            "product": report.engine.product,
            "version_range": list(report.engine.version_range),
            "prefix": report.engine.prefix,
            "models": [{"name": m.name, "size": m.size, "quantisation": m.quantisation} for m in report.models],
        },
        "coverage": [
            {"topic": c.topic, "state": c.state, "detail": words(c.detail), "next": words(c.next) if c.next else None}
            for c in report.coverage
        ],
        "figures": [
            {"id": f.id, "value": f.value, "unit": f.unit.value, "labels": dict(f.labels), "quality": f.quality.value}
            for f in report.figures
        ],
        "findings": [
            {
                "id": f.id,
                "severity": f.severity,
                "title": words(f.title),
                "evidence": words(f.evidence),
                "cause": words(f.cause) if f.cause else None,
                "advice": words(f.advice) if f.advice else None,
                "alert": f.alert,
                "labels": dict(f.labels),
            }
            for f in report.findings
        ],
        "not_judged": [{"alerts": list(n.alerts), "why": words(n.why)} for n in report.not_judged],
        "insights": [{"area": i.area, "verdict": i.verdict, "reason": words(i.reason)} for i in report.insights],
        "advice": [{"setting": a.setting, "text": words(a.text), "figure": a.figure.id} for a in report.advice],
        "summary": [words(phrase) for phrase in report.summary],
    }


def report_json(report: Report) -> str:
    """ASCII only, so that no byte of a label can act on a terminal; NaN can't occur and would be refused."""
    return json.dumps(report_data(report), indent=2, ensure_ascii=True, allow_nan=False) + "\n"
