"""HTML by lxml: the visible text of the page's main part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import lxml.etree
import lxml.html

from index.errors import ReportError
from index.readers.decode import decode
from index.readers.pieces import Document, Piece, PieceKind, clean, has_header, superscript, table_pieces

_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*((?:windows|cp|iso|latin|us-ascii|koi8|gb|big5|shift|euc)[\w:-]{0,30})",
    re.IGNORECASE,
)
_SAME_FOR_BROWSERS = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252"}
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DROPPED = _words(
    "aside audio button canvas dialog footer head iframe input math nav noscript object script select "
    "style svg template textarea title video"
)
_DROPPED_ROLES = frozenset(["navigation", "banner", "contentinfo", "complementary", "search"])
_BLOCKS = _words(
    "address article blockquote body caption center dd details div dl dt fieldset figcaption figure form "
    "h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu ol p pre section summary table tbody td "
    "tfoot th thead tr ul"
)
_NOTES = frozenset(["figcaption", "caption", "address"])


def decode_html(data: bytes, name: str) -> str:
    """The text of a page, by its mark, by what its ``<meta charset>`` says, or by what fits.

    Raises:
        ReportError: the bytes are no text.
    """
    match = _META_CHARSET.search(data[:4096])
    label = match[1].decode("ascii", "ignore").lower() if match else ""
    encoding: str | None = _SAME_FOR_BROWSERS.get(label, label)
    try:
        b"".decode(encoding or "")
    except LookupError:
        encoding = None
    return decode(data, name, encoding)


def read(text: str) -> Document:
    """Read a page; scripts, navigation, page headers and footers are dropped, a row of a table becomes a bullet.

    Raises:
        ReportError: the page's elements are nested deeper than a parser can follow.
    """
    parser = lxml.html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True, encoding="utf-8")
    try:
        tree = lxml.html.document_fromstring(_markup(text).encode("utf-8"), parser=parser)
    except lxml.etree.ParserError:  # nothing in it but comments
        return Document([])
    if any("depth" in entry.message for entry in parser.error_log):
        raise ReportError("the page's elements are nested too deep to be read; save the page's text as txt")
    headings = [clean("".join(map(str, heading.itertext()))) for heading in tree.iter("h1")]
    titles = headings if len(headings) == 1 else [clean(title.text or "") for title in tree.iter("title")]
    return Document(_Walk().pieces(_main_part(tree)), next(iter(titles), None))


def _markup(text: str) -> str:
    """Markup that the parser takes: no NUL, no lone surrogate, no XML declaration."""
    text = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return re.sub(r"\A\s*<\?xml[^>]*\?>", "", text)


def _main_part(tree: Any) -> Any:
    """The element that holds the report: ``main``, the only ``article``, or all of the body."""
    body = tree.find("body")
    body = tree if body is None else body
    candidates = tree.xpath("//main | //*[@role='main']")[:1]
    articles = tree.xpath("//article[not(ancestor::article)]")
    candidates += articles if len(articles) == 1 else []
    whole = sum(len(text) for text in _visible(body))
    # A page whose text stands beside its empty or token main element is not to be lost.
    return next((part for part in candidates if sum(len(t) for t in _visible(part)) >= 0.25 * whole), body)


def _visible(root: Any) -> Iterator[str]:
    for event, _, text in _events(root):
        if event == "text":
            yield text.strip()


def _is_dropped(element: Any) -> bool:
    tag = element.tag
    if not isinstance(tag, str) or tag in _DROPPED:
        return True
    if tag == "header":  # a page's header is its banner, an article's holds the title
        return not any(parent.tag in ("main", "article") for parent in element.iterancestors())
    attributes = element.attrib
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or attributes.get("role") in _DROPPED_ROLES
        or _HIDDEN_STYLE.search(attributes.get("style", "")) is not None
    )


def _events(root: Any) -> Iterator[tuple[str, Any, str]]:
    """``start`` and ``end`` of every visible element and the ``text`` between them, without recursion."""
    dropped = 0
    for event, element in lxml.etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            if dropped or _is_dropped(element):
                dropped += 1
                continue
            yield "start", element, ""
            if element.text:
                yield "text", element, element.text
        else:
            if dropped:
                dropped -= 1
            else:
                yield "end", element, ""
            if not dropped and element.tail and element is not root:
                yield "text", element.getparent(), element.tail


class _Walk:
    """One pass over a page's visible elements, filling pieces."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._kinds: list[tuple[PieceKind, int]] = [("paragraph", 1)]
        self._text: list[str] = []
        self._bold = 0
        self._plain_text = False  # the text so far has a part that is not bold
        self._table: Any = None

    def pieces(self, root: Any) -> list[Piece]:
        for event, element, text in _events(root):
            if self._table is not None:
                if event == "end" and element is self._table:
                    self._table = None
            elif event == "text":
                self._text.append(_raised(element, text))
                self._plain_text = self._plain_text or (not self._bold and bool(text.strip()))
            elif event == "start":
                self._start(element)
            else:
                self._end(element)
        self._flush()
        return self._pieces

    def _start(self, element: Any) -> None:
        tag = element.tag
        if tag in ("b", "strong"):
            self._bold += 1
        elif tag == "br":
            # One break is a space, two are a paragraph's end.
            previous = element.getprevious()
            if previous is not None and previous.tag == "br" and not (previous.tail or "").strip():
                self._flush()
            self._text.append(" ")
        elif tag in _BLOCKS:
            self._flush()
            if tag == "table" and _is_data(element):
                self._table = element
                self._pieces += _table(element)
                return
            if re.fullmatch("h[1-6]", tag):
                self._kinds.append(("heading", int(tag[1])))
            elif tag in _NOTES:
                self._kinds.append(("note", 1))
            elif tag in ("li", "dd"):
                self._kinds.append(("bullet", 1))

    def _end(self, element: Any) -> None:
        tag = element.tag
        if tag in ("b", "strong"):
            self._bold -= 1
        elif tag in _BLOCKS:
            self._flush()
            if (re.fullmatch("h[1-6]", tag) or tag in _NOTES or tag in ("li", "dd")) and len(self._kinds) > 1:
                self._kinds.pop()

    def _flush(self) -> None:
        text = clean("".join(self._text))
        kind, level = self._kinds[-1]
        if text:
            if kind == "paragraph" and not self._plain_text and len(text) <= 100 and text[-1] not in ".!,;":
                kind, level = "line", 6  # a heading written as a paragraph in bold
            self._pieces.append(Piece(kind, text, level))
            if kind == "bullet":
                self._kinds[-1] = ("paragraph", 1)  # what follows in the same item is no item of its own
        self._text = []
        self._plain_text = False


def _is_data(table: Any) -> bool:
    """Whether a table holds data, not the page's layout."""
    return next(table.iterdescendants("table", "h1", "h2", "h3", "h4", "ul", "ol"), None) is None


def _table(table: Any) -> list[Piece]:
    captions = [Piece("note", _cell(caption)) for caption in table.iter("caption")]
    rows: list[list[str]] = []
    header = False
    for row in table.iter("tr"):
        cells: list[str] = []
        elements = [cell for cell in row if cell.tag in ("td", "th")]
        for cell in elements:
            span = cell.get("colspan", "1")
            cells += [_cell(cell)] + [""] * (min(int(span), 50) - 1 if span.isdigit() else 0)
        if not rows:
            header = len(elements) > 1 and all(cell.tag == "th" for cell in elements)
        rows.append(cells)
    return captions + table_pieces(rows, header=header or has_header(rows))


def _cell(element: Any) -> str:
    parts: list[str] = []
    for event, inner, text in _events(element):
        if event == "text":
            parts.append(_raised(inner, text))
        elif inner.tag == "br" or inner.tag in _BLOCKS:
            parts.append(" ")
    return clean("".join(parts))


def _raised(element: Any, text: str) -> str:
    return superscript(text) if element.tag == "sup" else text
