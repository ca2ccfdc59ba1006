"""How a Prometheus stores vLLM's histograms, how the rules loaded read them, and what is blind where these differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vllm_observability.catalog import checks, slo
from vllm_observability.catalog import metrics as m
from vllm_observability.doctor.records import Problem
from vllm_observability.doctor.targets import our_rules
from vllm_observability.model import Kind, Part, leaves
from vllm_observability.prometheus import Api, Histogram, known_bounds, target
from vllm_observability.prometheus.native import Rows
from vllm_observability.queries.promql import Reader
from vllm_observability.rules.budgets import objectives_of
from vllm_observability.settings import Settings
from vllm_observability.settings.site import Histograms

_FITS: dict[Histograms, tuple[Histograms, ...]] = {
    "classic": ("classic", "both"),
    "native": ("native", "both"),
    "both": ("both",),
}


@dataclass(frozen=True)
class Stored:
    """Servers by how their histograms are stored; `lost`: those that count tokens, but have no histogram."""

    classic: int = 0
    native: int = 0
    twice: int = 0
    lost: int = 0

    @property
    def needs(self) -> Histograms | None:
        """How rules must read them to see every server; None: as they like, for every server has both."""
        if self.classic and self.native:
            return "both"
        return "classic" if self.classic else "native" if self.native else None


def stored(rows: Rows, settings: Settings) -> Stored:
    """What the newest samples show."""
    names, classic, native, counting = known_bounds(settings), set(), set(), set()
    tokens = set(Reader(by=(), window="", prefixes=settings.metric_prefixes).series(m.GENERATION_TOKENS))
    for labels, value in rows:
        name = labels.get("__name__", "")
        if isinstance(value, Histogram) and name in names:
            native.add(target(labels))
        elif name.endswith(Part.BUCKET.value) and name.removesuffix(Part.BUCKET.value) in names:
            classic.add(target(labels))
        elif name in tokens:
            counting.add(target(labels))
    lost = counting - classic - native
    return Stored(len(classic - native), len(native - classic), len(classic & native), len(lost))


def fits(found: Stored, read: Histograms) -> bool:
    """Whether what reads histograms so sees every server."""
    return found.needs is None or read in _FITS[found.needs]


def read_by_rules(api: Api) -> Histograms | None:
    """How the recording rules that are loaded read histograms; None where there are none, or the server won't tell."""
    text = "".join(query for query, record in our_rules(api) if ":" in record)
    native, classic = "histogram_count(" in text, "_bucket" in text
    if native and classic:
        return "both"
    return "native" if native else "classic" if classic else None


def problems(found: Stored, settings: Settings, loaded: Histograms | None) -> Iterator[Problem]:
    """What does not fit, with the setting that does, and what nobody is told of until then."""
    read = loaded or settings.histograms
    needed = found.needs
    if found.lost:
        yield Problem(
            "histograms_lost",
            "problem",
            f"{found.lost} servers count tokens, but not one of their histograms is stored",
            "convert_classic_histograms_to_nhcb drops them without --enable-feature=native-histograms (to Prometheus "
            "3.7) or scrape_native_histograms: true in the scrape job (from 3.8); relabel rules can do so too",
        )
    total = found.classic + found.native + found.twice
    if needed is None:
        if found.twice:
            yield Problem(
                "histograms_twice",
                "hint",
                f"this Prometheus stores the histograms of {found.twice} servers twice, native and classic",
                "histograms: native in the settings, then vllm-obs build; when nothing else reads the classic ones, "
                "always_scrape_classic_histograms: false in the scrape job",
            )
        return
    if fits(found, read):
        if loaded == "both":
            yield _converting(found)
        return
    reader = "the rules loaded" if loaded else "these settings"
    if needed == "both":
        there = f"{found.native} of {total} servers have native histograms of vLLM, {found.classic} have classic ones"
    else:
        there = f"this Prometheus has {needed} histograms of vLLM"
    yield Problem(
        "native_histograms",
        "problem",
        f"{there}; {reader} read {read} ones. These see nothing of them: {', '.join(blind(settings))}",
        f"histograms: {needed} in the settings, then vllm-obs build, and load its rules and boards",
    )


def _converting(found: Stored) -> Problem:
    """How far a conversion is that the rules are ready for."""
    total = found.classic + found.native + found.twice
    return Problem(
        "histograms_converting",
        "hint",
        f"the rules read both forms of histograms; {found.native} of {total} servers have native ones",
        "histograms: native in the settings, then vllm-obs build, and load its rules and boards"
        if found.native == total
        else "convert the others too: convert_classic_histograms_to_nhcb: true in their scrape job",
    )


def blind(settings: Settings) -> list[str]:
    """Alerts that read histograms."""
    found = [
        check.alert
        for check in checks.ALL
        if check.alert and check.alert not in settings.alerts_off
        if any(leaf.metric.kind is Kind.HISTOGRAM for signal in check.signals for leaf in leaves(signal.expr))
    ]
    found += [
        budget.alert
        for budget in slo.BUDGETS
        if budget.metric and objectives_of(budget, settings) and budget.alert not in settings.alerts_off
    ]
    return list(dict.fromkeys(found))
