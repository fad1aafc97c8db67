"""Questions and answers over a report, with citations exact to the sentence."""

from __future__ import annotations

from assistant.answer import Answer, Citation, Status
from assistant.assistant import Assistant, Conversation, ask
from assistant.errors import AssistantError, EncoderUnavailable, IndexCorrupted, InvalidQuestion, ReportError
from assistant.settings import Settings, SettingsError

__all__ = [
    "Answer",
    "Assistant",
    "AssistantError",
    "Citation",
    "Conversation",
    "EncoderUnavailable",
    "IndexCorrupted",
    "InvalidQuestion",
    "ReportError",
    "Settings",
    "SettingsError",
    "Status",
    "ask",
]
