"""What stands beside engines, joined to them by pod: recording rules, for sites whose exporters name the pod.

A server's pod is recorded first, so that each join is short, and an evicted pod is still known as an engine's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vllm_observability.catalog import beside as b
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.model import ByName, Part, Signal
from vllm_observability.queries.promql import Compound, aggregate, either, fold, operand, selector
from vllm_observability.queries.recorded import Plan
from vllm_observability.rules.records import Rule, RuleGroup

_POD = ("namespace", "pod")  # as an engine's target has them
_EXPORTED = "exported_"  # put before an exporter's labels where its own target has such labels


@dataclass(frozen=True)
class Join:
    """How the series of GPUs and those of engines find each other. `on`: labels of a GPU's series."""

    label: str

    @property
    def on(self) -> tuple[str, ...]:
        """A pod's name is unique in its namespace only; another label than a pod's stands alone."""
        for start in ("", _EXPORTED):
            if self.label == start + _POD[1]:
                return tuple(start + name for name in _POD)
        return (self.label,)

    @property
    def renamed(self) -> tuple[tuple[str, str], ...]:
        """(label of an engine, as a GPU's series call it)."""
        return tuple(zip(_POD, self.on, strict=True)) if self.label == _EXPORTED + _POD[1] else ()

    @property
    def needed(self) -> str:
        """The label that an engine must have."""
        return _POD[1] if self.renamed else self.label


def beside_groups(planned: Plan) -> tuple[RuleGroup, ...]:
    """The recording rules; none where the settings name no label."""
    label = planned.settings.gpu_join_label
    return (RuleGroup("vllm-beside", tuple(_Beside(planned, Join(label)).rules())),) if label else ()


@dataclass(frozen=True)
class _Beside:
    planned: Plan
    join: Join

    @property
    def _server(self) -> tuple[str, ...]:
        return (*self.planned.settings.target_labels, "model_name")

    @property
    def _named(self) -> tuple[str, ...]:
        """A server and what its exporters call it, so that an alert says how to find the GPU."""
        return tuple(dict.fromkeys((*self._server, self.join.label)))

    def rules(self) -> list[Rule]:
        """Each reads those before it."""
        return [
            Rule(self._pods(), record=b.POD),
            self._of(b.GPU_POWER, aggregate("sum", self.join.on, self._each(b.POWER))),
            self._of(b.GPU_TEMPERATURE, self._max(self._any(b.TEMPERATURE))),
            self._of(b.GPU_MEMORY, self._memory()),
            self._of(b.GPU_THROTTLED, self._max(self._throttled())),
            self._of(b.GPU_FAULT, self._max(self._faults())),
            Rule(self._energy(), record=_name(b.GPU_ENERGY)),
            self._of_pod(b.POD_RESTARTS, self._grown()),
            self._of_pod(b.POD_OOM, self._killed()),
            self._of_pod(b.POD_EVICTED, f"max_over_time({_plain(b.POD_REASON, reason='Evicted')}[1h])"),
        ]

    # ------------------------------------------------------------------------------------------- joining

    def _pods(self) -> str:
        """Which pod each server is in; of several in one pod, each is told what all of its GPUs do."""
        needed = (self.join.needed, "!=", "")
        found = either(self.planned.raw_reader("engine").series(m.REQUESTS_RUNNING, Part.VALUE, (needed,)))  # type: ignore[arg-type]
        for own, theirs in self.join.renamed:
            found = fold("label_replace(", f'{found}, "{theirs}", "$1", "{own}", "(.+)"', ")")
        labels = tuple(dict.fromkeys((*self._server, *self.join.on, *(_POD if self.join.needed == _POD[1] else ()))))
        return aggregate("group", labels, found)

    def _of(self, signal: Signal, text: str) -> Rule:
        """Of the server whose pod a number is of."""
        joined = f"{b.POD} * on ({', '.join(self.join.on)}) group_left ()\n{operand(text)}"
        return Rule(aggregate("max", self._named, joined), record=_name(signal))

    def _of_pod(self, signal: Signal, text: str) -> Rule:
        """Of the server that is or was in a pod; kube-state-metrics may name it otherwise than exporters do."""
        if self.join.needed != _POD[1]:
            on, pods = self.join.on, text
        else:
            on = _POD
            pods = text
            for label in _POD:
                pods = fold("label_replace(", f'{pods}, "{label}", "$1", "{_EXPORTED}{label}", "(.+)"', ")")
        there = f"last_over_time({b.POD}[1h])"
        joined = f"{there} * on ({', '.join(on)}) group_left ()\n{aggregate('max', on, pods)}"
        return Rule(aggregate("max", self._named, joined), record=_name(signal))

    def _any(self, names: Sequence[str], text: str = "{}") -> str:
        """Series under one of these names, that say of which pod they are."""
        return either([text.format(selector(name, ((self.join.label, "!=", ""),))) for name in names])

    def _each(self, names: Sequence[str]) -> str:
        """A number a GPU, though two jobs scrape its exporter."""
        return aggregate("max", (*self.join.on, *b.DEVICE), self._any(names))

    def _max(self, text: str) -> str:
        return aggregate("max", self.join.on, text)

    # ------------------------------------------------------------------------------------------- numbers

    def _memory(self) -> str:
        used, free, total = (
            aggregate("sum", self.join.on, self._each(names))
            for names in (b.MEMORY_USED, b.MEMORY_FREE, b.MEMORY_TOTAL)
        )
        return Compound(f"{used}\n/\n({fold('(', f'{used} + {free}', ')')} or {total} > 0)")

    def _throttled(self) -> str:
        """Bits of the mask: PromQL has no operator for them."""
        reasons = self._any(b.CLOCK_REASONS)
        bits = f"floor(({reasons}) / 8) % 2 + floor(({reasons}) / 32) % 8 > bool 0"
        kinds = [
            f'label_replace(avg_over_time({self._any([name])}[5m]) / 100, "of", "{name}", "", "")'
            for name in b.VIOLATIONS
        ]
        return "\nor\n".join((f"avg_over_time(({bits})[5m:30s])", *kinds))

    def _faults(self) -> str:
        """A code that was another one a quarter of an hour ago, of a GPU that was there then; or more memory errors.

        0 where neither happened to a GPU that shows them.
        """
        (xid,), device = b.XID, "UUID"
        shown = self._any(b.XID)
        before = f"max by ({device}) (last_over_time({xid}[1h] offset 15m)) == max by ({device}) ({xid})"
        there = f"group by ({device}) ({b.TEMPERATURE[0]} offset 15m)"
        new = f"({shown} > 0)\nand on ({device}) {there}\nunless on ({device}) ({before})"
        more = self._any(b.UNCORRECTABLE, "({0} - {0} offset 15m > 0)")
        return f"({new})\nor\n{more}\nor\n{self._any(b.XID + b.UNCORRECTABLE, '0 * {}')}"

    def _energy(self) -> str:
        tokens = self.planned.find("engine", s.GENERATION_RATE.expr.growth)  # type: ignore[union-attr]
        assert tokens
        made = aggregate("sum", self._server, tokens.name)
        return f"{_name(b.GPU_POWER)}\n/ on ({', '.join(self._server)}) group_left ()\n({made} > 0)"

    def _grown(self) -> str:
        return f"increase({b.RESTARTS[0]}[1h])"

    def _killed(self) -> str:
        """The last reason stays for ever: it counts while the container was started again within the hour, else 0."""
        place = "namespace, pod, exported_namespace, exported_pod, container, exported_container"
        again = f"{self._grown()} > 0"
        killed = f"max by ({place}) ({_plain(b.TERMINATED, reason='OOMKilled')}) and on ({place}) ({again})"
        return f"{killed}\nor\n0 * max by ({place}) ({b.RESTARTS[0]})"


def _name(signal: Signal) -> str:
    assert isinstance(signal.expr, ByName)
    return signal.expr.name


def _plain(names: Sequence[str], **where: str) -> str:
    return selector(names[0], tuple((label, "=", value) for label, value in where.items()))
