"""What cannot be read is told in one line that says what to do."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from pathlib import Path

import docx
import pytest

from index.errors import ReportError
from index.readers import SUFFIXES, read_report, read_text
from index.readers.files import MAX_BYTES
from tests.writers import PROSE

PNG = b"\x89PNG\r\n\x1a\n" + b"".join(
    struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    for kind, data in (
        (b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(range(193)) * 64)),
        (b"IEND", b""),
    )
)


def message(path: Path | str) -> str:
    """The error's text, which is one line."""
    with pytest.raises(ReportError) as caught:
        read_report(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "Fund-Report.txt").write_text(PROSE)
    told = message(tmp_path / "fund_report.txt")
    assert str(tmp_path / "fund_report.txt") in told
    assert "did you mean" in told
    assert "Fund-Report.txt" in told
    assert "did you mean" not in message(tmp_path / "zzz.pdf")
    assert "no folder" in message(tmp_path / "nowhere" / "report.txt")


@pytest.mark.parametrize("name", ["report\0.txt", "x" * 5000 + ".txt"])
def test_an_impossible_path(name: str, tmp_path: Path) -> None:
    assert "cannot be read" in message(f"{tmp_path}/{name}")


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder" in message(tmp_path)
    assert "is a folder" in message("")


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe", b"\xff\xfe\n\0"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_file(data: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"report{suffix}"
    path.write_bytes(data)
    assert "empty" in message(path)


@pytest.mark.parametrize(
    "data",
    [PNG, bytes(range(256)) * 40, os.urandom(4096), b"\x7fELF" + bytes(2000), b"\0\1\2\3" * 500],
    ids=["png", "all bytes", "random", "program", "counter"],
)
@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_a_binary_is_no_text(data: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"report{suffix}"
    path.write_bytes(data)
    assert "binary" in message(path)


@pytest.mark.parametrize("data, what", [(b"%PDF-1.7\n", "a PDF"), (b"PK\x03\x04abc", "a zip archive")])
def test_another_format_under_a_text_suffix(data: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(data)
    assert what in message(path)


def test_an_unsupported_suffix_lists_the_supported(tmp_path: Path) -> None:
    for name in ("report.xlsx", "report"):
        (tmp_path / name).write_text(PROSE)
        told = message(tmp_path / name)
        assert all(suffix.lstrip(".") in told for suffix in SUFFIXES)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert "64 MiB" in message(path)


@pytest.mark.skipif(os.name != "posix", reason="pipes are of POSIX")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    os.mkfifo(path)
    assert "expected a file" in message(path)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text(PROSE)
    path.chmod(0)
    assert "permission" in message(path)


@pytest.mark.parametrize("text", ["# Only a heading", "***", "<!-- a comment -->", "— —"])
def test_no_text_to_answer_from(text: str, tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    path.write_text(text, encoding="utf-8")
    assert "no text" in message(path)
    with pytest.raises(ReportError, match="no text"):
        read_text("<p></p><!-- x -->", "html")


@pytest.mark.parametrize("keep", [4, 200, 0.5, 0.9])
def test_a_damaged_word_file(keep: float, tmp_path: Path) -> None:
    path = tmp_path / "report.docx"
    document = docx.Document()
    document.add_paragraph(PROSE)
    document.save(str(path))
    data = path.read_bytes()
    path.write_bytes(data[: int(keep if keep > 1 else keep * len(data))])
    assert "damaged" in message(path)


def test_a_word_file_whose_text_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "report.docx"
    document = docx.Document()
    document.add_paragraph(PROSE)
    document.save(str(path))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for part, data in (("word/document.xml", b"<w:document"), ("[Content_Types].xml", b"<Types/>")):
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in {**parts, part: data}.items():
                archive.writestr(name, content)
        assert "damaged" in message(path)


def test_no_word_file_at_all(tmp_path: Path) -> None:
    path = tmp_path / "report.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", PROSE)
    assert "damaged or no such file" in message(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "encrypted" in message(path)
    path.write_text(PROSE)
    assert "damaged or no such file" in message(path)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "report.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as part:
        for _ in range(513):
            part.write(bytes(2**20))
    assert "512 MiB" in message(path)
