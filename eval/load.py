"""Many people at once: does each get the answer to their own question, and how soon?

Each person has a word of the report as their own and asks about it, waits, reads for a while, and asks again; every
second one through the page's own protocol, the others through ``/api/ask``. Before, each question is asked alone:
under load it has to get the same answer. At last, many ask without a pause: those who cannot be served have to be told
so, and nobody may get anything else.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

import httpx

from eval.served import Served, ServedError
from index.report import Report

TEMPLATES = (
    "What does the report say about {}?",
    "In which sentence does the word {} stand?",
    "Why does the report mention {}?",
    "How does {} matter for the fund?",
)
TURNS = 6
"""Questions of a conversation on the page; then the person begins a new one."""

_SHORTEST = 6  # letters of a word that counts as somebody's own
_TIMEOUT = 60.0

Answer = dict[str, Any]
Said = dict[str, Any]


@dataclass
class Tally:
    """What came of the questions asked in one way; latencies are seconds from asking to the whole answer."""

    latencies: list[float] = field(default_factory=list)
    busy: int = 0
    mixed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def percentile(self, percent: int) -> float:
        """A percentile of the latencies; NaN where there are none."""
        if len(self.latencies) < 2:
            return self.latencies[0] if self.latencies else float("nan")
        return quantiles(self.latencies, n=100, method="inclusive")[percent - 1]

    def as_dict(self) -> dict[str, Any]:
        """The figures, for JSON."""
        return {
            "answered": len(self.latencies),
            "busy": self.busy,
            "mixed_up": self.mixed,
            "errors": self.errors,
            "p50": self.percentile(50),
            "p95": self.percentile(95),
            "slowest": max(self.latencies, default=float("nan")),
        }


@dataclass(frozen=True)
class Outcome:
    """A run: the tallies of page, API and overload, and the server's memory in MiB, from begin to end."""

    tallies: dict[str, Tally]
    memory: list[float]

    @property
    def sound(self) -> bool:
        """Whether nobody got an error or another's answer, and nobody was turned away but under overload."""
        wrong = any(tally.errors or tally.mixed for tally in self.tallies.values())
        return not wrong and not any(tally.busy for name, tally in self.tallies.items() if name != "overload")


class Busy(Exception):
    """The server says that too many are asking."""


def own_words(report: Report, count: int) -> list[str]:
    """So many different words of the report, the same ones each time.

    Raises:
        ServedError: the report has fewer.
    """
    words = sorted({word for word in re.findall(r"[a-z]+", report.text) if len(word) >= _SHORTEST})
    # a word within another could not be told from it
    words = [word for word in words if not any(word != other and word in other for other in words)]
    if len(words) < count:
        raise ServedError(f"the report has {len(words)} words of their own for {count} people: choose fewer people")
    return random.Random(0).sample(words, count)  # noqa: S311 - not for secrets


class Page:
    """What the chat page's front end does: it reads the configuration, joins the queue, and follows the events."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        boxes = {each["props"].get("elem_id"): each["id"] for each in config["components"]}
        try:
            self._box, self._said, self._turn = (boxes[name] for name in ("question", "said", "turn"))
            event = next(each for each in config["dependencies"] if [self._box, "submit"] in each["targets"])
        except (KeyError, StopIteration):
            raise ServedError("the page has no question box that the load run knows") from None
        self._event, self._inputs, self._outputs = event["id"], event["inputs"], event["outputs"]

    async def ask(
        self, client: httpx.AsyncClient, session: str, question: str, said: Sequence[Said]
    ) -> tuple[Answer, list[Said]]:
        """An answer, and what was said so far, as the page sends it with the next question."""
        values = {self._box: question, self._said: json.dumps(said)}
        body = {
            "data": [values[each] for each in self._inputs],
            "fn_index": self._event,
            "trigger_id": self._box,
            "session_hash": session,
        }
        joined = await client.post("/gradio_api/queue/join", json=body)
        if joined.status_code == 503:
            raise Busy
        joined.raise_for_status()
        turns = await self._turns(client, session, joined.json()["event_id"])
        turn = next((each["turn"] for each in reversed(turns) if (each["turn"] or {}).get("answer")), None)
        if turn is not None and turns[-1]["at"] == len(said):
            answer = turn["answer"]
            return answer, [*said, {"question": question, "text": answer["text"], "offered": turn["offered"]}]
        if "Too many questions" in json.dumps(turns):
            raise Busy
        raise ServedError(f"the page showed no answer to {question!r}: …{json.dumps(turns)[-300:]}")

    async def _turns(self, client: httpx.AsyncClient, session: str, event: str) -> list[dict[str, Any]]:
        """The states of the turn, oldest first."""
        found: list[dict[str, Any]] = []
        async with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
            async for line in stream.aiter_lines():
                message = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                if message.get("event_id") != event:
                    continue
                if message["msg"] in ("process_generating", "process_completed"):
                    if not message.get("success"):
                        raise ServedError(f"the page's event failed: {str(message.get('output'))[:300]}")
                    found += map(json.loads, _texts(message["output"]["data"][self._outputs.index(self._turn)]))
                if message["msg"] == "process_completed":
                    return found
        raise ServedError("the page's stream of events ended early")


def _texts(output: object) -> Iterator[str]:
    """The text that a box gets: as it is, or in a list of changes ``[["replace", [], text]]``, or none."""
    match output:
        case str():
            yield output
        case list():
            yield from (text for action, _, text in output if action == "replace" and isinstance(text, str))


async def ask_api(client: httpx.AsyncClient, question: str) -> Answer:
    """An answer through ``/api/ask``."""
    response = await client.post("/api/ask", json={"question": question})
    if response.status_code == 503 and response.headers.get("retry-after"):
        raise Busy
    response.raise_for_status()
    answer: Answer = response.json()
    return answer


class Crowd:
    """People with their words, and what they would be answered if they were alone."""

    def __init__(self, served: Served, words: Sequence[str], *, pause: float) -> None:
        self._served = served
        self._pause = pause
        self._words = words
        self._alone: dict[str, Answer] = {}

    async def run(self, seconds: float, overload: int, note: Callable[[str], None]) -> Outcome:
        """Ask for so many seconds, then let ``overload`` people ask at once, twice each."""
        tallies = {"page": Tally(), "api": Tally(), "overload": Tally()}
        async with self._client() as client:
            page = Page((await client.get("/config")).json())
            for word in self._words:
                for template in TEMPLATES:
                    self._alone[template.format(word)] = await ask_api(client, template.format(word))
            note(f"{len(self._alone)} questions asked alone; now {len(self._words)} people for {seconds:.0f} s")
            until = time.monotonic() + seconds
            people: list[Coroutine[Any, Any, None]] = []
            for number, word in enumerate(self._words):
                if number % 2:
                    people.append(self._by_api(client, word, until, tallies["api"]))
                else:
                    people.append(self._by_page(client, page, f"load{number}", word, until, tallies["page"]))
            memory = asyncio.create_task(self._watch(seconds))
            await asyncio.gather(*people)
            note(f"now {overload} people without a pause")
            await asyncio.gather(*(self._push(client, page, n, tallies["overload"]) for n in range(overload)))
        return Outcome(tallies, [*(await memory), self._served.memory()])

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[httpx.AsyncClient]:
        # the server closes an idle connection after 5 s: one must not be used again just then
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=200, keepalive_expiry=2)
        async with httpx.AsyncClient(
            base_url=self._served.url, timeout=_TIMEOUT, limits=limits, trust_env=False
        ) as client:
            yield client

    async def _watch(self, seconds: float) -> list[float]:
        """The server's memory at the begin and at each quarter."""
        found = [self._served.memory()]
        for _ in range(4):
            await asyncio.sleep(seconds / 4)
            found.append(self._served.memory())
        return found

    async def _by_api(self, client: httpx.AsyncClient, word: str, until: float, tally: Tally) -> None:
        chance = random.Random(word)  # noqa: S311 - not for secrets
        await asyncio.sleep(chance.uniform(0, self._pause))
        while time.monotonic() < until:
            question = chance.choice(TEMPLATES).format(word)
            await self._count(tally, question, ask_api(client, question))
            await asyncio.sleep(chance.uniform(0.5, 1.5) * self._pause)

    async def _by_page(
        self, client: httpx.AsyncClient, page: Page, session: str, word: str, until: float, tally: Tally
    ) -> None:
        chance = random.Random(word)  # noqa: S311 - not for secrets
        # as the browser does: the document, the configuration, and a connection for as long as the page is open
        (await client.get("/")).raise_for_status()
        async with client.stream("GET", f"/gradio_api/heartbeat/{session}"):
            await asyncio.sleep(chance.uniform(0, self._pause))
            said: list[Said] = []
            turns = 0
            while time.monotonic() < until:
                question = chance.choice(TEMPLATES).format(word)
                found = await self._count(tally, question, page.ask(client, session, question, said))
                turns += 1
                said = [] if found is None or turns % TURNS == 0 else found[1]
                await asyncio.sleep(chance.uniform(0.5, 1.5) * self._pause)

    async def _push(self, client: httpx.AsyncClient, page: Page, number: int, tally: Tally) -> None:
        for turn in range(2):
            question = TEMPLATES[turn].format(self._words[number % len(self._words)])
            way = ask_api(client, question) if number % 2 else page.ask(client, f"push{number}", question, [])
            await self._count(tally, question, way)

    async def _count(self, tally: Tally, question: str, asked: Coroutine[Any, Any, Any]) -> Any:
        began = time.perf_counter()
        try:
            found = await asked
        except Busy:
            tally.busy += 1
            return None
        except (ServedError, httpx.HTTPError, ValueError, KeyError) as error:
            tally.errors.append(f"{question} {type(error).__name__}: {error}")
            return None
        tally.latencies.append(time.perf_counter() - began)
        answer = found[0] if isinstance(found, tuple) else found
        if _essence(answer) != _essence(self._alone[question]):
            tally.mixed.append(f"{question} got {answer['question']!r}: {answer['text'][:100]!r}")
        return found


def _essence(answer: Answer) -> dict[str, Any]:
    """An answer without the seconds that it took."""
    return {name: value for name, value in answer.items() if name != "timings"}


def table(outcome: Outcome) -> str:
    """The figures as Markdown."""
    lines = [
        "| asked through | answered | busy | errors | mixed up | p50 | p95 | slowest |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, tally in outcome.tallies.items():
        counts = f"{len(tally.latencies)} | {tally.busy} | {len(tally.errors)} | {len(tally.mixed)}"
        times = [tally.percentile(50), tally.percentile(95), max(tally.latencies, default=float("nan"))]
        lines.append(f"| {name} | {counts} | {' | '.join(f'{each * 1000:.0f} ms' for each in times)} |")
    memory = ", ".join(f"{each:.0f}" for each in outcome.memory)
    lines += ["", f"The server's memory in MiB at the begin, at each quarter, and after the overload: {memory}"]
    wrong = [line for tally in outcome.tallies.values() for line in (*tally.errors, *tally.mixed)]
    return "\n".join([*lines, *(f"- {line}" for line in wrong[:20])])
