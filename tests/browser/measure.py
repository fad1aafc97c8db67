"""How long a citation's click takes until its sentence is marked: ``python -m tests.browser.measure``.

The report is made up, as long as asked for (8,000 sentences), and served by the real server; the clicks are real ones,
on citations put into the page, since what is measured happens in the browser alone. The time runs from the click to
the frame that shows the mark, scrolled to and focused.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
from collections.abc import Callable

from playwright.sync_api import Page, sync_playwright

from assistant import Assistant
from assistant.errors import AssistantError
from index.readers import read_text
from index.report import Report
from tests.browser.conftest import FLAGS
from tests.serving import serving

_CLICKS = """async (links) => {
    const place = document.createElement("div");
    place.className = "answer";
    document.getElementById("chat-pane").prepend(place);
    const times = [];
    for (const number of links) {
        place.innerHTML = `<a class="cite" href="#s-${number}">[1]</a>`;
        await new Promise(requestAnimationFrame);
        const begin = performance.now();
        place.firstChild.click();
        await new Promise((painted) => requestAnimationFrame(() => {
            const channel = new MessageChannel();  // its message comes after the frame has been drawn
            channel.port1.onmessage = painted;
            channel.port2.postMessage(0);
        }));
        const marked = document.querySelector("#report .current");
        if (marked?.id !== `s-${number}` || document.activeElement !== marked) throw new Error(`not marked: ${number}`);
        times.push(performance.now() - begin);
    }
    return times;
}"""


def made_up(sentences: int) -> Report:
    """A report of so many sentences in sections of forty."""
    parts: list[str] = []
    for first in range(0, sentences, 40):
        numbers = range(first, min(first + 40, sentences))
        parts += [f"## Part {first // 40}", " ".join(f"Measure {n} was taken at the harbour in May." for n in numbers)]
    return read_text("\n\n".join(parts), "md", title="Measures")


def measure(page: Page, sentences: int, clicks: int) -> list[float]:
    """Milliseconds of clicks that lead all over the report."""
    numbers = [n * 7919 % sentences for n in range(1, clicks + 1)]
    times: list[float] = page.evaluate(_CLICKS, numbers)
    return times


def work(page: Page, does: Callable[[], object]) -> float:
    """Seconds that the page's own thread worked meanwhile, which other programs on the machine do not prolong."""
    log = page.context.new_cdp_session(page)
    log.send("Performance.enable", {"timeDomain": "threadTicks"})

    def so_far() -> float:
        found = log.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in found if each["name"] == "TaskDuration"))

    begin = so_far()
    does()
    return so_far() - begin


def never(note: object) -> Assistant:
    raise AssistantError("nothing is asked here")


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description="Time from a citation's click to its mark, in Chromium.")
    parser.add_argument("--sentences", type=int, default=8000)
    parser.add_argument("--clicks", type=int, default=100)
    wanted = parser.parse_args()
    with (
        serving(made_up(wanted.sentences), never) as url,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS) as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(url)
        page.wait_for_selector("#question textarea")
        times: list[float] = []
        worked = work(page, lambda: times.extend(measure(page, wanted.sentences, wanted.clicks)))
    times.sort()
    print(
        f"{wanted.sentences:,} sentences, {len(times)} clicks: median {statistics.median(times):.0f} ms, "
        f"95% within {times[int(0.95 * (len(times) - 1))]:.0f} ms, at most {times[-1]:.0f} ms; "
        f"the page's own thread worked {1000 * worked / len(times):.0f} ms a click"
    )


if __name__ == "__main__":
    main()
