"""A run, or a comparison of two, as one HTML page that needs nothing else.

All text of answers, questions and reports goes through Jinja's escaping; the page holds no script, and its content
security policy would not let one run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from eval.compare import Change, changes, pick
from eval.figures import show
from eval.gate import Verdict
from eval.pages import tables
from eval.pages.plots import Series, bar_plot, line_plot
from eval.record import Row, Run

_TEMPLATES = Path(__file__).parent / "templates"
_PIECES = re.compile(r"(\[\d+\]|\*\*.+?\*\*)", re.DOTALL)
_UNIT = (0, 0.2, 0.4, 0.6, 0.8, 1)


def html_page(new: Run, old: Run | None = None, verdict: Verdict | None = None, title: str = "Evaluation") -> str:
    """The page. With ``old`` what changed comes first; without it, what fails."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["show"] = show
    environment.filters["answer"] = answer_markup
    found = changes(old, new) if old else []
    return environment.get_template("page.html").render(
        title=title,
        style=Markup((_TEMPLATES / "page.css").read_text(encoding="utf-8")),  # noqa: S704 -- our own file
        new=new,
        old=old,
        verdict=verdict,
        worse=pick(found, "worse"),
        better=pick(found, "better"),
        different=pick(found, "different"),
        failed=[row for row in new.rows if row.wrong],
        metrics=_metric_rows(new, old),
        goals=tables.goals(new.rows, str(new.provenance.get("scope", {}).get("suite", "report"))),
        slices=tables.slices(new.rows),
        sliced=tables.SLICED,
        plots=_plots(new.rows, old.rows if old else ()),
        provenance=_provenance(new, old),
        summary=_summary(new, found),
    )


def _summary(new: Run, found: Sequence[Change]) -> str:
    passed = sum(not row.wrong for row in new.rows)
    text = f"{passed} of {len(new.rows)} cases pass"
    if found:
        counts = [f"{len(pick(found, d))} {d}" for d in ("worse", "better", "different")]
        text += f"; {len(found)} answers changed: {', '.join(counts)}"
    return text + "."


def answer_markup(row: Row) -> Markup:
    """An answer's text, escaped, its marks linked to the citations below it and its emphasis kept."""
    if row.text is None:
        return Markup('<p class="error">{}</p>').format(f"Error: {row.error}")
    right = {cited.number: cited.right for cited in row.citations}
    out = []
    for piece in _PIECES.split(row.text):
        if re.fullmatch(r"\[\d+\]", piece):
            number = int(piece[1:-1])
            kind = {True: "right", False: "wrong", None: "open"}[right.get(number)]
            out.append(Markup('<sup class="mark {}">{}</sup>').format(kind, piece))
        elif piece.startswith("**") and piece.endswith("**") and len(piece) > 4:
            out.append(Markup("<strong>{}</strong>").format(_unescaped(piece[2:-2])))
        else:
            out.append(escape(_unescaped(piece)))
    return Markup('<p class="text">{}</p>').format(Markup("").join(out))


def _unescaped(markdown: str) -> str:
    """Text without the backslashes that keep it from being read as Markdown."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)


def _metric_rows(new: Run, old: Run | None) -> list[tuple[tables.Metric, tables.Metric | None]]:
    before = {metric.name: metric for metric in tables.metrics(old.rows)} if old else {}
    return [(metric, before.get(metric.name)) for metric in tables.metrics(new.rows)]


def _plots(new: Sequence[Row], old: Sequence[Row]) -> list[Markup]:
    runs = [("now", new)] + ([("baseline", old)] if old else [])

    def keep(series: list[Series]) -> list[Series]:
        return [line for line in series if line.points]

    plots = [
        line_plot(
            "Reliability: confidence against the share that the report answers",
            keep([tables.reliability_series(rows, name) for name, rows in runs]),
            x_label="confidence", y_label="answerable", x_ticks=_UNIT, y_ticks=_UNIT, diagonal=True,
        ),
        line_plot(
            "Risk and coverage: wrong answers among those given",
            keep([tables.risk_series(rows, name) for name, rows in runs]),
            x_label="coverage", y_label="risk", x_ticks=_UNIT, y_ticks=_UNIT,
        ),
        line_plot(
            "Recall at k, passages and sentences",
            keep([tables.recall_series(new, what, what) for what in ("passage", "sentence")]),
            x_label="k", y_label="recall", x_ticks=(0, 2, 4, 6, 8, 10), y_ticks=_UNIT,
        ),
    ]  # fmt: skip
    stages = [(stage, [("p50", middle), ("p95", high)]) for stage, middle, high in tables.latency(new)]
    return plots + ([bar_plot("Latency by stage", stages, "ms")] if stages else [])


def _provenance(new: Run, old: Run | None) -> list[tuple[str, str, str | None, bool]]:
    """Name, value now, value then (None without an old run), whether they differ."""
    now, then = _flat(new.provenance), _flat(old.provenance) if old else {}
    return [
        (name, now.get(name, "–"), then.get(name, "–") if old else None, bool(old) and now.get(name) != then.get(name))
        for name in dict.fromkeys([*now, *then])
    ]


def _flat(data: object, prefix: str = "") -> dict[str, str]:
    if not isinstance(data, dict):
        return {prefix: str(data)}
    found: dict[str, str] = {}
    for name, value in data.items():
        found |= _flat(value, f"{prefix}.{name}" if prefix else str(name))
    return found
