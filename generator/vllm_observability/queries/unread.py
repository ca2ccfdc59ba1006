"""Series that nothing of ours reads, as patterns of their names, so that relabel rules can drop them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vllm_observability.queries.reads import names_read
from vllm_observability.settings import Settings

CREATED = ".*_created"  # timestamps of the Python client; one pattern, because nothing reads any
_PARTS = re.compile(r"(.+?)(_bucket|_count|_sum|_total)?")


@dataclass(frozen=True)
class Unused:
    """Series that nothing of ours reads: a pattern of their names, for a relabel rule, and how many there are."""

    pattern: str
    series: int


def unused(series: Mapping[str, int], settings: Settings) -> tuple[Unused, ...]:
    """Patterns of names that nothing of ours reads, those with most series first; `series`: how many a name has."""
    read = names_read(settings)
    families: dict[str, list[str]] = {}
    for name in series:
        if name not in read and of_a_page(name, settings):
            families.setdefault(family(name), []).append(name)
    found = [Unused(_pattern(family, names), sum(series[n] for n in names)) for family, names in families.items()]
    return tuple(sorted(found, key=lambda one: (-one.series, one.pattern)))


def of_a_page(name: str, settings: Settings) -> bool:
    """Whether a server exposes it: not what Prometheus itself adds to a target, nor a recorded series."""
    if name in ("up", "ALERTS", "ALERTS_FOR_STATE") or name.startswith("scrape_"):
        return False
    return ":" not in name or name.startswith(settings.metric_prefixes)


def family(name: str) -> str:
    """What a series belongs to, by its name."""
    if name.endswith("_created"):
        return CREATED
    match = _PARTS.fullmatch(name)
    return match[1] if match else name


def _pattern(family: str, names: list[str]) -> str:
    """For `regex:` of a relabel rule, which is anchored."""
    if family == CREATED:
        return family
    endings = sorted(name.removeprefix(family) for name in names)
    return re.escape(family) + (endings[0] if len(endings) == 1 else f"({'|'.join(endings)})")
