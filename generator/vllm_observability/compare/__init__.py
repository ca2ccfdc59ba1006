"""Two sides of a fleet, compared at equal load."""

from vllm_observability.compare.changes import changes
from vllm_observability.compare.judge import compare
from vllm_observability.compare.records import GROUPS, TIMES, Change, Comparison, Facts, Question

__all__ = ["GROUPS", "TIMES", "Change", "Comparison", "Facts", "Question", "changes", "compare"]
