"""Files to reports: txt, md, html, pdf and docx.

A reader is a module with ``read(text)`` or ``read(data, name)`` that returns a
:class:`~index.readers.pieces.Document`; it is imported when a file of its kind is read, so that nobody waits for a
PDF library to read a text file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from index.errors import ReportError
from index.readers.files import load, title_from_name
from index.report import Report, build_report

if TYPE_CHECKING:
    from index.readers.pieces import Document

TextFormat = Literal["txt", "md", "html"]

_FORMATS = {
    ".txt": "txt",
    ".text": "txt",
    ".md": "md",
    ".markdown": "md",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
    ".docx": "docx",
}
SUFFIXES: tuple[str, ...] = tuple(_FORMATS)


def read_report(path: str | Path) -> Report:
    """Read a report of any supported format, by the file's suffix.

    Its title is the document's own, else the file's name in words.

    Raises:
        ReportError: the path is missing, a folder or unreadable; its suffix is none of :data:`SUFFIXES`; or the file
            is empty, too large, binary, damaged, encrypted, or holds no text. One line each.
    """
    path = Path(path).expanduser()
    data = load(path, _FORMATS)
    format_ = _FORMATS[path.suffix.lower()]
    if format_ == "pdf":
        from index.readers import pdf

        document = pdf.read(data, path.name)
    elif format_ == "docx":
        from index.readers import word

        document = word.read(data, path.name)
    elif format_ == "html":
        from index.readers import web

        document = web.read(web.decode_html(data, path.name))
    else:
        from index.readers.decode import decode

        document = _read_text(decode(data, path.name), format_)
    return _build(document, title_from_name(path), path.name)


def read_text(text: str, format: TextFormat = "txt", *, title: str = "Report") -> Report:  # noqa: A002
    """Read a report from text in hand; ``title`` is for text that carries none of its own.

    Raises:
        ReportError: there is no text in it.
    """
    return _build(_read_text(text, format), title, title)


def _read_text(text: str, format_: str) -> Document:
    if format_ == "md":
        from index.readers import markdown

        return markdown.read(text)
    if format_ == "html":
        from index.readers import web

        return web.read(text)
    from index.readers import plain

    return plain.read(text)


def _build(document: Document, fallback: str, name: str) -> Report:
    from index.readers.pieces import clean
    from index.readers.structure import settle

    title = clean(document.title or "")
    blocks = settle(document.pieces, title)
    if not any(any(c.isalnum() for c in block.text) for block in blocks if block.kind not in ("title", "heading")):
        raise ReportError(f"{name}: there is no text to answer from, only headings or nothing at all")
    return build_report(blocks, title=title or fallback)
