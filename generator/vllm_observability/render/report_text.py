"""Report -> text for a terminal: coverage and summary first, then one section per question."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from vllm_observability.catalog import signals as s
from vllm_observability.model import Unit
from vllm_observability.report.records import Coverage, Figure, Report
from vllm_observability.words import English, Quantity, neutral

STYLE = {
    "critical": "bold red",
    "warning": "yellow",
    "info": "cyan",
    "ok": "green",
    "problem": "yellow",
    "watch": "cyan",
    "good": "green",
    "unknown": "dim",
}
# A page may hold thousands of models, engines or faults: so many are printed, all of them are in the JSON.
MODELS, ROWS = 12, 40
LATENCY_NAMES = {
    "ttft": "First token (TTFT)",
    "itl": "Token gap (ITL)",
    "tpot": "Per token (TPOT)",
    "e2e": "End to end",
    "queue_time": "  queue",
    "prefill_time": "  prefill",
    "decode_time": "  decode",
    "inference_time": "  inference",
}


def report_text(report: Report, *, color: bool = False, width: int = 80) -> str:
    """The report as text of at most `width` columns; escape sequences only with `color`."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=color,
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    for block in _Writer(report).blocks():
        if block is not None:
            console.print(block)
    return "".join(line.rstrip() + "\n" for line in out.getvalue().split("\n")[:-1])


class _Writer:
    def __init__(self, report: Report) -> None:
        self.report = report
        self.language = English()

    def blocks(self) -> Iterable[RenderableType | None]:
        yield self._heading()
        yield self._summary()
        yield self._coverage()
        yield self._context()
        yield from self._sections()
        yield self._insights()
        yield self._findings()
        yield self._advice()

    # --------------------------------------------------------------------------------------- parts

    def _heading(self) -> RenderableType:
        source, engine = self.report.source, self.report.engine
        low, high = engine.version_range
        version = _version(low, high)
        line = Text(f"vLLM report: {neutral(source.name)}", style="bold")
        window = (
            f"growth over {self._show(source.window_seconds, Unit.SECONDS)}"
            if source.window_seconds
            else "totals since the server started"
            if source.kind != "pair"
            else "growth between two pages"
        )
        prefix = "" if engine.prefix == "vllm:" else f" · prefix {engine.prefix}"
        return Group(line, Text(f"{version}, by its metric names{prefix} · {window}", style="dim"))

    def _summary(self) -> RenderableType:
        return self._section("In short", [self._bullet(self.language.write(p)) for p in self.report.summary])

    def _coverage(self) -> RenderableType:
        missing = [c for c in self.report.coverage if c.state != "present" or c.topic in ("consistency", "page")]
        idle = [
            c for c in self.report.coverage if c not in missing and c.topic in ("latency", "requests") and _quiet(c)
        ]
        if not missing and not idle:
            return self._section("Coverage", [Text("This page answers every question below.")])
        table = _grid(3)
        for c in (*missing, *idle)[:ROWS]:
            hint = f" {self.language.write(c.next)}" if c.next else ""
            table.add_row(
                Text(c.topic.replace("_", " ")),
                Text(c.state, style="dim"),
                Text(_sentence(self.language.write(c.detail)) + hint),
            )
        return self._section("What this page can't answer, and why", [table, *_left(len(missing) + len(idle), ROWS)])

    def _context(self) -> RenderableType:
        report, table = self.report, _grid(2)
        for model in report.models[:MODELS]:
            facts = [x for x in (model.size and f"{model.size} parameters", model.quantisation) if x]
            inferred = f" ({', '.join(facts)}; read from the name)" if facts else ""
            table.add_row(Text("Model"), Text(neutral(model.name) + inferred))
        for note in _left(len(report.models), MODELS):
            table.add_row(Text(""), note)
        if report.python:
            table.add_row(Text("Python"), Text(neutral(report.python)))
        if report.started:
            started = datetime.fromtimestamp(report.started, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
            uptime = report.source.uptime_seconds
            suffix = f", up {self._show(uptime, Unit.SECONDS)}" if uptime is not None else ""
            table.add_row(Text("Started"), Text(started + suffix))
        for id, label in (("process_resident_memory_bytes", "Memory"), ("process_cpu_seconds", "CPU time")):
            if figure := report.find(id):
                table.add_row(Text(label), Text(f"{self._figure(figure)} (API-server process)"))
        return self._section("Context", [table])

    def _sections(self) -> Iterable[RenderableType | None]:
        names = [model.name for model in self.report.models[:MODELS]] or [""]
        for name in names:
            labels = {"model_name": name} if name else {}
            suffix = f": {neutral(name, 60)}" if len(names) > 1 else ""
            yield self._requests(labels, suffix)
            yield self._latency(labels, suffix)
        yield self._cache()
        yield self._http()
        yield self._process()

    def _requests(self, labels: dict[str, str], suffix: str) -> RenderableType:
        report, table = self.report, _grid(2)
        reasons = [f for f in report.all("requests_finished") if _has(f, labels)]
        if reasons:
            parts = [f"{self._figure(f)} {neutral(f.labels.get('finished_reason', '?'))}" for f in reasons if f.value]
            whole = sum(f.value for f in reasons)
            table.add_row(Text("Finished"), Text(f"{self._show(whole, Unit.REQUESTS)} ({', '.join(parts) or 'none'})"))
        for id, label in (
            ("requests_running", "Running now"),
            ("requests_waiting", "Waiting now"),
            ("requests_per_second", "Rate"),
            ("prompt_tokens", "Prompt tokens"),
            ("generation_tokens", "Output tokens"),
            ("prompt_tokens_per_second", "Prompt tokens/s"),
            ("generation_tokens_per_second", "Output tokens/s"),
            ("prompt_tokens_per_request", "Prompt per request"),
            ("generation_tokens_per_request", "Output per request"),
        ):
            if figure := report.find(id, **labels):
                unit = " tokens" if id.endswith("per_request") else ""
                table.add_row(Text(label), Text(self._figure(figure) + unit))
        if figure := report.find("output_input_ratio", **labels):
            table.add_row(Text("Output : input"), Text(f"{self.language.significant(figure.value, 2)} : 1"))
        return self._section(f"Requests and tokens{suffix}", [table])

    def _latency(self, labels: dict[str, str], suffix: str) -> RenderableType:
        report = self.report
        table = Table(box=None, padding=(0, 1, 0, 0), show_edge=False)
        for heading in ("", "mean", "p50", "p95", "p99", ">= 99 % within"):
            table.add_column(heading, justify="left" if heading == "" else "right", no_wrap=True)
        for id in s.LATENCIES:
            cells = [report.find(f"{id}_{what}_seconds", **labels) for what in ("mean", "p50", "p95", "p99", "bound")]
            if not any(cells):
                continue
            row = [self._figure(figure) if figure else "–" for figure in cells]
            if share := report.find(f"{id}_bound_ratio", **labels):
                row[-1] += f" ({self._figure(share)})"
            table.add_row(LATENCY_NAMES[id], *row)
        if not table.row_count:
            return self._section(f"Latency{suffix}", [Text("No request was timed in the window.")])
        blocks: list[RenderableType] = [table]
        if speed := report.find(s.DECODE_SPEED.id, **labels):
            blocks.append(Text(f"One request's text flows at {self._figure(speed)} (1 / mean inter-token latency)."))
        return self._section(f"Latency{suffix}", blocks)

    def _cache(self) -> RenderableType:
        report, table = self.report, _grid(2)
        for figure in report.all("kv_cache_usage_ratio")[:ROWS]:
            engine = "".join(f", {k} {neutral(v)}" for k, v in figure.labels.items() if k != "model_name")
            used = self._blocks_used(figure)
            table.add_row(
                Text("KV cache in use"), Text(f"{self._figure(figure)}{used}{engine}{self._of(figure.labels)}")
            )
        for figure in report.all("kv_cache_capacity_tokens")[:ROWS]:
            blocks = report.find("kv_cache_blocks", **figure.labels)
            size = report.find("kv_cache_block_size", **figure.labels)
            made = f" ({self._figure(blocks)} blocks x {self._figure(size)})" if blocks and size else ""
            engine = f", engine {neutral(figure.labels['engine'])}" if "engine" in figure.labels else ""
            table.add_row(Text("Capacity"), Text(f"{self._figure(figure)} tokens{made}{engine}"))
        for id, label in (
            ("max_model_len_tokens", "Longest request"),
            ("max_full_length_requests", "Full-length requests at once"),
            ("gpu_memory_utilization_ratio", "GPU memory setting"),
            ("prefix_cache_hit_ratio", "Prefix cache hits"),
            ("prefix_cache_saved_tokens", "Prompt tokens spared"),
            ("preemptions", "Preemptions"),
            ("preemptions_per_request", "Preemptions per request"),
            ("spec_decode_acceptance_ratio", "Drafts accepted"),
            ("spec_decode_tokens_per_step", "Tokens per draft step"),
        ):
            for figure in _distinct(report.all(id))[:ROWS]:
                table.add_row(Text(label), Text(self._figure(figure) + self._of(figure.labels)))
        shown = max(len(report.all(id)) for id in ("kv_cache_usage_ratio", "kv_cache_capacity_tokens", "preemptions"))
        return self._section("KV cache and prefix cache", [table, *_left(shown, ROWS)])

    def _blocks_used(self, figure: Figure) -> str:
        blocks = self.report.all("kv_cache_blocks")
        if len(blocks) != 1:
            return ""
        return (
            f" ({self._show(round(blocks[0].value * figure.value), Unit.BLOCKS)} of {self._figure(blocks[0])} blocks)"
        )

    def _http(self) -> RenderableType:
        table = _grid(2)
        if success := self.report.find("http_success_ratio"):
            total = sum(f.value for f in self.report.all("http_requests"))
            table.add_row(
                Text("Answered"), Text(f"{self._show(total, Unit.REQUESTS)}, {self._figure(success)} of them 2xx")
            )
        rows = sorted((f for f in self.report.all("http_requests") if f.value), key=lambda f: -f.value)
        for f in rows[:8]:
            what = " ".join(neutral(f.labels.get(k, ""), 40) for k in ("method", "handler", "status"))
            table.add_row(Text(f"  {self._figure(f)}"), Text(what))
        if not table.row_count:
            return self._section("HTTP", [Text("No HTTP requests on this page.")])
        return self._section("HTTP", [table])

    def _process(self) -> RenderableType | None:
        collections = self.report.all("gc_collections")
        if not collections:
            return None
        parts = [f"{self._figure(f)} in generation {neutral(f.labels.get('generation', '?'))}" for f in collections]
        stuck = self.report.find("gc_uncollectable_objects")
        left = (
            "nothing uncollectable" if not stuck or not stuck.value else f"{self._figure(stuck)} objects uncollectable"
        )
        return self._section("Garbage collection", [Text(f"{', '.join(parts)}; {left}.")])

    def _insights(self) -> RenderableType:
        table = _grid(3)
        for i in self.report.insights:
            table.add_row(
                i.area.capitalize(),
                Text(i.verdict, style=STYLE[i.verdict]),
                Text(_sentence(self.language.write(i.reason))),
            )
        return self._section("Insights", [table])

    def _findings(self) -> RenderableType:
        bad = [finding for finding in self.report.findings if finding.severity != "ok"]
        if not bad:
            return self._section("Findings", [Text("Nothing is past its bound.")])
        blocks: list[RenderableType] = []
        for f in bad[:ROWS]:
            head = Text.assemble(
                (f.severity, STYLE[f.severity]),
                "  ",
                (self.language.write(f.title), "bold"),
                (f"  {f.alert}" if f.alert else "", "dim"),
                self._of(dict(f.labels)),
            )
            blocks.append(head)
            lines = [f.evidence, f.cause, f.advice]
            blocks.append(Padding(Group(*(Text(_sentence(self.language.write(p))) for p in lines if p)), (0, 0, 0, 2)))
        return self._section("Findings", [*blocks, *_left(len(bad), ROWS)])

    def _advice(self) -> RenderableType | None:
        if not self.report.advice:
            return None
        return self._section(
            "Advice", [self._bullet(f"{a.setting}: {self.language.write(a.text)}") for a in self.report.advice]
        )

    # ------------------------------------------------------------------------------------- helpers

    def _of(self, labels: Mapping[str, str]) -> str:
        """Whose a row is, where there are several models."""
        model = labels.get("model_name", "") if len(self.report.models) > 1 else ""
        return f" · {neutral(model, 40)}" if model else ""

    def _figure(self, figure: Figure) -> str:
        return self.language.quantity(figure.quantity)

    def _show(self, number: float | None, unit: Unit) -> str:
        return "unknown" if number is None else self.language.quantity(Quantity(float(number), unit))

    def _section(self, title: str, blocks: Sequence[RenderableType]) -> RenderableType:
        return Group(Text(""), Text(title, style="bold underline"), *(Padding(block, (0, 0, 0, 2)) for block in blocks))

    def _bullet(self, text: str) -> RenderableType:
        row = _grid(2)
        row.add_row("-", Text(_sentence(text)))
        return row


def _version(low: str | None, high: str | None) -> str:
    if low and high:
        return f"vLLM {low}" if low == high else f"vLLM {low} to {high}"
    return f"vLLM {low} or later" if low else f"vLLM up to {high}" if high else "vLLM, version unknown"


def _grid(columns: int) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(columns):
        table.add_column(overflow="fold")
    return table


def _sentence(text: str) -> str:
    """With a capital and a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".") if text else text


def _has(figure: Figure, labels: dict[str, str]) -> bool:
    return all(figure.labels.get(k) == v for k, v in labels.items())


def _distinct(figures: Sequence[Figure]) -> list[Figure]:
    """Figures of several engines that say the same are said once."""
    seen: dict[tuple[str | None, float], Figure] = {}
    for figure in figures:
        seen.setdefault((figure.labels.get("model_name"), figure.value), figure)
    return list(seen.values())


def _left(found: int, shown: int) -> list[Text]:
    """What is to be said of rows that are not printed."""
    return [Text(f"… and {found - shown:,} more; --format json has all of them.", style="dim")] if found > shown else []


def _quiet(entry: Coverage) -> bool:
    return "no traffic" in entry.detail.text
