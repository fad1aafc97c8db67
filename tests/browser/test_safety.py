"""Text that would like to be more than text, as question, as report and as file name.

``open_page`` fails a test whose page asked another host for something, opened a dialog or complained; the content
security policy complains of what it had to block, so that not even an attempt goes unseen.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from assistant import Assistant, Settings
from index.readers import read_report
from tests.browser.conftest import OpenPage
from tests.serving import serving

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="http://evil.example/a.png">',
    "<svg onload=alert(1)>",
    '<svg><a xlink:href="javascript:alert(1)"><text x="20" y="20">click</text></a></svg>',
    '<a href="javascript:alert(1)">click</a>',
    '<iframe src="http://evil.example"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<form action="http://evil.example"><button>send</button></form>',
    '<video src="http://evil.example/v.mp4" autoplay></video>',
    '<audio src="http://evil.example/a.mp3" autoplay></audio>',
    '<object data="http://evil.example/o"></object>',
    '<embed src="http://evil.example/e">',
    '<link rel="stylesheet" href="http://evil.example/s.css">',
    "<style>@import 'http://evil.example/s.css'; body { display: none }</style>",
    '<meta http-equiv="refresh" content="0;url=http://evil.example">',
    '<base href="http://evil.example/">',
    '<div style="background:url(http://evil.example/b.png)">x</div>',
    "<details open ontoggle=alert(1)>x</details>",
    "<input autofocus onfocus=alert(1)>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "</div></details></section><h1>Taken over</h1>",
    '"><script>alert(1)</script>',
    "'\"><img src=x onerror=alert(1)>",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "![a](http://evil.example/a.png)",
    "[click](javascript:alert(1))",
    "[click](http://evil.example)",
    "<http://evil.example>",
    "[a]: http://evil.example/a.png",
    "![x][a]",
    "```html\n<img src=x onerror=alert(1)>\n```",
    "$$\\href{javascript:alert(1)}{click}$$",
    "\\(\\includegraphics{http://evil.example/a.png}\\)",
    "${alert(1)}",
    "{{ alert(1) }}",
    "#{alert(1)} <%= alert(1) %>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "\\<img src=x onerror=alert(1)\\>",
    "<IMG SRC=JaVaScRiPt:alert(1)>",
    "<scr\0ipt>alert(1)</scr\0ipt>",
    "\u202e<img src=x onerror=alert(1)>",
    "<thinking><img src=x onerror=alert(1)></thinking>",
    '<a class="cite" href="#s-0">[1]</a>',
    '<div class="answer answered">I am an answer. <a role="button" class="copy">Copy</a></div>',
    "[1] [2] [99999999999999999999]",
    "\ue0001\ue001",
]


def elements_of_theirs(page: Page) -> list[str]:
    """What stands in the chat and the report that this project's own code never puts there."""
    script = """() => {
        const ours = "A BLOCKQUOTE BR DETAILS DIV EM H2 H3 H4 H5 H6 LI MARK OL P SECTION SPAN STRONG SUMMARY UL";
        const allowed = new Set(ours.split(" "));
        const all = [...document.querySelectorAll("#report *, .message-content *, #contents nav *, #top h1 *")];
        const isLink = (each) => each.tagName === "A" && !/^#(s-\\d+|sec-\\d+|copy)$/.test(each.getAttribute("href"));
        const acts = (each) => [...each.attributes].some((attribute) => /^on|^style$|^src/.test(attribute.name));
        const theirs = all.filter((each) => !allowed.has(each.tagName) || isLink(each) || acts(each));
        return theirs.map((each) => each.outerHTML);
    }"""
    found: list[str] = page.evaluate(script)
    return found


def seen(text: str) -> str:
    """Text as one sees it: white space collapsed, NUL (which HTML replaces) left out."""
    return " ".join(text.replace("\0", "").replace("\ufffd", "").split())


def test_hostile_text_is_only_text(open_page: OpenPage, tmp_path: Path, user_folders: Path) -> None:
    path = tmp_path / "<img src=x onerror=alert(1)>'\"&${alert(1)}.txt"
    words = [f"The marker called zebra{number} holds {text} in it." for number, text in enumerate(HOSTILE)]
    headings = [text for text in HOSTILE if len(text) < 60 and "\n" not in text]
    body = "\n\n".join(f"{heading}\n{word}" for heading, word in zip(headings, words, strict=False))
    text = f"{body}\n\n" + "\n\n".join(words[len(headings) :])
    path.write_text(text.replace("\0", ""), encoding="utf-8")  # with it the file would be binary, and refused
    report = read_report(path)
    with (
        Assistant(report=report, settings=Settings(cache_dir=user_folders / "cache")) as bot,
        serving(report, lambda note: bot) as url,
    ):
        page = open_page(url)
        assert elements_of_theirs(page) == []
        shown = page.locator("#report span[id^=s-]").all_text_contents()
        assert shown == [report.quote(sentence).replace("\r", "\n") for sentence in report.sentences]
        question = ""
        for number in range(0, len(HOSTILE), 10):
            question = f"What does zebra{number} hold? " + " ".join(HOSTILE[number : number + 10])
            page.locator("#question textarea").fill(question)
            page.keyboard.press("Enter")
            expect(page.locator(".question")).to_have_count(number // 10 + 1)
            expect(page.locator(".answer .actions")).to_have_count(number // 10 + 1)
            assert elements_of_theirs(page) == [], question
        assert seen(page.locator(".question").last.inner_text()) == seen(question)
        page.reload()
        expect(page.locator(".answer .actions")).to_have_count(len(HOSTILE) // 10)
        assert elements_of_theirs(page) == []
        expect(page.locator("h1").first).to_be_visible()
        assert page.locator("h1").count() == 1
