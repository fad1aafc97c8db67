"""Bytes to text, whatever the encoding; what is no text is told."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

from index.errors import ReportError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = ((b"%PDF-", "a PDF"), (b"PK\x03\x04", "a zip archive or an Office file"), (b"{\\rtf", "a rich-text file"))
_SAMPLE = 1 << 16


def decode(data: bytes, name: str, declared: str | None = None) -> str:
    """The text of a file: UTF-8, UTF-16 and UTF-32 with or without a mark, else the code page that fits best.

    ``declared`` is the encoding that the file itself names; it counts where the bytes are not in a Unicode encoding.

    Raises:
        ReportError: the bytes are no text; ``name`` is the file's name in the message.
    """
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise ReportError(f"{name}: this is {what} by its content, not text; give the file its own suffix")
    text = _unicode(data)
    if text is None and b"\0" not in data[:_SAMPLE]:
        text = data.decode(declared, "replace") if declared else _code_page(data)
    if text is None or _is_noise(text[:_SAMPLE]):
        raise ReportError(f"{name}: expected text, but the file is binary; give a txt, md, html, pdf or docx file")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_noise(sample: str) -> bool:
    """Whether more than one character in a hundred is a control character or could not be decoded."""
    controls = sum((c < " " and c not in "\t\n\r\f\v\x1b") or "\x7f" <= c <= "\x9f" or c == "\ufffd" for c in sample)
    return controls > 0.01 * len(sample)


def _unicode(data: bytes) -> str | None:
    """The text if the bytes are in a Unicode encoding, else None."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, errors="replace")
    if b"\0" in data:  # UTF-8 would take it, and a NUL after each letter with it
        return _utf16_without_mark(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _utf16_without_mark(data: bytes) -> str | None:
    """UTF-16 betrays itself by its spaces and line ends, whose high byte is zero: on one side only."""
    sample = data[: _SAMPLE // 2 * 2]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) < 0.02 * len(sample) / 2 or min(even, odd) * 10 > max(even, odd):
        return None
    try:
        return data.decode("utf-16-le" if odd > even else "utf-16-be")
    except UnicodeDecodeError:
        return None


def _code_page(data: bytes) -> str | None:
    """Windows-1251 or -1252 where one of them fits, else any other: asked at large, short texts come out as Big5."""
    best = from_bytes(data, cp_isolation=["cp1251", "cp1252"]).best() or from_bytes(data).best()
    return None if best is None else str(best)
