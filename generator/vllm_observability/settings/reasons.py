"""Why a bound is what it is: the catalogue's reason, which names the default where a site has another number."""

from __future__ import annotations

from vllm_observability.model import Bound, Check
from vllm_observability.settings.site import Settings
from vllm_observability.words.phrases import English


def reason(check: Check, bound: Bound, settings: Settings) -> str:
    """The reason alone where the default is in force, else with the default that it is about."""
    if settings.bound(check, bound) == bound.value and settings.hold(check, bound) == bound.hold:
        return bound.reason
    default = [] if bound.value is None else [amount(check, bound.value)]
    default.append("at once" if bound.hold == "0m" else f"for {bound.hold}" if default else bound.hold)
    return f"{bound.reason} (so the default is {' '.join(default)})"


def amount(check: Check, value: float) -> str:
    """A bound in the unit of its check."""
    return English().measure(value, check.signal.unit) if value else "0"
