"""The assistant under test. The only module here that opens one."""

from __future__ import annotations

from collections.abc import Callable

from assistant import Assistant, Settings
from assistant.judgement import Tuning
from eval.run import Bot
from eval.targets import Target

OpenBot = Callable[[Target], Bot]


def open_assistant(target: Target) -> Bot:
    """An assistant over a target's report, with the default settings, whatever the environment says."""
    return Assistant(report=target.report, settings=Settings())


def open_varied(settings: Settings, tuning: Tuning) -> OpenBot:
    """Assistants with these settings and this tuning."""
    return lambda target: Assistant(report=target.report, settings=settings, tuning=tuning)
