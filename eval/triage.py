"""From a complaint to a case, in the terminal. What would be right is always said by the person, never taken from an
answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Literal, cast, get_args

from pydantic import ValidationError

from assistant.answer import STATUSES, Status
from eval.cases import Case, Fact, Topic
from eval.feedback import Feedback, load_feedback
from eval.invalid import describe
from eval.known import Diagnosis, Known, load_known, save_known
from index.report import Report

Ask = Callable[[str], str]
Show = Callable[[str], None]
Outcome = Literal["known", "fine", "skipped", "stopped"]

CHOICES: dict[str, Diagnosis | Literal["fine", "skip", "quit"]] = {
    "r": "retrieval",
    "s": "span",
    "w": "rewriting",
    "f": "should have refused",
    "i": "fine",
    "k": "skip",
    "q": "quit",
}
_MENU = "What went wrong? [r]etrieval, [s]pan, re[w]riting, should have re[f]used, f[i]ne, s[k]ip, [q]uit: "


def triage(path: Path, report: Report, known_path: Path, ask: Ask, show: Show, today: date) -> dict[Outcome, int]:
    """Walk the complaints that were not yet looked at; how many became known failures, were fine, or were skipped.

    What was decided stands beside the feedback file, in ``NAME.triaged``, so that nothing is asked twice.

    Raises:
        CaseError: the feedback or the known failures cannot be read.
    """
    seen_path = path.with_name(path.name + ".triaged")
    seen = set(seen_path.read_text(encoding="utf-8").split()) if seen_path.exists() else set()
    counts: dict[Outcome, int] = {"known": 0, "fine": 0, "skipped": 0}
    waiting = [entry for entry in load_feedback(path) if entry.key not in seen]
    for number, entry in enumerate(waiting, start=1):
        show(f"\n--- {number} of {len(waiting)} ---\n{shown(entry)}")
        outcome = _one(entry, report, known_path, ask, show, today)
        if outcome == "stopped":
            break
        counts[outcome] += 1
        if outcome != "skipped":
            with seen_path.open("a", encoding="utf-8") as file:
                file.write(entry.key + "\n")
    return counts


def shown(entry: Feedback) -> str:
    """A complaint for the terminal; control characters, which could move the cursor, left out."""
    lines = [f"before: {question}" for question in entry.before]
    lines.append(f"Q: {entry.question}")
    if entry.answer.question not in ("", entry.question):
        lines.append(f"understood as: {entry.answer.question}")
    lines.append(f"A ({entry.answer.status}): {entry.answer.text}")
    lines += [f"  [{c.number}] {c.section}: {c.quote}" for c in entry.answer.citations]
    which = "" if entry.citation is None else f" [{entry.citation}]"
    lines.append(f"complaint: {entry.verdict or 'none given'}{which}{f' – {entry.note}' if entry.note else ''}")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "�", "\n".join(lines))


def _one(entry: Feedback, report: Report, known_path: Path, ask: Ask, show: Show, today: date) -> Outcome:
    choice = CHOICES[_pick(ask, show, _MENU, tuple(CHOICES))]
    if choice == "quit":
        return "stopped"
    if choice == "skip":
        return "skipped"
    if choice == "fine":
        return "fine"
    try:
        case = _case(entry, choice, report, ask, show, today)
    except ValidationError as error:
        show(f"not a case: {describe(error)}; skipped")
        return "skipped"
    save_known([*load_known(known_path), Known(case=case, diagnosis=choice, since=today.isoformat())], known_path)
    show(f"kept as the known failure {case.id}")
    return "known"


def _case(entry: Feedback, diagnosis: Diagnosis, report: Report, ask: Ask, show: Show, today: date) -> Case:
    refuse = diagnosis == "should have refused"
    status: tuple[Status, ...] = ("answered",)
    facts: tuple[Fact, ...] = ()
    evidence: tuple[str, ...] = ()
    if refuse:
        wanted = [name for name in STATUSES if name != "answered"]
        numbers = _numbers(ask, f"Which is right? {_numbered(wanted)} (numbers, comma between): ", len(wanted))
        status = tuple(wanted[n] for n in numbers) or ("not_in_report",)
    else:
        facts = _facts(ask, show)
        evidence = _evidence(report, ask, show)
    turn = len(entry.before) + 1
    name = f"feedback-{entry.key}"
    standalone = ask("The question as one that stands alone: ").strip() if turn > 1 else ""
    topics = get_args(Topic)
    topic = _numbers(ask, f"Topic? {_numbered(topics)} (number): ", len(topics))[:1]
    return Case(
        id=f"{name}-t{turn}" if turn > 1 else name,
        conversation=name,
        turn=turn,
        before=entry.before,
        question=entry.question,
        standalone=standalone or None,
        answerable="no" if refuse else "yes",
        status=status,
        facts=facts,
        evidence=evidence,
        kind="near-miss" if refuse else "followup" if turn > 1 else "direct",
        topic=cast(Topic, topics[topic[0]] if topic else "other"),
        split="check",
        source=f"feedback, triaged {today.isoformat()}",
        note=entry.note,
    )


def _facts(ask: Ask, show: Show) -> tuple[Fact, ...]:
    show("Which facts must the answer hold? One a line, other wordings after |; an empty line ends.")
    facts: list[Fact] = []
    while line := ask("fact: ").strip():
        aliases = tuple(alias.strip() for alias in line.split("|") if alias.strip())
        if aliases:
            facts.append(aliases)
    return tuple(facts)


def _evidence(report: Report, ask: Ask, show: Show) -> tuple[str, ...]:
    """Sentences that the person finds by their words; each is quoted whole, so it is exact."""
    show("Which sentences are right sources? Type words of one; an empty line ends.")
    chosen: list[str] = []
    while words := ask("words: ").strip():
        found = _search(report, words)
        if not found:
            show("no sentence holds any of these words")
            continue
        show("\n".join(f"  {n}. {quote}" for n, quote in enumerate(found, start=1)))
        chosen += [found[n] for n in _numbers(ask, "numbers (comma between): ", len(found))]
    return tuple(dict.fromkeys(chosen))


def _search(report: Report, words: str, most: int = 5) -> list[str]:
    wanted = set(re.findall(r"\w+", words.casefold()))
    quotes = [report.quote(sentence) for sentence in report.sentences]
    scored = [(len(wanted & set(re.findall(r"\w+", quote.casefold()))), -n, quote) for n, quote in enumerate(quotes)]
    return [quote for score, _, quote in sorted(scored, reverse=True)[:most] if score]


def _pick(ask: Ask, show: Show, question: str, keys: tuple[str, ...]) -> str:
    while (answer := ask(question).strip().lower()) not in keys:
        show(f"please type one of {', '.join(keys)}")
    return answer


def _numbered(names: Sequence[str]) -> str:
    return ", ".join(f"{n} {name}" for n, name in enumerate(names, start=1))


def _numbers(ask: Ask, question: str, most: int) -> list[int]:
    given = [int(n) for n in re.findall(r"\d+", ask(question))]
    return [n - 1 for n in given if 1 <= n <= most]
