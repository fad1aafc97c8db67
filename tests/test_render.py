from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as parser

from assistant import Answer, Citation, Status
from assistant.ui.render import answer_html, contents_html, partial_html, question_html, report_html
from index.readers import read_text
from index.report import Block, Report, build_report

REPORT = read_text(
    """# A report

Said before the first heading.

## Money

The fund has 5 million. It was founded in 2020. Nobody opposed it.

- One point.
- Another point.

#### Deep

Something small.

### Wide

Something wide.
""",
    "md",
)

# Text as readers hand it on: white space collapsed, no control characters.
texts = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=60).map(
    lambda text: " ".join(f"a {text} z".split())
)


def cite(report: Report, number: int, sentence: int) -> Citation:
    found = report.sentences[sentence]
    section = report.section_of(found).title
    return Citation(number, report.quote(found), section, found.start, found.end, 1.0, report.title, report.sha256)


def answer_with(text: str, *sentences: int, report: Report = REPORT) -> Answer:
    citations = tuple(cite(report, number, sentence) for number, sentence in enumerate(sentences, 1))
    return Answer(text, "answered", citations, "How large?", 0.8)


def parsed(html: str) -> parser.HtmlElement:
    return parser.fragment_fromstring(html, create_parent="main")


@given(st.lists(texts, min_size=1, max_size=5), texts, texts)
def test_each_sentence_stands_in_its_span_and_nothing_else_does(pieces: list[str], heading: str, title: str) -> None:
    blocks = [Block("title", title), Block("heading", heading), *(Block("paragraph", piece) for piece in pieces)]
    report = build_report(blocks, title="")
    body = parsed(report_html(report))
    spans = body.xpath(".//span")
    assert [span.get("id") for span in spans] == [f"s-{sentence.number}" for sentence in report.sentences]
    assert [span.text_content() for span in spans] == [report.quote(sentence) for sentence in report.sentences]
    assert [p.text_content() for p in body.xpath(".//p")] == pieces
    assert body.xpath("string(.//h3)") == heading
    assert {element.tag for element in body.iter()} == {"main", "h2", "section", "h3", "p", "span"}


@given(texts, texts)
def test_nothing_asked_or_answered_becomes_a_tag(question: str, text: str) -> None:
    for html in (question_html(question), partial_html(text), answer_html(answer_with(text), REPORT, question)):
        allowed = {"main", "div", "p", "br", "em", "strong", "ul", "ol", "li", "details", "summary", "a"}
        assert {element.tag for element in parsed(html).iter()} <= allowed
        assert "\n" not in html  # Gradio's Markdown parser would take over at a blank line
    assert parsed(question_html(question)).text_content() == question


def test_headings_never_skip_a_level() -> None:
    body = parsed(report_html(REPORT))
    assert [(h.tag, h.text) for h in body.xpath(".//h2 | .//h3 | .//h4")] == [
        ("h2", "A report"),
        ("h3", "Money"),
        ("h4", "Deep"),
        ("h4", "Wide"),
    ]
    assert parsed(contents_html(REPORT)).xpath(".//a/text()") == ["Money", "Deep", "Wide"]


def test_citations_become_links_and_quotes_marks() -> None:
    body = parsed(answer_html(answer_with("It has 5 million [1] since 2020 [2].", 1, 2), REPORT, "How large?"))
    links = body.xpath(".//*[@class='answer-text']//a")
    assert [(a.text, a.get("href")) for a in links] == [("[1]", "#s-1"), ("[2]", "#s-2")]
    passage = body.xpath(".//blockquote")  # both sentences stand in one paragraph, which is shown once
    assert [each.text_content() for each in passage] == [
        "The fund has 5 million. It was founded in 2020. Nobody opposed it."
    ]
    assert body.xpath(".//mark/text()") == ["The fund has 5 million.", "It was founded in 2020."]


def test_brackets_that_are_quoted_are_not_citations() -> None:
    body = parsed(answer_html(answer_with(r"See \[1\] and \\[1] and [7].", 1), REPORT, "How large?"))
    assert body.xpath("string(.//*[@class='answer-text'])").strip() == r"See [1] and \[1] and [7]."
    assert len(body.xpath(".//*[@class='answer-text']//a")) == 1


def test_markdown_of_an_answer_is_shown_but_not_its_links() -> None:
    text = "Two points:\n\n- **One** point.\n- [two](javascript:alert(1)) ![x](http://evil.example/x.png)"
    body = parsed(answer_html(answer_with(text), REPORT, "How large?"))
    shown = body.find_class("answer-text")[0]
    assert [li.text_content() for li in shown.xpath(".//li")] == [
        "One point.",
        "[two](javascript:alert(1)) ![x](http://evil.example/x.png)",
    ]
    assert shown.xpath(".//a | .//img") == []


@pytest.mark.parametrize("status", ["not_in_report", "contradicted", "off_topic"])
def test_a_refusal_says_that_it_is_one(status: Status) -> None:
    answer = replace(answer_with("No."), status=status)
    body = parsed(answer_html(answer, REPORT, "How large?"))
    assert body.find_class("status-label")
    assert body.find_class("answer")[0].get("class") == f"answer {status}"
    assert not parsed(answer_html(answer_with("Yes."), REPORT, "How large?")).find_class("status-label")


def test_a_rewritten_question_is_shown() -> None:
    answer = answer_with("5 million.")
    assert "Understood as: How large?" in parsed(answer_html(answer, REPORT, "And that?")).text_content()
    assert "Understood" not in parsed(answer_html(answer, REPORT, "how LARGE")).text_content()


def test_a_long_paragraph_is_shown_around_its_quotes() -> None:
    sentences = [f"Sentence number {number} of this paragraph says something of its own." for number in range(40)]
    report = read_text(" ".join(sentences))
    body = parsed(answer_html(answer_with("a [1] b [2] c [3]", 0, 20, 22, report=report), report, "How large?"))
    (passage,) = body.xpath(".//blockquote")
    expected = f"{sentences[0]} {sentences[1]}… {' '.join(sentences[19:24])} …"
    assert " ".join(passage.text_content().split()) == " ".join(expected.split())
    assert passage.xpath(".//mark/text()") == [sentences[0], sentences[20], sentences[22]]


def test_a_cited_heading_is_linked_and_not_quoted_again() -> None:
    section = next(each for each in REPORT.sections if each.title == "Money")
    place = section.title, section.heading_start, section.heading_end
    citation = Citation(1, section.title, *place, 1.0, REPORT.title, REPORT.sha256)
    body = parsed(answer_html(Answer("- Money [1]", "answered", (citation,), "Sections?", 1.0), REPORT, "Sections?"))
    assert [link.get("href") for link in body.find_class("cite")] == [f"#h-{section.number}"]
    assert not body.find_class("sources")
    assert parsed(report_html(REPORT)).get_element_by_id(f"h-{section.number}").text_content() == "Money"
