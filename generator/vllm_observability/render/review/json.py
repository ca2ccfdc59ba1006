"""A review -> JSON, schema 1: stable, other programs read it. Times are Unix seconds, shares are between 0 and 1."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from vllm_observability.review.incident import told
from vllm_observability.review.records import Firing, Incident, ModelStory, Place, Sign, Unseen, Week, Who
from vllm_observability.words.phrases import English, Quantity

SCHEMA = 1
_WRITE = English().write


def _text(data: dict[str, Any]) -> str:
    """ASCII only, so that no byte of a label can act on a terminal."""
    return json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def _place(place: Place) -> dict[str, Any]:
    return {"model_name": place.model, "scope": list(place.scope)}


def _unseen(found: Sequence[Unseen]) -> list[dict[str, Any]]:
    return [{"id": one.id, "text": _WRITE(one.text), "since": one.since, "until": one.until} for one in found]


def _fired(found: Sequence[Firing]) -> list[dict[str, Any]]:
    return [
        {"alert": one.alert, "severity": one.severity, "labels": dict(one.labels), "since": one.since,
         "until": one.until}
        for one in found
    ]  # fmt: skip


def _values(values: Sequence[float]) -> list[float | None]:
    return [value if value == value else None for value in values]


# ------------------------------------------------------------------------------------------------- a week


def week_json(week: Week) -> str:
    """A week."""
    return _text({
        "schema": SCHEMA,
        "kind": "week",
        "source": week.name,
        "since": week.start,
        "until": week.end,
        "recorded_share": week.recorded_share,
        "whole": _story(week.whole),
        "models": [_story(model) for model in week.models],
        "alerts": [asdict(one) for one in week.alerts],
        "firings": _fired(week.firings),
        "worst_hours": [
            {"at": one.at, **_place(one.place), "requests": one.requests, "late": one.late, "failed": one.failed}
            for one in week.worst
        ],
        "busiest_minute": {"at": week.busiest[0], "requests": week.busiest[1]} if week.busiest else None,
        "growth": dict(week.growth),
        "first": [_WRITE(phrase) for phrase in week.first],
        "unseen": _unseen(week.unseen),
        "hours": {
            "at": week.hours.times,
            "requests": _values(week.requests_by_hour),
            "busy": _values(week.busy_by_hour),
            "late": _values(week.late_by_hour),
        },
    })  # fmt: skip


def _story(model: ModelStory) -> dict[str, Any]:
    shares = model.shares
    return {
        **(_place(model.place) if model.place else {"model_name": None, "scope": []}),
        "requests": model.requests,
        "prompt_tokens": model.prompt_tokens,
        "output_tokens": model.output_tokens,
        "engine_hours": model.engine_hours,
        "engines": model.engines,
        "shares": {**asdict(shares), "idle": shares.idle, "lost": shares.lost},
        "latencies": [
            {"of": one.of, "mean": one.mean, "count": one.count,
             **{name: _bound(getattr(one, name)) for name in ("p50", "p95", "p99")}}
            for one in model.latencies
        ],
        "objectives": [
            {"of": one.kind, "bad": one.bad, "total": one.total, "share": one.share, "allowed": one.allowed,
             "spent": one.spent}
            for one in model.spent
        ],
        "finished": dict(model.finished),
        "cost": asdict(model.cost) if model.cost else None,
    }  # fmt: skip


def _bound(bound: Quantity | None) -> dict[str, Any] | None:
    return None if bound is None else {"value": bound.number, "quality": bound.quality.value}


# ---------------------------------------------------------------------------------------------- an incident


def incident_json(found: Incident) -> str:
    """An incident."""
    return _text({
        "schema": SCHEMA,
        "kind": "incident",
        "source": found.name,
        "since": found.start,
        "until": found.end,
        "alert": found.alert,
        "first": _sign(found.first) if found.first else None,
        "together": [_sign(sign) for sign in found.together],
        "signs": [_sign(sign) for sign in found.signs],
        "engines": [_who(who) for who in found.engines],
        "began": found.began,
        "ended": found.ended,
        "felt": [
            {**{name: value for name, value in asdict(one).items() if name != "place"}, **_place(one.place)}
            for one in found.felt
        ],
        "line": [{"at": one.at, "text": _WRITE(one.text), "severity": one.severity} for one in found.line],
        "alerts": _fired(found.alerts),
        "runbooks": [{"alert": alert, "url": address} for alert, address in found.runbooks],
        "unseen": _unseen(found.unseen),
        "courses": [
            {**_place(one.place), "start": found.grid.start, "step": found.grid.step, "load": _values(one.load),
             "queue": _values(one.queue), "prefill": _values(one.prefill), "rest": _values(one.rest)}
            for one in found.splits
        ],
    })  # fmt: skip


def _who(who: Who) -> dict[str, Any]:
    return {"instance": who.instance, "engine": who.engine, "model_name": who.model, "scope": list(who.scope)}


def _sign(sign: Sign) -> dict[str, Any]:
    return {
        "kind": sign.kind,
        "at": sign.at,
        "until": sign.until,
        **_place(sign.place),
        "engines": [_who(who) for who in sign.engines],
        "before": sign.before,
        "after": sign.after,
        "unit": sign.unit.value,
        "times": sign.times,
        "detail": sign.detail,
        "text": _WRITE(told(sign)),
    }
