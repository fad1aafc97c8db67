"""A file's bytes, or one clear line on why not."""

from __future__ import annotations

import difflib
import re
import stat
from collections.abc import Collection
from pathlib import Path

from index.errors import ReportError

MAX_BYTES = 64 * 2**20


def load(path: Path, suffixes: Collection[str]) -> bytes:
    """Read a file whose suffix is one of ``suffixes``.

    Raises:
        ReportError: see :func:`index.readers.read_report`.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ReportError(f"{path}: this is a folder; give the path of a report in it ({_list(suffixes)})")
        if path.suffix.lower() not in suffixes:
            got = f"the suffix {path.suffix!r}" if path.suffix else "no suffix"
            raise ReportError(f"{path.name}: cannot read a file with {got}; supported are {_list(suffixes)}")
        if not stat.S_ISREG(status.st_mode):
            raise ReportError(f"{path}: expected a file, got a device or a pipe; save the report as a file first")
        if status.st_size > MAX_BYTES:
            size, most = status.st_size / 2**20, MAX_BYTES // 2**20
            raise ReportError(f"{path.name}: the file has {size:.0f} MiB; the most that is read is {most} MiB")
        data = path.read_bytes()
    except FileNotFoundError:
        raise ReportError(f"{path}: there is no such file{_nearest(path)}") from None
    except PermissionError:
        raise ReportError(f"{path}: no permission to read this file; allow it (chmod u+r) or copy the file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ReportError(f"{str(path)[:200]!r}: cannot be read: {reason}") from error
    if not data.strip(b"\x00 \t\r\n\f\v\xef\xbb\xbf\xff\xfe"):
        raise ReportError(f"{path.name}: the file is empty; give one with text in it")
    return data


def title_from_name(path: Path) -> str:
    """A file's name in words: ``q3_fund-report.txt`` gives ``Q3 fund report``."""
    words = " ".join(re.split(r"[\s_\-]+", path.stem)).strip() or path.name
    return words[:1].upper() + words[1:]


def _list(suffixes: Collection[str]) -> str:
    return ", ".join(suffix.lstrip(".") for suffix in suffixes)


def _nearest(path: Path) -> str:
    """What to say of the file in the same folder whose name is most like the one asked for."""
    folder = path.parent
    try:
        names = [entry.name for entry in folder.iterdir()]
    except OSError:
        return f"; there is no folder {folder} either" if not folder.exists() else ""
    by_lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(path.name.lower(), by_lower, n=1, cutoff=0.6)
    return f"; did you mean {folder / by_lower[near[0]]}?" if near else ""
