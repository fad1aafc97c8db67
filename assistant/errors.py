"""The errors of the public interface.

AssistantError            the root
├── InvalidQuestion       the question cannot be asked; also a ValueError
├── ReportError           the report cannot be read
├── IndexCorrupted        a saved index is damaged
├── EncoderUnavailable    the embedding model cannot be loaded
└── SettingsError         a setting is unknown or impossible (in assistant.settings)
"""

from __future__ import annotations

from index.errors import AssistantError, EncoderUnavailable, IndexCorrupted, ReportError

__all__ = ["AssistantError", "EncoderUnavailable", "IndexCorrupted", "InvalidQuestion", "ReportError"]


class InvalidQuestion(AssistantError, ValueError):
    """The question, or the history with it, cannot be asked."""
