"""A site that shares no number with the catalogue: every bound, hold, objective, window and bucket is its own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from vllm_observability.catalog import checks
from vllm_observability.model import Check, Unit
from vllm_observability.report.records import RANK
from vllm_observability.settings import Settings, parse
from vllm_observability.settings.durations import seconds
from vllm_observability.words.phrases import English

FIRST_TOKENS = (0.0313, 0.317, 0.777, 4.93, 33.7)
GAPS = (0.00171, 0.0173, 0.137, 3.71)
OBJECTIVES = (
    {"of": "ttft", "target": 0.937, "within": 0.777},
    {"of": "itl", "target": 0.983, "within": 0.137},
    {"of": "e2e", "target": 0.917, "within": 47.3},
    {"of": "errors", "target": 0.9973},
)
BUCKETS = {
    "time_to_first_token_seconds": FIRST_TOKENS,
    "inter_token_latency_seconds": GAPS,
    "e2e_request_latency_seconds": (0.373, 4.37, 47.3, 473.0),
}


def odd_settings() -> Settings:
    """The whole site."""
    return parse(odd_site())


def odd_site() -> dict[str, Any]:
    """As a settings file would say it."""
    return {
        "rate_window": "7m",
        "scrape_interval": "17s",
        "evaluation_interval": "23s",
        "histogram_interval": "71s",
        "thresholds": dict(_thresholds()),
        "holds": dict(_holds()),
        "objectives": OBJECTIVES,
        "buckets": BUCKETS,
    }


def _thresholds() -> Iterator[tuple[str, Mapping[str, float]]]:
    """For each check with numbers: far lower than its defaults where more is worse, far higher where less is."""
    for i, check in enumerate(checks.ALL):
        severities = [bound.severity for bound in check.bounds if bound.value is not None]
        gravest_first = sorted(severities, key=lambda severity: -RANK[severity])
        if severities:
            mildest_first = gravest_first[::-1]
            yield check.id, {severity: _number(check, i, n) for n, severity in enumerate(mildest_first)}


def _number(check: Check, i: int, n: int) -> float:
    """The n-th bound of the i-th check, from mild to grave."""
    if check.signal.unit is Unit.RATIO:
        return (
            round(0.9631 - 0.0017 * i - 0.1 * n, 4)
            if check.op == "<"
            else round(0.00231 + 0.00011 * i + 0.00607 * n, 5)
        )
    if check.signal.unit is Unit.SECONDS:
        return round(0.00337 + 0.00019 * i + 0.0029 * n, 5)
    return round(0.0711 + 0.0019 * i + 0.029 * n, 4)


def _holds() -> Iterator[tuple[str, Mapping[str, str]]]:
    """A different odd number of seconds for each bound, at least two evaluations of percentiles."""
    number = 0
    for check in checks.ALL:
        holds = {}
        for bound in check.bounds:
            number += 1
            holds[bound.severity] = f"{143 + 26 * number}s"
        yield check.id, holds


# ---------------------------------------------------------------------------------------- the defaults, to look for


@contextmanager
def another_catalogue() -> Iterator[None]:
    """Every bound and hold of the catalogue replaced: what a site with all its own numbers is told must not change."""
    before = [(bound, bound.value, bound.hold) for check in checks.ALL for bound in check.bounds]
    try:
        for n, (bound, value, _) in enumerate(before):
            object.__setattr__(bound, "value", None if value is None else 0.61 * value + 0.0117)
            object.__setattr__(bound, "hold", f"{4001 + n}s")
        yield
    finally:
        for bound, value, hold in before:
            object.__setattr__(bound, "value", value)
            object.__setattr__(bound, "hold", hold)


def without_defaults(text: str) -> str:
    """Without the clauses that say of a number that it is the default, in words and in the mixin's choices."""
    return re.sub(
        r"\(so the default is [^)]*\)|if chosen\.bound\([^)]*\) == '[\d.]+' then .* == [\d.]+\)' else ''", "", text
    )


def default_words(language: English, chosen: Iterable[Check] = checks.ALL) -> frozenset[str]:
    """The defaults as a report, a page or a rule writes them: `80 %`, `2.5 s`, `10 min`, `10m`."""
    found = set()
    for check in chosen:
        for bound in check.bounds:
            if bound.value and check.signal.unit in (Unit.RATIO, Unit.SECONDS):
                found.add(language.measure(bound.value, check.signal.unit))
            if held := seconds(bound.hold):
                found |= {bound.hold, language.measure(held, Unit.SECONDS), f"{held / 60:g} min"}
    return frozenset(found)


def objective_words(language: English) -> frozenset[str]:
    """The default objectives."""
    found = {language.measure(objective.target, Unit.RATIO) for objective in Settings().objectives}
    return frozenset(found | {language.measure(o.within, Unit.SECONDS) for o in Settings().objectives if o.within})


def said(words: Collection[str], text: str) -> list[str]:
    """Which of the words stand in a text, as whole numbers."""
    if not words:
        return []
    pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.findall(rf"(?<![\w.,-])(?:{pattern})(?!\w)", text)
