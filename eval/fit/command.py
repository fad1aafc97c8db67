"""``python -m eval fit``: fits the ranking and the answerability, and writes the files that ship.

On the cases of the split "fit" over every edition of the report at hand, and on those over made-up reports, which keep
the weights from suiting one report alone; and, where ``--data`` names a file in SQuAD's format, on every second of its
articles.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from assistant.answerability import FEATURES
from assistant.judgement import KIND_SIGNALS, Tuning
from assistant.settings import Settings
from eval.fit.ablation import ablation, ask, is_check
from eval.fit.weights import Fitted, fit_stacked, gather, stack
from eval.made_up import load_made_up
from eval.suites import Scope, load_folder, load_suite
from index.interaction import FILE, write_interaction
from index.onnx import OnnxEncoder
from index.projection import write_projection
from index.ranking import SIGNALS
from index.upper import FILE as UPPER_FILE
from index.upper import write_upper

# Made-up reports: one to fit on, too, and one that shows how well what was fitted suits another report.
FITTED_ON, NEVER_SEEN = (Path(__file__).parents[1] / "texts" / name for name in ("water", "ferry"))
RANKING = Path(__file__).parents[2] / "index" / "data" / "ranking.json"
WORDS = Path(__file__).parents[2] / "index" / "data" / "words.safetensors"
INTERACTION = Path(__file__).parents[2] / "index" / "data" / FILE
UPPER = Path(__file__).parents[2] / "index" / "data" / UPPER_FILE
ANSWERING = Path(__file__).parents[2] / "assistant" / "data" / "answering.json"


def run(data: Path | None, *, ablate: bool = False) -> Iterator[str]:
    """Fit and write, and find out what each part is worth, if that is wanted; yields lines for the user."""
    report, made_up = load_suite(Scope(edition="both")), [load_folder(FITTED_ON), *load_made_up("fit")]
    squad = [] if data is None else load_suite(Scope(suite="squad", data=data))
    targets = [*report, *made_up, *squad]
    encoder = OnnxEncoder(Settings().model, Settings().cache_dir)
    judges, examples = gather(targets, encoder)
    stacked = stack(examples, judges)
    fitted = fit_stacked(stacked)
    write(fitted)
    count = sum(map(len, examples.values()))
    written = ", ".join(path.name for path in (WORDS, RANKING, INTERACTION, UPPER, ANSWERING))
    yield f"fitted on {count} questions over {len(judges)} texts; wrote {written}"
    if not ablate:
        return
    asked = [
        *(ask(target.name, target, encoder) for target in report),
        *(
            ask("other made-up reports", target, encoder)
            for target in [load_folder(NEVER_SEEN), *load_made_up("check")]
        ),
        *(ask("other articles", target, encoder) for target in squad if any(is_check(task) for task in target.tasks)),
    ]
    yield ""
    yield from ablation(examples, judges, stacked, fitted, asked)


def write(fitted: Fitted) -> None:
    """Write the five files; what is chosen rather than fitted stays as it is in the tuning."""
    ranking, tuning = fitted.ranking, fitted.tuning
    write_projection(fitted.projection, WORDS)
    assert fitted.learned is not None  # that is for the ablation alone
    write_interaction(fitted.learned.interaction, INTERACTION)
    write_upper(fitted.learned.upper, UPPER)
    table = {n: _row(ranking.mean[i], ranking.deviation[i], ranking.weight[i]) for i, n in enumerate(SIGNALS)}
    RANKING.write_text(json.dumps({"signals": table}, indent=1) + "\n", encoding="utf-8")
    answerable = tuning.answerable
    features = {
        n: _row(answerable.mean[i], answerable.deviation[i], answerable.weight[i]) for i, n in enumerate(FEATURES)
    }
    chosen = [each.name for each in fields(Tuning) if each.name not in ("kind_weights", "answerable")]
    data = {
        "kinds": {name: round(float(tuning.kind_weights[i]), 4) for i, name in enumerate(KIND_SIGNALS)},
        "answerable": features,
        "intercept": round(answerable.intercept, 4),
        "choices": {name: getattr(tuning, name) for name in chosen},
    }
    ANSWERING.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def _row(*values: float) -> list[float]:
    return [round(float(value), 5) for value in values]
