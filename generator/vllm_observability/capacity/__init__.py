"""How much more fits: the most that engines can do with the present mix of requests."""

from vllm_observability.capacity.judge import capacity
from vllm_observability.capacity.records import Answer, Capacity, Estimate, Refusal

__all__ = ["Answer", "Capacity", "Estimate", "Refusal", "capacity"]
