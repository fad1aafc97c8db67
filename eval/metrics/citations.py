"""What an answer's citations are worth, after ALCE (Gao et al. 2023, "Enabling LLMs to Generate Text with Citations").

ALCE asks an NLI model whether a passage supports a statement. Here gold spans stand in its place: a citation is
*right* when every sentence that it quotes stands in a paragraph that the case names as evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.answer import Answer, Citation
from eval.metrics.text import normal, plain
from index.report import Report
from index.sentences import split_sentences

_MARKS = re.compile(r"(?:\s*\[\d+\])+[.,;:]?")
_NUMBER = re.compile(r"\[(\d+)\]")


def is_right(citation: Citation, report: Report, paragraphs: Iterable[int]) -> bool:
    """Whether the citation touches the report only in these paragraphs."""
    touched = {p.number for p in report.paragraphs if p.start < citation.end and citation.start < p.end}
    return bool(touched) and touched <= set(paragraphs)


def citation_precision(right: Sequence[bool]) -> float:
    """``right citations / citations``, given for each citation whether it is right.

    Raises:
        ValueError: there are no citations, so there is nothing to score.
    """
    if not right:
        raise ValueError("no citations")
    return sum(right) / len(right)


def statements(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """An answer's sentences, each with the numbers of the citations that directly follow it.

    Lines that end in a colon lead in and state nothing; pieces without a letter or digit are left out.
    """
    found: list[tuple[str, tuple[int, ...]]] = []
    for line in text.splitlines():
        end = 0
        for marks in [*_MARKS.finditer(line), None]:
            piece = plain(line[end : marks.start() if marks else len(line)])
            numbers = tuple(int(n) for n in _NUMBER.findall(marks.group())) if marks else ()
            end = marks.end() if marks else len(line)
            sentences = [piece[a:b] for a, b in split_sentences(piece)] if piece else []
            sentences = [s for s in sentences if any(c.isalnum() for c in s)]
            if marks is None and sentences and sentences[-1].endswith(":"):
                sentences.pop()
            found += [(s, ()) for s in sentences[:-1]] + [(s, numbers) for s in sentences[-1:]]
    return found


def citation_recall(answer: Answer, right: Sequence[bool]) -> float:
    """``supported statements / statements``: the share of the answer's sentences with a right citation.

    ``right[i]`` says whether ``answer.citations[i]`` is right. A sentence is supported when a right citation
    directly follows it, or when its words stand in the quote of a right citation that follows later in the same line
    (one mark after several quoted sentences is enough). An answer that states nothing has recall 0.
    """
    right_numbers = {c.number for c, ok in zip(answer.citations, right, strict=True) if ok}
    quotes = {c.number: normal(plain(c.quote)) for c in answer.citations}
    found = statements(answer.text)
    if not found:
        return 0.0
    supported = 0
    later: tuple[int, ...] = ()
    for sentence, numbers in reversed(found):
        later = numbers or later
        if numbers:
            supported += any(n in right_numbers for n in numbers)
        else:
            supported += any(n in right_numbers and normal(sentence) in quotes[n] for n in later)
    return supported / len(found)


def inexact(answer: Answer, report: Report) -> list[str]:
    """What the contract promises of citations and this answer breaks, one line each; empty when all is exact.

    Every quote is the report's text at its offsets, the report is this one, numbers run from 1 in order of first use,
    and marks and citations belong together one to one.
    """
    wrong = [
        f"citation {c.number} does not quote the report's characters {c.start} to {c.end}"
        for c in answer.citations
        if not (0 <= c.start < c.end <= len(report.text)) or report.text[c.start : c.end] != c.quote
    ]
    wrong += [f"citation {c.number} is of another report" for c in answer.citations if c.sha256 != report.sha256]
    used = list(dict.fromkeys(int(n) for n in _NUMBER.findall(answer.text)))
    numbers = [c.number for c in answer.citations]
    if used != numbers or numbers != list(range(1, len(numbers) + 1)):
        wrong.append(f"the text uses the marks {used}, the citations are numbered {numbers}")
    return wrong
