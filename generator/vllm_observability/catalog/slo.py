"""Service-level objectives: what a good event is, over which windows its budget is watched, and when that pages."""

from __future__ import annotations

from dataclasses import dataclass

from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.model import Beyond, BudgetKind, Either, Growth, Metric, Node, Part, Severity, Signal

Kind = BudgetKind
PERIOD_DAYS = 30


@dataclass(frozen=True)
class Budget:
    """One kind of objective. `metric` None: an event is a finished request, a bad one ended with an error."""

    kind: Kind
    alert: str
    metric: Metric | None
    title: str
    events: str
    cause: str
    advice: str
    bad: Signal | None = None  # share of finished requests that are bad, where an objective names no seconds
    good: str = "without an error"
    at_once: Node | None = None  # a share that is never less than `bad` and is told sooner, as no request need finish

    @property
    def events_counted(self) -> Node:
        """What good and bad events are told by: finished requests by reason, or the buckets of a histogram."""
        if self.metric is None:
            return Growth(m.REQUEST_SUCCESS)
        buckets = Growth(self.metric, Part.BUCKET)
        return Either(self.bad.expr, buckets) if self.bad else buckets

    def counted(self, within: float | None) -> str:
        """What an objective counts, which may name seconds."""
        return "requests" if self.bad and within is None else self.events

    def promised(self, within: float | None) -> str:
        """What is good of it."""
        return self.good if within is None else f"within {within:g} s"


BUDGETS: tuple[Budget, ...] = (
    Budget(
        "ttft", "VllmTtftBudgetBurn", m.TTFT, "time to first token", "first tokens",
        "First tokens have come late for long enough to matter over the month: queueing, long prompts, or a slow engine.",
        "Follow VllmTimeToFirstTokenHigh; if the load is like this every day, add replicas or move the objective.",
        s.LATE_STARTS, "that wait at most 2 s or three times their own prefill", Beyond(m.TTFT, 1.0),
    ),
    Budget(
        "itl", "VllmItlBudgetBurn", m.ITL, "inter-token latency", "token gaps",
        "Text has flowed slowly for long enough to matter over the month: large batches, long prefills, a slow GPU.",
        "Follow VllmInterTokenLatencyHigh; if the load is like this every day, lower --max-num-seqs or add "
        "replicas.",
        s.SLOW_ANSWERS, "whose tokens were at most 0.1 s apart on average", s.SLOW_ANSWERS.expr,
    ),
    Budget(
        "e2e", "VllmE2eBudgetBurn", m.E2E, "end-to-end latency", "requests",
        "Requests have taken long for long enough to matter over the month.",
        "Compare queue time, prefill and decode time; longer answers are not a fault of the server.",
    ),
    Budget(
        "errors", "VllmErrorBudgetBurn", None, "errors", "requests",
        "More requests fail than the month's budget allows.",
        "Follow VllmRequestErrorsHigh; vLLM counts errors from 0.13.0 on.",
    ),
)
BY_KIND = {budget.kind: budget for budget in BUDGETS}


@dataclass(frozen=True)
class Burn:
    """An alert's pair of windows. It fires when `share` of the period's budget would be spent within `long` (hours),
    and still is being spent over `short` (so that it ends soon after the trouble does)."""

    share: float
    long: str
    short: str
    hours: float
    severity: Severity
    hold: str
    kinds: tuple[Kind, ...] = ("ttft", "itl", "e2e", "errors")
    # The highest share of so long counts too, so that the alert outlasts a pause between bursts; of a full long window.
    keeps: str | None = None
    # The highest share of the short window within so long counts, so that bursts with pauses are one trouble to the hold.
    bridges: str | None = None

    @property
    def pages(self) -> bool:
        """Whether it calls somebody now: it neither begins nor lasts where the last minute was clean."""
        return self.severity == "critical"

    @property
    def factor(self) -> float:
        """How many times faster than sustainable the budget is spent: share x period / window."""
        return round(self.share * PERIOD_DAYS * 24 / self.hours, 6)


# The four pairs of the SRE workbook, chapter "Alerting on SLOs", but for what recorded traffic taught: a page is for
# trouble that lasts, so that it stops five minutes after; and bursts that come again lose minutes that no hold sees.
BURNS: tuple[Burn, ...] = (
    Burn(0.02, "1h", "5m", 1, "critical", "2m"),
    Burn(0.05, "6h", "5m", 6, "critical", "15m"),
    Burn(0.0035, "1h", "1h", 1, "warning", "5m", ("ttft", "itl", "e2e"), keeps="1h"),
    Burn(0.02, "1h", "5m", 1, "warning", "20m", ("errors",), bridges="10m"),
    Burn(0.10, "1d", "2h", 24, "warning", "1h"),
    Burn(0.10, "3d", "6h", 72, "warning", "3h"),
)
# Fewer events than this in the long window: one bad event would move the share by more than a hundredth.
FLOOR_EVENTS = 100
# So many events of the last minute, all of them good, say that trouble is over, although the short window still holds it: a page
# that comes after a burst finds nobody who is hurt.
CLEAN_EVENTS = 20
