"""Two pages, before and after an upgrade: which metrics come and go, and what that empties."""

from __future__ import annotations

from dataclasses import dataclass

from vllm_observability.catalog import metrics as m
from vllm_observability.doctor.names import coverage, names_of_page
from vllm_observability.pages.snapshot import Snapshot
from vllm_observability.settings import Settings


@dataclass(frozen=True)
class Upgrade:
    """`lost` and `gained` are metrics by their newest names; `emptied` and `filled` panels and alerts."""

    before: str
    after: str
    lost: tuple[str, ...]
    gained: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    emptied: tuple[tuple[str, str], ...]
    filled: tuple[str, ...]


def upgrade(before: Snapshot, after: Snapshot, settings: Settings) -> Upgrade:
    """What changes from one page to the other; a renamed metric is neither lost nor gained, and empties nothing."""
    names = [names_of_page(page) for page in (before, after)]
    had, has = ({x.id for x in m.ALL if each.has(x)} for each in names)
    covered = [coverage(each, settings) for each in names]
    states = [{s.of: s for s in (*each.panels, *each.alerts)} for each in covered]
    renamed = []
    for id in sorted(had & has):
        old, new = ({name.text for name in page.used.get(id, ())} for page in (before, after))
        if old and new and not old & new:
            renamed.append((min(old), min(new)))
    return Upgrade(
        before=_range(names[0].versions),
        after=_range(names[1].versions),
        lost=tuple(sorted(m.BY_ID[id].names[0].text for id in had - has)),
        gained=tuple(sorted(m.BY_ID[id].names[0].text for id in has - had)),
        renamed=tuple(renamed),
        emptied=tuple((of, s.why) for of, s in states[1].items() if not s.ready and states[0][of].ready),
        filled=tuple(of for of, s in states[1].items() if s.ready and not states[0][of].ready),
    )


def _range(versions: tuple[str | None, str | None]) -> str:
    low, high = versions
    return f"{low or '?'} to {high or 'newest'}"
