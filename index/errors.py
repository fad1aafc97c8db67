"""What can go wrong between a file and its index.

    ReportError           the report cannot be read: missing, empty, binary, encrypted, no text in it
    IndexCorrupted        a saved index does not match its manifest
    EncoderUnavailable    the embedding model cannot be loaded

``assistant`` re-exports them under its own root, ``AssistantError``: this module holds that root, since the
direction of imports is ``eval -> assistant -> index``.
"""


class AssistantError(Exception):
    """The root of every error that this project raises on purpose; its text is one line for the user."""


class ReportError(AssistantError):
    """The report cannot be read."""


class IndexCorrupted(AssistantError):
    """A saved index is damaged or does not belong to the report."""


class EncoderUnavailable(AssistantError):
    """The embedding model cannot be loaded."""
