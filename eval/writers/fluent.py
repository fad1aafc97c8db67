"""Right sentences as an LLM would write them, each over one sentence of a made-up report that nothing was fitted on.

In ``fluent`` beside this module a line holds the report's sentence (``cites``) and the written one
(``says``): other words, another order, a name for a pronoun, as the prompt asks. Those of ``d6`` were not looked at
while the rules were made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from index.report import Report

FOLDER = Path(__file__).parent / "fluent"


def fluent(report: Report) -> Iterator[tuple[str, int]]:
    """The written sentences over a report, if there are any, each with the number of the sentence that it cites."""
    numbers = {report.quote(sentence): sentence.number for sentence in report.sentences}
    for path in sorted(FOLDER.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            pair = json.loads(line)
            if pair["cites"] in numbers:
                yield pair["says"], numbers[pair["cites"]]
