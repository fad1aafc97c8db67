"""Lines of a PDF, in reading order, become paragraphs, bullets, tables and headings."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from index.readers.pdf_layout import Line, PageLines, at_edge, flows, top_edge, without_running_heads
from index.readers.pieces import Piece, clean, has_header, table_pieces
from index.readers.structure import is_note, is_short, runs_on

_GLYPHS = "•●▪◦‣·■□►▶➢➤✓✔\uf0b7\uf0a7\uf0d8\uf076"
_BULLET = re.compile(rf"\s*(?:[{_GLYPHS}]\s*|[-–—*]\s+|\(?(?:\d{{1,3}}|[a-z])[.)]\s+)(?=\S)")
_HYPHENS = ("-", "\u2010", "\u00ad")
_STOPS = ".!?:;…。！？"
_CLOSERS = "\"'”’»)]⁰¹²³⁴⁵⁶⁷⁸⁹"
_NEW_PARAGRAPH = 1.3  # of the usual leading
_LEADING = 1.35  # font sizes; the most that type set solid has
_HEADING_SIZE = 1.1  # of the body's font size


@dataclass(slots=True)
class _Block:
    """Rows that read on from one another; ``right`` is the right edge of their column, in points."""

    rows: list[Line]
    right: float
    cells: list[str] = field(default_factory=list)

    @property
    def bullet(self) -> re.Match[str] | None:
        return _BULLET.match(self.rows[0].text)


@dataclass(frozen=True, slots=True)
class _Style:
    """What is usual in the document: the body's font size, the leading in font sizes, and the words that occur."""

    size: float
    leading: float
    words: Counter[str]


def to_pieces(pages: list[PageLines]) -> list[Piece]:
    """The pages' lines as pieces in reading order."""
    lines = [line for page in pages for line in page.lines]
    if not lines:
        return []
    size = _body_size(pages)
    leading = _leading(pages)
    pages = without_running_heads(pages, size, leading)
    heads = top_edge(pages[0], size, leading) if len(pages) == 1 else []
    pages = [replace(page, lines=[line for line in page.lines if line not in heads]) for page in pages]
    columns = [_rows(flow, leading) for page in pages for flow in flows(page.lines)]
    words = Counter(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", " ".join(line.text for line in lines).lower()))
    style = _Style(size, leading, words)
    blocks: list[_Block] = []
    for column in columns:
        _append(blocks, _blocks(column, style), style)
    return [Piece("note", line.text) for line in heads] + _pieces(blocks, style)


def _body_size(pages: list[PageLines]) -> float:
    """The font size of most characters, in half points; the edges of pages, where heads stand, only count if all do."""
    sizes: Counter[float] = Counter()
    edges: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            (edges if at_edge(page, line) else sizes)[round(line.size * 2) / 2] += len(line.text)
    return (sizes or edges).most_common(1)[0][0]


def _rows(flow: list[Line], leading: float) -> list[list[Line]]:
    """The lines of a flow by baseline; more than one to a row are a table's cells."""
    rows: list[list[Line]] = []
    for line in flow:
        if rows and abs(rows[-1][0].y - line.y) <= 0.35 * max(rows[-1][0].size, line.size):
            rows[-1].append(line)
        else:
            rows.append([line])
    for row in rows:
        row.sort(key=lambda line: line.x0)
        while len(row) > 1 and _BULLET.match(f"{row[0].text} x") and len(row[0].text) <= 4:
            row[:2] = [replace(_as_one(row[:2]), hang=row[1].x0 - row[0].x0)]
    tabular = [
        # At the end of a page the rest of a table is out of sight.
        (len(row) > 2 and index in (0, len(rows) - 1))
        or any(_aligned(row, rows[other], leading) for other in (index - 1, index + 1) if 0 <= other < len(rows))
        for index, row in enumerate(rows)
    ]
    return [row if in_table else [_as_one(row)] for row, in_table in zip(rows, tabular, strict=True)]


def _as_one(row: list[Line]) -> Line:
    bold = all(line.bold for line in row)
    return replace(row[-1], text=" ".join(line.text for line in row), x0=row[0].x0, bold=bold)


def _aligned(row: list[Line], other: list[Line], leading: float) -> bool:
    """Whether two neighbouring rows stand in one table: a cell behind the first lines up with one of the other's."""
    if len(row) < 2 or len(other) < 2 or abs(row[0].y - other[0].y) > 3 * leading * row[0].size:
        return False
    return any(
        min(abs(cell.x0 - o.x0), abs(cell.x1 - o.x1), abs(cell.x0 + cell.x1 - o.x0 - o.x1) / 2) <= 3
        for cell in row[1:]
        for o in other[1:]
    )


def _leading(pages: list[PageLines]) -> float:
    """The usual distance between the lines of a paragraph, in font sizes: that above lines that begin small."""
    steps: list[float] = []
    inner: list[float] = []
    for page in pages:
        for above, below in pairwise(sorted(page.lines, key=lambda line: (round(line.x0 / 20), -line.y))):
            step = (above.y - below.y) / below.size
            if abs(above.size - below.size) < 0.5 and 0.8 <= step <= 3:
                (inner if below.text[0].islower() else steps).append(step)
    return median(inner) if inner else min([*steps, _LEADING])


def _blocks(rows: list[list[Line]], style: _Style) -> list[_Block]:
    singles = [row[0] for row in rows if len(row) == 1]
    right = max((line.x1 for line in singles), default=0.0)
    left = min((line.x0 for line in singles), default=0.0)
    blocks: list[_Block] = []
    for row in rows:
        if len(row) > 1:
            blocks.append(_Block([row[0]], right, [cell.text for cell in row]))
        elif blocks and not blocks[-1].cells and _reads_on(blocks[-1], row[0], left, style):
            blocks[-1].rows.append(row[0])
        else:
            blocks.append(_Block([row[0]], right))
    return blocks


def _reads_on(block: _Block, row: Line, left: float, style: _Style) -> bool:
    """Whether a row belongs to the block above it in the same column."""
    above, first = block.rows[-1], block.rows[0]
    if abs(above.size - row.size) > 0.08 * above.size:
        return False
    if above.bold != row.bold and first.bold == above.bold and is_short(_joined(block.rows, style)):
        return False  # a paragraph may begin or end with a row in bold; a heading does not go on in plain type
    if above.y - row.y > _NEW_PARAGRAPH * style.leading * row.size or (row.text[0] in _GLYPHS and row.hang):
        return False
    if block.bullet and row.x0 < first.x0 + first.hang - 0.3 * row.size:
        return False
    if mark := _BULLET.match(row.text):
        # A figure with a full stop may as well end a sentence here: "… grew by" and "5. Then …".
        filled = not _would_have_fitted(block, row)
        continued = mark[0].strip()[:-1].isalnum() and filled and row.x0 >= above.x0 - 0.3 * row.size
        if not continued or (block.bullet and abs(row.x0 - first.x0) <= 0.3 * row.size):
            return False
    return not _starts_anew(block, row, left)


def _starts_anew(block: _Block, row: Line, left: float) -> bool:
    """Whether a row begins a paragraph though no space is left above it: by an indent or a line that was not filled."""
    above = block.rows[-1]
    ended = _ends(above.text)
    indented = row.x0 > left + 0.8 * row.size and above.x0 <= left + 0.3 * row.size and not block.bullet
    forced = _would_have_fitted(block, row) and not above.text.endswith(_HYPHENS)
    return (indented and ended) or (forced and (ended or not row.text[0].islower()))


def _would_have_fitted(block: _Block, row: Line) -> bool:
    """Whether the first word of a row would have had room at the end of the one above it."""
    word = row.text.split()[0]
    room = block.right - block.rows[-1].x1
    return room > 1.15 * row.width * (len(word) + 1) / max(1, len(row.text)) + 0.5 * row.size


def _append(blocks: list[_Block], new: list[_Block], style: _Style) -> None:
    """Add a column's blocks; its first one may go on with the paragraph that the column before it left open."""
    if new and not new[0].cells and not new[0].bullet:
        row = new[0].rows[0]
        for index in range(len(blocks) - 1, max(-1, len(blocks) - 6), -1):
            last = blocks[index]
            if last.rows[0].size < 0.92 * style.size and row.size >= 0.92 * style.size:
                continue  # a footnote at the foot of the page
            same_type = abs(last.rows[-1].size - row.size) <= 0.08 * row.size and last.rows[-1].bold == row.bold
            filled = last.right - last.rows[-1].x1 <= 6 * row.size
            above = last.rows[-1].text
            open_end = not last.cells and (above.endswith(_HYPHENS) or (above[-1] != ":" and runs_on(above, row.text)))
            heading = row.bold or row.size >= _HEADING_SIZE * style.size
            if same_type and open_end and not heading and (row.text[0].islower() or (filled and len(last.rows) > 1)):
                last.rows += new[0].rows
                new = new[1:]
            break
    blocks += new


def _ends(text: str) -> bool:
    return text.rstrip(_CLOSERS + " ")[-1:] in tuple(_STOPS)


def _joined(rows: list[Line], style: _Style) -> str:
    """The text of rows, words put together that a line end divides."""
    parts = [rows[0].text.strip()]
    for row in rows[1:]:
        above, below = parts[-1], row.text.strip()
        if above.endswith(_HYPHENS) and above[-2:-1].isalpha() and below[:1].isalpha():
            parts[-1] = above[:-1] + ("-" if _keeps_hyphen(above, below, style.words) else "")
        else:
            parts.append(" ")
        parts.append(below)
    return clean("".join(parts))


def _keeps_hyphen(above: str, below: str, words: Counter[str]) -> bool:
    """Whether a word divided at a line end has a hyphen anyway: the document writes it so, or both halves alone.

    For "defence-" and "industrial" both halves are words; for "indus-" and "trial" the first is none.
    """
    head = re.findall(r"[^\W\d_]+", above)[-1].lower()
    tail = re.findall(r"[^\W\d_]+", below)[0].lower()
    if below[0].isupper():
        return True  # "Anglo-" and "Dutch"
    if words[head + tail]:
        return False
    return bool(words[f"{head}-{tail}"]) or (len(head) > 2 and len(tail) > 2 and words[head] > 1 and words[tail] > 1)


def _pieces(blocks: list[_Block], style: _Style) -> list[Piece]:
    pieces: list[Piece] = []
    ranks: list[tuple[float, bool] | None] = []
    table: list[list[str]] = []
    for block in [*blocks, None]:
        if table and (block is None or len(block.cells) != len(table[0])):
            rows = table_pieces(table, header=has_header(table))
            pieces += rows
            ranks += [None] * len(rows)
            table = []
        if block is None:
            break
        if block.cells:
            table.append(block.cells)
            continue
        piece, rank = _piece(block, style)
        pieces.append(piece)
        ranks.append(rank)
    # The largest type is level 1, and so on; bold type of the body's size comes last.
    order = sorted({rank for rank in ranks if rank is not None}, reverse=True)
    return [
        piece if rank is None else replace(piece, level=order.index(rank) + 1)
        for piece, rank in zip(pieces, ranks, strict=True)
    ]


def _piece(block: _Block, style: _Style) -> tuple[Piece, tuple[float, bool] | None]:
    """A block as a piece, with the size and weight by which a heading gets its level."""
    text = _joined(block.rows, style)
    first = block.rows[0]
    bold = all(row.bold for row in block.rows)
    large = first.size >= _HEADING_SIZE * style.size
    marked = (large or bold) and len(block.rows) <= 4 and not is_note(text) and text[:1] not in _GLYPHS
    if marked and (is_short(text) or (large and len(text) <= 250 and not _ends(text))):
        return Piece("heading", text), (round(first.size * 2) / 2, bold)
    if mark := _BULLET.match(text):
        return Piece("bullet", text[mark.end() :]), None
    if len(block.rows) == 1 and is_short(text) and not text[0].islower():
        return Piece("line", text, 9), None
    return Piece("paragraph", text), None
