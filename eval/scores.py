"""The scores of one answer. What a case does not tell is None, unscored; it is never zero."""

from __future__ import annotations

from assistant.answer import Answer
from eval.cases import SUMMARY_KINDS, Case
from eval.metrics.citations import citation_precision, citation_recall, inexact, is_right
from eval.metrics.text import emphasised, exact_match, facts_found, has_fact, plain, term_recall, token_f1, word_count
from eval.targets import Task
from index.report import Report

Scores = dict[str, float | None]


def is_answerable(case: Case) -> bool | None:
    """Whether the right thing is to answer; None where answering and refusing would both be right."""
    if case.answerable != "no":
        return True if set(case.status) == {"answered"} else None
    return None if "answered" in case.status else False


def score_answer(task: Task, report: Report, answer: Answer | None) -> Scores:
    """The scores of an answer (None: the assistant raised, and all that can be scored is 0).

    =================== ================================================================== =====================
    ``status``          1 if the status is one that the case accepts                       every case
    ``answered``        1 if not refused                                                   answerable
    ``refused``         1 if refused                                                       not answerable
    ``facts``           share of the facts found, 0 if the status is not acceptable        answerable, has facts
    ``all facts``       1 if all were                                                      the same
    ``no forbidden``    1 if no forbidden fact is in the text                              has forbidden facts
    ``right source``    1 if a citation is right                                           answered, has evidence
    ``citation precision``, ``citation recall``, ``citations``, ``right citations``        the same
    ``exact``           1 if the contract's promises on citations hold                     every answer
    ``confidence``      the answer's                                                       answerable or not
    ``brier kept``      ``1 - (confidence - answerable)^2`` (Brier 1950)                   the same
    ``f1``, ``em``      SQuAD's, of the text; a refusal predicts the empty answer          gold answers, or SQuAD
    ``span f1``         the same of the emphasised stretches, or of the text without any   the same
    ``rewriting terms`` share of the expected question's words in the rewritten one        later turns
    ``written``, ``dropped``   sentences that an LLM wrote, and that verification dropped  an LLM wrote
    ``words``           number of words                                                    answered, no summary
    ``summary words``, ``refusal words``                                                   summaries, refusals
    =================== ================================================================== =====================
    """
    case = task.case
    answerable = is_answerable(case)
    scores: Scores = {"status": float(answer is not None and answer.status in case.status)}
    answered = answer is not None and answer.status == "answered"
    if answerable is not None:
        scores["answered" if answerable else "refused"] = float(answer is not None and answered == answerable)
    if case.facts and case.answerable != "no":
        found = facts_found(answer.text, case.facts) if answer and scores["status"] else 0.0
        scores |= {"facts": found, "all facts": float(found == 1.0)}
    if case.answers or case.source.startswith("SQuAD"):
        scores |= _squad(case, answer)
    if answer is None:
        return scores
    if case.standalone is not None:
        scores["rewriting terms"] = term_recall(answer.question, case.standalone)
    if case.forbidden:
        scores["no forbidden"] = float(not any(has_fact(answer.text, fact) for fact in case.forbidden))
    if answer.verification is not None:
        counts = answer.verification
        scores |= {"written": float(counts.written), "dropped": float(counts.dropped)}
    scores["exact"] = float(not inexact(answer, report))
    if answerable is not None:
        scores |= {"confidence": answer.confidence, "brier kept": 1 - (answer.confidence - answerable) ** 2}
    if answered and task.paragraphs:
        scores |= _citations(task, report, answer)
    scores[_length_name(case, answered)] = float(word_count(answer.text))
    return scores


def right_citations(task: Task, report: Report, answer: Answer | None) -> tuple[bool | None, ...]:
    """For each citation whether it is right; None for all where the case names no evidence or nothing was answered."""
    if answer is None:
        return ()
    if answer.status != "answered" or not task.paragraphs:
        return (None,) * len(answer.citations)
    return tuple(is_right(citation, report, task.paragraphs) for citation in answer.citations)


def _length_name(case: Case, answered: bool) -> str:
    if not answered:
        return "refusal words"
    return "summary words" if case.kind in SUMMARY_KINDS else "words"


def _citations(task: Task, report: Report, answer: Answer) -> Scores:
    right = [is_right(citation, report, task.paragraphs) for citation in answer.citations]
    return {
        "right source": float(any(right)),
        "citation precision": citation_precision(right) if right else None,
        "citation recall": citation_recall(answer, right),
        "citations": float(len(right)),
        "right citations": float(sum(right)),
    }


def _squad(case: Case, answer: Answer | None) -> Scores:
    text = plain(answer.text) if answer is not None and answer.status == "answered" else ""
    span = plain(emphasised(answer.text)) if text and answer is not None else ""
    return {
        "f1": token_f1(text, case.answers),
        "em": exact_match(text, case.answers),
        "span f1": token_f1(span or text, case.answers),
    }


def failures(task: Task, answer: Answer | None, scores: Scores) -> list[str]:
    """Why a case counts as failed, in words; empty when it passed.

    It passes when the status is acceptable, all facts are there, no forbidden one is, the citations are exact and one
    of them is right.
    """
    if answer is None:
        return ["raised an error"]
    wrong = []
    if not scores["status"]:
        wrong.append(f"status {answer.status}, expected {' or '.join(task.case.status)}")
    elif scores.get("all facts") == 0:
        missing = [str(i) for i, fact in enumerate(task.case.facts, start=1) if not has_fact(answer.text, fact)]
        wrong.append(f"fact {', '.join(missing)} of {len(task.case.facts)} missing")
    if scores.get("no forbidden") == 0:
        wrong.append("states what it must not")
    if scores.get("right source") == 0:
        wrong.append("cites no right paragraph")
    if scores.get("exact") == 0:
        wrong.append("a citation is not exact")
    return wrong
