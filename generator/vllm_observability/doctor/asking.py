"""The boards' questions, asked of a Prometheus side by side: what each panel has, or why it has nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

from vllm_observability.boards.forms import Form
from vllm_observability.boards.panel_words import beside_engines, metrics_of, needs_rules, shows_budgets
from vllm_observability.catalog.boards import Chart
from vllm_observability.doctor.names import Names, charts, of_chart
from vllm_observability.doctor.records import State
from vllm_observability.model import Kind
from vllm_observability.pages.sources import SourceError
from vllm_observability.prometheus import Api, QueryRefused

SIDE_BY_SIDE = 8  # questions at a time: what a browser with one board asks
Told = Callable[[int, int], None]  # hears how many panels are answered, of how many
UNANSWERED = "the server did not answer its query in time, so nothing is known about it"
REFUSED = "the server refuses its query: a limit of the server, or a function that it does not have"
OTHER_FORM = "its histograms are stored in another form than is read: see the problems"
_NOT_RECORDED = "reads recorded series, which are missing"


@dataclass(frozen=True)
class Asked:
    """The boards' questions, asked side by side. `recorded`: the rules are loaded; `young`: for less than an hour.
    `other_form`: every histogram is stored as these questions don't read it."""

    api: Api
    names: Names
    at: float
    recorded: bool
    young: bool
    other_form: bool = False
    told: Told | None = None

    def panels(self, form: Form) -> tuple[State, ...]:
        """What each panel has."""
        return self._all(list(charts(form.settings)), lambda place, chart: self._panel(form, place, chart))

    def fleet(self, forms: tuple[Form, Form], panels: Sequence[State]) -> tuple[State, ...]:
        """The same panels over recorded series: what has raw data must have data here too."""
        known = {state.of: state for state in panels}
        asked = list(charts(forms[0].settings))
        return self._all(asked, lambda place, chart: self._recorded(forms, place, chart, known[place]), "fleet: ")

    def _all(
        self, asked: list[tuple[str, Chart]], answer: Callable[[str, Chart], State], prefix: str = ""
    ) -> tuple[State, ...]:
        """An answer for each, in order; one that fails is a state too."""
        states: dict[str, State] = {}
        pool = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="doctor")
        try:
            running = {pool.submit(answer, place, chart): place for place, chart in asked}
            for done in as_completed(running):
                place = running[done]
                try:
                    states[place] = done.result()
                except SourceError as error:
                    refused = isinstance(error, QueryRefused)
                    states[place] = State(f"{prefix}{place}", False, REFUSED if refused else UNANSWERED)
                if self.told:
                    self.told(len(states), len(asked))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return tuple(states[place] for place, _ in asked)

    def _has(self, queries: Iterator[str] | Sequence[str]) -> bool:
        return any(self.api.values(query, self.at) for query in queries)

    def _panel(self, form: Form, place: str, chart: Chart) -> State:
        if self._has(_queries(form, chart)):
            return State(place, True)
        missing = of_chart(place, chart, self.names)
        if not missing.ready:
            return missing
        if self.other_form and any(metric.kind is Kind.HISTOGRAM for metric in metrics_of(chart)):
            return State(place, False, OTHER_FORM)
        if needs_rules(chart) and not beside_engines(chart):
            if not self.recorded:
                return State(place, False, _NOT_RECORDED)
            if self.young and shows_budgets(chart):
                return State(place, False, "budgets are summed at full hours: wait for the next", True)
        return State(place, False, chart.signals[0].nothing or "no traffic in the last minutes", True)

    def _recorded(self, forms: tuple[Form, Form], place: str, chart: Chart, known: State) -> State:
        plain, recorded = ([*_queries(form, chart)] for form in forms)
        of = f"fleet: {place}"
        if plain == recorded or not known.ready or self._has(recorded):
            return replace(known, of=of)
        why = "has raw data, but none of what it reads is recorded: the rules are of another build, or fail"
        return State(of, False, why)


def _queries(form: Form, chart: Chart) -> Iterator[str]:
    """As Grafana asks with All chosen, without the matchers that then fit everything: a proxy may take no long URL."""
    window = form.settings.rate_window
    for signal in chart.signals:
        text = form.text(chart, signal)
        for label in form.variables:
            text = text.replace(f'{label}=~"${label}",', "").replace(f'{label}=~"${label}"', "")
        yield text.replace("$__rate_interval", window).replace("$__range", "1h").replace("$price", "1")
