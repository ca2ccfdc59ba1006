"""Objectives -> recording rules and burn-rate alerts, multi-window and multi-burn-rate.

Good and total events are recorded as rates once, at a real bucket bound; every window is a sum over those, so long
windows cost samples of two series a model, not of every bucket. Windows of a day and more read every fifth minute, the
period reads hourly means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.slo import BUDGETS, BURNS, CLEAN_EVENTS, FLOOR_EVENTS, PERIOD_DAYS, Budget, Burn
from vllm_observability.model import Matcher, Part, leaves
from vllm_observability.queries.promql import (
    Compound,
    Reader,
    aggregate,
    either,
    fold,
    guarded,
    number_for_each,
    operand,
    selector,
)
from vllm_observability.queries.recorded import Plan
from vllm_observability.rules.alerts import links
from vllm_observability.rules.groups import small
from vllm_observability.rules.recording import rules_by_topic
from vllm_observability.rules.records import Rule, RuleGroup
from vllm_observability.settings import Objective, Settings
from vllm_observability.settings.durations import seconds
from vllm_observability.settings.site import held

PERIOD = f"{PERIOD_DAYS}d"
# Window -> resolution of the sum. Short ones read every sample.
WINDOWS: dict[str, str | None] = {
    "5m": None,
    "1h": None,
    "2h": None,
    "6h": None,
    "1d": "5m",
    "3d": "5m",
    PERIOD: "1h",
}
SLOW = ("1d", "3d", PERIOD)
SLOW_INTERVAL = "2m"  # well under the five minutes after which Prometheus forgets a sample


def slo_groups(planned: Plan) -> tuple[RuleGroup, ...]:
    """What changes by the minute, shares of bad requests first, and in groups of its own what changes by the hour."""
    settings = planned.settings
    quick: list[Rule] = rules_by_topic(planned).get(s.BUDGETS, [])
    slow: list[Rule] = []
    for budget in BUDGETS:
        objectives = objectives_of(budget, settings)
        if not objectives:
            continue
        quick += _events(budget, objectives, planned)
        quick += [_bad(budget, window, settings) for window in WINDOWS if window not in SLOW]
        quick.append(_at_once(budget, objectives, planned))
        slow += [_hourly(budget, which, settings) for which in ("good", "total")]
        slow += [_bad(budget, window, settings) for window in SLOW]
        slow.append(_left(budget))
    groups = (
        RuleGroup("vllm-slo", tuple(quick), settings.percentiles_every),
        RuleGroup("vllm-slo-slow", tuple(slow), SLOW_INTERVAL),
    )
    return small(group for group in groups if group.rules)


def slo_alert_groups(planned: Plan) -> tuple[RuleGroup, ...]:
    """The burn alerts of every kind that has an objective."""
    settings = planned.settings
    rules = [
        _burn_alert(budget, burn, settings)
        for budget in BUDGETS
        if objectives_of(budget, settings) and budget.alert not in settings.alerts_off
        for burn in BURNS
        if budget.kind in burn.kinds
    ]
    return small([RuleGroup("vllm-slo-alerts", tuple(rules))]) if rules else ()


def objectives_of(budget: Budget, settings: Settings) -> list[Objective]:
    """Objectives of one kind, in order: the first whose `match` fits a model is its own."""
    return [objective for objective in settings.objectives if objective.of == budget.kind]


# ------------------------------------------------------------------------------------------------ names


def events_name(budget: Budget, which: str, window: str) -> str:
    """Recorded rate of good or of all events."""
    return f"model:vllm_slo_{budget.kind}_{which}:rate{window}"


def bad_name(budget: Budget, window: str) -> str:
    """Recorded share of bad events over a window."""
    return f"model:vllm_slo_{budget.kind}_bad:ratio{window}"


def at_once_name(budget: Budget) -> str:
    """Recorded share of bad events of the last moments."""
    return bad_name(budget, "_last")


def objective_name(budget: Budget) -> str:
    """Recorded share of events that must be good."""
    return f"model:vllm_slo_{budget.kind}:objective"


def left_name(budget: Budget) -> str:
    """Recorded share of the period's budget that is left; below 0 it is overspent."""
    return f"model:vllm_slo_{budget.kind}_budget_left:ratio{PERIOD}"


# ------------------------------------------------------------------------------------- recording rules


def _events(budget: Budget, objectives: Sequence[Objective], planned: Plan) -> list[Rule]:
    reader, settings = planned.raw_reader("model"), planned.settings
    shares = planned.reader("model")
    good, total = zip(*(events(budget, objective, reader, shares=shares) for objective in objectives), strict=True)
    total_name = events_name(budget, "total", settings.rate_window)
    targets = [number_for_each(reader.by, selector(total_name, fitting(o)), f"{o.target:.10g}") for o in objectives]
    rules = [
        Rule(either(good), record=events_name(budget, "good", settings.rate_window)),
        Rule(either(total), record=total_name),
    ]
    if budget.metric and settings.histograms != "classic":
        # Of native histograms without observations no share is good: without a 0, means over hours would leave them
        # out.
        rules = [rules[1], replace(rules[0], expr=either([rules[0].expr, f"0 * {total_name}"]))]
    return [*rules, Rule(either(targets), record=objective_name(budget))]


def events(
    budget: Budget, objective: Objective, reader: Reader, function: str = "rate", shares: Reader | None = None
) -> tuple[str, str]:
    """Good and all events of one objective, as growth over the reader's window. `shares`: who reads shares of them.

    Of engines that can count bad ones: before 0.13.0 vLLM has no series of errors, and all it counts would be good.
    """
    where = fitting(objective)
    if budget.bad and objective.within is None:
        finished = aggregate("sum", reader.by, reader.grown(function, m.REQUEST_SUCCESS, Part.VALUE, where))
        bad = operand((shares or reader).text(budget.bad.expr))
        known = f"{finished}\nand on ({', '.join(reader.by)})\n{bad}"
        return Compound(f"{finished}\n* on ({', '.join(reader.by)})\n(1 - {bad})"), Compound(known)
    if budget.metric is None:
        error = (*where, ("finished_reason", "=", "error"))
        counting = reader.grown(function, m.REQUEST_SUCCESS, Part.VALUE, error)
        everything, good = (
            aggregate("sum", reader.by, f"{operand(grown)}\nand ignoring (finished_reason)\n{operand(counting)}")
            for but in ((), (("finished_reason", "!=", "error"),))
            for grown in (reader.grown(function, m.REQUEST_SUCCESS, Part.VALUE, (*where, *but)),)
        )
        good = either([good, f"0 * {everything}"])
        return good, everything
    return reader.within(budget.metric, objective.within or 0, where, function)


def fitting(objective: Objective) -> tuple[Matcher, ...]:
    """Matchers of the models that an objective is for."""
    return () if objective.match == ".*" else (("model_name", "=~", objective.match),)


def _bad(budget: Budget, window: str, settings: Settings) -> Rule:
    """Bad events over all events: sums over recorded rates, so that busy minutes weigh more than quiet ones."""
    good, total = (_summed(budget, which, window, settings.rate_window) for which in ("good", "total"))
    return Rule(f"1 - {operand(guarded(good, total))}", record=bad_name(budget, window))


def _at_once(budget: Budget, objectives: Sequence[Objective], planned: Plan) -> Rule:
    """Share of bad events in the last moments, where there are enough of them to tell."""
    reader = replace(planned.raw_reader("model"), window=planned.settings.last_moments)
    shares = []
    for objective in objectives:
        where = fitting(objective)
        if budget.at_once and objective.within is None:
            share = reader.text(budget.at_once)
            counted = next(leaves(budget.at_once)).metric
            total = aggregate("sum", reader.by, reader.grown("increase", counted, Part.COUNT, where))
        else:
            good, total = events(budget, objective, reader, "increase")
            share = Compound(f"1 - {operand(guarded(good, total))}")
        enough = f"{operand(total)} >= {CLEAN_EVENTS}"
        shares.append(Compound(f"{operand(share)}\nand on ({', '.join(reader.by)})\n{fold('(', enough, ')')}"))
    return Rule(either(shares), record=at_once_name(budget))


def _summed(budget: Budget, which: str, window: str, rate_window: str) -> str:
    if (seconds(window) or 0) <= (seconds(rate_window) or 0):
        return events_name(budget, which, rate_window)
    name = events_name(budget, which, "1h" if window == PERIOD else rate_window)
    step = WINDOWS[window]
    return f"sum_over_time({name}[{window}:{step}])" if step else f"sum_over_time({name}[{window}])"


def _hourly(budget: Budget, which: str, settings: Settings) -> Rule:
    minutes = events_name(budget, which, settings.rate_window)
    return Rule(f"avg_over_time({minutes}[1h:5m])", record=events_name(budget, which, "1h"))


def _left(budget: Budget) -> Rule:
    return Rule(f"1 - {bad_name(budget, PERIOD)} / (1 - {objective_name(budget)})", record=left_name(budget))


def burn_hold(burn: Burn, settings: Settings) -> str:
    """How long a budget must burn before the alert fires."""
    return held(burn.hold, settings.evaluation_seconds)


def _counted(budget: Budget, settings: Settings) -> str:
    return " and ".join(dict.fromkeys(budget.counted(each.within) for each in objectives_of(budget, settings)))


def _burn_alert(budget: Budget, burn: Burn, settings: Settings) -> Rule:
    allowed = f"{burn.factor:g} * (1 - {objective_name(budget)})"
    rates = events_name(budget, "total", settings.rate_window)
    events = f"sum_over_time({rates}[{burn.long}:5m]) * 5 * 60"
    burning = [f"{bad_name(budget, window)} > {allowed}" for window in dict.fromkeys((burn.long, burn.short))]
    # What a young model has spent is what it did in the time that there was: the rest of the window is empty.
    filled = f"clamp_max(count_over_time({rates}[{burn.long}:5m]) / {burn.hours * 12:g}, 1)"  # now and then one more
    spent_of_all = f"{bad_name(budget, burn.long)} * {filled}"
    if burn.keeps:
        (now,) = burning
        burning = [f"({now}\nor\nmax_over_time(({spent_of_all})[{burn.keeps}:5m]) > {allowed})"]
    expr = "\nand\n".join([*burning, f"({events} >= {FLOOR_EVENTS})"])
    if burn.pages:
        clean = f"{at_once_name(budget)} <= 1 - {objective_name(budget)}"
        expr += f"\nunless\n({clean})"
    if burn.hours > 1:
        expr += f"\nand\n({spent_of_all} > {allowed})"
    spent = f"{burn.share * 100:g}"
    return Rule(
        expr,
        alert=budget.alert,
        hold=burn_hold(burn, settings),
        labels=(("severity", burn.severity), ("window", burn.long)),
        annotations=(
            ("summary", f"A vLLM model spends its error budget for {budget.title} too fast."),
            (
                "description",
                f"{{{{ $value | humanizePercentage }}}} of the {_counted(budget, settings)} of "
                f"{{{{ $labels.model_name }}}} were bad over {burn.long}, more than the share at which "
                f"{spent} % of the {PERIOD_DAYS}-day budget goes in {burn.long}.",
            ),
            *links(settings, budget.alert, settings.model_labels),
        ),
    )
