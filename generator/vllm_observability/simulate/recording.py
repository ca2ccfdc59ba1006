"""The pages of a fleet as files, at the speed of the machine: what scraping it would have kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from vllm_observability.simulate.fleet import Fleet

EPOCH = 1_800_057_600.0  # midnight: a fleet that is only written has the same clock in every run


def write_pages(fleet: Fleet, folder: Path, every: float, lasts: float) -> int:
    """Write `folder/<instance>/<seconds>.txt` for each scrape, from 0 on; how many pages there are.

    Files bear the fleet's time. A server that does not answer has no page; pages of an earlier run are replaced.
    OSError where a file can't be written.
    """
    places = {replica.labels["instance"]: folder / replica.labels["instance"] for replica in fleet.replicas}
    for place in places.values():
        place.mkdir(parents=True, exist_ok=True)
        for old in place.glob("*.txt"):
            if old.stem.replace(".", "", 1).isdecimal():
                old.unlink()
    count = 0
    for after in _times(every, lasts):
        fleet.run(fleet.start + after)
        for replica in fleet.replicas:
            if replica.up(fleet.now):
                path = places[replica.labels["instance"]] / f"{after:.15g}.txt"
                path.write_text(replica.server.page().text(), encoding="utf-8", newline="")
                os.utime(path, (fleet.now, fleet.now))
                count += 1
    return count


def _times(every: float, lasts: float) -> Iterator[float]:
    """Multiples of an interval up to a time, the time included where it is one."""
    step = 0
    while step * every <= lasts * (1 + 1e-12):
        yield step * every
        step += 1
