"""Report -> one HTML file that fetches nothing and runs nothing: tiles, bars, gauges, cards and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from vllm_observability.render.report.author import document
from vllm_observability.render.report.document import (
    Bars,
    Block,
    Bullets,
    Card,
    Course,
    Document,
    Grid,
    Heat,
    Level,
    Para,
    Rows,
    Scatter,
    Split,
    Tiles,
    Words,
)
from vllm_observability.render.report.histogram import picture
from vllm_observability.render.report.over_time import drawn, shaded
from vllm_observability.render.report.scatter import plot
from vllm_observability.render.template_files import FOLDER
from vllm_observability.report.records import Report
from vllm_observability.words.phrases import English, Language, say

KINDS = {Bullets: "bullets", Rows: "rows", Grid: "grid", Para: "para", Tiles: "tiles"}


def report_html(report: Report, *, language: Language | None = None) -> str:
    """The report as a page; every word of a label is text, whatever it looks like."""
    spoken = language or English()
    return document_html(document(report, spoken), spoken)


def document_html(text: Document, spoken: Language) -> str:
    """A document as a page."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    spans = environment.get_template("spans.html.j2")

    def written(words: Words) -> Markup:
        return Markup(spans.render(words=words))

    environment.filters["named"] = lambda blocks: list(_named(blocks, spoken))
    environment.filters["indent_as_space"] = lambda text: text.replace("  ", "\u2003")
    page = environment.get_template("report.html.j2").render(
        document=text,
        spans=written,
        severity=spoken.write(say(text.worst)),  # what the colour of the verdict says, for those who do not see it
    )
    return "\n".join(line for line in page.split("\n") if line.strip()) + "\n"


def _named(blocks: Sequence[Block], language: Language) -> Iterator[tuple[str, object]]:
    """Blocks with the name under which the template draws them; pictures of a section stand side by side, cards below
    each other in one list."""
    pictures = [picture(block, language) for block in blocks if isinstance(block, Bars)]
    if cards := [block for block in blocks if isinstance(block, Card)]:
        yield "cards", cards
    for block in blocks:
        if isinstance(block, Level):
            marks = [{"percent": _percent(m.at), "text": m.text, "style": m.style} for m in block.marks]
            yield (
                "level",
                {"title": block.title, "text": block.text, "percent": _percent(block.share), "marks": marks},
            )
        elif isinstance(block, Split):
            yield (
                "split",
                {"title": block.title, "portions": [(p.title, p.text, _percent(p.share)) for p in block.portions]},
            )
        elif isinstance(block, Scatter):
            yield "scatter", plot(block, language)
        elif isinstance(block, Course):
            yield "course", drawn(block, language)
        elif isinstance(block, Heat):
            yield "heat", shaded(block, language)
        elif not isinstance(block, (Bars, Card)):
            yield KINDS[type(block)], block
    if pictures:
        yield "pictures", pictures


def _percent(share: float) -> float:
    return round(100 * min(1.0, max(0.0, share)), 2)
