"""From settings to a desk: the report is read at once, the assistant opened behind it."""

from __future__ import annotations

from collections.abc import Callable

from assistant.assistant import Assistant, read_source
from assistant.errors import AssistantError
from assistant.progress import progress_bar
from assistant.settings import Settings
from assistant.ui.desk import Desk
from index.report import Report


def open_desk(settings: Settings) -> tuple[Desk, Report]:
    """A desk over the report that the settings name, to be started, and the report.

    Raises:
        AssistantError: the report cannot be read.
    """
    report = read_source(settings)
    return Desk(lambda note: _open(settings, report, note)), report


def _open(settings: Settings, report: Report, note: Callable[[int, int], None]) -> Assistant:
    with progress_bar() as advance:

        def progress(done: int, total: int) -> None:
            note(done, total)
            if advance is not None:
                advance(done, total)

        assistant = Assistant(settings=settings, progress=progress)
    if assistant.report.sha256 != report.sha256:
        assistant.close()
        raise AssistantError("the report was changed while it was being opened: start again")
    assistant.warm_up()
    return assistant
