"""Reader 1: expression -> PromQL text, over raw series or with recorded series put in.

The laws that every query must keep are written here once: renamed metrics join inside the aggregation, newest name
first; `pid` rows of one gauge count once; a ratio guards its divisor and sums both sides to the same labels.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from vllm_observability.model import (
    Either,
    Growth,
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
    ShareWithin,
    Spend,
)
from vllm_observability.settings.durations import seconds

WIDTH = 100
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
    `target_labels` are the labels that scraping adds. `recorded` answers which nodes have a recorded series, `spend`
    how a question about error budgets is written. `hosts` is a gauge of every engine: where a series can't carry a
    label that `matchers` name, it counts if its target has an engine that fits. `servers` tell an engine
    from its peers. `before` is how long ago all of it is asked of, such as `1h`; empty: now.
    """

    by: tuple[str, ...]
    window: str
    prefixes: tuple[str, ...] = (VLLM,)
    matchers: tuple[Matcher, ...] = ()
    foreign: str = ""
    target_labels: tuple[str, ...] = ("instance",)
    recorded: Callable[[Node], Recorded | None] = field(default=lambda _: None)
    spend: Callable[[Spend], str] = field(default=_no_objectives)
    common_bounds: bool = True
    hosts: Metric | None = None
    servers: tuple[str, ...] = ("instance", "engine")
    before: str = ""
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

    def _ranges(
        self, function: str, window: str, metric: Metric, part: Part, where: Sequence[Matcher] = ()
    ) -> list[str]:
        return [f"{function}({series}[{window}]{self._offset})" for series in self.series(metric, part, where)]

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
        by = (*self.by, "le")
        summed = self.rates(metric, Part.BUCKET, by=by)
        if self.recorded(Growth(metric, Part.BUCKET)) or not self.common_bounds:
            return summed
        every, ends = (either(self._present(metric, Part.BUCKET, where)) for where in ((), (("le", "=", "+Inf"),)))
        have = f"{aggregate('count', by, every)}\n== on ({', '.join(self.by)}) group_left ()\n"
        have += aggregate("count", self.by, ends)
        return Compound(f"{summed}\nand on ({', '.join(by)})\n{fold('(', have, ')')}")

    def _share(self, node: ShareWithin) -> str:
        # Prometheus 2 keeps `le` as exposed ("1.0" from Python), Prometheus 3 normalises it too. Only engines that have
        # the bound count: in the divisor one without it would be all bad.
        edge, whole = (
            either(self._ranges("rate", self.window, node.metric, Part.BUCKET, (where,)))
            for where in (("le", "=~", le_spellings(node.bound)), ("le", "=", "+Inf"))
        )
        having = f"{operand(whole)}\nand ignoring (le)\n{operand(edge)}"
        return guarded(aggregate("sum", self.by, edge), aggregate("sum", self.by, having))

    def _raw_growth(
        self, function: str, metric: Metric, part: Part, where: Sequence[Matcher], by: Sequence[str]
    ) -> str:
        each = self._ranges(function, self.window, metric, part, where)
        return aggregate("sum", by, self._chosen(metric, either(each)))

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
            return self._share(node)
        if isinstance(node, Either):
            return either([self.text(node.first), self.text(node.second)])
        if isinstance(node, Plus):
            return Compound(f"{node.constant:g} + {operand(self.text(node.node))}")
        if isinstance(node, Raw):
            return self._raw(node)
        if isinstance(node, Spend):
            return self.spend(node)
        raise TypeError(f"no PromQL for {node!r}")

    def _raw(self, node: Raw) -> str:
        wide = tuple(matcher for matcher in self.matchers if matcher[0] not in self.servers)
        if node.peers and self.hosts and wide != self.matchers:
            compared = replace(self, matchers=wide).text(node)
            return Compound(f"{operand(compared)}\nand on ({', '.join(self.by)})\n{either(self._present(self.hosts))}")
        named = {metric.id: operand(self._chosen(metric, either(self._present(metric)))) for metric in node.metrics}
        named |= {name: operand(self.text(part)) for name, part in node.parts}
        named |= {name: self._recorded_only(name, part) for name, part in node.series}
        named |= {name: operand(self._over(over)) for name, over in node.overs}
        return Compound(node.promql.format(by=", ".join(self.by), **self.words, **named))

    def _recorded_only(self, name: str, node: Node) -> str:
        found = self.recorded(node)
        if found is None:
            raise ValueError(f"{{{name}}} must be a recorded series")
        return self._recorded_selector(found)

    def _over(self, node: Over) -> str:
        window = node.window.format(**self.words)
        each = self._ranges(node.function, window, node.metric, node.part, node.where)
        return self._chosen(node.metric, either(each))

    def _level(self, node: Level) -> str:
        found = self.recorded(node)
        if found:
            series = self._recorded_selector(found)
            return series if set(found.labels) == set(self.by) else aggregate(node.agg, self.by, series)
        joined = self._chosen(node.metric, either(self._present(node.metric, where=node.where)))
        if node.at_least is not None:
            joined = Compound(f"{operand(joined)} >= {node.at_least:g}")
        if node.agg != "max":  # several API-server processes each expose the gauge: the largest is the present one
            joined = fold("max without (pid) (", joined, ")")
        return aggregate(node.agg, self.by, joined)

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


def either(texts: Sequence[str]) -> str:
    """The texts joined by `or`, in order."""
    if len(texts) == 1:
        return texts[0]
    flat = " or ".join(texts)
    return Compound(flat if len(flat) <= WIDTH and "\n" not in flat else "\nor\n".join(texts))


def fold(head: str, body: str, tail: str) -> str:
    """One line where it fits, else the body indented between head and tail."""
    flat = head + body + tail
    if len(flat) <= WIDTH and "\n" not in body:
        return flat
    return f"{head.rstrip()}\n{textwrap.indent(body, '  ')}\n{tail}"


def le_spellings(bound: float) -> str:
    """Regular expression for the ways a bucket bound is written: `1` and `1\\\\.0`, `0\\\\.25`."""
    text = f"{bound:.15g}"
    pattern = text.replace(".", "\\.").replace("+", "\\+")
    return pattern if "." in text or "e" in text else f"{pattern}|{pattern}\\.0"


def operand(text: str) -> str:
    """The text, in parentheses where an operator outside would otherwise reach into it."""
    return fold("(", text, ")") if isinstance(text, Compound) else text


def escaped(value: str) -> str:
    """Text inside the quotes of PromQL."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
