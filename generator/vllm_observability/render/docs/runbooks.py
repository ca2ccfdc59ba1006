"""Runbooks -> Markdown: a page for every emitted alert, and an index; bounds and holds are those of the rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jinja2 import DictLoader, Environment, StrictUndefined

from vllm_observability.catalog import boards, metrics, slo
from vllm_observability.catalog.boards.answers import answer, burn_answer
from vllm_observability.catalog.runbooks import ALL, BESIDE, BY_ALERT, require_runbooks
from vllm_observability.catalog.runbooks.record import Query, Runbook, SloSeries, Step
from vllm_observability.model import Bound, Check, Condition, Growth, Node, Owner, Severity, Signal, Unit
from vllm_observability.queries.promql import VLLM, Recorded
from vllm_observability.queries.recorded import Plan
from vllm_observability.render.docs.runbook_templates import INDEX, PAGE
from vllm_observability.rules.budgets import bad_name, burn_hold, left_name, objectives_of
from vllm_observability.rules.records import Rule, RuleGroup
from vllm_observability.rules.site import Rules
from vllm_observability.settings import Objective, Settings
from vllm_observability.settings.durations import seconds
from vllm_observability.settings.reasons import reason
from vllm_observability.words.phrases import English

FOLDER = "alerts/runbooks"
WORDS = English()
RECORDED = re.compile(r"(?:engine|model):vllm_\w+:\w+")
ALERT = re.compile(r"\bVllm[A-Z]\w*")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


_ENVIRONMENT = Environment(
    loader=DictLoader({"page": PAGE, "index": INDEX}),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_ENVIRONMENT.filters["cell"] = _cell


def runbook_pages(site: Rules) -> dict[str, str]:
    """Every page by its path, and the index; an alert that isn't emitted has none."""
    book = book_of(site)
    shown = [row for row in (*ALL, *BESIDE) if row.alert in book.rules]
    pages = {f"{FOLDER}/{row.alert}.md": _text("page", book.page(row)) for row in shown}
    return {f"{FOLDER}/README.md": _text("index", {"entries": [book.entry(row) for row in shown]}), **pages}


def book_of(site: Rules) -> Book:
    """What pages about alerts are written from."""
    return Book(site.settings, site.planned, _rules(site.alerting))


def _text(template: str, values: Mapping[str, object]) -> str:
    return _ENVIRONMENT.get_template(template).render(values)


def _rules(groups: Sequence[RuleGroup]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for group in groups:
        for rule in group.rules:
            found.setdefault(rule.alert or "", []).append(rule)
    require_runbooks(found)
    return found


@dataclass(frozen=True)
class Row:
    """One severity of an alert, in words."""

    severity: Severity
    when: str
    hold: str
    reason: str


@dataclass(frozen=True)
class Book:
    """What pages are written from."""

    settings: Settings
    planned: Plan
    rules: Mapping[str, Sequence[Rule]]

    def page(self, row: Runbook) -> dict[str, object]:
        """The values of a page."""
        rows = self.rows(row)
        prose = [row.meaning, row.impact, row.leave_alone]
        prose += [text for step in row.diagnosis for answer in step.answers for text in answer]
        prose += [text for action in row.mitigation for text in (action.do, action.costs)]
        mentioned = dict.fromkeys(name for text in prose for name in ALERT.findall(text) if name != row.alert)
        return {
            "alert": row.alert,
            "summary": self.summary(row.alert),
            "objectives": [_promise(objective) for objective in self.objectives(row)],
            "rows": rows,
            "places": self.places(row),
            "reads": self.reads(row.alert),
            "tuning": self.tuning(row.alert),
            "related": [self.prose(name) for name in mentioned if name in self.rules],
            "meaning": self.prose(row.meaning),
            "impact": self.prose(row.impact),
            "exporters": (self.settings.gpu_join_label if row in BESIDE else None),
            "steps": [self.step(row, step) for step in row.diagnosis],
            "flags": any("`--" in action.do for action in row.mitigation),
            "mitigation": [{"do": self.prose(a.do), "costs": self.prose(a.costs)} for a in row.mitigation],
            "leave_alone": self.prose(row.leave_alone),
        }

    def checks(self, alert: str) -> list[Check]:
        """Those that share its name."""
        return [check for check in self.settings.checks if check.alert == alert]

    def summary(self, alert: str) -> str:
        """Its static sentence."""
        return dict(self.rules[alert][0].annotations)["summary"]

    def entry(self, row: Runbook) -> dict[str, object]:
        """A line of the index."""
        fires = [
            f"**{each.severity}**: {each.when}" + (f", for {each.hold}" if each.hold != _AT_ONCE else "")
            for each in self.rows(row)
        ]
        return {"alert": row.alert, "fires": fires, "question": row.diagnosis[0].question}

    # ----------------------------------------------------------------------------------------- the table

    def rows(self, row: Runbook) -> list[Row]:
        """Severities with bound, hold and reason: of every check under this name, or of a budget."""
        budget = _budget(row)
        if budget:
            return [self.burn(row, burn) for burn in slo.BURNS if budget.kind in burn.kinds]
        return [self.bound(row, check, bound) for check in self.checks(row.alert) for bound in check.bounds]

    def bound(self, row: Runbook, check: Check, bound: Bound) -> Row:
        """One severity of a check."""
        when = self.prose(check.summary.rstrip(".") if check.labels else row.event)
        if bound.value is not None:
            beyond = "above" if check.op == ">" else "below"
            window = WORDS.measure(seconds(self.settings.short_window) or 0, Unit.SECONDS)
            most = f", at its highest in {window}," if check.peak else ""
            when = f"{_lower(check.signal.title)}{most} {beyond} {self.numbers(check, bound)}"
        given = [each for each in bound.when if not (each.by_default and self.settings.chose(check, bound))]
        # Whether an event happened at all is what the event says.
        when += "".join(f", with {self.condition(each)}" for each in given if each.signal is not check.signal)
        if check.labels:
            when += f" (label {', '.join(f'`{key}={value}`' for key, value in check.labels)})"
        return Row(bound.severity, when, _hold(self.settings.hold(check, bound)), reason(check, bound, self.settings))

    def numbers(self, check: Check, bound: Bound) -> str:
        """The bound in force, and those of models that have another, in human units."""
        unit = check.signal.unit
        text = f"**{_amount(self.settings.bound(check, bound) or 0.0, unit)}**"
        for override in self.settings.models:
            value = override.thresholds.get(check.id, {}).get(bound.severity)
            if value is not None:
                text += f" (**{_amount(value, unit)}** for models `{override.match}`)"
        return text

    def condition(self, condition: Condition) -> str:
        """A further clause in words; what grows does so in the rate window."""
        words = {">": "more than", "<": "fewer than", ">=": "at least", "<=": "at most"}
        grows = isinstance(condition.signal.expr, Growth)
        span = f" in {self.settings.rate_window}" if grows else ""
        amount = _amount(condition.value, condition.signal.unit)
        if condition.by_default:  # of the work, beside seconds; where it has no answer the seconds decide alone
            return f"a {_lower(condition.signal.title)} of {words[condition.op]} {amount} (or unknown)"
        what = _lower(condition.signal.title)
        one = what.replace("requests", "request", 1) if condition.value == 1 else what
        return f"{words[condition.op]} {amount} {one}{span}"

    def burn(self, row: Runbook, burn: slo.Burn) -> Row:
        """One pair of windows of a budget."""
        shares = []
        for objective in self.objectives(row):
            share = burn.factor * (1 - objective.target)
            text = f"**{WORDS.measure(share, Unit.RATIO)}**" + (" (which can't be)" if share >= 1 else "")
            shares.append(text + (f" for models `{objective.match}`" if objective.match != ".*" else ""))
        events = " and ".join(dict.fromkeys(_counted(objective) for objective in self.objectives(row)))
        still = "" if burn.short == burn.long else f" and over {burn.short}"
        still += f" (also of hours up to {burn.keeps} ago)" if burn.keeps else ""
        when = (
            f"share of bad {events} above {', '.join(shares)} over {burn.long}{still}, "
            f"with at least {slo.FLOOR_EVENTS} {events} in {burn.long}"
        )
        when += f", unless those of the last {self.settings.last_moments} met the objective" if burn.pages else ""
        reason = (
            f"{WORDS.measure(burn.share, Unit.RATIO)} of the {slo.PERIOD_DAYS}-day budget would go in {burn.long}, "
            f"at {burn.factor:g} times the pace that lasts {slo.PERIOD_DAYS} days"
        )
        return Row(burn.severity, when, _hold(burn_hold(burn, self.settings)), reason)

    def objectives(self, row: Runbook) -> list[Objective]:
        """The objectives of a budget's page; none of any other."""
        budget = _budget(row)
        return objectives_of(budget, self.settings) if budget else []

    # ---------------------------------------------------------------------------------------- the lists

    def places(self, row: Runbook) -> list[str]:
        """Boards that show it: where the alert's link lands, row and panel of the answer, then all that judge it."""
        led = self.answers(row)
        landing = self.settings.landing(row.alert)
        found: dict[str, list[str]] = {board.slug: [] for board, _ in led}
        for board in (board for board in self.settings.drawn if board != boards.INCIDENT):
            for section in board.sections:
                panels = [
                    f"*{chart.title}*"
                    for chart in section.charts
                    if (board, chart) in led or chart.check in self.checks(row.alert)
                ]
                if panels:
                    row_title = f"row *{section.title}*, " if section.title else ""
                    place = f"{row_title}panel {' and '.join(dict.fromkeys(panels))}"
                    found.setdefault(board.slug, []).append(place)
        shown = {slug: f"{self.board_link(slug)}: {'; '.join(places)}" for slug, places in found.items()}
        first = f"{self.board_link(landing.slug)}, where its link lands"
        if landing.slug in shown:
            first += ": " + "; ".join(found[landing.slug])
        return [first, *(text for slug, text in shown.items() if slug != landing.slug)]

    def answers(self, row: Runbook) -> list[tuple[boards.Board, boards.Chart]]:
        """The panels that answer the page's alert."""
        if budget := _budget(row):
            return [burn_answer(budget, self.settings.drawn)]
        return [answer(check, self.settings.drawn) for check in self.checks(row.alert)]

    def board_link(self, slug: str) -> str:
        """A board in the site's Grafana, and its file where the bundle has one."""
        title = next((board.title for board in self.settings.drawn if board.slug == slug), slug)
        file = f" ([file](../../dashboards/{slug}.json))" if title != slug else ""
        return f"[{title}]({self.settings.dashboard_url.format(board=boards.uid(slug, self.settings.boards))}){file}"

    def reads(self, alert: str) -> str:
        """The recorded series in the alert's own expressions."""
        names = dict.fromkeys(name for rule in self.rules[alert] for name in RECORDED.findall(rule.expr))
        return (
            ", ".join(f"`{name}`" for name in names) or "scraped series only, so it works without the recording rules"
        )

    def tuning(self, alert: str) -> str:
        """How a site gets another number."""
        ids = [f"`{c.id}`" for c in self.checks(alert) if any(bound.value is not None for bound in c.bounds)]
        where = "`thresholds` in the settings"
        if "model_name" in dict(self.rules[alert][0].annotations)["dashboard_url"]:  # an alert of a model links to it
            where += " (or under `models`, for some models)"
        if ids:
            return f"{' or '.join(ids)} under {where}, then build again"
        return "`objectives` in the settings, then build again" if alert in {b.alert for b in slo.BUDGETS} else ""

    # ----------------------------------------------------------------------------------------- the steps

    def step(self, row: Runbook, step: Step) -> dict[str, object]:
        """A step with its query as text."""
        return {
            "question": self.prose(step.question),
            "caption": _caption(step),
            "query": self.query(row, step),
            "answers": [(self.prose(seen), self.prose(means)) for seen, means in step.answers],
        }

    def query(self, row: Runbook, step: Step) -> str:
        """The query over recorded series, or over raw ones where nothing recorded has the labels asked for."""
        expr = step.query.expr
        if isinstance(expr, SloSeries):
            budget = _budget(row)
            if budget is None:
                raise ValueError(f"{row.alert} has no budget")
            return left_name(budget) if expr.what == "left" else bad_name(budget, expr.window)
        reader = self.planned.reader(step.level)

        def with_labels(node: Node) -> Recorded | None:
            found = self.planned.find(step.level, node)
            return found if found and {*reader.by, *step.by} <= set(found.labels) else None

        return replace(reader, by=(*reader.by, *step.by), recorded=with_labels).text(expr)

    def prose(self, text: str) -> str:
        """Paragraphs on a line each, with metric names, settings and links to other pages filled in."""
        paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
        filled = re.sub(r"\{(\w+)\}", lambda match: self.named(match[1]), "\n\n".join(paragraphs))
        return ALERT.sub(lambda match: self.link(match[0]), filled)

    def named(self, name: str) -> str:
        """What a placeholder stands for."""
        if name in ("rate_window", "scrape_interval", "gpu_join_label"):
            return str(getattr(self.settings, name))
        metric = metrics.BY_ID[name]
        newest = metric.names[0].text
        if metric.owner is Owner.ENGINE:
            newest = newest.replace(VLLM, self.settings.metric_prefixes[0], 1)
        return f"`{newest}`"

    def link(self, alert: str) -> str:
        """Another alert: a link, or its bare name where the site switched it off."""
        if alert not in BY_ALERT:
            raise ValueError(f"there is no alert {alert}")
        return f"[{alert}]({alert}.md)" if alert in self.rules else alert


# --------------------------------------------------------------------------------------------- words

_AT_ONCE = "at once"
_PER = {"model": "model", "engine": "engine", "target": "server", "scope": "deployment"}
_READ = {Unit.RATIO: "0.42 means 42 %", Unit.SECONDS: "in seconds"}


def _caption(step: Step) -> str:
    query: Signal | Query = step.query
    per = (query.per if isinstance(query, Query) else "") or _PER[step.level]
    by = f", by {' and '.join(f'`{label}`' for label in step.by)}" if step.by else ""
    note = f" ({_READ[query.unit]})" if query.unit in _READ else ""
    return f"{query.title}, per {per}{by}{note}:"


def _amount(value: float, unit: Unit) -> str:
    return WORDS.measure(value, unit) if value else "0"


def _hold(hold: str) -> str:
    return _AT_ONCE if hold == "0m" else hold


def _lower(title: str) -> str:
    """A title in the middle of a sentence: `KV cache` and `HTTP` keep their capitals."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _promise(objective: Objective) -> str:
    of = "" if objective.match == ".*" else f" of models `{objective.match}`"
    budget = slo.BY_KIND[objective.of]
    target = f"{WORDS.measure(objective.target, Unit.RATIO)} of the {budget.counted(objective.within)}{of}"
    return f"{target} {budget.promised(objective.within)}"


def _budget(row: Runbook) -> slo.Budget | None:
    return next((budget for budget in slo.BUDGETS if budget.alert == row.alert), None)


def _counted(objective: Objective) -> str:
    return slo.BY_KIND[objective.of].counted(objective.within)
