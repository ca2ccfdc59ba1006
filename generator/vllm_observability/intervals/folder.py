"""A folder of pages -> a side: `DIR/<instance>/<seconds>.txt` of a fleet, or the pages of one server in `DIR`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vllm_observability.catalog import metrics as m
from vllm_observability.intervals.growth import Reading, intervals
from vllm_observability.intervals.records import BUCKETS, COUNTS, GAUGES, Count, Engine, Gauge, Side
from vllm_observability.model import Metric, Part
from vllm_observability.pages.redact import Redaction
from vllm_observability.pages.scrape import Limits, ScrapeError, read_page
from vllm_observability.pages.snapshot import EXPOSED, Snapshot, candidates, snapshot
from vllm_observability.pages.sources import COPIED_WITHIN, SourceError
from vllm_observability.report.facts import version_range
from vllm_observability.settings import Settings

_FAR = 0.5  # share of a side's time that all its servers must have in common
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True)
class _Dated:
    path: Path
    at: float


@dataclass(frozen=True)
class Pages:
    """A folder, read: the side, and the last page of its first server, which says what the servers show."""

    side: Side
    last: Snapshot


def read_folder(folder: str, settings: Settings, redaction: Redaction | None = None) -> Pages:
    """Every engine of a folder; SourceError with one sentence where it can't be used."""
    root = Path(folder)
    if not root.is_dir():
        raise SourceError(
            f"{folder} is not a directory; give one with pages of /metrics, at least two per server", names=[folder]
        )
    name = redaction.word("page", folder) if redaction else folder
    engines: list[Engine] = []
    last: Snapshot | None = None
    for instance, files in _servers(root):
        shown = redaction.word("instance", instance) if redaction else instance
        found, page = _server(name, shown, files, settings, redaction)
        engines += found
        last = last or page
    if last is None or not engines:
        raise SourceError(f"{name} has no files; give a directory with pages of /metrics")
    _same_clock(name, engines)
    return Pages(Side(name, tuple(engines)), last)


def _servers(root: Path) -> Iterable[tuple[str, list[Path]]]:
    """Instances with their files; files beside each other in the folder itself are one server's."""
    try:
        entries = sorted(path for path in root.iterdir() if not path.name.startswith("."))
        flat = [path for path in entries if path.is_file()]
        if flat:
            yield root.name, flat
        for sub in (path for path in entries if path.is_dir()):
            files = sorted(path for path in sub.iterdir() if path.is_file() and not path.name.startswith("."))
            if files:
                yield sub.name, files
    except OSError as error:
        raise SourceError(
            f"{root} can't be read: {error.strerror or 'input/output error'}", names=[str(root)]
        ) from None


def _server(
    folder: str, instance: str, files: Sequence[Path], settings: Settings, redaction: Redaction | None
) -> tuple[list[Engine], Snapshot]:
    if len(files) < 2:
        raise SourceError(
            f"{folder}: {instance} has one scrape only, and counters say nothing of a time until there are two. Save a "
            "page every 15 s for some minutes."
        )
    dated = _dated(folder, instance, files)
    first = _whole(folder, dated[0].path, settings, redaction)
    last = _whole(folder, dated[-1].path, settings, redaction)
    _check_native(folder, last)
    _check_start(folder, instance, dated, first, last)
    readings: dict[tuple[str, str], list[Reading]] = {}
    for one in dated:
        page = first if one is dated[0] else last if one is dated[-1] else _slim(folder, one.path, settings, redaction)
        for key, reading in _readings(page, one.at).items():
            readings.setdefault(key, []).append(reading)
    config = _config(last)
    versions = version_range(last)
    names = frozenset(name.text for shown in last.used.values() for name in shown)
    engines = []
    for (model, engine), held in sorted(readings.items()):
        labels = config.get(engine, config.get("", {}))
        grown = intervals(held, f"engine {engine} of {instance}" if engine else instance, folder)
        engines.append(Engine(instance, engine, model, grown, capacity_of(labels), versions, labels, names))
    return engines, last


def _dated(folder: str, instance: str, files: Sequence[Path]) -> list[_Dated]:
    """Files in order of time: by names that are seconds, else by their dates."""
    if all(_SECONDS.fullmatch(path.stem) for path in files):
        dated = [_Dated(path, float(path.stem)) for path in files]
    else:
        dated = [_Dated(path, path.stat().st_mtime) for path in files]
        times = [one.at for one in dated]
        if max(times) - min(times) < COPIED_WITHIN * len(times):
            raise SourceError(
                f"{folder}: the files of {instance} were copied together, so that their dates say nothing of the "
                "scrapes. Name each page by its time in seconds, as in 1767225600.txt."
            )
    return sorted(dated, key=lambda one: one.at)


def _whole(folder: str, path: Path, settings: Settings, redaction: Redaction | None) -> Snapshot:
    return _snapshot(folder, path, _bytes(path, settings.limits), settings, redaction)


def _bytes(path: Path, limits: Limits) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limits.bytes + 1)
    except OSError as error:
        raise SourceError(
            f"{path} can't be read: {error.strerror or 'input/output error'}", names=[str(path)]
        ) from None


def _snapshot(folder: str, path: Path, raw: bytes, settings: Settings, redaction: Redaction | None) -> Snapshot:
    try:
        page = read_page(raw, settings.limits)
    except ScrapeError as error:
        raise SourceError(f"{folder}: {path.name}: {error}", names=[path.name], quotes=[error.quoted]) from None
    found = snapshot(redaction.page(page) if redaction else page, settings.metric_prefixes)
    if not found.engine_samples:
        raise SourceError(f"{folder}: {path.name}: no vLLM metrics in it", names=[path.name])
    if found.apart:
        raise SourceError(
            f"{folder}: {path.name}: rows of a model differ by {', '.join(found.apart)}, which nobody knows, "
            "so that it can't add them up. Keep the rows of one part only.",
            names=[path.name],
        )
    return found


@cache
def _wanted(own: tuple[str, ...]) -> re.Pattern[bytes]:
    """Lines that intervals are made of; the rest of a page is most of the time that reading takes."""
    parts = [(metric, part) for metric, part, _ in COUNTS.values()]
    parts += [(metric, Part.BUCKET) for metric in BUCKETS.values()]
    parts += [(metric, Part.VALUE) for metric in GAUGES.values()]
    wanted = {(metric.id, part) for metric, part in parts}
    short = {
        name.partition(":")[2] for name, known in EXPOSED.items() if (known.metric.id, known.part) in wanted
    }  # fmt: skip
    prefixes = "|".join(map(re.escape, candidates(own)))
    return re.compile(f"^(?:{prefixes})(?:{'|'.join(sorted(map(re.escape, short)))})[{{ ].*$".encode(), re.MULTILINE)


def _slim(folder: str, path: Path, settings: Settings, redaction: Redaction | None) -> Snapshot:
    """A page's lines that intervals need; the whole page where it is none that can be cut by lines."""
    raw = _bytes(path, settings.limits)
    lines = _wanted(settings.metric_prefixes).findall(raw) if len(raw) <= settings.limits.bytes else []
    return _snapshot(folder, path, b"\n".join(lines) + b"\n" if lines else raw, settings, redaction)


# ------------------------------------------------------------------------------------------- a page's numbers


def _readings(page: Snapshot, at: float) -> dict[tuple[str, str], Reading]:
    """A reading for each model and engine of a page."""
    counts: dict[tuple[str, str], dict[Count, float]] = {}
    gauges: dict[tuple[str, str], dict[Gauge, float]] = {}
    buckets: dict[tuple[str, str], dict[str, dict[float, float]]] = {}
    for name, (metric, part, own) in COUNTS.items():
        for labels, value in page.of(metric, part).items():
            known = dict(labels)
            if own is None or known.get(own[0]) == own[1]:
                held = counts.setdefault(_who(known), {})
                held[name] = held.get(name, 0.0) + value
    for gauge, metric in GAUGES.items():
        for labels, value in page.of(metric).items():
            gauges.setdefault(_who(dict(labels)), {})[gauge] = value
    for histogram, metric in BUCKETS.items():
        for labels, value in page.of(metric, Part.BUCKET).items():
            known = dict(labels)
            held_buckets = buckets.setdefault(_who(known), {}).setdefault(histogram, {})
            bound = bound_of(known.get("le", ""))
            if bound is not None:
                held_buckets[bound] = held_buckets.get(bound, 0.0) + value
    return {who: Reading(at, held, gauges.get(who, {}), buckets.get(who, {})) for who, held in counts.items()}


def bound_of(text: str) -> float | None:
    """A bucket's bound, None where it is not a number."""
    try:
        bound = float(text)
    except ValueError:
        return None
    return None if math.isnan(bound) else bound


def _who(labels: Mapping[str, str]) -> tuple[str, str]:
    return labels.get("model_name", ""), labels.get("engine", "")


def _config(page: Snapshot) -> dict[str, Mapping[str, str]]:
    """Labels of cache_config_info by engine; "" where they are no engine's own."""
    return {
        dict(labels).get("engine", ""): {k: v for k, v in labels if k not in ("engine", "model_name")}
        for labels in page.of(m.CACHE_CONFIG)
    }


def capacity_of(config: Mapping[str, str]) -> float | None:
    """Tokens that the KV cache holds; None where the configuration does not say."""
    try:
        tokens = config.get("kv_cache_size_tokens") or ""
        found = float(tokens) if tokens else float(config["num_gpu_blocks"]) * float(config["block_size"])
    except (KeyError, ValueError):
        return None
    return found if math.isfinite(found) and found > 0 else None


# --------------------------------------------------------------------------------------------- what is refused


def _check_native(folder: str, page: Snapshot) -> None:
    """Native histograms are no text: on a page that was made of them there is a count at most, and no buckets."""
    for metric in BUCKETS.values():
        if page.of(metric, Part.COUNT) and not page.of(metric, Part.BUCKET):
            raise SourceError(f"{folder}: {native(metric)}")


def native(metric: Metric) -> str:
    """What is said of histograms without buckets."""
    return (
        f"{metric.names[0].text} has no classic buckets, as with native histograms, which no page shows. "
        "Save vLLM's own pages, or ask the Prometheus that has them with --prometheus."
    )


def _check_start(folder: str, instance: str, dated: Sequence[_Dated], first: Snapshot, page: Snapshot) -> None:
    """One process per side; and it can't have started after its page was made, or two clocks differ."""
    earlier, start = (max(each.of(m.PROCESS_START_TIME).values(), default=None) for each in (first, page))
    if earlier is not None and start is not None and start > earlier + 1:
        raise SourceError(
            f"{folder}: {instance} restarted while its pages were saved, so that one side would hold two processes. "
            "Give a side that begins after the restart, or ends before it."
        )
    unix = dated[0].at > 1e9  # else the names count from a beginning of their own
    if start is not None and unix and start > dated[-1].at + 60:
        raise SourceError(
            f"{folder}: {instance} says that it started {start - dated[-1].at:.0f} s after its last page was saved: "
            "the clocks of the server and of whoever saved the pages differ."
        )


def _same_clock(folder: str, engines: Sequence[Engine]) -> None:
    """All servers of a side are compared over one time."""
    spans = [(e.intervals[0].start, e.intervals[-1].end) for e in engines if e.intervals]
    if not spans:
        raise SourceError(f"{folder}: all its pages are of one moment; counters need two at least")
    common = min(end for _, end in spans) - max(start for start, _ in spans)
    if common < _FAR * max(end - start for start, end in spans):
        raise SourceError(
            f"{folder}: the pages of its servers are of different times, or their clocks differ: they have "
            f"{max(common, 0):.0f} s in common. Give one time of all of them."
        )
