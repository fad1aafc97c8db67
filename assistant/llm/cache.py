"""Replies on disk: the same model, address, prompts and limits get the same reply, without a request.

Only what the model wrote is kept, never an answer: it is verified again each time, so that a changed file cannot put
words into the report's mouth. Off unless ``llm_cache`` is set, since it holds questions and what was replied to them.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from assistant.llm.client import Message

KEPT = 5_000
"""Replies; the oldest are forgotten beyond that."""
_TIMEOUT = 1.0  # seconds to wait for another process

logger = logging.getLogger(__name__)


class ReplyCache:
    """Replies in an SQLite file. Whatever goes wrong with the file, a question is answered without it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @staticmethod
    def key(model: str, url: str, messages: Sequence[Message], version: str, max_tokens: int) -> str:
        """The SHA-256 of all that a reply depends on."""
        whole = json.dumps([model, url, list(messages), version, max_tokens], sort_keys=True, default=dict)
        return hashlib.sha256(whole.encode()).hexdigest()

    def get(self, key: str) -> str | None:
        """The reply kept under a key."""
        if not self._path.exists():
            return None
        try:
            with closing(self._open()) as database:
                row = database.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            self._complain(error)
            return None
        return row[0] if row and isinstance(row[0], str) else None

    def put(self, key: str, reply: str) -> None:
        """Keep a reply."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))  # for nobody else to read
            with closing(self._open()) as database, database:
                database.execute("INSERT OR REPLACE INTO replies (key, reply) VALUES (?, ?)", (key, reply))
                database.execute("DELETE FROM replies WHERE rowid <= (SELECT max(rowid) FROM replies) - ?", (KEPT,))
        except (sqlite3.Error, OSError) as error:
            self._complain(error)

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=_TIMEOUT)
        try:
            database.execute("CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, reply TEXT NOT NULL)")
        except sqlite3.Error:
            database.close()
            raise
        return database

    def _complain(self, error: Exception) -> None:
        logger.warning(
            "the cache of LLM replies cannot be used (%s: %s): delete %s, or leave llm_cache out",
            type(error).__name__, error, self._path,
        )  # fmt: skip
