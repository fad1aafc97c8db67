"""The chat page in Gradio; the only module that imports it.

Annotations are not postponed here: Gradio reads those of the function that it offers to programs.
"""

import asyncio
import json
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from html import escape
from importlib.resources import files
from typing import Any

# Read when gradio is imported: without it the process calls out at start.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
# Otherwise each event is kept, and the last 10,000 are summed up again after each one, for a page that is not served.
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(2**31)

import gradio as gr
from fastapi import FastAPI
from gradio.events import api
from pydantic import ValidationError

from assistant.answer import Answer
from assistant.ui.api import AskBody, invalid, problem
from assistant.ui.desk import Desk
from assistant.ui.intro import intro_html
from assistant.ui.render import answer_html, notice_html, partial_html, question_html
from assistant.ui.turns import MAX_OFFERED, MAX_QUESTION, Said, Turn, history, read_said, read_turns
from index.errors import AssistantError
from index.report import Report

Update = dict[Any, Any]

# Seconds between two states of an answer that is still being written: more often is no smoother to the eye.
_FRAME = 0.05
# Events that Gradio admits; the desk refuses well before that, and in words.
_MAX_EVENTS = 200

_SAVE = (
    '<details id="save"><summary>Save</summary><div role="group" aria-label="Save the conversation">'
    '<button type="button" value="markdown">Markdown</button><button type="button" value="page">Page to print</button>'
    '<button type="button" value="json">JSON</button></div></details>'
)

_SCRIPT = re.compile(r'<script type="module"[^>]* src="\./(assets/[\w.-]+\.js)"')
_STYLE = re.compile(r'<link rel="stylesheet"[^>]* href="\./(assets/[\w.-]+\.css)"')


def front_end() -> tuple[str, str]:
    """The addresses of the script and the style sheet that start Gradio's front end.

    Raises:
        RuntimeError: the installed Gradio starts it in another way than the one this was written for.
    """
    document = files(gr).joinpath("templates", "frontend", "index.html").read_text("utf-8")
    script, style = _SCRIPT.search(document), _STYLE.search(document)
    if script is None or style is None:
        raise RuntimeError("the installed gradio has another front end than the one expected; see constraints.txt")
    return script[1], style[1]


def mount_page(app: FastAPI, desk: Desk, report: Report) -> None:
    """Put the chat page at ``/`` of ``app``; to be done before the desk starts."""
    desk.offering = True
    gr.mount_gradio_app(
        app,
        _build(desk, report),
        path="/",
        theme=gr.themes.Default(
            primary_hue="blue",
            neutral_hue="slate",
            font=["system-ui", "sans-serif"],
            font_mono=["ui-monospace", "monospace"],
        ),
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        max_file_size="1kb",
    )


def _build(desk: Desk, report: Report) -> gr.Blocks:
    page = gr.Blocks(title=f"{report.title} – report-assistant", fill_width=True, analytics_enabled=False)
    with page:
        chat = _Chat(desk, report)
        chat.listen(page)
        api(_for_programs(desk), api_name="ask")
    # What Gradio keeps of a session grows with each event, and nothing here is kept in it: the browser has it all.
    page.state_session_capacity = 1
    page.queue(max_size=_MAX_EVENTS, default_concurrency_limit=_MAX_EVENTS)
    return page


def _for_programs(desk: Desk) -> Callable[[str], Awaitable[dict[str, Any]]]:
    # The one default that Gradio passes on to its clients is None.
    async def ask(question: str, history: list[Any] | None = None) -> dict[str, Any]:
        """Answer a question as POST /api/ask does; for gradio_client, as /ask."""
        try:
            body = AskBody.model_validate({"question": question, "history": history or []})
            return (await desk.ask(body.question, body.said())).as_dict()
        except ValidationError as error:
            raise gr.Error(invalid(error.errors()[0])) from error
        except AssistantError as error:
            raise gr.Error(problem(error)[1]) from error

    return ask


class _Chat:
    """The chat's components and what happens to them.

    The conversation is conversation.js's: it keeps the turns, sends what a question needs of them, and puts what comes
    back, one turn at a time, into Gradio's chat. So a turn's bytes do not grow with the conversation.
    """

    def __init__(self, desk: Desk, report: Report) -> None:
        self._desk = desk
        self._report = report
        self._sent = 0
        self._intro = gr.HTML(intro_html(report, ()), elem_id="opening-words", apply_default_css=False)
        self._messages = gr.Chatbot(
            elem_id="chat",
            label="Conversation",
            show_label=False,
            container=False,
            height="100%",
            autoscroll=False,  # page.js scrolls to the question, so that an answer is read from its beginning
            layout="bubble",
            sanitize_html=True,
            allow_tags=False,
            latex_delimiters=[],
            line_breaks=False,
            buttons=[],
            feedback_options=None,
        )
        self._status = gr.HTML("", elem_id="status", apply_default_css=False)
        with gr.Row(elem_id="composer"):
            self._question = gr.Textbox(
                elem_id="question",
                label="Your question",
                show_label=False,
                container=False,
                placeholder="Ask about the report",
                lines=1,
                max_lines=6,
                max_length=MAX_QUESTION,
                scale=1,
            )
            self._ask = gr.Button("Ask", elem_id="ask", variant="primary", scale=0, min_width=72)
            self._stop = gr.Button("Stop", elem_id="stop", variant="stop", visible=False, scale=0, min_width=72)
        with gr.Row(elem_id="below"):
            self._clear = gr.Button("New conversation", elem_id="clear", size="sm", variant="secondary", scale=0)
            gr.HTML(_SAVE, elem_id="save-place", apply_default_css=False)
            self._reread = gr.Button("Read again", elem_id="reread", visible="hidden")
        # JSON on its way: what was said before, a turn as it becomes, the questions offered after it, and what was kept
        # of the conversation as it is shown.
        self._said, self._turn, self._offered, self._restored = (
            gr.Textbox(elem_id=each, label=each, visible="hidden") for each in ("said", "turn", "offered", "restored")
        )

    def listen(self, page: gr.Blocks) -> None:
        """Connect the events; called once all components exist."""
        shared: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        answered = [self._turn, self._offered, self._question, self._ask, self._stop, self._status]
        asking = [
            gr.on(
                [self._question.submit, self._ask.click],
                self._answer,
                [self._question, self._said],
                answered,
                js="(question) => [question, conversation.said()]",
                # A question sent while another is answered is asked next; Gradio's default would swallow it.
                trigger_mode="always_last",
                **shared,
            ),
            self._messages.option_select(
                self._on_chosen, [self._said], answered, js="() => [conversation.said()]", **shared
            ),
            self._messages.retry(
                self._answer, [self._question, self._said], answered, js="() => conversation.again()", **shared
            ),
        ]
        for box, put in ((self._turn, "take"), (self._offered, "offer"), (self._restored, "restore")):
            box.change(None, [box], [self._messages], js=f"(it) => [conversation.{put}(it)]", **shared)
        idle = [self._ask, self._stop]
        stopped = [*idle, self._messages]
        self._stop.click(None, None, stopped, js="() => conversation.stop()", cancels=asking, **shared)
        self._clear.click(
            None, None, [*stopped, self._question], js="() => conversation.clear()", cancels=asking, **shared
        )
        begun = [self._restored, self._status, self._intro]
        gr.on(
            [page.load, self._reread.click],
            self._on_load,
            [self._said],
            begun,
            js="() => [conversation.all()]",
            trigger_mode="always_last",
            **shared,
        )

    async def _on_load(self, kept: str) -> AsyncIterator[Update]:
        """Show the conversation as it is kept, and how far the model is until it is loaded."""
        restored = self._wire({"shown": [self._shown(turn) for turn in read_turns(kept)]})
        yield {self._restored: restored, self._status: self._loading(), **self._opening()}
        said = self._loading()
        while not self._desk.topics_known:
            await asyncio.sleep(0.2)
            if self._loading() != said:
                said = self._loading()
                yield {self._status: said}
        yield {self._status: self._loading(), **self._opening()}

    def _opening(self) -> Update:
        return {self._intro: intro_html(self._report, self._desk.topics if self._desk.topics_known else ())}

    def _loading(self) -> str:
        if self._desk.error is not None:
            return f'<p class="problem">{escape(problem(self._desk.error)[1])}</p>'
        if self._desk.state == "ready":
            return ""
        if self._desk.progress is None:
            return "<p>The language model is being loaded. You can ask already: the answer comes when it is ready.</p>"
        done, total = self._desk.progress
        return f"<p>The report is being indexed ({done} of {total}). You can ask already.</p>"

    def _waiting(self) -> str:
        if self._desk.state == "loading":
            return "Waiting for the language model to be loaded …"
        return "Looking in the report …"

    async def _on_chosen(self, said: str, chosen: gr.SelectData) -> AsyncIterator[Update]:
        async for update in self._answer(str(chosen.value or ""), said):
            yield update

    async def _answer(self, question: str, said: str) -> AsyncIterator[Update]:
        """Ask, and show the answer as it comes."""
        if not question.strip():
            yield {self._status: "<p>Type a question first.</p>"}
            return
        before = read_said(said)
        asked = Turn(question=question[:MAX_QUESTION])

        def becomes(html: str, turn: Turn | None = asked) -> Update:
            shown = [question_html(asked.question), html]
            return {self._turn: self._wire({"at": len(before), "turn": turn and turn.model_dump(), "shown": shown})}

        yield {
            **becomes(notice_html(self._waiting(), "waiting")),
            self._question: "",
            self._status: self._loading(),
            self._ask: gr.Button(visible=False),
            self._stop: gr.Button(visible=True),
        }
        idle = {self._ask: gr.Button(visible=True), self._stop: gr.Button(visible=False)}
        try:
            text, last = "", time.monotonic()
            async for piece in self._desk.stream(question, history(before)):
                if isinstance(piece, Answer):
                    answer = piece
                    break
                text += piece
                if time.monotonic() - last > _FRAME:
                    last = time.monotonic()
                    yield becomes(partial_html(text))
            else:
                raise RuntimeError("a stream ends with its answer")
        except Exception as error:  # noqa: BLE001 - problem() tells the foreseen from the rest and logs the rest
            failed = becomes(notice_html(problem(error)[1], "problem"), None)
            yield {**failed, self._question: question, **idle}
            return
        whole = Turn(question=asked.question, answer=answer.as_dict())
        yield {**becomes(self._shown(whole)[1], whole), **idle}
        offered = await self._offers(answer, before, asked.question)
        # Idle again: Gradio's page may lay two updates that come close together into one, and lose the first.
        yield {self._offered: json.dumps({"at": len(before), "offered": offered}), **idle}

    async def _offers(self, answer: Answer, before: Sequence[Said], question: str) -> list[str]:
        """Questions to go on with after an answer."""
        asked = [*(turn.question for turn in before), question]
        offered = [each for turn in before for each in turn.offered]
        found = await self._desk.follow_ups(answer, asked, offered, MAX_OFFERED)
        return list(found or answer.suggestions[:MAX_OFFERED])

    def _wire(self, content: dict[str, Any]) -> str:
        """Something for the browser, as JSON."""
        self._sent += 1  # a value that does not differ from the one before would not be noticed
        return json.dumps({**content, "sent": self._sent})

    def _shown(self, turn: Turn) -> tuple[str, str]:
        """A question and its answer as they are shown."""
        answer = turn.read_answer(self._report)
        if answer is None:
            return question_html(turn.question), notice_html("This question was stopped before it was answered.")
        return question_html(turn.question), answer_html(answer, self._report, turn.question)
