"""When a number is past a bound: the same for a page's checks and for those that a Prometheus answers."""

from __future__ import annotations

import operator

from vllm_observability.model import Check, Condition, Quality
from vllm_observability.pages.evaluate import Group, Value

_COMPARE = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}


def beyond(check: Check, value: Value, bound: float) -> bool:
    """Only what is certain counts: "under 0.3 s" is not known to exceed anything below it."""
    if value.quality is Quality.BELOW_FIRST and check.op == ">":
        return False
    return bool(_COMPARE[check.op](value.number, bound))


def compared(number: float, condition: Condition) -> bool:
    """Whether a number meets a further clause of a bound."""
    return bool(_COMPARE[condition.op](number, condition.value))


def engine_name(group: Group) -> str:
    """An engine by its target and rank, or by what Ray calls it; other things by every label that they have."""
    held = dict(group)
    keys: list[str] = [key for key in ("instance", "engine", "ReplicaId") if key in held]
    return ", ".join(f"{key} {value}" for key, value in ([(key, held[key]) for key in keys] or sorted(group))) or "?"
