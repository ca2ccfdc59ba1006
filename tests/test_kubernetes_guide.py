"""docs/kubernetes.md shows what the chart takes, and names files that are there."""

from __future__ import annotations

import re

import yaml

from charts import render
from harness.programs import ROOT

GUIDE = (ROOT / "docs/kubernetes.md").read_text()


def test_the_guide_shows_values_that_the_chart_takes() -> None:
    """Every YAML block of docs/kubernetes.md is values, each of them in effect."""
    shown = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
    default = render({})

    assert 3 == len(shown)
    for block in shown:
        assert default != render(yaml.safe_load(block))


def test_the_guide_names_files_that_exist() -> None:
    """Paths of the repository in its commands and links."""
    named = set(re.findall(r"\bdeploy/(?:helm|kustomize)/[\w./-]*\w", GUIDE))

    assert len(named) >= 5
    assert [] == [path for path in sorted(named - {"deploy/kustomize/overlays/mine"}) if not (ROOT / path).exists()]
