#!/usr/bin/env python3
"""Catalogues of translations -> what gettext reads. Run after every edit of one; a test notices."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent


def compiled(path: Path) -> bytes:
    """The binary catalogue of a .po file; the same bytes for the same translations."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.parent.name)
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def main() -> int:
    """Compile every catalogue of the package."""
    for path in sorted(ROOT.glob("generator/vllm_observability/words/locale/*/LC_MESSAGES/*.po")):
        path.with_suffix(".mo").write_bytes(compiled(path))
        print(path.with_suffix(".mo").relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
