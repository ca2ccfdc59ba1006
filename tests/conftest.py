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
