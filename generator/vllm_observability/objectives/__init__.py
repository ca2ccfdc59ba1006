"""What a model's own history says of its bounds: objectives and thresholds for a settings file."""

from vllm_observability.objectives.propose import propose
from vllm_observability.objectives.records import History, Proposal

__all__ = ["History", "Proposal", "propose"]
