"""Pages of the documentation site, for MkDocs.

The site has the repository's own paths, so that a relative link is the same on both. Generated pages exist here only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from vllm_observability.command.cli import main
from vllm_observability.render.docs.reference import reference_pages
from vllm_observability.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "docs/**/*",
    "alerts/**/*",
    "dashboards/**/*.json",
    "deploy/recipes/*",
    "deploy/alertmanager/*",
    "deploy/prometheus/*",
    "deploy/mixin/README.md",
    "deploy/helm/vllm-observability/values.yaml",
    "deploy/agents/**/*",
    "deploy/grafana/**/*",
    "deploy/discovery/*",
    "deploy/managed/**/*",
    "deploy/compose/grafana/dashboards/*",
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The repository's pages and what they link to, and the generated pages."""
    for path in kept():
        files.append(File(path, str(ROOT), config.site_dir, config.use_directory_urls))
    for path, text in reference_pages(Settings(), main).items():
        files.append(File.generated(config, path, content=text))
    return files


def kept() -> Iterator[str]:
    """Paths of files that the repository has."""
    for pattern in KEPT:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file():
                yield path.relative_to(ROOT).as_posix()
