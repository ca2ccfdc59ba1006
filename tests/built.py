"""Whole bundles, each built once in a process: a build is a pure function of its settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from vllm_observability.build import artefacts
from vllm_observability.settings import Settings

_BUILT: dict[str, dict[str, str]] = {}
_build = artefacts.artefacts


def bundle(settings: Settings) -> dict[str, str]:
    """Every emitted file, of these settings and the catalogue as it is: nothing for a test that changes either."""
    key = repr(settings)
    if key not in _BUILT:
        _BUILT[key] = _build(settings)
    return dict(_BUILT[key])


@contextmanager
def built_once() -> Iterator[None]:
    """`vllm-obs build` takes what was built before: for tests of what it does with the files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(artefacts, "artefacts", bundle)
        yield
