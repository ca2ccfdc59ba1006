"""What binds an engine, as the tuning board shows it, against the simulator, which knows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.binding import NONE, confusion, held, query
from harness.cost import asked
from harness.history import Replica, history
from harness.programs import ROOT, backfill, running_prometheus
from vllm_observability.catalog.tuning_signals import BINDS_WORDS
from vllm_observability.simulate.story import load

END = 1_800_000_000
STORIES = {path.stem: path for path in sorted((ROOT / "tests/data/binding").glob("*.yaml"))}


@pytest.mark.parametrize(
    ("story", "bound"),
    [("kv-blocks", "KV blocks"), ("no-step", "no step"), ("sequences", "sequences"), ("step-tokens", "step tokens")],
)
def test_the_board_shows_what_binds(story: str, bound: str) -> None:
    """In 95 of 100 minutes, and the limit that the story is about does bind."""
    found = confusion(load(str(STORIES[story])))

    assert held(found) >= 0.95
    assert sum(count for (true, _), count in found.items() if true == bound) >= 0.2 * found.total()
    assert not any(shown == NONE for _, shown in found)


def test_every_limit_has_a_story() -> None:
    """A story that nobody plays proves nothing."""
    assert {"kv-blocks", "no-step", "sequences", "step-tokens"} == set(STORIES)


def test_what_no_simulator_does_is_shown_too(tmp_path: Path) -> None:
    """A deferred request waits for no limit of the engine; an old vLLM does not tell what its requests wait for."""
    fleet = (
        Replica("deferred:8000", incident="deferred"),
        Replica("old:8000", "acme/old", "0.12.0", incident="kv_full"),
        Replica("hung:8000", "acme/hung", incident="stalled"),
    )
    backfill(history(fleet, END, 20), tmp_path / "data")
    with running_prometheus(tmp_path / "data") as server:
        found = server.query(asked(query(), {"$__rate_interval": "2m"}), END)

    assert {"deferred:8000": "deferred", "old:8000": "KV blocks", "hung:8000": "no step"} == {
        dict(labels)["instance"]: BINDS_WORDS[int(value)] for labels, value in found.items()
    }
