// What is kept of a conversation: saving it as a file, feedback on an answer, and starting anew.

import { rate as keepRating, turns } from "./conversation.js";
import { announce, byId } from "./report.js";

async function send(address, body) {
  let response;
  try {
    response = await fetch(address, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
    });
  } catch {
    throw new Error("The program that serves this page cannot be reached: start it again, and try once more.");
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => null);
  throw new Error(problem?.error ?? `The server answered ${response.status}.`);
}

// ---- saving ------------------------------------------------------------------------------------------------------
function tell(text, problem = false) {
  let line = byId("saved");
  if (!line) {
    line = Object.assign(document.createElement("p"), { id: "saved" });
    byId("below").append(line);
  }
  line.className = problem ? "problem" : "";
  line.textContent = text;
  announce(text);
  clearTimeout(tell.timer);
  if (!problem) tell.timer = setTimeout(() => line.remove(), 6000);
}

async function save(form) {
  try {
    const response = await send(`page/export/${form}`, { turns: turns() });
    const name = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get("content-disposition"))?.[1] ?? "questions";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = decodeURIComponent(name);
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    tell(`Saved as ${link.download}`);
  } catch (error) {
    tell(`Not saved. ${error.message}`, true);
  }
}

const menu = () => byId("save");
function closeMenu(refocus) {
  if (!menu()?.open) return;
  menu().open = false;
  if (refocus) menu().querySelector("summary").focus();
}
document.addEventListener("click", (event) => {
  const item = event.target.closest?.("#save button");
  if (item) { closeMenu(true); save(item.value); }
  else if (!event.target.closest?.("#save")) closeMenu(false);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && menu()?.open) { event.preventDefault(); closeMenu(true); }
}, true);

// ---- feedback ----------------------------------------------------------------------------------------------------
const dialog = byId("feedback"), note = byId("feedback-note"), problem = byId("feedback-problem");
const TITLES = { up: "What was helpful?", down: "What was not helpful?", "wrong citation": "Wrong citation" };
let rated = null; // the link that opened the dialog, and what it stands for

const verdictOf = (link) => (link.matches(".up") ? "up" : link.matches(".down") ? "down" : "wrong citation");

function rate(link) {
  const verdict = verdictOf(link);
  const answer = link.closest(".answer");
  const place = [...document.querySelectorAll("#chat .answer")].indexOf(answer);
  if (rated?.link !== link) note.value = "";
  rated = { link, verdict, place };
  byId("feedback-title").textContent = TITLES[verdict];
  byId("feedback-question").textContent = document.querySelectorAll("#chat .question")[place].innerText;
  offerCitations(verdict === "wrong citation" ? answer : null);
  problem.hidden = true;
  dialog.showModal();
  (dialog.querySelector("#feedback-which:not([hidden]) input") ?? note).focus();
}

/** A choice for each citation of the answer; with null, none. */
function offerCitations(answer) {
  const numbers = new Set([...(answer?.querySelectorAll(".cite") ?? [])].map((link) => link.textContent.slice(1, -1)));
  const choices = [...numbers].map((number) => {
    const label = document.createElement("label"), choice = document.createElement("input"), quote = document.createElement("span");
    Object.assign(choice, { type: "radio", name: "citation", value: number, required: true, checked: numbers.size === 1 });
    const link = [...answer.querySelectorAll("a.cite")].find((each) => each.textContent === `[${number}]`);
    quote.dir = "auto";
    quote.textContent = `[${number}] ${(link && byId(link.hash.slice(1))?.textContent) ?? ""}`;
    label.append(choice, quote);
    return label;
  });
  byId("feedback-which").hidden = choices.length === 0;
  byId("feedback-which").querySelector("div").replaceChildren(...choices);
}

/** Tick what was thought of each answer, after a reload too. */
export function markRated() {
  document.querySelectorAll("#chat .answer").forEach((answer, at) => {
    for (const link of answer.querySelectorAll(".rate")) link.classList.toggle("given", turns()[at]?.rated === verdictOf(link));
  });
}

async function giveFeedback() {
  const kept = turns();
  const turn = kept[rated.place];
  if (!turn?.answer) throw new Error("This answer is no longer kept here: reload the page.");
  const citation = dialog.querySelector("input:checked")?.value;
  await send("page/feedback", {
    question: turn.question, answer: turn.answer, before: kept.slice(0, rated.place).map((each) => each.question),
    verdict: rated.verdict, note: note.value, ...(citation ? { citation: Number(citation) } : {}),
  });
}

dialog.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = dialog.querySelector(".main");
  button.disabled = true;
  problem.hidden = true;
  try {
    await giveFeedback();
    keepRating(rated.place, rated.verdict);
    markRated();
    note.value = "";
    dialog.close();
    announce("Saved. Thank you.");
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
  }
  button.disabled = false;
});
note.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); dialog.querySelector("form").requestSubmit(); }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.rate");
  if (link) { event.preventDefault(); rate(link); }
}, true);

// ---- a new conversation --------------------------------------------------------------------------------------------
const clearing = byId("clear-dialog");
let agreed = false;
document.addEventListener("click", (event) => {
  if (!event.target.closest?.("#clear") || agreed) return;
  const count = document.querySelectorAll("#chat .question").length;
  if (count === 0) return;
  event.preventDefault();
  event.stopPropagation();
  const them = count === 1 ? "One question and its answer" : `${count} questions and their answers`;
  byId("clear-count").textContent = `${them} will be removed from this browser for good. Save the conversation first to keep it.`;
  clearing.showModal();
}, true);
clearing.querySelector(".main").addEventListener("click", () => {
  clearing.close();
  agreed = true;
  byId("clear").click();
  agreed = false;
  document.querySelector("#question textarea")?.focus();
});
for (const each of [dialog, clearing]) each.querySelector(".cancel").addEventListener("click", () => each.close());
