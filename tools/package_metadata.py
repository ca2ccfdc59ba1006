"""What the package index shows: the README with addresses that lead somewhere, and where the project is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<path>(?!https?://|#)[^)\s]+)\)")


def described(readme: str, home: str, version: str) -> str:
    """The README whose links and images stand alone: to files of this version where it is published."""

    def absolute(found: re.Match[str]) -> str:
        place = "raw" if found["image"] or found["path"].endswith(".png") else "blob"
        return f"{found['image']}[{found['text']}]({home}/{place}/v{version}/{found['path']})"

    return _LINK.sub(absolute, readme)


def addresses(home: str, version: str) -> dict[str, str]:
    """What the index lists beside the description."""
    return {
        "Homepage": home,
        "Source": home,
        "Issues": f"{home}/issues",
        "Changelog": f"{home}/blob/v{version}/CHANGELOG.md",
        "Documentation": f"{home}/tree/v{version}/docs",
    }


class Hook(MetadataHookInterface):
    """Hatchling asks it for what pyproject.toml calls dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Put README and addresses in."""
        root = Path(self.root)
        facts = (root / "generator/vllm_observability/__init__.py").read_text(encoding="utf-8")
        home, version = (re.search(rf'^{name} = "(.*)"', facts, re.M)[1] for name in ("HOME", "__version__"))  # type: ignore[index]
        text = described((root / "README.md").read_text(encoding="utf-8"), home, version)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        metadata["urls"] = addresses(home, version)
