"""Markdown by markdown-it-py: CommonMark with tables and strikethrough."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.readers.pieces import Document, Piece, PieceKind, clean, table_pieces

_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\n(?P<body>(?:(?!---|\.\.\.).*\n){0,200}?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_TITLE = re.compile(r"^title:[ \t]*(?P<title>\S.*)$", re.MULTILINE)


def read(text: str) -> Document:
    """Read Markdown; front matter and comments are dropped, a row of a table becomes a bullet."""
    title = None
    if match := _FRONT_MATTER.match(text):
        text = text[match.end() :]
        if named := _TITLE.search(match["body"]):
            title = clean(named["title"]).strip("\"'")
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable(["table", "strikethrough"])
    return Document(_pieces(parser.parse(text)), title)


def _pieces(tokens: list[Token]) -> list[Piece]:
    pieces: list[Piece] = []
    rows: list[list[str]] = []
    kind: PieceKind = "paragraph"
    level = 1
    in_table = False
    for token in tokens:
        if token.type == "heading_open":
            kind, level = "heading", int(token.tag[1:])
        elif token.type == "list_item_open":
            kind = "bullet"
        elif token.type in ("heading_close", "paragraph_close", "list_item_close"):
            kind = "paragraph"
        elif token.type == "table_open":
            in_table, rows = True, []
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "table_close":
            in_table = False
            pieces += table_pieces(rows, header=True)
        elif token.type == "inline":
            if in_table:
                rows[-1].append(_plain(token))
            else:
                pieces.append(_inline_piece(token, kind, level))
        elif token.type in ("fence", "code_block"):
            pieces.append(Piece("paragraph", token.content))
        elif token.type == "html_block":
            pieces += _html_pieces(token.content)
    return pieces


def _inline_piece(token: Token, kind: PieceKind, level: int) -> Piece:
    text = _plain(token)
    if kind == "paragraph" and _all_bold(token) and len(text) <= 100 and text.rstrip()[-1:] not in ".!,;":
        return Piece("line", text, 6)  # a heading written as a paragraph in bold
    return Piece(kind, text, level)


def _all_bold(token: Token) -> bool:
    children = [child for child in token.children or [] if child.type != "text" or child.content.strip()]
    opened = [child.type for child in children].count("strong_open")
    return (
        opened == 1 and len(children) > 2 and children[0].type == "strong_open" and children[-1].type == "strong_close"
    )


def _plain(token: Token) -> str:
    """The text of an inline token without its marks; a link keeps its text, an image nothing."""
    parts: list[str] = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak") or (child.type == "html_inline" and child.content[:3] == "<br"):
            parts.append(" ")
    return "".join(parts)


def _html_pieces(content: str) -> list[Piece]:
    if content.lstrip().startswith("<!--") and content.rstrip().endswith("-->"):
        return []
    from index.readers import web  # only a Markdown file with HTML in it needs the parser

    return web.read(content).pieces
