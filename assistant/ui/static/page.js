// What happens in the browser around Gradio's chat: citations that lead into the report and back, its contents list and
// search, and what screen readers and keyboards need. The report is in the document already; nothing is fetched.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const report = byId("report"), pane = byId("report-pane"), overview = byId("overview"), peek = byId("peek");
  const coarse = matchMedia("(pointer: coarse)");
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  // ---- the report's pane --------------------------------------------------------------------------------------------
  let current = null;   // the sentence shown
  let cited = [];       // the sentences that the selected answer cites
  let origin = null;    // the citation that led here, to go back to
  let selected = null;  // the answer whose citations are marked

  const sentenceOf = (link) => byId(decodeURIComponent(link.hash.slice(1)));

  function scrollTo(top) {
    const near = Math.abs(report.scrollTop - top) < 1.5 * report.clientHeight;
    report.scrollTo({ top, behavior: near && !still.matches ? "smooth" : "instant" });
  }

  function scrollToMiddle(box) {
    const frame = report.getBoundingClientRect();
    scrollTo(report.scrollTop + box.top - frame.top - Math.max(16, (frame.height - box.height) / 2));
  }

  function show(sentence) {
    openSheet();
    current?.classList.remove("current");
    current = sentence;
    sentence.classList.add("current");
    scrollToMiddle(sentence.getBoundingClientRect());
    sentence.focus({ preventScroll: true });
    history.replaceState(null, "", `#${sentence.id}`);
    markShown();
    drawOverview();
  }

  function goBack() {
    current?.classList.remove("current");
    current = null;
    history.replaceState(null, "", location.pathname + location.search);
    markShown();
    drawOverview();
    closeSheet();
    const link = origin?.isConnected ? origin : null;
    origin = null;
    (link ?? question())?.focus();
  }

  function markShown() {
    for (const link of document.querySelectorAll("a.cite")) {
      link.classList.toggle("shown", current !== null && link.hash === `#${current.id}`);
    }
  }

  function select(answer) {
    if (!answer) return;
    selected = answer;
    for (const sentence of cited) sentence.classList.remove("cited");
    cited = [...new Set([...answer.querySelectorAll("a.cite")].map(sentenceOf))].filter(Boolean);
    for (const sentence of cited) sentence.classList.add("cited");
    drawOverview();
  }

  function drawOverview() {
    const marks = new Set(current ? [...cited, current] : cited);
    const top = report.getBoundingClientRect().top - report.scrollTop;
    overview.replaceChildren(...[...marks].map((sentence) => {
      const mark = document.createElement("i");
      mark.style.top = `${100 * (sentence.getBoundingClientRect().top - top) / report.scrollHeight}%`;
      mark.classList.toggle("current", sentence === current);
      return mark;
    }));
  }
  new ResizeObserver(drawOverview).observe(report);

  function openSheet() {
    document.body.classList.add("sheet-open");
    byId("open-report").setAttribute("aria-expanded", "true");
  }

  function closeSheet() {
    document.body.classList.remove("sheet-open");
    byId("open-report").setAttribute("aria-expanded", "false");
  }

  byId("open-report").addEventListener("click", () => {
    if (document.body.classList.contains("sheet-open")) return closeSheet();
    openSheet();
    drawOverview();
    report.focus({ preventScroll: true });
  });
  byId("close-report").addEventListener("click", () => {
    if (origin) return goBack();
    closeSheet();
    byId("open-report").focus();
  });

  // ---- contents -----------------------------------------------------------------------------------------------------
  const contents = byId("contents"), here = byId("here");
  const entries = [...contents.querySelectorAll("a")].map((link) => ({ link, section: byId(link.hash.slice(1)) }));
  if (entries.length === 0) contents.style.visibility = "hidden";

  function follow() {
    // About where one reads: a sentence that was jumped to is in the middle.
    const frame = report.getBoundingClientRect(), top = frame.top + frame.height * (current ? 0.5 : 0.3);
    let low = 0, high = entries.length; // the last section that begins above that line
    while (low < high) {
      const middle = (low + high) >> 1;
      if (entries[middle].section.getBoundingClientRect().top <= top) low = middle + 1;
      else high = middle;
    }
    // At the very end the last sections may be too short to reach the top.
    const atEnd = report.scrollTop > 0 && report.scrollTop + report.clientHeight >= report.scrollHeight - 2;
    const now = entries[atEnd ? entries.length - 1 : low - 1];
    contents.querySelector("[aria-current]")?.removeAttribute("aria-current");
    now?.link.setAttribute("aria-current", "true");
    here.textContent = now ? now.link.textContent : "Contents";
  }
  let following = false;
  report.addEventListener("scroll", () => {
    if (following) return;
    following = true;
    requestAnimationFrame(() => { following = false; follow(); });
  }, { passive: true });
  follow();

  contents.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    contents.open = false;
    const heading = byId(link.hash.slice(1)).firstElementChild;
    scrollTo(report.scrollTop + heading.getBoundingClientRect().top - report.getBoundingClientRect().top - 16);
    heading.focus({ preventScroll: true });
  });
  document.addEventListener("click", (event) => {
    if (contents.open && !contents.contains(event.target)) contents.open = false;
  });

  // ---- find in the report -------------------------------------------------------------------------------------------
  const findText = byId("find-text"), findCount = byId("find-count");
  const MOST = 2000;
  let found = [], at = -1;

  function pattern(text) {
    const escaped = text.trim().replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
    return new RegExp(
      escaped.replace(/\s+/g, "\\s+").replace(/['‘’]/g, "['‘’]").replace(/["“”]/g, "[\"“”]").replace(/[-–—]/g, "[-–—]"),
      "giu",
    );
  }

  function find() {
    found = []; at = -1;
    if (findText.value.trim()) {
      const wanted = pattern(findText.value);
      const walker = document.createTreeWalker(report, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node && found.length < MOST; node = walker.nextNode()) {
        for (const match of node.data.matchAll(wanted)) {
          const range = document.createRange();
          range.setStart(node, match.index);
          range.setEnd(node, match.index + match[0].length);
          found.push(range);
        }
      }
    }
    if (window.Highlight) CSS.highlights.set("found", new Highlight(...found));
    for (const button of [byId("find-previous"), byId("find-next")]) button.disabled = found.length === 0;
    step(1);
  }

  function step(by) {
    if (found.length > 0) {
      at = (at + by + found.length) % found.length;
      scrollToMiddle(found[at].getBoundingClientRect());
    }
    if (window.Highlight) {
      const mark = new Highlight(...(found.length ? [found[at]] : []));
      mark.priority = 1;
      CSS.highlights.set("found-here", mark);
    }
    const total = found.length >= MOST ? `${MOST}+` : found.length;
    findCount.textContent = !findText.value.trim() ? "" : found.length ? `${at + 1} of ${total}` : "not found";
  }

  let typing = 0;
  findText.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(find, 120); });
  findText.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); step(event.shiftKey ? -1 : 1); }
    if (event.key === "Escape" && findText.value) { event.stopPropagation(); findText.value = ""; find(); }
  });
  byId("find-next").addEventListener("click", () => step(1));
  byId("find-previous").addEventListener("click", () => step(-1));

  // ---- citations ----------------------------------------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.cite");
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    hidePeek();
    const sentence = sentenceOf(link);
    if (!sentence) return;
    origin = link;
    select(link.closest(".answer"));
    show(sentence);
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (contents.open) { contents.open = false; contents.querySelector("summary").focus(); return; }
    if (!peek.hidden && !current) { hidePeek(); return; }
    if (current || document.body.classList.contains("sheet-open")) { hidePeek(); goBack(); }
  });

  function showPeek(link) {
    const sentence = sentenceOf(link);
    if (!sentence) return;
    const section = sentence.closest("section")?.querySelector("h3, h4, h5, h6");
    const where = document.createElement("b");
    where.textContent = section ? section.textContent : "";
    peek.replaceChildren(where, sentence.textContent);
    peek.hidden = false;
    const box = link.getBoundingClientRect(), size = peek.getBoundingClientRect();
    peek.style.left = `${Math.max(8, Math.min(box.left, innerWidth - size.width - 8))}px`;
    peek.style.top = `${box.top > size.height + 12 ? box.top - size.height - 6 : box.bottom + 6}px`;
  }
  function hidePeek() { peek.hidden = true; }
  const inText = (target) => target.closest?.(".answer-text a.cite"); // under "In the report" the quote is there to read
  document.addEventListener("pointerover", (event) => {
    const link = event.pointerType === "touch" ? null : inText(event.target);
    if (link) showPeek(link); else hidePeek();
  });
  document.addEventListener("focusin", (event) => {
    const link = inText(event.target);
    if (link && link.matches(":focus-visible")) showPeek(link); else hidePeek();
  });

  function openHash() {
    const sentence = /^#s-\d+$/.test(location.hash) ? byId(location.hash.slice(1)) : null;
    if (sentence) show(sentence);
    return sentence !== null;
  }
  addEventListener("hashchange", openHash);
  const deepLinked = openHash();

  // ---- copying an answer --------------------------------------------------------------------------------------------
  function asText(answer) {
    const lines = [answer.querySelector(".answer-text").innerText.trim()];
    const seen = new Set();
    for (const link of answer.querySelectorAll("a.cite")) {
      const sentence = sentenceOf(link);
      if (!sentence || seen.has(link.textContent)) continue;
      seen.add(link.textContent);
      const section = sentence.closest("section")?.querySelector("h3, h4, h5, h6")?.textContent;
      const title = document.querySelector("#top h1").textContent;
      lines.push(`${link.textContent} “${sentence.textContent}” (${section ? `${section}, ` : ""}${title})`);
    }
    return lines.join("\n\n");
  }

  async function copy(link) {
    const text = asText(link.closest(".answer"));
    let copied = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch { // not a secure context: another machine's address without TLS
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      copied = document.execCommand("copy");
      area.remove();
      link.focus();
    }
    link.textContent = copied ? "Copied" : "Could not copy";
    announce(link.textContent);
    setTimeout(() => { link.textContent = "Copy"; }, 2000);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.copy");
    if (link) { event.preventDefault(); copy(link); }
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches?.("a.copy")) { event.preventDefault(); copy(event.target); }
  });

  // ---- around Gradio's chat -----------------------------------------------------------------------------------------
  const question = () => document.querySelector("#question textarea");
  function announce(text) { byId("announce").textContent = text; }

  let questions = 0, lastAnswer = null, ready = false;

  // Gradio names each message by its markup, which a screen reader would read aloud, and reads answers out as they grow.
  function name() {
    document.querySelector("#chat [role=log]")?.setAttribute("aria-live", "off");
    document.querySelector("#chat .placeholder-content")?.setAttribute("role", "presentation");
    const examples = document.querySelector("#chat .examples");
    if (examples) { examples.setAttribute("role", "group"); examples.setAttribute("aria-label", "Example questions"); }
    for (const message of document.querySelectorAll("#chat [data-testid=user], #chat [data-testid=bot]")) {
      const label = message.dataset.testid === "user" ? "Your question" : "Answer";
      if (message.getAttribute("aria-label") !== label) {
        message.setAttribute("role", "group");
        message.setAttribute("aria-label", label);
      }
    }
    for (const link of document.querySelectorAll("#chat a.cite:not([aria-label])")) {
      const sentence = sentenceOf(link);
      link.setAttribute("aria-label", `${link.textContent} ${sentence ? `Source: ${sentence.textContent}` : "Source"}`);
    }
  }

  function look() {
    name();
    if (!ready && question()) {
      ready = true;
      if (!deepLinked && !coarse.matches && document.activeElement === document.body) question().focus();
    }
    const asked = document.querySelectorAll("#chat .question");
    const answers = document.querySelectorAll("#chat .answer");
    const answer = answers[answers.length - 1];
    if (asked.length !== questions) {
      questions = asked.length;
      if (questions > 0) toQuestion(asked[questions - 1]);
      else { select(document.createElement("div")); selected = null; }
    }
    if (answer && answer !== lastAnswer && !answer.matches(".waiting") && answer.querySelector(".actions, p")) {
      lastAnswer = answer;
      if (questions > 0) toQuestion(asked[questions - 1]);
      if (answer.querySelector(".actions")) {
        select(answer);
        const label = answer.querySelector(".status-label")?.textContent ?? "";
        announce(`${label} ${answer.querySelector(".answer-text").innerText}`);
      } else if (answer.matches(".problem")) announce(answer.innerText);
    }
    if (selected && !selected.isConnected) selected = null;
    // What was clicked (an example, Ask, Stop) may be gone; a keyboard user goes on from the question.
    if (ready && document.activeElement === document.body && hadFocus && !coarse.matches) question()?.focus();
  }

  let hadFocus = false;
  document.addEventListener("focusin", (event) => { hadFocus = Boolean(event.target.closest?.("#chat-pane")); });
  document.addEventListener("pointerdown", (event) => { if (!event.target.closest?.("button, a")) hadFocus = false; });

  function toQuestion(asked) {
    const log = asked.closest("[role=log]");
    const row = asked.closest(".message-row");
    log.scrollTo({ top: log.scrollTop + row.getBoundingClientRect().top - log.getBoundingClientRect().top - 8, behavior: "instant" });
  }

  let looking = false;
  new MutationObserver(() => {
    if (looking) return;
    looking = true;
    requestAnimationFrame(() => { looking = false; look(); });
  }).observe(byId("chat-pane"), { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-label"] });
})();
