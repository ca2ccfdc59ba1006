"""What both stories say alike: names of deployments, times, what could not be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from vllm_observability.model import Unit
from vllm_observability.render.report.document import Band, Block, Bullets, Para, Rows, Section, words
from vllm_observability.review.incident import deployment
from vllm_observability.review.records import Firing, Place, Unseen
from vllm_observability.words.phrases import Language, Phrase, Quantity, neutral, say

SEVERITIES = ("critical", "warning", "info")


def rounded(number: float, unit: Unit) -> Quantity:
    """To three digits; counts are whole."""
    whole = unit in (Unit.TOKENS, Unit.REQUESTS, Unit.COUNT)
    return Quantity(float(round(number)) if whole and number >= 100 else float(f"{number:.3g}"), unit)


def written(spoken: Language, number: float | None, unit: Unit) -> str:
    """A number, or a dash where there is none."""
    return "–" if number is None else spoken.quantity(rounded(number, unit))


def called(place: Place, places: Sequence[Place]) -> str:
    """A model's name, with where it runs if another deployment has the same."""
    alike = Counter(one.model for one in places)
    where = deployment(place.scope) if alike[place.model] > 1 else ""
    return neutral(f"{place.model} ({where})" if where else place.model)


def minute(spoken: Language, at: float) -> str:
    """A moment to the minute, with its day."""
    return f"{spoken.day(at)} {spoken.clock(at)}"


def unseen_section(unseen: Sequence[Unseen], spoken: Language) -> Section:
    """What nobody could see; that there is nothing of the kind is said too."""
    title = spoken.write(say("What the data does not show"))
    if not unseen:
        text = spoken.write(say("Nothing: there is data for all of this time"))
        return Section("unseen", title, (Para(words(text)),))
    rows = tuple((words(_when(one, spoken), "dim"), words(spoken.write(one.text))) for one in unseen)
    return Section("unseen", title, (Rows(rows),))


def _when(one: Unseen, spoken: Language) -> str:
    if one.since is None:
        return ""
    since = minute(spoken, one.since)
    return since if one.until is None else f"{since} – {minute(spoken, one.until)}"


def bullets(spoken: Language, phrases: Iterator[Phrase] | Sequence[Phrase]) -> Block:
    """Sentences."""
    return Bullets(tuple(spoken.write(phrase) for phrase in phrases))


def bands(fired: Sequence[Firing], spoken: Language) -> tuple[Band, ...]:
    """When anything that pages, or that warns, fired: one stretch for all that fired at once."""
    found = []
    for severity in ("warning", "critical"):
        own = sorted((one for one in fired if one.severity == severity), key=lambda one: one.since)
        held: list[Firing] = []
        for one in own:
            if held and one.since > max(each.until for each in held):
                found.append(_band(held, severity, spoken))
                held = []
            held.append(one)
        if held:
            found.append(_band(held, severity, spoken))
    return tuple(found)


def _band(held: Sequence[Firing], severity: str, spoken: Language) -> Band:
    names = ", ".join(dict.fromkeys(one.alert for one in held))
    text = f"{names} ({spoken.write(say(severity))})"
    return Band(min(one.since for one in held), max(one.until for one in held), text, severity)


def worst(fired: Sequence[Firing]) -> str:
    """The gravest severity."""
    return next((severity for severity in SEVERITIES if any(one.severity == severity for one in fired)), "ok")
