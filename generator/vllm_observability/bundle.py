"""Emitted files on disk: written, compared, and stray ones found."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

# Folders where every file of these kinds is emitted, so that one nobody emits is a leftover.
OWNED = (("dashboards", ".json"), ("dashboards/fleet", ".json"), ("alerts", ".yaml"), ("alerts/runbooks", ".md"))
DIFF_LINES = 40


def write(root: Path, files: Mapping[str, str]) -> int:
    """Write what differs and remove leftovers; the number of files changed."""
    changed = 0
    for name, text in files.items():
        path = root / name
        if path.exists() and path.read_bytes() == text.encode():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        changed += 1
    for path in stray(root, files):
        path.unlink()
        changed += 1
    return changed


def stray(root: Path, files: Mapping[str, str]) -> list[Path]:
    """Files in the emitted folders that no build writes."""
    found = [p for folder, kind in OWNED for p in (root / folder).rglob(f"*{kind}")]
    return sorted(p for p in found if p.relative_to(root).as_posix() not in files)


def differences(root: Path, files: Mapping[str, str]) -> list[str]:
    """What differs between disk and build, in words and as a short diff; empty where all is fresh."""
    out = []
    for name, text in sorted(files.items()):
        path = root / name
        if not path.exists():
            out.append(f"missing: {name}")
        elif path.read_bytes() != text.encode():
            old = path.read_text(encoding="utf-8", errors="replace").splitlines()
            diff = list(
                difflib.unified_diff(old, text.splitlines(), f"{name} (on disk)", f"{name} (built)", lineterm="")
            )
            out += [f"stale: {name}", *diff[:DIFF_LINES], *(["…"] if len(diff) > DIFF_LINES else [])]
    return out + [f"stray: {path.relative_to(root).as_posix()}" for path in stray(root, files)]
