"""The HTML document of the page: our header and the report's pane, with Gradio's chat in between.

Gradio's own document is not used: its inline scripts are blocked by the content security policy, it names outside
addresses, and the report would have to travel through Gradio's configuration. Only the two files that start its front
end are taken from it.
"""

from __future__ import annotations

import json
from html import escape
from importlib.resources import files
from string import Template

from assistant.ui.guard import MAX_BODY_BYTES
from assistant.ui.intro import size_in_words
from assistant.ui.render import contents_html, report_html
from assistant.ui.turns import MAX_SAID, MAX_TURNS, RECENT
from index.report import Report

# Of what a request may hold, what is left for a conversation: as JSON within JSON its quotation marks take two bytes.
_MOST_KEPT = MAX_BODY_BYTES * 7 // 10


def shell_html(report: Report, *, assets: str, gradio_script: str, gradio_style: str, feedback_file: str) -> str:
    """The document for a report; ``gradio_script`` and ``gradio_style`` are the addresses that start the chat.

    The page's own files are at ``assets``. Where feedback is kept, ``feedback_file``, is told to whoever gives some.
    """
    template = Template(files("assistant.ui").joinpath("static", "page.html").read_text("utf-8"))
    return template.substitute(
        title=escape(report.title),
        size=size_in_words(report),
        contents=contents_html(report),
        report=report_html(report),
        assets=assets,
        gradio_script=gradio_script,
        gradio_style=gradio_style,
        feedback_file=escape(feedback_file),
        sha256=report.sha256,
        limits=json.dumps({"turns": MAX_TURNS, "recent": RECENT, "said": MAX_SAID, "bytes": _MOST_KEPT}),
    )
