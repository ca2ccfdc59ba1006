"""Files, standard input and URLs -> windows: the only reader of pages."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vllm_observability.catalog import metrics
from vllm_observability.pages.evaluate import Window, window
from vllm_observability.pages.redact import Redaction
from vllm_observability.pages.scrape import Limits, ScrapeError, read_page
from vllm_observability.pages.snapshot import Snapshot, foreign_prefixes, snapshot
from vllm_observability.pages.source import Source

# Files dated closer than this, in seconds, were copied together: their dates say nothing of the pages.
COPIED_WITHIN = 1.0
DAY = 86_400.0


class SourceError(Exception):
    """Why a source can't be analysed: one plain sentence, and what to do next.

    `names` are what in it tells whose the source is: addresses, hosts, files. `quotes` are words of somebody else.
    """

    def __init__(self, text: str, *, names: Sequence[str] = (), quotes: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.names = tuple(names)
        self.quotes = tuple(quotes)

    def hidden(self, redaction: Redaction) -> SourceError:
        """The same without names and quotes."""
        text = str(self)
        for quote in sorted(filter(None, self.quotes), key=len, reverse=True):
            text = text.replace(quote, "…")
        for name in sorted(filter(None, self.names), key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", redaction.word("source", name), text)
        return type(self)(text)


@dataclass(frozen=True)
class Access:
    """How URLs are fetched."""

    headers: tuple[tuple[str, str], ...] = ()
    bearer_token_file: Path | None = None
    ca_file: Path | None = None
    timeout: float = 10.0


@dataclass(frozen=True)
class _Input:
    name: str
    kind: Literal["file", "url"]
    raw: bytes
    at: float | None  # when the page was made, where that is certain
    dated: float | None  # when it was made, where a file's date is the only witness


def read(
    names: Sequence[str],
    access: Access,
    limits: Limits,
    gap: float | None,
    redaction: Redaction | None = None,
    own: Sequence[str] = (),
) -> tuple[Window, Source]:
    """One page, or an earlier and a later one, as a window and where it came from; without names where asked for.

    own: the prefixes of a site's settings.
    """
    inputs = [_input(name, access, limits) for given in names for name in _expanded(given)]
    if len(inputs) > 2:
        raise SourceError("give one directory, or one or two pages")
    pages = [_snapshot(source, limits, redaction, own) for source in inputs]
    later = inputs[-1]
    called = [redaction.word("page", source.name) if redaction else source.name for source in inputs]
    if len(pages) == 1:
        return window(pages[0]), Source(later.kind, called[0], at=_made(later, pages[0]))
    name = " -> ".join(called)
    seconds = gap if gap is not None else _gap(inputs, pages)
    found = window(pages[1], pages[0], seconds)
    if found.restarted and _one_process(pages):
        raise SourceError("the second page counts less than the first one of the same process: give the earlier first")
    return found, Source("pair", name, at=_made(later, pages[1]))


def _made(source: _Input, page: Snapshot) -> float | None:
    """When a page was made: by its samples, unless these say another day than the clock did as it arrived."""
    if page.timestamp is None or (source.at is not None and abs(page.timestamp - source.at) > DAY):
        return source.at
    return page.timestamp


def _one_process(pages: Sequence[Snapshot]) -> bool:
    """Whether the pages are of processes that started at one time, known to be so."""
    starts = [sorted(page.of(metrics.PROCESS_START_TIME).values()) for page in pages]
    return bool(starts[0]) and starts[0] == starts[1]


def _gap(inputs: Sequence[_Input], pages: Sequence[Snapshot]) -> float | None:
    """Seconds between two pages, by the samples' own times, else by the files' dates."""
    times, certain = [_made(*pair) for pair in zip(inputs, pages, strict=True)], True
    if None in times:
        times = [source.at if source.at is not None else source.dated for source in inputs]
        certain = all(source.at is not None for source in inputs)
    earlier, later = times
    if earlier is None or later is None or later == earlier:
        return None
    if not certain and abs(later - earlier) < COPIED_WITHIN:
        return None
    if later < earlier:
        raise SourceError("the second page is older than the first: give the earlier one first, or --gap SECONDS")
    return later - earlier


def _expanded(name: str) -> list[str]:
    """Of a directory its earliest and its latest file; anything else is itself.

    Files that were copied have one date, so that the numbers in their names tell; without these nobody knows.
    """
    if name == "-" or not Path(name).is_dir():
        return [name]
    dates = {path: path.stat().st_mtime for path in sorted(Path(name).iterdir()) if path.is_file()}
    if not dates:
        raise SourceError(f"{name} has no files; give a directory with pages of /metrics", names=[name])
    files = sorted(dates, key=dates.__getitem__)
    if dates[files[-1]] - dates[files[0]] < COPIED_WITHIN and len(files) > 1:
        numbers = {path: [int(digits) for digits in re.findall(r"\d+", path.stem)] for path in files}
        if not all(numbers.values()):
            raise SourceError(
                f"the files of {name} have the same date: name an earlier and a later one",
                names=[name],
            )
        files.sort(key=numbers.__getitem__)
    return [str(path) for path in dict.fromkeys((files[0], files[-1]))]


def _input(name: str, access: Access, limits: Limits) -> _Input:
    if name == "-":
        return _Input("standard input", "file", _standard_input(limits), None, None)
    if name.startswith(("http://", "https://")):
        return _fetched(name, access, limits)
    path = Path(name)
    try:
        with path.open("rb") as file:
            raw = file.read(limits.bytes + 1)
            dated = path.stat().st_mtime
    except IsADirectoryError:
        raise SourceError(f"{name} is a directory; give a file with a page of /metrics", names=[name]) from None
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not the name of a file"
        raise SourceError(f"{name} can't be read: {why}", names=[name]) from None
    return _Input(name, "file", raw, None, dated)


def _standard_input(limits: Limits) -> bytes:
    stream = getattr(sys.stdin, "buffer", None)  # None where it was closed by whoever started the command
    if stream is None:
        raise SourceError("standard input is closed; pipe a page into the command, or name a file")
    try:
        return bytes(stream.read(limits.bytes + 1))
    except OSError as error:
        raise SourceError(f"standard input can't be read: {error.strerror or error}") from None


def _fetched(url: str, access: Access, limits: Limits) -> _Input:
    from vllm_observability.pages.fetch import FetchError, fetch

    try:
        found = fetch(
            url,
            headers=access.headers,
            bearer_token_file=access.bearer_token_file,
            ca_file=access.ca_file,
            timeout=access.timeout,
            max_bytes=limits.bytes,
        )
    except FetchError as error:
        raise SourceError(str(error), names=error.names) from None
    return _Input(found.url, "url", found.raw, found.at, found.at)


def _snapshot(source: _Input, limits: Limits, redaction: Redaction | None, own: Sequence[str]) -> Snapshot:
    try:
        page = read_page(source.raw, limits)
    except ScrapeError as error:
        raise SourceError(f"{source.name}: {error}", names=[source.name], quotes=[error.quoted]) from None
    found = snapshot(redaction.page(page) if redaction else page, own)
    if not found.engine_samples:
        foreign = foreign_prefixes(sample.name for sample in page.samples)
        why = _other_prefix(foreign) if foreign else _not_vllm(snapshot(page, own))
        raise SourceError(f"{source.name}: {why}", names=[source.name, *foreign])
    return found


# First words of other servers' metric names, to say whose page this is.
_OTHERS = {
    "sglang": "SGLang",
    "tgi_": "Text Generation Inference",
    "trtllm": "TensorRT-LLM",
    "nv_inference": "Triton",
    "llamacpp": "llama.cpp",
    "litellm": "LiteLLM",
    "lmcache": "LMCache",
    "inference_": "an inference gateway",
    "vllm_router": "a vLLM router",
    "DCGM_": "the GPU exporter",
    "node_": "node_exporter",
    "prometheus_": "Prometheus itself (ask it with --prometheus)",
    "alertmanager_": "Alertmanager",
}


def _other_prefix(prefixes: Sequence[str]) -> str:
    written = ", ".join(f'"{prefix}"' for prefix in prefixes)
    return (
        f"no vLLM metrics under a known prefix, but names that begin with {', '.join(prefixes)} look like vLLM's. Put "
        f"metric_prefixes: [{written}] into a file and give it with --settings."
    )


def _not_vllm(page: Snapshot) -> str:
    """Why a page has no vLLM sample, and the next check."""
    names = [sample.name for sample in page.page.samples] + list(page.page.types)
    for start, product in _OTHERS.items():
        if any(name.startswith(start) for name in names):
            return f"no vLLM metrics; this page looks like {product}. Point at the vLLM engine's own port."
    if page.declared and any(name.startswith(page.prefix) for name in page.page.types):
        return (
            "vLLM's metrics are declared, but have no sample: the engine has not reported yet. "
            "Send a request and try again."
        )
    if any(name.startswith("http_request") for name in names):
        return (
            "no vLLM metrics, only the API server's own (HTTP, process, Python). The engine's statistics are off: "
            "start vLLM without --disable-log-stats."
        )
    if any(name.startswith(("python_", "process_")) for name in names):
        return (
            "no vLLM metrics, only a Python process. Check the port and that this is the engine, not a proxy; "
            "vLLM 0.5 in multi-process mode exposes nothing else."
        )
    return "no vLLM metrics. Check the port and the path: vLLM serves them at /metrics of its API server."
