"""Why a panel is empty or an alert is blind, and what to do: by a Prometheus, a page, or two pages of an upgrade."""

from vllm_observability.doctor.names import Coverage, Names, coverage, names_of_page
from vllm_observability.doctor.records import Diagnosis, Problem, State
from vllm_observability.doctor.server import examine
from vllm_observability.doctor.upgrade import Upgrade, upgrade
from vllm_observability.queries.unread import Unused

__all__ = [
    "Coverage",
    "Diagnosis",
    "Names",
    "Problem",
    "State",
    "Unused",
    "Upgrade",
    "coverage",
    "examine",
    "names_of_page",
    "upgrade",
]
