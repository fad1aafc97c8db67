"""How good the answers are, and whether a change made them worse: ``python -m eval``.

cases.py, targets.py, squad.py, suites.py   what is asked, and which parts of a report are right sources
bots.py, run.py, session.py                 asking
metrics/, scores.py, figures.py             scoring: an answer, and many
goals.py                                    the table of goals and every case that fails
record.py, provenance.py                    a run on disk, and what it was made with
stats.py, gate.py, baseline.py              is it worse? by how much, and is that noise?
pages/                                      for people: HTML, Markdown, JUnit XML
feedback.py, triage.py, known.py            from a complaint to a case
sweep.py                                    settings tried against one another
mutants/                                    does the gate notice damage?
"""
