"""The command line: ``report-assistant ask | chat | mcp | password | index build | verify | info``.

Exit codes: 0 done (a refusal to answer is an answer), 1 failed, 2 wrong usage, 130 interrupted. An error is one line on
standard error.
"""

from __future__ import annotations

import argparse
import difflib
import getpass
import json
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

from assistant.assistant import Assistant, verify_index
from assistant.engine import check_question
from assistant.errors import AssistantError, InvalidQuestion
from assistant.progress import progress_bar
from assistant.settings import Settings, SettingsError, meanings
from assistant.terminal import printable, render

PROGRAM = "report-assistant"
FAILED, USAGE, INTERRUPTED, PIPE_CLOSED = 1, 2, 130, 141
PAGE_ONLY = frozenset({"host", "port", "auth_file", "feedback_file"})
WRITER_ONLY = frozenset({"llm_model", "llm_url", "llm_deadline", "llm_tokens", "llm_cache"})
LONGEST_INPUT = 100_000  # characters read from standard input; far more than a question may have


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that ``argv`` (default: the process's arguments) names, and return the exit code."""
    try:
        try:
            _run(argv)
        finally:
            sys.stdout.flush()  # here, where its errors are caught; at exit Python would complain by itself
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # whoever read the output has gone; what is left of it must not be tried again at exit
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except (InvalidQuestion, SettingsError) as error:
        return _complain(error, USAGE)
    except AssistantError as error:
        return _complain(error, FAILED)
    except OSError as error:
        return _complain(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", FAILED)
    return 0


def _run(argv: Sequence[str] | None) -> None:
    _make_printable(sys.stdout)
    _make_printable(sys.stderr)
    arguments = _parse(argv)
    with _warnings_shown():
        arguments.command(arguments, _settings(arguments))


def _ask(arguments: argparse.Namespace, settings: Settings) -> None:
    question = _read_question() if arguments.question == "-" else arguments.question
    check_question(question, ())  # before seconds go into loading
    with progress_bar(shown=sys.stderr.isatty()) as progress, Assistant(settings=settings, progress=progress) as bot:
        answer = bot.ask(question)
    if arguments.json:
        print(json.dumps(answer.as_dict(), ensure_ascii=not _is_unicode(sys.stdout), indent=2))
        return
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    print(render(answer, shutil.get_terminal_size().columns, colour=colour))


def _read_question() -> str:
    try:
        return sys.stdin.read(LONGEST_INPUT)
    except UnicodeDecodeError:
        raise InvalidQuestion(f"standard input is not text in {sys.stdin.encoding}") from None


def _chat(arguments: argparse.Namespace, settings: Settings) -> None:
    from assistant.ui.server import serve  # gradio takes seconds to import

    serve(settings)


def _mcp(arguments: argparse.Namespace, settings: Settings) -> None:
    from assistant.ui.opening import open_desk  # fastapi and mcp are not needed for the other commands
    from assistant.ui.tools import over_stdio

    over_stdio(*open_desk(settings))


def _password(arguments: argparse.Namespace, settings: Settings) -> None:
    from assistant.ui.password import make_line

    print(make_line(arguments.name, _read_password()))


def _read_password() -> str:
    """A password from the terminal, unseen and twice, or the first line of standard input."""
    if not sys.stdin.isatty():
        try:
            return sys.stdin.readline(LONGEST_INPUT).rstrip("\r\n")
        except UnicodeDecodeError:
            raise AssistantError(f"standard input is not text in {sys.stdin.encoding}") from None
    try:
        password = getpass.getpass("Password: ")
        if getpass.getpass("The same again: ") != password:
            raise AssistantError("the two passwords are not the same: try again")
    except EOFError:
        raise AssistantError("no password was given") from None
    return password


def _index_build(arguments: argparse.Namespace, settings: Settings) -> None:
    with progress_bar() as progress, Assistant(settings=settings, progress=progress) as bot:
        _print_table(bot.index_info())


def _index_verify(arguments: argparse.Namespace, settings: Settings) -> None:
    print(f"{verify_index(settings)}: every file is what the manifest says")


def _index_info(arguments: argparse.Namespace, settings: Settings) -> None:
    with progress_bar(shown=sys.stderr.isatty()) as progress, Assistant(settings=settings, progress=progress) as bot:
        _print_table(bot.index_info())


class _Parser(argparse.ArgumentParser):
    """A parser that complains in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{PROGRAM}: {printable(message)} (see: {self.prog} --help)\n")


class _Version(argparse.Action):
    """``--version``, looked up only when asked for: the look-up reads the file system."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(PROGRAM, version(PROGRAM))
        parser.exit()


def _parser() -> _Parser:
    parser = _Parser(prog=PROGRAM, description="Ask a report questions; each answer cites its sentences exactly.")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    ask = _command(commands, "ask", "answer one question in the terminal", _ask, without=PAGE_ONLY)
    ask.add_argument("question", metavar="QUESTION", help="the question, in quotes; - reads it from standard input")
    ask.add_argument("--json", action="store_true", help="print the answer's fields as JSON")
    _command(commands, "chat", "serve the chat page", _chat)
    _command(commands, "mcp", "answer a program over standard input and output (MCP)", _mcp, without=PAGE_ONLY)

    password = _command(
        commands, "password", "print a line for the file of --auth-file", _password, without=frozenset(meanings())
    )
    password.add_argument("name", metavar="NAME", help="who it is for; the password is asked for, or read from a pipe")

    index = commands.add_parser("index", help="build, verify or describe the report's index", allow_abbrev=False)
    actions = index.add_subparsers(title="commands", metavar="COMMAND", required=True)
    without = PAGE_ONLY | WRITER_ONLY
    _command(actions, "build", "build the index, unless it is there", _index_build, without)
    _command(actions, "verify", "check the saved index against its manifest", _index_verify, without)
    _command(actions, "info", "say what the index holds and where it is", _index_info, without)
    return parser


def _command(
    commands: Any,  # argparse has no public name for what add_subparsers returns
    name: str,
    meaning: str,
    run: Callable[[argparse.Namespace, Settings], None],
    without: frozenset[str] = frozenset(),
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=meaning, description=f"{meaning[0].upper()}{meaning[1:]}.", allow_abbrev=False
    )
    parser.set_defaults(command=run, parser=parser)
    taken = {setting: explanation for setting, explanation in meanings().items() if setting not in without}
    if taken:
        group = parser.add_argument_group("settings (also in the environment and in report-assistant.toml)")
        for setting, explanation in taken.items():
            flags = ["--" + setting.replace("_", "-"), *(["--llm"] if setting == "llm_model" else [])]
            group.add_argument(*flags, dest=setting, metavar="VALUE", default=None, help=explanation.replace("%", "%%"))
    return parser


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    arguments, unknown = _parser().parse_known_args(argv)
    if unknown:
        arguments.parser.error(_explain(unknown[0], arguments.parser))
    return arguments


def _explain(unknown: str, parser: argparse.ArgumentParser) -> str:
    if not unknown.startswith("-"):
        return f"one question is expected, but more words follow it, first {unknown!r}: put it in quotes"
    flag = unknown.partition("=")[0]
    known = [option for action in parser._actions for option in action.option_strings]
    return f"there is no option {flag}; the nearest one is {difflib.get_close_matches(flag, known, 1, 0.0)[0]}"


def _settings(arguments: argparse.Namespace) -> Settings:
    return Settings.load(**{name: getattr(arguments, name, None) for name in meanings()})


@contextmanager
def _warnings_shown() -> Iterator[None]:
    """Show the project's own warnings as the program's other lines on standard error are shown."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(f"{PROGRAM}: %(message)s"))
    loggers = [logging.getLogger(name) for name in ("assistant", "index")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)


def _print_table(rows: dict[str, object]) -> None:
    widest = max(map(len, rows))
    for name, value in rows.items():
        print(f"{name:{widest}}  {printable(str(value))}")


def _complain(error: object, code: int) -> int:
    line = " ".join(printable(str(error)).split())
    with suppress(OSError):  # standard error may be closed, too
        print(f"{PROGRAM}: {line}", file=sys.stderr)
    return code


def _is_unicode(stream: Any) -> bool:
    return str(getattr(stream, "encoding", "") or "").lower().replace("-", "").startswith("utf")


def _make_printable(stream: Any) -> None:
    """Show a question mark for a character that the terminal's encoding lacks, instead of failing."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
