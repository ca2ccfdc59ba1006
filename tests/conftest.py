"""Before anything is collected: a part of the catalogue that is missing would fail most files with a traceback."""

from __future__ import annotations

import pytest

from vllm_observability.catalog import checks, slo
from vllm_observability.catalog.runbooks import NoRunbook, require_runbooks


def pytest_sessionstart() -> None:
    """Say it once, in one sentence."""
    alerts = [check.alert for check in checks.ALL if check.alert] + [budget.alert for budget in slo.BUDGETS]
    try:
        require_runbooks(alerts)
    except NoRunbook as error:
        pytest.exit(str(error), returncode=1)


def pytest_make_parametrize_id(config: pytest.Config, val: object) -> str | None:  # noqa: ARG001
    """A case of raw bytes is named by its length, because packed bytes hold the time of packing.

    Two workers that collect in different seconds would otherwise name the case differently, and
    pytest-xdist refuses to start.
    """
    return f"{len(val)} bytes" if isinstance(val, bytes) else None
