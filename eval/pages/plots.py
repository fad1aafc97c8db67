"""Plots as inline SVG: enough for four charts, without a plotting library and without a script in the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH, HEIGHT = 420, 300
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 14, 44
MARKS = ("●", "▲", "■")


@dataclass(frozen=True)
class Series:
    """A line: its name and its points (x, y)."""

    name: str
    points: Sequence[tuple[float, float]]


def _place(value: float, low: float, high: float, start: float, end: float) -> float:
    share = (value - low) / (high - low) if high > low else 0.5
    return round(start + min(max(share, 0.0), 1.0) * (end - start), 1)


def _axes(x_label: str, y_label: str, x_ticks: Sequence[float], y_ticks: Sequence[float]) -> Markup:
    out = [Markup('<g class="axes">')]
    for x in x_ticks:
        at = _place(x, x_ticks[0], x_ticks[-1], LEFT, WIDTH - RIGHT)
        out.append(Markup('<line x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(at, TOP, HEIGHT - BOTTOM))
        out.append(
            Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(at, HEIGHT - BOTTOM + 16, f"{x:g}")
        )
    for y in y_ticks:
        at = _place(y, y_ticks[0], y_ticks[-1], HEIGHT - BOTTOM, TOP)
        out.append(Markup('<line x1="{1}" x2="{2}" y1="{0}" y2="{0}"/>').format(at, LEFT, WIDTH - RIGHT))
        out.append(Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(LEFT - 6, at + 4, f"{y:g}"))
    middle = (LEFT + WIDTH - RIGHT) / 2, (TOP + HEIGHT - BOTTOM) / 2
    out.append(
        Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(middle[0], HEIGHT - 8, escape(x_label))
    )
    out.append(
        Markup('<text transform="translate(14 {}) rotate(-90)" text-anchor="middle">{}</text></g>').format(
            middle[1], escape(y_label)
        )
    )
    return Markup("").join(out)


def line_plot(
    title: str,
    series: Sequence[Series],
    *,
    x_label: str,
    y_label: str,
    x_ticks: Sequence[float],
    y_ticks: Sequence[float],
    diagonal: bool = False,
) -> Markup:
    """Lines over axes that run from the first to the last tick; each line has a dash and a mark of its own, so that
    colour is never the only difference. ``diagonal`` draws the line on which y = x.
    """
    parts = [_axes(x_label, y_label, x_ticks, y_ticks)]
    if diagonal:
        parts.append(
            Markup('<line class="diagonal" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
                LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, TOP
            )
        )
    for number, line in enumerate(series):
        points = [
            (
                _place(x, x_ticks[0], x_ticks[-1], LEFT, WIDTH - RIGHT),
                _place(y, y_ticks[0], y_ticks[-1], HEIGHT - BOTTOM, TOP),
            )
            for x, y in line.points
        ]
        path = " ".join(f"{x},{y}" for x, y in points)
        parts.append(Markup('<polyline class="line s{}" points="{}"/>').format(number, path))
        if len(points) <= 12:
            parts += [
                Markup('<text class="dot s{}" x="{}" y="{}" text-anchor="middle">{}</text>').format(
                    number, x, y + 4, MARKS[number % len(MARKS)]
                )
                for x, y in points
            ]
    return _figure(title, series, Markup("").join(parts), HEIGHT)


def bar_plot(title: str, bars: Sequence[tuple[str, Sequence[tuple[str, float]]]], unit: str) -> Markup:
    """Horizontal bars: for each label its named values, each written beside its bar."""
    high = max((value for _, group in bars for _, value in group), default=1.0) or 1.0
    names = list(dict.fromkeys(name for _, group in bars for name, _ in group))
    parts, y = [], TOP
    for label, group in bars:
        parts.append(Markup('<text x="{}" y="{}">{}</text>').format(6, y + 10, escape(label)))
        y += 16
        for name, value in group:
            length = max(1.0, round(value / high * (WIDTH - 120), 1))
            number = names.index(name)
            parts.append(
                Markup('<rect class="bar s{}" x="6" y="{}" width="{}" height="11"/>').format(number, y, length)
            )
            parts.append(
                Markup('<text x="{}" y="{}">{} {:.1f} {}</text>').format(length + 12, y + 10, escape(name), value, unit)
            )
            y += 15
        y += 6
    return _figure(title, [], Markup("").join(parts), y + 6)


def _figure(title: str, series: Sequence[Series], body: Markup, height: int) -> Markup:
    legend = Markup("").join(
        Markup('<li class="s{}"><span aria-hidden="true">{}</span> {}</li>').format(
            number, MARKS[number % len(MARKS)], line.name
        )
        for number, line in enumerate(series)
        if len(series) > 1
    )
    keys = Markup('<ul class="legend">{}</ul>').format(legend) if legend else Markup("")
    return Markup(
        '<figure><figcaption>{0}</figcaption><svg viewBox="0 0 {1} {2}" role="img" aria-label="{0}">{3}</svg>{4}'
        "</figure>"
    ).format(title, WIDTH, height, body, keys)
