"""Small reports on subjects of their own, and engines over them."""

from __future__ import annotations

from functools import cache

from assistant.engine import Engine
from index.build import ReportIndex, build_index
from index.onnx import OnnxEncoder
from index.report import Block, Report, build_report
from index.retriever import Retriever
from index.tokens import load_encoding

GLACIER = build_report(
    [
        Block("title", "The Retreat of the Vinterbre Glacier"),
        Block("note", "By Ingrid Solheim, Nordfjord Institute"),
        Block("heading", "Summary"),
        Block(
            "paragraph",
            "The Vinterbre glacier lost 12% of its area between 1990 and 2020. Warmer summers are the main cause of "
            "the retreat. The meltwater feeds two hydroelectric power stations in the valley.",
        ),
        Block("heading", "Measurements"),
        Block(
            "paragraph",
            "Surveyors measured the glacier with radar and drones in August 2020. It now covers 46 square kilometres "
            "and is up to 310 metres thick. The survey cost 2.4 million kroner.",
        ),
        Block("note", "Figure 1: the tongue of the glacier (photo: Per Aas)"),
        Block(
            "paragraph",
            "Three villages, Aldal, Brekke and Storvik, draw their drinking water from the lake below the glacier. The "
            "lake was closed to boats in 2018 because icebergs had become dangerous.",
        ),
        Block("heading", "Outlook"),
        Block(
            "paragraph",
            "The institute expects that the glacier may vanish by 2090 if emissions stay high. Director Ingrid Solheim "
            "warned the parish council that the villages need a new reservoir. The council continues to pay for the "
            "measurements.",
        ),
    ],
    title="glacier.txt",
)

# Neither headings nor an author.
CLUB = build_report(
    [
        Block(
            "paragraph",
            "Harbour Rowing Club was founded in 1887 by dock workers. It has 430 members, of whom 120 compete in "
            "regattas. The club bought a new boathouse in 2015 for 350,000 pounds.",
        ),
        Block(
            "paragraph",
            "Coach Martha Oyelaran joined the club from Leeds in 2019. Under her the women's eight won the national "
            "regatta twice. The men's crew finished fourth because two rowers were injured.",
        ),
        Block("note", "*Photo: the boathouse at dawn, by Ann Tait"),
        Block(
            "paragraph",
            "Membership fees rose to 240 pounds a year. Children under twelve row free of charge. The club plans to "
            "open a gym next to the boathouse.",
        ),
    ],
    title="Harbour *Rowing* Club",
)

TRIAL = build_report(
    [
        Block("heading", "Abstract"),
        Block("paragraph", "A trial of the drug Calmin in 40 patients with migraine. Half of them got a placebo."),
        Block("heading", "Key Findings"),
        Block("bullet", "Calmin halved the number of attacks."),
        Block("bullet", "Nausea was the most frequent side effect."),
        Block("bullet", "Two patients left the trial."),
        Block("heading", "Methods"),
        Block(
            "paragraph",
            "The patients took 20 mg of Calmin each morning for twelve weeks. Nurses counted the attacks in diaries. "
            "Neither the nurses nor the patients knew who got the drug. The doses were packed in Bergen. The diaries "
            "were read by two statisticians. Attacks shorter than an hour were not counted.",
        ),
        Block("heading", "Conclusions"),
        Block("paragraph", "Calmin may be offered to adults with frequent attacks. A longer trial is needed."),
        Block("paragraph", "This study was prepared by the Fjord Migraine Clinic."),
    ],
    title="Calmin against migraine",
)


@cache
def index_of(report: Report, encoder: OnnxEncoder) -> ReportIndex:
    """The index of a report, built once in a session."""
    return build_index(report, encoder, load_encoding(), 300)


@cache
def engine_of(report: Report, encoder: OnnxEncoder) -> Engine:
    """An engine over a report, with the weights that ship."""
    return Engine(Retriever(index_of(report, encoder), encoder))
