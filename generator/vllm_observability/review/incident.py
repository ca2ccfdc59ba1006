"""Values of a span -> the story of an incident: what came first, whom it hit, what users felt, how long."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from vllm_observability.review.courses import Engine, over, summed, trailing
from vllm_observability.review.kinds import BY_ID, RANK
from vllm_observability.review.records import (
    Counted,
    Felt,
    Firing,
    Happened,
    Incident,
    IncidentData,
    Place,
    Sign,
    Split,
)
from vllm_observability.review.signs import TOGETHER, signs
from vllm_observability.settings import Settings
from vllm_observability.words.phrases import Phrase, Quantity, say

_QUIET = frozenset({"came"})  # it belongs to the time line; nobody is hurt by it
_SEVERITY = {"critical": 0, "warning": 1, "info": 2}


def incident(data: IncidentData, settings: Settings) -> Incident:
    """The story of a span. It says what followed what; why is for people."""
    apart = _apart(data)
    found = [
        replace(sign, where=deployment(sign.place.scope)) if apart & _names(sign) else sign
        for sign in signs(data) if sign.at >= _begin(data)
    ]  # fmt: skip
    loud = [sign for sign in found if sign.kind not in _QUIET]
    first, together = _first(loud)
    fired = [one for one in data.alerts if one.until >= _begin(data)]
    began = min((one.at for one in (first, *together)), default=0.0) if first else None
    if first is None:
        began = min((one.since for one in fired), default=None)
    ended = _ended(loud, fired, data) if began is not None else None
    engines = [Engine(watched, data.grid.count) for watched in data.engines]
    places = sorted({engine.who.place for engine in engines})
    return Incident(
        name=data.name,
        start=_begin(data),
        end=data.grid.end,
        alert=data.alert,
        first=first,
        together=together,
        signs=tuple(found),
        engines=tuple(sorted(first.engines)) if first else (),
        began=began,
        ended=ended,
        felt=tuple(one for place in places for one in _felt(data, _of(engines, place), place, began, ended)),
        line=tuple(sorted(_line(found, fired, data, settings, apart), key=lambda one: one.at)),
        alerts=tuple(fired),
        runbooks=_runbooks(data, fired, settings),
        splits=tuple(_split(data, _of(engines, place), place) for place in places),
        unseen=data.unseen,
        grid=data.grid,
        begin=data.begin,
    )


def deployment(scope: Sequence[str]) -> str:
    """Values of the site's scope labels, as one name."""
    return " / ".join(filter(None, scope))


def _apart(data: IncidentData) -> set[str]:
    """Names of models and instances that more than one deployment has."""
    held: dict[str, set[tuple[str, ...]]] = {}
    for who in (*(engine.who for engine in data.engines), *(target.who for target in data.targets)):
        for name in filter(None, (who.model, who.instance)):
            held.setdefault(name, set()).add(who.scope)
    return {name for name, scopes in held.items() if len(scopes) > 1}


def _names(sign: Sign) -> set[str]:
    return {who.instance for who in sign.engines} or {sign.place.model}


def _begin(data: IncidentData) -> float:
    return data.grid.start + data.begin * data.grid.step


def _of(engines: Sequence[Engine], place: Place) -> list[Engine]:
    return [engine for engine in engines if engine.who.place == place]


def _first(found: Sequence[Sign]) -> tuple[Sign | None, tuple[Sign, ...]]:
    """Of the signs of the earliest moment the one that stands before the others; and these."""
    if not found:
        return None, ()
    moment = min(sign.at for sign in found) + TOGETHER
    close = sorted((sign for sign in found if sign.at <= moment), key=lambda sign: (RANK[sign.kind], sign.at))
    return close[0], tuple(close[1:])


def _ended(found: Sequence[Sign], fired: Sequence[Firing], data: IncidentData) -> float | None:
    """When the last sign and the last alert were over; None where one still was at the end."""
    last = data.grid.end - data.grid.step
    lasting = [sign for sign in found if sign.kind not in ("config_changed", "version_changed")]
    if any(sign.until is None for sign in lasting) or any(one.until >= last for one in fired):
        return None
    ends = [sign.until or sign.at for sign in lasting] + [one.until for one in fired]
    return max(ends, default=None)


# ----------------------------------------------------------------------------------------------- what users felt


def _felt(
    data: IncidentData, engines: Sequence[Engine], place: Place, began: float | None, ended: float | None
) -> Iterator[Felt]:
    if began is None:
        return
    step, start = data.grid.step, data.grid.start
    since = max(1, math.floor((began - start) / step))
    until = data.grid.count if ended is None else min(data.grid.count, math.ceil((ended - start) / step) + 1)

    def count(name: Counted, low: int, high: int) -> float | None:
        line = summed((engine.grown(name) for engine in engines), data.grid.count)[low:high]
        return _whole(line)

    def late(low: int, high: int) -> tuple[float | None, float | None]:
        events = data.events.get(place)
        good, total = (_whole(line[low:high]) for line in (events.good, events.total)) if events else (None, None)
        return (None, total) if good is None or total is None else (max(0.0, total - good), total)

    requests, before = count("ended", since, until) or 0.0, count("ended", 1, data.begin) or 0.0
    failed, failed_before = count("errors", since, until) or 0.0, count("errors", 1, data.begin) or 0.0
    (bad, total), (bad_before, total_before) = late(since, until), late(1, data.begin)
    yield Felt(
        place, requests, bad, _share(bad, total), _share(bad_before, total_before), failed,
        _share(failed, requests), _share(failed_before, before),
    )  # fmt: skip


def _whole(line: Sequence[float]) -> float | None:
    values = [value for value in line if value == value]
    return math.fsum(values) if values else None


def _share(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else part / whole


# ------------------------------------------------------------------------------------------------ time line


def _line(
    found: Sequence[Sign], fired: Sequence[Firing], data: IncidentData, settings: Settings, apart: set[str]
) -> Iterator[Happened]:
    """Everything that is told, with its time."""
    last = data.grid.end - data.grid.step
    for sign in found:
        yield Happened(sign.at, told(sign))
        if sign.until is not None and sign.until > sign.at and sign.times == 1:
            yield Happened(sign.until, say("over: {what}", what=titled(sign)))
    for one in fired:
        alert = say(
            "{alert} ({severity}){what}", alert=one.alert, severity=say(one.severity), what=_about(one, settings, apart)
        )
        yield Happened(one.since, say("alert fires: {alert}", alert=alert), one.severity)
        if one.until < last:
            yield Happened(one.until, say("alert ends: {alert}", alert=alert))
    for hole in data.unseen:
        if hole.since is not None and hole.since >= _begin(data):
            yield Happened(hole.since, hole.text)


def _about(one: Firing, settings: Settings, apart: set[str]) -> Phrase | str:
    names = [name for name in (one.labels.get("model_name", ""), one.labels.get("instance", "")) if name]
    what = ", ".join(names)
    if apart.intersection(names):
        what += f" ({deployment([one.labels.get(label, '') for label in settings.scope_labels])})"
    return say(": {what}", what=what) if what else ""


def titled(sign: Sign) -> Phrase:
    """What a sign says, and of whom."""
    title = BY_ID[sign.kind].title
    where = f" ({sign.where})" if sign.where else ""
    names = [who.instance + (f" / {who.engine}" if who.engine not in ("", "0") else "") for who in sign.engines]
    if names:
        shown = ", ".join(names[:5]) + (f", … ({len(names)})" if len(names) > 5 else "")
        return say("{what}: {engines}", what=title, engines=shown + where)
    return say("{what}: {model}", what=title, model=sign.place.model + where)


def told(sign: Sign) -> Phrase:
    """A sign with its numbers, or with what changed."""
    what = titled(sign)
    if sign.detail:
        return say("{what} ({detail})", what=what, detail=sign.detail)
    if sign.after is not None:
        before, after = (Quantity(float(f"{value or 0:.3g}"), sign.unit) for value in (sign.before, sign.after))
        return say("{what} (before {before}, then {after})", what=what, before=before, after=after)
    return say("{what}, {n} times", what=what, n=sign.times) if sign.times > 1 else what


def _runbooks(data: IncidentData, fired: Sequence[Firing], settings: Settings) -> tuple[tuple[str, str], ...]:
    """Alert and address of its page: the one that was asked about, then the gravest, then the earliest."""
    order = sorted(fired, key=lambda one: (one.alert != data.alert, _SEVERITY.get(one.severity, 3), one.since))
    names = dict.fromkeys([*([data.alert] if data.alert else []), *(one.alert for one in order)])
    return tuple((name, settings.runbook_url.format(alert=name)) for name in names)


def _split(data: IncidentData, engines: Sequence[Engine], place: Place) -> Split:
    """Queue and prefill are known of requests that ended; what is left of the first token is the rest."""
    points, step = data.grid.count, data.grid.step
    width = max(2, round(120 / step))

    def mean(part: Counted, whole: Counted) -> list[float]:
        parts, wholes = (
            trailing(summed((engine.grown(name) for engine in engines), points), width) for name in (part, whole)
        )
        return over(parts, wholes)

    first, queue, prefill = (
        mean("first_seconds", "first_tokens"), mean("queue_seconds", "requests"), mean("prefill_seconds", "requests"),
    )  # fmt: skip
    rest = [max(0.0, a - b - c) for a, b, c in zip(first, queue, prefill, strict=True)]
    arrived = trailing(summed((engine.arrived() for engine in engines), points), width)
    load = [value / (step * width) if n >= width else math.nan for n, value in enumerate(arrived)]
    return Split(place, tuple(load), tuple(queue), tuple(prefill), tuple(rest))
