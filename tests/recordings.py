"""Pages recorded from running vLLM servers, and what those servers had counted when the last page was taken.

Each folder of data/pages holds `fresh` (before any request), `loaded` (in the middle of a burst), `after` and
`openmetrics`. The numbers are copied from the recording's own notes, not from what this project reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from vllm_observability.pages.evaluate import Window, window
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.snapshot import Snapshot, snapshot
from vllm_observability.pages.source import Source
from vllm_observability.report import Report, analyse
from vllm_observability.settings import Settings

DATA = Path(__file__).parent / "data"
PAGES = DATA / "pages"
MODEL = "Qwen/Qwen3-4B-Instruct-2507-FP8"

Total = tuple[float, float]  # a histogram's count and sum


@dataclass(frozen=True)
class Recording:
    """One server: its version, its engine's generation, and its counters in `after`."""

    folder: str
    version: str
    stop: int
    length: int
    prompt_tokens: int
    generation_tokens: int
    finished_prompt_tokens: int
    finished_generation_tokens: int
    preemptions: int
    ttft: Total
    e2e: Total
    gaps: Total
    cache_hits: int | None = 0
    generation: Literal["V0", "V1"] = "V1"
    several_processes: bool = False
    """Several API-server processes behind one port: none of them shows its own process."""
    hidden_shown: bool = False
    """Started with --show-hidden-metrics-for-version."""

    @property
    def pages(self) -> Sequence[Path]:
        """Every page of the folder."""
        return sorted((PAGES / self.folder).glob("*.txt"))


RECORDINGS = (
    Recording(
        "vllm-0.8.5", "0.8.5", 32, 60, 14600, 8143, 7543, 8053, 26, (128, 2080.401277780533), (92, 2010.9419779777527),
        (8015, 118.84614634513855), None, generation="V0", several_processes=True,
    ),
    Recording(
        "vllm-0.9.2", "0.9.2", 32, 60, 8661, 8100, 7543, 8015, 0, (102, 438.9894187450409), (92, 442.41448855400085),
        (7998, 45.02886615499756), 4128,
    ),
    Recording(
        "vllm-0.9.2-hung", "0.9.2", 22, 39, 5887, 5610, 4851, 5083, 0, (71, 254.4903655052185),
        (61, 244.30278730392456), (5539, 34.52452356900176), 3248,
    ),
    Recording(
        "vllm-0.10.2", "0.10.2", 32, 60, 8661, 8088, 7543, 8015, 0, (102, 732.1256058216095), (92, 734.3549764156342),
        (7986, 70.76383298400106), 4128,
    ),
    Recording(
        "vllm-0.12.0", "0.12.0", 32, 60, 8661, 8107, 7543, 8033, 5, (102, 671.1473391056061), (92, 668.6443870067596),
        (8005, 61.27858738899977), 3200,
    ),
    Recording(
        "vllm-0.16.0", "0.16.0", 32, 60, 8661, 8110, 7543, 8033, 5, (102, 1033.0370833873749),
        (92, 1027.995114326477), (8008, 92.66150596199896), 3232,
    ),
    Recording(
        "vllm-0.20.2", "0.20.2", 32, 63, 8661, 9521, 7868, 8933, 11, (102, 392.4429712295532),
        (95, 420.9289948940277), (9419, 50.96992389299908), 3168,
    ),
    Recording(
        "vllm-0.32.0", "0.32.0", 32, 60, 8661, 8837, 7543, 8140, 5, (102, 574.9511001110077), (92, 576.8338434696198),
        (8735, 57.49155131799807), 3136,
    ),
    Recording(
        "vllm-0.32.0-api2", "0.32.0", 32, 60, 8661, 9185, 7543, 8140, 6, (102, 733.0106136798859),
        (92, 720.4815993309021), (9083, 74.51479277400085), 3136, several_processes=True,
    ),
    Recording(
        "vllm-0.32.0-dp2", "0.32.0", 32, 66, 8661, 9999, 8196, 9940, 10, (102, 673.4796586036682),
        (98, 787.4353003501892), (9897, 126.40770297000472), 3072, several_processes=True,
    ),
    Recording(
        "vllm-0.32.0-lora-kv-mfu", "0.32.0", 32, 60, 8661, 8211, 7543, 8140, 5, (102, 1536.8897731304169),
        (92, 1517.6424283981323), (8109, 125.47888211699865), 1760, hidden_shown=True,
    ),
    Recording(
        "vllm-0.32.0-spec-ngram", "0.32.0", 32, 60, 8661, 8326, 7543, 7840, 6, (102, 1239.9807996749878),
        (92, 1204.6279802322388), (8207, 84.64326280700334), 3360,
    ),
)  # fmt: skip
BY_FOLDER = {recording.folder: recording for recording in RECORDINGS}


@cache
def seen(path: Path) -> Snapshot:
    """A page of the data folder, read once."""
    return snapshot(read_page(path.read_bytes()))


@cache
def reported(path: Path) -> Report:
    """The report on one page, with the default settings."""
    return analyse(window(seen(path)), Source("file", path.name), Settings())


def after(folder: str) -> Report:
    """The report on the last page of a recording."""
    return reported(PAGES / folder / "after.txt")


def of_text(text: str, earlier: str | None = None, seconds: float | None = None) -> Window:
    """A window over pages written out in a test; the lines may be indented."""
    pages = [None if t is None else snapshot(read_page(_lines(t))) for t in (earlier, text)]
    assert pages[1] is not None
    return window(pages[1], pages[0], seconds)


def _lines(text: str) -> bytes:
    return "".join(line.strip() + "\n" for line in text.strip().splitlines()).encode()
