"""Two sides of a fleet, compared at equal load."""

from vllm_observability.compare.changes import changes
from vllm_observability.compare.judge import compare
from vllm_observability.compare.records import Change, Comparison, Facts, Question

__all__ = ["Change", "Comparison", "Facts", "Question", "changes", "compare"]
