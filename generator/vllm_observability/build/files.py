"""Emitted files on disk: written, compared, and stray ones found."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

# Where emitted files stand, how they are named, and what each of them holds: such a file that nobody emits any more
# is a leftover. Whatever else stands there is its owner's, and stays.
OWNED = (
    ("dashboards", "vllm-*.json", '"uid": "vllm-obs-'),
    ("dashboards/fleet", "vllm-*.json", '"uid": "vllm-obs-'),
    ("dashboards", "kustomization.yaml", "Emitted by vllm-obs build"),
    ("dashboards/fleet", "kustomization.yaml", "Emitted by vllm-obs build"),
    ("alerts", "vllm-*.yaml", "Emitted by vllm-obs build"),
    ("deploy/prometheus", "vllm-*.yaml", "Emitted by vllm-obs build"),
    ("deploy/compose", "*.yml", "Emitted by vllm-obs build"),
    ("deploy/compose/grafana", "*.yaml", "Emitted by vllm-obs build"),
    ("deploy/alertmanager", "*.yml", "Emitted by vllm-obs build"),
    ("deploy/scale-out", "*.yml", "Emitted by vllm-obs build"),
    ("deploy/kustomize/base", "*.yaml", "Emitted by vllm-obs build"),
    ("deploy/kustomize/overlays/kube-prometheus-stack", "*.yaml", "Emitted by vllm-obs build"),
    ("deploy/helm/vllm-observability/files/dashboards", "vllm-*.json", '"uid": "vllm-obs-'),
    ("deploy/helm/vllm-observability/files/dashboards/fleet", "vllm-*.json", '"uid": "vllm-obs-'),
    ("deploy/helm/vllm-observability/files/rules", "vllm-*.yaml", "Emitted by vllm-obs build"),
    ("deploy/helm/vllm-observability/templates", "*.yaml", 'include "vllm-observability.'),
    ("deploy/mixin", "*.libsonnet", "Emitted by vllm-obs build"),
    ("deploy/mixin/lib", "*.libsonnet", "Emitted by vllm-obs build"),
    ("deploy/mixin/dashboards/raw", "*.libsonnet", "Emitted by vllm-obs build"),
    ("deploy/mixin/dashboards/fleet", "*.libsonnet", "Emitted by vllm-obs build"),
    ("alerts/runbooks", "Vllm*.md", "[All runbooks](README.md)"),
)
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
    """Files of an earlier build that this one doesn't write."""
    found = [
        path
        for folder, pattern, mark in OWNED
        for path in (root / folder).glob(pattern)
        if path.relative_to(root).as_posix() not in files and mark in path.read_text(encoding="utf-8", errors="replace")
    ]
    return sorted(found)


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
