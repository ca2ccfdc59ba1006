"""Reader 1: expression -> PromQL text, over raw series or with recorded series put in.

The laws that every query must keep are written here once: renamed metrics join inside the aggregation, newest name
first; `pid` rows of one gauge count once; a ratio guards its divisor and sums both sides to the same labels.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from prometheus_client.utils import floatToGoString

from vllm_observability.model import (
    Beyond,
    ByName,
    Either,
    Growth,
    Kind,
    Late,
    Level,
    Matcher,
    Metric,
    Node,
    Over,
    Owner,
    Part,
    PerSecond,
    Plus,
    Quantile,
    Ratio,
    Raw,
    Scope,
    ShareWithin,
    Spend,
    Unexplained,
    le_spellings,
)
from vllm_observability.settings.durations import seconds
from vllm_observability.settings.site import Histograms

WIDTH = 100
# What Prometheus takes out of a native histogram: one series holds all its parts.
NATIVE = {Part.COUNT: "histogram_count", Part.SUM: "histogram_sum"}
# Functions over a range that answer with a number, whatever the samples are.
_COUNTING = ("count_over_time", "present_over_time", "changes", "resets")
VLLM = "vllm:"  # the prefix as catalogued; `Reader.prefixes` says what stands in its place at a site


def _no_objectives(node: Spend) -> str:
    raise TypeError(f"no objectives are known here, which {node.kind} {node.what} depends on")


class Compound(str):
    """PromQL whose outermost part is an operator, so that it needs parentheses as an operand."""

    __slots__ = ()


@dataclass(frozen=True)
class Recorded:
    """Where a node has been recorded: `name` is a series with the labels `labels`.

    For a Growth the series holds its rate per second.
    """

    name: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Reader:
    """How to write queries: what to group by, over which window, of which series.

    `matchers` select vLLM's own series and are used where a series can carry the label; `foreign` is selector text
    for everybody's metrics (`http_*`, `process_*`), which need telling apart from other programs' series.
    `target_labels` are the labels that scraping adds, `one_by` those that name one engine. `recorded` answers which
    nodes have a recorded series, `recorded_at` which have one of another level, `spend` how a question about error
    budgets is written. `hosts` is a gauge of every engine: where a series can't carry a label that `matchers` name, it
    counts if its target has an engine that fits. `servers` tell an engine from its peers. `before` is how long
    ago all of it is asked of, such as `1h`; empty: now. `histograms` says how histograms are stored; where both ways
    are read, `bounds` says at which bounds the native ones are taken apart.
    """

    by: tuple[str, ...]
    window: str
    prefixes: tuple[str, ...] = (VLLM,)
    matchers: tuple[Matcher, ...] = ()
    foreign: str = ""
    target_labels: tuple[str, ...] = ("instance",)
    one_by: tuple[str, ...] = ()
    recorded: Callable[[Node], Recorded | None] = field(default=lambda _: None)
    recorded_at: Callable[[Scope, Node], Recorded | None] = field(default=lambda *_: None)
    spend: Callable[[Spend], str] = field(default=_no_objectives)
    common_bounds: bool = True
    exact: bool = False  # answers have the labels of `by` alone, also where an engine's gauge could stand for itself
    growth: str = "rate"  # by which function the buckets of shares grow; over a whole range `increase`, the same number
    hosts: Metric | None = None
    servers: tuple[str, ...] = ("instance", "engine")
    before: str = ""
    histograms: Histograms = "classic"
    bounds: Callable[[Metric], Sequence[float]] = field(default=lambda metric: metric.buckets[0].bounds)
    words: Mapping[str, str] = field(default_factory=dict)  # what Raw text may name besides metrics and parts

    # ------------------------------------------------------------------------------------------ series

    def series(self, metric: Metric, part: Part = Part.VALUE, where: Sequence[Matcher] = ()) -> list[str]:
        """Selectors of one part of a metric, newest name first, every prefix of the site."""
        able = self._able(metric)
        matchers = [f'{label}{op}"{escaped(value)}"' for label, op, value in self.matchers if label in able]
        if metric.owner is not Owner.ENGINE and self.foreign:
            matchers.append(self.foreign)
        matchers += [f'{label}{op}"{escaped(value)}"' for label, op, value in where]
        inside = "{" + ",".join(matchers) + "}" if matchers else ""
        prefixes = self.prefixes if metric.owner is Owner.ENGINE else ("",)
        return [prefix + name.removeprefix(VLLM) + inside for name in metric.series(part) for prefix in prefixes]

    def _present(self, metric: Metric, part: Part = Part.VALUE, where: Sequence[Matcher] = ()) -> list[str]:
        return [series + self._offset for series in self.series(metric, part, where)]

    @property
    def _offset(self) -> str:
        return f" offset {self.before}" if self.before else ""

    def _able(self, metric: Metric) -> set[str]:
        return {*metric.labels, *self.target_labels}

    def _chosen(self, metric: Metric, text: str) -> str:
        """Series of a metric without those of targets all of whose engines are others than the chosen ones.

        A target that shows no engine stays: nobody knows whose it is.
        """
        if self.hosts is None or all(label in self._able(metric) for label, _, _ in self.matchers):
            return text
        of_targets = tuple(m for m in self.matchers if m[0] in self.target_labels)
        every, chosen = (
            either(replace(self, matchers=those)._present(self.hosts)) for those in (of_targets, self.matchers)
        )
        on = f"unless on ({', '.join(self.target_labels)})"
        return Compound(f"{operand(text)}\n{on}\n{fold('(', f'{operand(every)} {on} {operand(chosen)}', ')')}")

    def names(self, metric: Metric, part: Part) -> list[str]:
        """Names of the series that hold one part, in every way in which they are read."""
        native, classic = self._ways(metric)
        return self.series(metric) * native + self.series(metric, part) * classic

    def _ways(self, metric: Metric) -> tuple[bool, bool]:
        """Whether a metric is read as native histograms, and whether as series that hold numbers."""
        if metric.kind is not Kind.HISTOGRAM:
            return False, True
        return self.histograms != "classic", self.histograms != "native"

    def grown(
        self, function: str, metric: Metric, part: Part = Part.VALUE, where: Sequence[Matcher] = (), window: str = ""
    ) -> str:
        """A function over a window of one part, series by series: names joined by `or`, native histograms first.

        The VALUE of a histogram is the native histogram, whole; its BUCKETs have the label `le` in every form. Without
        a function: the part as it is.
        """
        native, classic = self._ways(metric)
        if part is Part.VALUE and metric.kind is Kind.HISTOGRAM:
            classic = False
        elif part is Part.BUCKET and native:
            return self._both_buckets(function, metric, where)
        found = self._over_window(function, metric, part, where, window) if classic else []
        if native:
            whole = self._over_window(function, metric, Part.VALUE, where, window)
            taken = None if function in _COUNTING else NATIVE.get(part)
            found = [f"{taken}({each})" if taken else each for each in whole] + found
        return either(found)

    def _over_window(
        self, function: str, metric: Metric, part: Part, where: Sequence[Matcher], window: str = ""
    ) -> list[str]:
        if not function:
            return self._present(metric, part, where)
        return [
            f"{function}({series}[{window or self.window}]{self._offset})"
            for series in self.series(metric, part, where)
        ]

    def _both_buckets(self, function: str, metric: Metric, where: Sequence[Matcher]) -> str:
        """Buckets of every series: native histograms taken apart, and classic ones of servers that have no native."""
        some, others = (tuple(m for m in where if (m[0] == "le") is of_bucket) for of_bucket in (True, False))
        recorded = self.recorded(Growth(metric, where=tuple(where)))
        whole = self._recorded_selector(recorded) if recorded else self.grown(function, metric, Part.VALUE, others)
        found = [taken_apart(whole, [bound for bound in self.bounds(metric) if _picked(bound, some)])]
        if self.histograms == "both":
            classic = either(self._over_window(function, metric, Part.BUCKET, where))
            found.append(self._not_native(classic, function, metric, others))
        return either(found)

    def _not_native(self, classic: str, function: str, metric: Metric, where: Sequence[Matcher]) -> str:
        """Of series with `le`, those of servers whose histogram is not there natively: these would count twice."""
        counted = self.grown(function, metric, Part.VALUE, where)
        return Compound(f"{operand(classic)}\nunless ignoring (le)\n{_counted(counted)}")

    def rates(self, metric: Metric, part: Part, where: Sequence[Matcher] = (), *, by: Sequence[str] = ()) -> str:
        """Growth per second of one part, summed to `by` (default: the reader's)."""
        by = tuple(by or self.by)
        found = self.recorded(Growth(metric, part))
        if found:
            series = self._recorded_selector(found, where)
            return series if set(found.labels) == set(by) else aggregate("sum", by, series)
        return self._raw_growth("rate", metric, part, where, by)

    def buckets(self, metric: Metric) -> str:
        """Growth per second of each bucket, over engines, at the bounds that all of them have.

        Engines of one model can differ in their bounds (before and after vLLM 0.8.5, or --custom-histogram-buckets).
        A sum at a bound that some lack leaves out what these observed under it, so that counts fall and a percentile
        jumps to the last bound. `common_bounds` False: no such fleet, at a fifth less to read.
        """
        if self.histograms == "native":  # one series holds them all, and Prometheus finds the bounds in common
            return self.rates(metric, Part.VALUE)
        by = (*self.by, "le")
        summed = self.rates(metric, Part.BUCKET, by=by)
        if self.recorded(Growth(metric, Part.BUCKET)) or not self.common_bounds:
            return summed
        # Native histograms have every bound: where these are read too, bounds are left out that some classic ones lack.
        keep, compared = ("and", "==") if self.histograms == "classic" else ("unless", "!=")
        every, ends = (either(self._present(metric, Part.BUCKET, where)) for where in ((), (("le", "=", "+Inf"),)))
        have = f"{aggregate('count', by, every)}\n{compared} on ({', '.join(self.by)}) group_left ()\n"
        have += aggregate("count", self.by, ends)
        return Compound(f"{summed}\n{keep} on ({', '.join(by)})\n{fold('(', have, ')')}")

    def within(
        self, metric: Metric, bound: float, where: Sequence[Matcher] = (), function: str = "rate"
    ) -> tuple[str, str]:
        """Growth of a histogram's observations at or under a bound, and of all of them.

        Prometheus 2 keeps `le` as exposed ("1.0" from Python), Prometheus 3 normalises it too. Only engines that have
        the bound count: one without it can't be good, and would be all bad.
        """
        native, classic = self._ways(metric)
        good: list[str] = []
        total: list[str] = []
        if native:
            whole = self.grown(function, metric, Part.VALUE, where)
            good.append(_counted_within(bound, whole))
            total.append(_counted(whole))
        if classic:
            edge, ends = (
                either(self._over_window(function, metric, Part.BUCKET, (*where, le)))
                for le in (("le", "=~", le_spellings(bound)), ("le", "=", "+Inf"))
            )
            having = Compound(f"{operand(ends)}\nand ignoring (le)\n{operand(edge)}")
            for found, each in ((good, edge), (total, having)):
                found.append(self._not_native(each, function, metric, where) if native else each)
        return aggregate("sum", self.by, either(good)), aggregate("sum", self.by, either(total))

    def _beyond(self, node: Beyond) -> str:
        edge, whole = (self._at(node.read, bound) for bound in (node.bound, math.inf))
        return guarded(Compound(f"{whole}\n-\n{edge}"), whole)

    def _late(self, node: Late) -> str:
        """Each class of waits times those for whose work it is too long, over everybody: a product of two shares."""
        ends = [*(wait for wait, _ in node.table[1:]), math.inf]
        terms = []
        for (wait, work), end in zip(node.table, ends, strict=True):
            waits = fold("(", f"{self._at(node.waits, end)}\n-\n{self._at(node.waits, wait)}", ")")
            terms.append(f"{waits}\n*\n{self._at(node.works, math.inf if work is None else work)}")
        whole = Compound(f"{self._at(node.waits, math.inf)}\n*\n{self._at(node.works, math.inf)}")
        late = guarded(Compound("\n+\n".join(terms)), whole)
        return Compound(f"{late}\n+\n{operand(self.text(node.besides))}")

    def _unexplained(self, node: Unexplained) -> str:
        """The largest share of the rows, and 0 where waits are known and none is above it."""
        reads = node.reads
        shares: list[str] = [Compound("0 * " + fold("(", f"{self._at(reads[1], math.inf)} > 0", ")"))]
        for row in node.table:
            starts, waits, works = (
                operand(guarded(self._at(read, bound), self._at(read, math.inf)))
                for read, bound in zip(reads, row, strict=True)
            )
            share = f'{waits}\n+\n{works}\n-\n{starts}\n- 1,\n"above", "{row[0]:g}", "", ""'
            shares.append(fold("label_replace(", share, ")"))
        return aggregate("max", self.by, either(shares))

    def _at(self, read: Growth, bound: float) -> str:
        """Growth per second of a histogram's bucket, where several are read: of their recorded series, or raw."""
        native, classic = self._ways(read.metric)
        found = self.recorded(read if classic else replace(read, part=Part.VALUE))
        if found and not classic:
            whole = self._recorded_selector(found)
            return aggregate("sum", self.by, _counted(whole) if math.isinf(bound) else _counted_within(bound, whole))
        if native and not found:
            if math.isinf(bound):
                return self._raw_growth(self.growth, read.metric, Part.COUNT, (), self.by)
            return self.within(read.metric, bound, function=self.growth)[0]
        where: Matcher = ("le", "=~", le_spellings(bound))
        if found:
            return aggregate("sum", self.by, self._recorded_selector(found, (where,)))
        return self._raw_growth(self.growth, read.metric, Part.BUCKET, (where,), self.by)

    def _raw_growth(
        self, function: str, metric: Metric, part: Part, where: Sequence[Matcher], by: Sequence[str]
    ) -> str:
        return aggregate("sum", by, self._chosen(metric, self.grown(function, metric, part, where)))

    def _recorded_selector(self, found: Recorded, where: Sequence[Matcher] = ()) -> str:
        return selector(found.name, (*(m for m in self.matchers if m[0] in found.labels), *where)) + self._offset

    # ----------------------------------------------------------------------------------------- queries

    def text(self, node: Node) -> str:
        """The PromQL of a node, grouped by `by`; long queries are folded over several lines."""
        found = None if isinstance(node, (Growth, Level)) else self.recorded(node)
        if found and set(found.labels) == set(self.by):
            return self._recorded_selector(found)
        return self._written(node)

    def _written(self, node: Node) -> str:
        if isinstance(node, Level):
            return self._level(node)
        if isinstance(node, Growth):
            return self._increase(node)
        if isinstance(node, PerSecond):
            return self._growth(node.growth)
        if isinstance(node, Ratio):
            return self._ratio(node)
        if isinstance(node, Quantile):
            # Without observations Prometheus says NaN, which is not >= 0 and so drops out.
            return Compound(fold(f"histogram_quantile({node.q:g}, ", self.buckets(node.metric), ") >= 0"))
        if isinstance(node, ShareWithin):
            return guarded(*self.within(node.metric, node.bound))
        if isinstance(node, Beyond):
            return self._beyond(node)
        if isinstance(node, Late):
            return self._late(node)
        if isinstance(node, Unexplained):
            return self._unexplained(node)
        if isinstance(node, Either):
            return either([self.text(node.first), self.text(node.second)])
        if isinstance(node, Plus):
            return Compound(f"{node.constant:g} + {operand(self.text(node.node))}")
        if isinstance(node, Raw):
            return self._raw(node)
        if isinstance(node, Spend):
            return self.spend(node)
        if isinstance(node, ByName):
            return self._recorded_selector(Recorded(node.name, (*self.by, "model_name")), node.where)
        raise TypeError(f"no PromQL for {node!r}")

    def _raw(self, node: Raw) -> str:
        wide = tuple(matcher for matcher in self.matchers if matcher[0] not in self.servers)
        if node.peers and self.hosts and wide != self.matchers:
            compared = replace(self, matchers=wide).text(node)
            return Compound(f"{operand(compared)}\nand on ({', '.join(self.by)})\n{either(self._present(self.hosts))}")
        named = {metric.id: operand(self._chosen(metric, either(self._present(metric)))) for metric in node.metrics}
        named |= {name: operand(self.text(part)) for name, part in node.parts}
        named |= {name: self._recorded_only(name, self.recorded(part)) for name, part in node.series}
        named |= {name: self._recorded_only(name, self.recorded_at(level, part)) for name, level, part in node.at}
        named |= {name: operand(self.over(over)) for name, over in node.overs}
        return Compound(node.promql.format(by=", ".join(self.by), **self.words, **named))

    def _recorded_only(self, name: str, found: Recorded | None) -> str:
        if found is None:
            raise ValueError(f"{{{name}}} must be a recorded series")
        return self._recorded_selector(found)

    def over(self, node: Over) -> str:
        """A function over a range of a metric's series, old names joined."""
        window = node.window.format(**self.words)
        return self._chosen(node.metric, self.grown(node.function, node.metric, node.part, node.where, window))

    def _level(self, node: Level) -> str:
        found = self.recorded(node)
        if found:
            series = self._recorded_selector(found)
            return series if set(found.labels) == set(self.by) else aggregate(node.agg, self.by, series)
        joined = self._chosen(node.metric, either(self._present(node.metric, where=node.where)))
        if node.at_least is not None:
            joined = Compound(f"{operand(joined)} >= {node.at_least:g}")
        if node.agg != "max":
            joined = self._one_of_each(joined, node.metric)
        own = (*self.one_by, *node.metric.split)
        if self.one_by and set(own) == set(self.by) and not (self.exact and node.agg == "max"):
            return joined
        return aggregate(node.agg, self.by, joined)

    def _one_of_each(self, gauge: str, metric: Metric) -> str:
        """A row an engine: its API-server processes expose one each, and so does each Prometheus that scraped it.

        The largest is the present one. Where nothing says what names an engine, only processes are told apart.
        """
        if not self.one_by:
            return fold("max without (pid) (", gauge, ")")
        return aggregate("max", (*self.one_by, *metric.split), gauge)

    def _increase(self, node: Growth) -> str:
        if self.recorded(node.whole):
            return Compound(f"{operand(self._growth(node))} * {seconds(self.window):g}")
        whole, matched = (
            self._raw_growth("increase", node.metric, node.part, where, self.by) for where in ((), node.where)
        )
        if node.declared:
            return matched
        return either([matched, f"0 * {whole}"]) if node.where else whole

    def _growth(self, node: Growth) -> str:
        rates = self.rates(node.metric, node.part, node.where)
        if not node.where or node.declared:
            return rates
        return either([rates, "0 * " + self.rates(node.metric, node.part)])

    def _ratio(self, node: Ratio) -> str:
        # Rate over rate and increase over increase are the same number; rates are what is recorded.
        over, under = (self._growth(n) if isinstance(n, Growth) else self.text(n) for n in (node.over, node.under))
        return guarded(over, under)


def selector(name: str, matchers: Sequence[Matcher]) -> str:
    """`name{label="value"}`, values escaped."""
    text = ",".join(f'{label}{op}"{escaped(value)}"' for label, op, value in matchers)
    return f"{name}{{{text}}}" if text else name


def guarded(over: str, under: str) -> str:
    """`over / (under > 0)`: empty, not NaN, without traffic."""
    left, divisor = operand(over), f"{operand(under)} > 0"
    right = fold("(", divisor, ")")
    if "\n" in left + right or len(left) + len(right) + 3 > WIDTH:
        return Compound(f"{left}\n/\n{right}")
    return Compound(f"{left} / {right}")


def aggregate(operator: str, by: Sequence[str], text: str) -> str:
    """`operator by (labels) (text)`, or over everything where there are no labels."""
    return fold(f"{operator} by ({', '.join(by)}) (" if by else f"{operator}(", text, ")")


def number_for_each(by: Sequence[str], there: str, number: str) -> str:
    """A number that somebody chose, for each group of what is there: `group by (labels) (text) * 5`."""
    return fold(f"group by ({', '.join(by)}) (", there, f") * {number}")


def either(texts: Sequence[str]) -> str:
    """The texts joined by `or`, in order."""
    if len(texts) == 1:
        return texts[0]
    flat = " or ".join(texts)
    return Compound(flat if len(flat) <= WIDTH and "\n" not in flat else "\nor\n".join(texts))


def _picked(bound: float, some: Sequence[Matcher]) -> bool:
    """Whether the bucket of a bound is among those that matchers of `le` choose: they name bounds and nothing else."""
    return all(re.fullmatch(pattern, le_text(bound)) for _, _, pattern in some)


def taken_apart(text: str, bounds: Sequence[float]) -> str:
    """Native histograms as classic buckets, those without observations left out.

    PromQL has no function that lists buckets, so each bound is asked for by itself. `le` is written as Prometheus 3
    writes it, which alone converts histograms.
    """
    shares = []
    for bound in (*bounds, math.inf):
        number = "Inf" if bound == math.inf else f"{bound:.15g}"
        shares.append(fold("label_replace(", f'{_share(number, text)}, "le", "{le_text(bound)}", "", ""', ")"))
    return Compound(f"{fold('(', either(shares), ')')} * ignoring (le) group_left ()\n{_counted(text)} >= 0")


def _counted(text: str) -> str:
    """Observations of native histograms."""
    return fold("histogram_count(", text, ")")


def _counted_within(bound: float, text: str) -> str:
    """Those at or under a bound, without idle engines: of no observation the share is NaN."""
    return Compound(f"{_share(f'{bound:.15g}', text)} * {_counted(text)} >= 0")


def _share(bound: str, text: str) -> str:
    return fold(f"histogram_fraction(-Inf, {bound}, ", text, ")")


def le_text(bound: float) -> str:
    """A bound as the Python client and Prometheus 3 write it: `1.0`, `1e+06`, `+Inf`."""
    return str(floatToGoString(bound))  # type: ignore[no-untyped-call]


def fold(head: str, body: str, tail: str) -> str:
    """One line where it fits, else the body indented between head and tail."""
    flat = head + body + tail
    if len(flat) <= WIDTH and "\n" not in body:
        return flat
    return f"{head.rstrip()}\n{textwrap.indent(body, '  ')}\n{tail}"


def operand(text: str) -> str:
    """The text, in parentheses where an operator outside would otherwise reach into it."""
    return fold("(", text, ")") if isinstance(text, Compound) else text


def escaped(value: str) -> str:
    """Text inside the quotes of PromQL."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
