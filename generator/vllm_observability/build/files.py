"""Emitted files on disk: written, compared, and leftovers of an earlier build found.

A manifest beside them says what the last build wrote, as `sha256sum` would: whatever it does not name is somebody
else's and stays, whatever its name. A file that is no longer what the build wrote was edited, and is never lost.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MANIFEST = ".vllm-obs-manifest"
EDITED = ".vllm-obs-edited"  # outside the folders that Helm, Prometheus and Grafana read whole
DIFF_LINES = 40
_ENTRY = re.compile(r"([0-9a-f]{64})  (\S.*)")

Manifest = Mapping[str, frozenset[str]]  # path -> digests: two while a build is under way


class NotOurs(Exception):
    """A place that a build must not write to, in one sentence."""


@dataclass(frozen=True)
class Written:
    """What a build did.

    changed: number of files written or removed.
    kept: edited file -> where a copy of it is now.
    left: edited files that nobody emits any more, and that stay where they are.
    """

    changed: int
    kept: Mapping[str, str]
    left: tuple[str, ...]


def write(root: Path, files: Mapping[str, str]) -> Written:
    """Write what differs, keep a copy of what was edited, and remove leftovers.

    NotOurs where a symbolic link stands in the way: nothing has been written then. OSError as the system has it.
    """
    before = manifest(root)
    _refuse_links(root, (*files, *before, MANIFEST, f"{EDITED}/x"))
    root.mkdir(parents=True, exist_ok=True)
    changed, kept = 0, {}
    new = {name: _digest(text.encode()) for name, text in files.items()}
    # Both digests of each file: a build that is cut off leaves files of either.
    _replace(root / MANIFEST, manifest_text({n: before.get(n, frozenset()) | {d} for n, d in new.items()}, before))
    for name, text in files.items():
        path = root / name
        held = _held(path)
        if held == text.encode():
            continue
        if held is not None and _digest(held) not in before.get(name, ()):
            kept[name] = _keep(root, name, held)
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text)
        changed += 1
    leftovers = stray(root, files, before)
    for path in leftovers:
        path.unlink()
    left = {n: before[n] for n in before if n not in files and (root / n).exists()}
    _replace(root / MANIFEST, manifest_text({name: frozenset({digest}) for name, digest in new.items()}, left))
    return Written(changed + len(leftovers), kept, tuple(sorted(left)))


def manifest(root: Path) -> Manifest:
    """What the last build wrote; nothing where there was none. Lines that name no place below it are passed over."""
    found: dict[str, frozenset[str]] = {}
    text = _held(root / MANIFEST) or b""
    for line in text.decode("utf-8", errors="replace").splitlines():
        entry = _ENTRY.fullmatch(line)
        if entry and not PurePosixPath(entry[2]).is_absolute() and ".." not in PurePosixPath(entry[2]).parts:
            found[entry[2]] = found.get(entry[2], frozenset()) | {entry[1]}
    return found


def manifest_text(*parts: Manifest) -> str:
    """A manifest of several parts."""
    lines = {f"{digest}  {name}" for part in parts for name, digests in part.items() for digest in digests}
    return "".join(f"{line}\n" for line in sorted(lines, key=lambda line: (line[66:], line)))


def stray(root: Path, files: Mapping[str, str], written: Manifest | None = None) -> list[Path]:
    """Files that an earlier build wrote, this one doesn't, and nobody edited."""
    written = manifest(root) if written is None else written
    return sorted(root / name for name in written if name not in files and _untouched(root, name, written))


def differences(root: Path, files: Mapping[str, str]) -> list[str]:
    """What differs between disk and build, in words and as a short diff; empty where all is fresh."""
    out, written = [], manifest(root)
    for name, text in sorted(files.items()):
        held = _held(root / name)
        if held is None:
            out.append(f"missing: {name}")
        elif held != text.encode():
            edited = name in written and not _untouched(root, name, written)
            out += [f"edited since the last build: {name}" if edited else f"stale: {name}", *_diff(name, held, text)]
    out += [f"stray: {path.relative_to(root).as_posix()}" for path in stray(root, files, written)]
    wanted = {name: frozenset({_digest(text.encode())}) for name, text in files.items()}
    if not out and written != wanted:
        out.append(f"stale: {MANIFEST}")
    return out


def _diff(name: str, held: bytes, text: str) -> list[str]:
    old = held.decode("utf-8", errors="replace").splitlines()
    lines = list(difflib.unified_diff(old, text.splitlines(), f"{name} (on disk)", f"{name} (built)", lineterm=""))
    return [*lines[:DIFF_LINES], *(["…"] if len(lines) > DIFF_LINES else [])]


def _untouched(root: Path, name: str, written: Manifest) -> bool:
    held = _held(root / name)
    return held is not None and _digest(held) in written[name]


def _held(path: Path) -> bytes | None:
    """What a file holds; None where there is none. A link is not followed."""
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _refuse_links(root: Path, names: Iterable[str]) -> None:
    """A link below the bundle could lead out of it, and a build would write there."""
    for place in sorted({place for name in names for place in _places(root, name)}):
        if place.is_symlink():
            raise NotOurs(f"{place} is a symbolic link, which a build does not follow: remove it, or build elsewhere")


def _places(root: Path, name: str) -> Iterator[Path]:
    place = root
    for part in PurePosixPath(name).parts:
        place = place / part
        yield place


def _keep(root: Path, name: str, held: bytes) -> str:
    """Copy what was edited to a name that is free; the copy's path below `root`."""
    number = 1
    while True:
        copy = f"{EDITED}/{name}" + (f".{number}" if number > 1 else "")
        there = _held(root / copy)
        if there == held:
            return copy
        if there is None and not (root / copy).exists():
            break
        number += 1
    (root / copy).parent.mkdir(parents=True, exist_ok=True)
    _replace(root / copy, held)
    return copy


def _replace(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: readers see the old one or the new one. Its permissions stay."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".vllm-obs-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
