"""Word files (docx) by python-docx, in the order of the body: paragraphs, lists, tables, text boxes, footnotes."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import docx
import lxml.etree
from docx.document import Document as WordDocument
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn

from index.errors import ReportError
from index.readers.pieces import Document, Piece, clean, has_header, superscript, table_pieces

_OLE = b"\xd0\xcf\x11\xe0"
_MAX_UNPACKED = 512 * 2**20
_P, _TABLE, _ROW, _CELL, _T = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc"), qn("w:t")
_BOX, _STYLE, _OUTLINE, _NUMBER = qn("w:txbxContent"), qn("w:pStyle"), qn("w:outlineLvl"), qn("w:numPr")
_VAL = qn("w:val")
_SPACES = frozenset([qn("w:tab"), qn("w:br"), qn("w:cr")])
# Deleted text, the older twin that Word keeps of a drawing, and what stands in a box of its own.
_SKIPPED = frozenset(
    [qn("w:del"), qn("w:moveFrom"), "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"]
)
_CONTAINERS = frozenset([qn("w:sdt"), qn("w:sdtContent"), qn("w:customXml"), qn("w:ins"), qn("w:smartTag")])
# What zipfile, lxml and python-docx raise on parts that are missing, cut short or of another kind.
_DAMAGE = (
    zipfile.BadZipFile,
    OpcError,
    lxml.etree.LxmlError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    zlib.error,
)
_HEADING = re.compile(r"heading ?([1-9])", re.IGNORECASE)


def read(data: bytes, name: str) -> Document:
    """Read a Word file; headings by style or outline level, lists by style or numbering, tables row by row.

    Raises:
        ReportError: the file is damaged, encrypted, no Word file, or unpacks to more than 512 MiB.
    """
    if data.startswith(_OLE):
        raise ReportError(f"{name}: the file is encrypted or in Word's old format; save it as docx without a password")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNPACKED:
                raise ReportError(f"{name}: unpacks to more than {_MAX_UNPACKED // 2**20} MiB; split the report")
        document = docx.Document(BytesIO(data))
        return Document(_Reader(document).pieces(), clean(document.core_properties.title) or None)
    except _DAMAGE as error:
        raise ReportError(
            f"{name}: expected a Word file (docx), but it is damaged or no such file: save it again"
        ) from error


class _Reader:
    def __init__(self, document: WordDocument) -> None:
        self._document = document
        self._styles: dict[str, Any] = {style.style_id: style for style in document.styles if style.style_id}

    def pieces(self) -> list[Piece]:
        pieces = list(self._blocks(self._document.element.body))
        pieces += self._footnotes()
        return pieces

    def _blocks(self, parent: Any) -> Iterator[Piece]:
        for child in parent:
            if child.tag == _P:
                yield from self._paragraph(child)
                for box in child.iter(_BOX):
                    if not any(above.tag in _SKIPPED for above in box.iterancestors()):
                        yield from self._blocks(box)
            elif child.tag == _TABLE:
                yield from self._table(child)
            elif child.tag in _CONTAINERS:
                yield from self._blocks(child)

    def _paragraph(self, element: Any) -> Iterator[Piece]:
        text = clean(_text(element))
        if not text:
            return
        names = [style.name or "" for style in self._chain(element)]
        level = self._level(element, names)
        first = names[0].lower() if names else ""
        if first.startswith("toc"):
            return
        if "Title" in names:
            yield Piece("title", text)
        elif level:
            yield Piece("heading", text, level)
        elif first in ("caption", "footnote text", "endnote text"):
            yield Piece("note", text)
        elif any(name.lower().startswith(("list bullet", "list number")) for name in names) or self._numbered(element):
            yield Piece("bullet", text)
        elif _all_bold(element) and len(text) <= 100 and text[-1] not in ".!,;":
            yield Piece("line", text, 6)  # a heading written as a paragraph in bold
        else:
            yield Piece("paragraph", text)

    def _chain(self, element: Any) -> list[Any]:
        """A paragraph's style and the styles that it is based on."""
        marks = element.xpath("./w:pPr/w:pStyle")
        style = self._styles.get(marks[0].get(_VAL)) if marks else None
        chain: list[Any] = []
        while style is not None and style not in chain:
            chain.append(style)
            style = getattr(style, "base_style", None)
        return chain

    def _level(self, element: Any, names: list[str]) -> int:
        """The level of a heading from 1, or 0 for other text."""
        for name in names:
            if match := _HEADING.fullmatch(name):
                return int(match[1])
        marked = [element, *(style.element for style in self._chain(element))]
        for holder in marked:
            for outline in holder.xpath("./w:pPr/w:outlineLvl"):
                level = int(outline.get(_VAL, "9"))
                return level + 1 if level < 9 else 0
        return 0

    def _numbered(self, element: Any) -> bool:
        """Whether a paragraph stands in a list; number 0 takes one out of the list of its style."""
        for holder in [element, *(style.element for style in self._chain(element))]:
            for mark in holder.xpath("./w:pPr/w:numPr"):
                numbers = mark.xpath("./w:numId")
                return not numbers or numbers[0].get(_VAL) != "0"
        return False

    def _table(self, table: Any) -> Iterator[Piece]:
        rows = [[clean(_text(cell)) for cell in row.iter(_CELL)] for row in table.iterchildren(_ROW)]
        if len(rows) == 1 or all(len(row) < 2 for row in rows) or next(table.iterdescendants(_TABLE), None) is not None:
            # A frame or a layout, not data.
            for cell in table.xpath("./w:tr/w:tc"):
                yield from self._blocks(cell)
            return
        marked = bool(table.xpath("./w:tr[1]/w:trPr/w:tblHeader"))
        bold = all(_all_bold(cell) for cell in table.xpath("./w:tr[1]/w:tc"))
        yield from table_pieces(rows, header=marked or bold or has_header(rows))

    def _footnotes(self) -> Iterator[Piece]:
        for relation in self._document.part.rels.values():
            if relation.reltype.endswith(("/footnotes", "/endnotes")) and not relation.is_external:
                root = lxml.etree.fromstring(relation.target_part.blob, lxml.etree.XMLParser(resolve_entities=False))
                for note in root:
                    if note.get(qn("w:type")) is None:
                        yield Piece("note", " ".join(_text(paragraph) for paragraph in note.iter(_P)))


def _text(element: Any) -> str:
    """The text of an element as it reads with all changes accepted; cells and paragraphs in it a space apart."""
    parts: list[str] = []
    stack = [iter(element)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag == _T:
            raised = child.xpath("../w:rPr/w:vertAlign[@w:val='superscript']")
            parts.append(superscript(child.text or "") if raised else child.text or "")
        elif child.tag in _SPACES:
            parts.append(" ")
        elif child.tag == qn("w:noBreakHyphen"):
            parts.append("-")
        elif child.tag not in _SKIPPED and child.tag != _BOX:
            if child.tag in (_P, _CELL):
                parts.append(" ")
            stack.append(iter(child))
    return "".join(parts)


def _all_bold(element: Any) -> bool:
    """Whether every word in an element is set in bold by its own run."""
    runs = [run for run in element.iter(qn("w:r")) if any((text.text or "").strip() for text in run.iter(_T))]
    return bool(runs) and all(
        any(bold.get(_VAL, "1") not in ("0", "false") for bold in run.iterfind(f"{qn('w:rPr')}/{qn('w:b')}"))
        for run in runs
    )
