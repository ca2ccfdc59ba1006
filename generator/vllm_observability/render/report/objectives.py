"""Proposals -> a settings file, whose comments say what it rests on."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence

from vllm_observability.model import Unit
from vllm_observability.objectives.records import Fired, Proposal, Proposed
from vllm_observability.settings import Objective, Settings
from vllm_observability.words.phrases import Language, Phrase, Quantity, say

_EVENTS = {"ttft": say("first tokens"), "itl": say("token gaps")}


def settings_file(proposals: Sequence[Proposal], settings: Settings, language: Language) -> str:
    """YAML that `vllm-obs build --settings` takes."""
    lines = [
        _comment(language, say("vllm-obs objectives proposed this from what these models did; seconds are bucket "
                               "bounds of their histograms.")),
        _comment(language, say("Judge the proposal, copy what you want into your settings, and build again.")),
    ]  # fmt: skip
    lines += _of_models(proposals, language)
    lines.append("objectives:")
    for row in (row for proposal in proposals for row in proposal.rows):
        lines.append("  " + _comment(language, _found(row)))
        lines.append("  - " + _flow(_objective(row.objective)))
    lines.append("  " + _comment(language, say("Everything else stays as it was.")))
    lines += ["  - " + _flow(_objective(objective)) for objective in settings.objectives]
    lines.append(_comment(language, say("With these settings, these alerts would have fired in that time:")))
    told = [line for proposal in proposals for line in _told(proposal)]
    lines += [_comment(language, each, "  ") for each in told or [say("nothing")]]
    return "\n".join(lines) + "\n"


def _of_models(proposals: Sequence[Proposal], language: Language) -> Iterator[str]:
    few = [proposal for proposal in proposals if not proposal.rows]
    for proposal in few:
        yield _comment(
            language,
            say("{model}: {hours} of requests is too little to propose anything.", model=proposal.model,
                hours=Quantity(proposal.hours * 3600, Unit.SECONDS)),
        )  # fmt: skip
    bound = [proposal for proposal in proposals if any(row.thresholds for row in proposal.rows)]
    if bound:
        yield "models:"
    for proposal in bound:
        chosen = {row.kind: dict(row.thresholds) for row in proposal.rows if row.thresholds}
        yield "  - match: " + json.dumps(proposal.rows[0].objective.match)
        yield "    thresholds:"
        yield from (f"      {kind}: {_flow(limits)}" for kind, limits in chosen.items())


def _objective(objective: Objective) -> dict[str, object]:
    every: dict[str, object] = {
        "of": objective.of, "target": objective.target, "within": objective.within, "match": objective.match
    }  # fmt: skip
    return {name: value for name, value in every.items() if value is not None and (name, value) != ("match", ".*")}


def _flow(values: dict[str, object] | dict[object, object] | object) -> str:
    assert isinstance(values, dict)
    return "{" + ", ".join(f"{name}: {_scalar(value)}" for name, value in values.items()) + "}"


def _scalar(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else json.dumps(value)


def _found(row: Proposed) -> Phrase:
    return say(
        "{match}: {share} of {count} {events} came within {bound}.",
        match=row.objective.match,
        share=Quantity(row.kept, Unit.RATIO),
        count=Quantity(math.floor(row.events), Unit.COUNT),
        events=_EVENTS[row.kind],
        bound=Quantity(row.objective.within or 0.0, Unit.SECONDS),
    )


def _told(proposal: Proposal) -> Iterator[Phrase]:
    found: dict[tuple[str, str], list[Fired]] = {}
    for one in (fired for row in proposal.rows for fired in row.fired):
        found.setdefault((one.alert, one.severity), []).append(one)
    for (alert, severity), times in found.items():
        yield say(
            "{alert} ({severity}) for {model}: {count} times, {minutes} in all",
            alert=alert, severity=severity, model=proposal.model, count=len(times),
            minutes=Quantity(60 * _sum(times), Unit.SECONDS),
        )  # fmt: skip


def _sum(times: Iterable[Fired]) -> float:
    return math.fsum(one.minutes for one in times)


def _comment(language: Language, phrase: Phrase, indent: str = "") -> str:
    return f"# {indent}{language.write(phrase)}"
