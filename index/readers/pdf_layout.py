"""Lines of a PDF's pages: running heads taken out, columns put one after the other."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import median

_MARGIN = 0.13  # share of a page's height at its top and bottom where headers and footers stand
_EDGE = 0.07  # share of the height at its top and bottom where nothing but heads and page numbers stands
_SAME_PLACE = 4.0  # points
_PAGE_NUMBER = re.compile(
    r"(?:page|p\.|pg\.?|seite|página|стр\.?)?\s*[-–—|·]?\s*(?:\d{1,4}|[ivxlc]{1,7})\s*(?:(?:/|\||of|von|de|из)\s*\d{1,4})?"
    r"\s*[-–—|·]?",
    re.IGNORECASE,
)
_APART = 1.4  # of the leading
_MIN_COLUMN = 8  # font sizes; a narrower one is a list's marks or line numbers
_MIN_COLUMN_LINES = 3
_MOST_STARTS = 40  # left edges tried as a column's; the lines of a page of text share a few
_MIN_FILL = 0.45  # share of a column's width that its lines fill; the cells of a table fill less


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, or the part of it in one cell: offsets in points from the page's left and bottom.

    ``place`` is its number in the page's stream; ``hang`` is how far behind ``x0`` the text begins where a list's mark
    stands apart before it, else 0.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    place: int = 0
    hang: float = 0.0

    @property
    def width(self) -> float:
        """Its width in points."""
        return self.x1 - self.x0


@dataclass(frozen=True, slots=True, eq=False)
class PageLines:
    """A page's lines; ``bottom`` and ``top`` are the page's ends in points."""

    number: int
    bottom: float
    top: float
    lines: list[Line]


def join_lines(lines: list[Line]) -> list[Line]:
    """Join parts of one line that a page's stream holds apart, such as runs in another font."""
    joined: list[Line] = []
    for line in sorted(lines, key=lambda line: (-round(line.y), line.x0)):
        for index in range(len(joined) - 1, max(-1, len(joined) - 12), -1):
            before = joined[index]
            size = max(before.size, line.size)
            if abs(before.y - line.y) <= 0.3 * size and -0.3 * size <= line.x0 - before.x1 <= 0.8 * size:
                space = "" if line.x0 - before.x1 < 0.15 * size else " "
                bigger = before if len(before.text) >= len(line.text) else line
                text = f"{before.text}{space}{line.text}"
                joined[index] = replace(
                    bigger, text=text, x0=before.x0, x1=line.x1, y=before.y, bold=before.bold and line.bold
                )
                break
        else:
            joined.append(line)
    return joined


def without_running_heads(pages: list[PageLines], body_size: float, leading: float) -> list[PageLines]:
    """Drop what repeats at the same place over pages, with the page's number in it or without, and page numbers.

    Only at a page's top and bottom, from its edge inwards, and only what is set apart from the text by a gap or by its
    type: a sentence that happens to stand at the same place on two pages stays.
    """
    places: dict[tuple[str, int], list[tuple[PageLines, Line]]] = defaultdict(list)
    for page in pages:
        for line in page.lines:
            if _in_margin(page, line):
                text, place = re.sub(r"\d+", "#", line.text), line.y / _SAME_PLACE
                # Two grids half a step apart: places next to each other share a cell in one of them.
                places[text, 2 * round(place)].append((page, line))
                places[text, 2 * round(place + 0.5) + 1].append((page, line))
    running: set[tuple[int, Line]] = set()
    for members in places.values():
        if len({page.number for page, _ in members}) > 1 and _repeats(members, body_size):
            running.update((page.number, line) for page, line in members)
    return [_without_edges(page, running, leading) for page in pages]


def at_edge(page: PageLines, line: Line) -> bool:
    """Whether a line stands at a page's very top or bottom."""
    return _within(page, line, _EDGE)


def top_edge(page: PageLines, body_size: float, leading: float) -> list[Line]:
    """What looks like the head of a page that no other page repeats: at its very top, in small type, set apart."""
    ordered = sorted(page.lines, key=lambda line: -line.y)
    count = 0
    for index, line in enumerate(ordered[:-1]):
        if not at_edge(page, line) or line.y < (page.bottom + page.top) / 2 or line.size > 0.92 * body_size:
            break
        if _set_apart(line, ordered[index + 1], leading):
            count = index + 1
    return ordered[:count]


def _in_margin(page: PageLines, line: Line) -> bool:
    return _within(page, line, _MARGIN)


def _within(page: PageLines, line: Line, share: float) -> bool:
    """Whether a line stands within a share of the page's height from its top or bottom."""
    return min(line.y - page.bottom, page.top - line.y) <= share * (page.top - page.bottom)


def _repeats(members: list[tuple[PageLines, Line]], body_size: float) -> bool:
    """Whether lines at one place say the same, or differ only in figures that count with the pages."""
    lines = [line for _, line in members]
    same = len({line.text for line in lines}) == 1
    if any(line.text[-1] in ".!?" and len(line.text.split()) > 4 and line.size > 0.95 * body_size for line in lines):
        return same and all(at_edge(page, line) for page, line in members)  # a sentence, unless it is a page's first
    if same:
        return True
    if any(line.size > 1.1 * body_size for line in lines):
        return False  # "Case 1", "Case 2" at the top of each page are headings
    offsets = [[int(figure) - page.number for figure in re.findall(r"\d{1,9}", line.text)] for page, line in members]
    return any(len(set(column)) == 1 for column in zip(*offsets, strict=False))


def _without_edges(page: PageLines, running: set[tuple[int, Line]], leading: float) -> PageLines:
    rows: list[list[Line]] = []
    for line in sorted(page.lines, key=lambda line: -line.y):
        if rows and rows[-1][0].y - line.y <= 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    dropped: set[Line] = set()
    for inwards in (rows, rows[::-1]):
        count = 0  # rows from the edge that are running heads, as far as the last one that is set apart
        for index, row in enumerate(inwards):
            if not all(_is_running(page, line, running) for line in row):
                break
            if index + 1 == len(inwards) or _set_apart(row[0], inwards[index + 1][0], leading):
                count = index + 1
        dropped.update(line for row in inwards[:count] for line in row)
    return replace(page, lines=[line for line in page.lines if line not in dropped])


def _is_running(page: PageLines, line: Line, running: set[tuple[int, Line]]) -> bool:
    if (page.number, line) in running:
        return True
    return _in_margin(page, line) and _PAGE_NUMBER.fullmatch(line.text.strip()) is not None


def _set_apart(line: Line, inner: Line, leading: float) -> bool:
    other_type = abs(line.size - inner.size) > 0.08 * inner.size or line.bold != inner.bold
    return other_type or abs(line.y - inner.y) > _APART * leading * max(line.size, inner.size)


def flows(lines: list[Line]) -> Iterator[list[Line]]:
    """The lines of a page in reading order, one list for each stretch of one column, top to bottom.

    The largest stretch of the page that an upright white band divides is read left side first, what is above it
    before and what is below it after, each by the same rule.
    """
    ordered = sorted(lines, key=lambda line: (-line.y, line.x0))
    split = _widest_split(ordered)
    if split is None:
        if ordered:
            yield ordered
        return
    begin, end, x = split
    yield from flows(ordered[:begin])
    yield from flows([line for line in ordered[begin:end] if line.x1 <= x])
    yield from flows([line for line in ordered[begin:end] if line.x1 > x])
    yield from flows(ordered[end:])


def _widest_split(ordered: list[Line]) -> tuple[int, int, float] | None:
    """The longest run of lines with a white band beside which both sides read as columns: its ends, and the band."""
    best: tuple[int, int, float] | None = None
    starts = Counter(round(line.x0) - 1.0 for line in ordered).most_common(_MOST_STARTS)
    for x in sorted(start for start, _ in starts):
        begin = 0
        for end in range(len(ordered) + 1):
            if end < len(ordered) and not ordered[end].x0 < x < ordered[end].x1:
                continue
            last = _last_beside(ordered, begin, end, x)
            if (best is None or last - begin > best[1] - best[0]) and _are_columns(ordered[begin:last], x):
                best = (begin, last, x)
            begin = end + 1
    return best


def _last_beside(ordered: list[Line], begin: int, end: int, x: float) -> int:
    """The end of a run without the lines that come below its right side and, in the page's stream, after it."""
    right = [line for line in ordered[begin:end] if line.x1 > x]
    if right:
        place, y = max(line.place for line in right), min(line.y for line in right)
        while ordered[end - 1].place > place and ordered[end - 1].y < y:
            end -= 1
    return end


def _are_columns(lines: list[Line], x: float) -> bool:
    left = [line for line in lines if line.x1 <= x]
    right = [line for line in lines if line.x1 > x]
    if not left or not right or len(lines) < 2 * _MIN_COLUMN_LINES:
        return False
    size = median(line.size for line in lines)
    if min(line.x0 for line in right) - max(line.x1 for line in left) < 0.7 * size:
        return False
    # Written one after the other they are columns even where one is short; a table is written row by row.
    in_turn = max(line.place for line in left) < min(line.place for line in right)
    return all(_reads_as_column(side, other, size, in_turn) for side, other in ((left, right), (right, left)))


def _reads_as_column(side: list[Line], other: list[Line], size: float, in_turn: bool) -> bool:
    width = max(line.x1 for line in side) - min(line.x0 for line in side)
    beside = sum(min(o.y for o in other) - size <= line.y <= max(o.y for o in other) + size for line in side)
    if in_turn:
        return width >= 3 * size and beside > 0  # more than a list's mark
    if width < _MIN_COLUMN * size:
        return False
    bases = len({round(line.y / (0.5 * size)) for line in side})
    return beside >= _MIN_COLUMN_LINES and sum(line.width for line in side) >= _MIN_FILL * width * bases
