"""A run as JUnit XML, the form that CI servers read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from eval.gate import Verdict
from eval.record import Row, Run

# XML 1.0 has no way to write these.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_page(new: Run, old: Run | None = None, verdict: Verdict | None = None) -> str:
    """The XML: a suite for each report, a test for each case, and the gate as a suite of its own.

    Without ``old`` a case that fails its expectations is a failure. With ``old`` only one that passed before is; what
    failed then, too, is skipped and says so.
    """
    before = old.by_key if old else {}
    root = Element("testsuites", name="report-assistant evaluation")
    for target in dict.fromkeys(row.target for row in new.rows):
        _suite(root, [row for row in new.rows if row.target == target], target, before if old else None)
    if verdict:
        _gate(root, verdict)
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, rows: Sequence[Row], name: str, before: dict[str, Row] | None) -> None:
    suite = SubElement(root, "testsuite", name=_clean(name), tests=str(len(rows)))
    counts = {"failures": 0, "errors": 0, "skipped": 0}
    for row in rows:
        test = SubElement(
            suite, "testcase", classname=f"{_clean(name)}.{row.kind}", name=_clean(row.key), time=f"{row.seconds:.3f}"
        )
        if not row.wrong:
            continue
        then = before.get(row.key) if before is not None else None
        if row.error is not None:
            counts["errors"] += 1
            SubElement(test, "error", message=_clean(row.error))
        elif then is not None and then.wrong:
            counts["skipped"] += 1
            SubElement(test, "skipped", message=_clean(f"failed in the baseline, too: {'; '.join(row.wrong)}"))
        else:
            counts["failures"] += 1
            failure = SubElement(test, "failure", message=_clean("; ".join(row.wrong)))
            failure.text = _clean(f"Q: {row.question}\nA ({row.status}): {row.text}")
    for key, count in counts.items():
        suite.set(key, str(count))


def _gate(root: Element, verdict: Verdict) -> None:
    lines = [("zero tolerance", line) for line in verdict.intolerable] + [("floor", line) for line in verdict.below]
    suite = SubElement(root, "testsuite", name="gate", tests=str(len(lines) + len(verdict.tests)))
    failures = len(lines)
    for kind, line in lines:
        SubElement(
            SubElement(suite, "testcase", classname=f"gate.{kind}", name=_clean(line)), "failure", message=_clean(line)
        )
    for each in verdict.tests:
        test = SubElement(suite, "testcase", classname="gate.test", name=each.metric)
        if each.worse:
            failures += 1
            message = f"{each.old:.3f} to {each.new:.3f}, p = {each.corrected:.4f} after Holm"
            SubElement(test, "failure", message=message)
    suite.set("failures", str(failures))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("�", text)
