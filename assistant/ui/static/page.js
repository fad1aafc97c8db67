// What happens in the browser around Gradio's chat: citations that lead into the report and back, copying, and what
// screen readers and keyboards need. The report is in the document already; nothing is fetched.

import "./find.js";
import { markRated } from "./keep.js";
import { announce, byId, select, sentenceOf, show } from "./report.js";

const peek = byId("peek");
const coarse = matchMedia("(pointer: coarse)");

// ---- citations ----------------------------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.cite");
  if (!link) return;
  event.preventDefault();
  event.stopPropagation();
  hidePeek();
  const sentence = sentenceOf(link);
  if (!sentence) return;
  select(link.closest(".answer"));
  show(sentence, link);
}, true);

// The answer that one is at is the selected one: what it cites is marked in the report.
for (const kind of ["click", "focusin"]) {
  document.addEventListener(kind, (event) => {
    const answer = event.target.closest?.("#chat .answer");
    if (answer) select(answer);
  });
}

document.addEventListener("keydown", (event) => { if (event.key === "Escape") hidePeek(); });

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
  const sentence = /^#[sh]-\d+$/.test(location.hash) ? byId(location.hash.slice(1)) : null;
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
  if (event.key === " " && event.target.matches?.("a[role=button]")) { event.preventDefault(); event.target.click(); }
});

// ---- questions offered to begin with -------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  const offer = event.target.closest?.("button.offer");
  const box = question();
  if (!offer || !box) return;
  box.value = offer.textContent;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  if (!coarse.matches) box.focus(); // a phone's keyboard would lie over the answer
  // After Gradio has read the box; Enter works while another answer is written, too.
  setTimeout(() => box.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true, cancelable: true })), 0);
});

// ---- around Gradio's chat -----------------------------------------------------------------------------------------
const question = () => document.querySelector("#question textarea");

let questions = 0, lastAnswer = null, ready = false;

// Gradio names each message by its markup, which a screen reader would read aloud, and reads answers out as they grow.
function name() {
  document.querySelector("#chat [role=log]")?.setAttribute("aria-live", "off");
  const offers = document.querySelector("#chat .options");
  if (offers) { offers.setAttribute("role", "group"); offers.setAttribute("aria-label", "You could also ask"); }
  for (const header of document.querySelectorAll(".toast-header[role]")) { // a button that holds another one
    header.removeAttribute("role");
    header.removeAttribute("tabindex");
  }
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
  markRated();
  if (!ready && question()) {
    ready = true;
    question().dir = "auto";
    if (!deepLinked && !coarse.matches && document.activeElement === document.body) question().focus();
  }
  const asked = document.querySelectorAll("#chat .question");
  const answers = document.querySelectorAll("#chat .answer");
  const answer = answers[answers.length - 1];
  if (asked.length !== questions) {
    questions = asked.length;
    if (questions > 0) toQuestion(asked[questions - 1]);
    else select(null);
    if (coarse.matches) question()?.blur(); // so that its keyboard leaves room for the answer
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
