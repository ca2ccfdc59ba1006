"""Catalogue -> the alert rules of its checks, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vllm_observability.catalog import boards
from vllm_observability.model import Bound, Check, Condition, Unit
from vllm_observability.queries.promql import aggregate, operand, selector
from vllm_observability.queries.recorded import Plan, labels_of, threshold_name
from vllm_observability.rules.groups import small
from vllm_observability.rules.recording import of_models
from vllm_observability.rules.records import Rule, RuleGroup
from vllm_observability.settings import Settings


def alert_groups(planned: Plan) -> tuple[RuleGroup, ...]:
    """Alerts in the order of the catalogue; warning and critical of one alert share its name.

    They are put into groups before those that are off are left out, so that a choice moves no other alert.
    """
    rules = [
        _alert(planned, check, bound) for check in planned.settings.checks if check.alert for bound in check.bounds
    ]
    groups = small([RuleGroup("vllm-alerts", tuple(rules))])
    kept = (
        replace(group, rules=tuple(rule for rule in group.rules if rule.alert not in planned.settings.alerts_off))
        for group in groups
    )
    return tuple(group for group in kept if group.rules)


def _alert(planned: Plan, check: Check, bound: Bound) -> Rule:
    return Rule(
        _alert_expr(planned, check, bound),
        alert=check.alert,
        hold=planned.settings.hold(check, bound),
        labels=(("severity", bound.severity), *check.labels),
        annotations=(
            ("summary", check.summary),
            ("description", _described(planned, check, bound)),
            *links(planned.settings, check.alert or "", _labels(planned, check)),
        ),
    )


def _alert_expr(planned: Plan, check: Check, bound: Bound) -> str:
    reader = planned.reader(check.level)
    expr = reader.text(check.signal.expr)
    if check.peak:
        expr = f"max_over_time({expr}[{planned.settings.short_window}])"
    on = ", ".join(planned.settings.model_labels)
    threshold = selector(threshold_name(check), (("severity", "=", bound.severity),))
    if bound.value is not None:
        many = "" if check.level == "model" else " group_left ()"
        expr = f"{operand(expr)}\n{check.op} on ({on}){many}\n{threshold}"
    for condition in bound.when:
        if not condition.by_default:
            expr += "\n" + _condition(planned, check, condition)
        elif bound.value is not None and not planned.settings.chose(check, bound):
            # With another threshold, a model or an edited rule is judged by that alone.
            assert condition.op == ">="
            clause = planned.reader("model").text(condition.signal.expr)
            default = f"{threshold} == {bound.value:g}"
            expr += f"\nunless on ({on})\n({operand(clause)} < {condition.value:g} and on ({on}) {default})"
    if check.still:
        grows = aggregate("sum", planned.settings.model_labels, reader.over(check.still))
        expr += f"\nand on ({on})\n{grows} > 0"
    return expr


_OTHERWISE = {">": "<=", "<": ">=", ">=": "<", "<=": ">"}


def _condition(planned: Plan, check: Check, condition: Condition) -> str:
    """Of the same engine where the condition knows it, else of its model."""
    level = check.level if check.level in condition.signal.levels else "model"
    text = planned.reader(level).text(condition.signal.expr)
    on = ", ".join(labels_of(level, planned.settings))
    if condition.or_unknown:
        return f"unless on ({on})\n({operand(text)} {_OTHERWISE[condition.op]} {condition.value:g})"
    return f"and on ({on})\n({operand(text)} {condition.op} {condition.value:g})"


_MARGIN = 3600  # seconds before an alert that its board shows


def links(settings: Settings, alert: str, labels: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The annotations that lead to the runbook page, and to the alert's board: of what, and since when."""
    url = settings.dashboard_url.format(board=boards.uid(settings.landing(alert).slug, settings.boards))
    begun = f'query "vector(1000 * (time() - {_MARGIN}))"'
    parts = [
        f'from={{{{ with {begun} }}}}{{{{ . | first | value | printf "%.0f" }}}}{{{{ end }}}}',
        "to=now",
    ]
    chosen = "".join(
        f"{{{{ with $labels.{label} }}}}&var-{label}={{{{ . | urlquery }}}}{{{{ end }}}}"
        for label in labels
        if f"var-{label}=" not in url
    )
    url += ("&" if "?" in url else "?") + "&".join(parts) + chosen
    return (("runbook_url", settings.runbook_url.format(alert=alert)), ("dashboard_url", url))


def _labels(planned: Plan, check: Check) -> tuple[str, ...]:
    """What tells which thing an alert is of."""
    if check.level == "model" and not of_models(check):
        return labels_of("scope", planned.settings)
    return labels_of(check.level, planned.settings)


_HUMANIZE = {
    Unit.RATIO: "humanizePercentage",
    Unit.SECONDS: "humanizeDuration",
    Unit.BYTES: "humanize1024",
}


def _described(planned: Plan, check: Check, bound: Bound) -> str:
    """The description as a Prometheus template: the number and the bound in force, in human units."""
    humanize = _HUMANIZE.get(check.signal.unit, 'printf "%.3g"')
    labels = planned.settings.model_labels
    if check.level in ("target", "scope"):
        labels = labels_of("scope", planned.settings)
    match = "".join(f"{label}=%q," for label in labels)
    args = "".join(f" $labels.{label}" for label in labels)
    query = f'printf `{threshold_name(check)}{{{match}severity="{bound.severity}"}}`{args}'
    bound_text = f"{{{{ with query ({query}) }}}}{{{{ . | first | value | {humanize} }}}}{{{{ end }}}}"
    said = check.description.replace("$labels.instance ", f"$labels.{planned.settings.instance_label} ")
    said = said.replace("gpu_join_label", planned.settings.gpu_join_label or "")
    return said.replace("{value}", f"{{{{ $value | {humanize} }}}}").replace("{bound}", bound_text)
