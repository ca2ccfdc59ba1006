"""What engines did, interval by interval, from pages or from a Prometheus in one form."""

from vllm_observability.intervals.records import CannotTell, Engine, Interval, Side, merged, total

__all__ = ["CannotTell", "Engine", "Interval", "Side", "merged", "total"]
