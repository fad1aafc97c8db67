// The conversation: it is kept here, in the browser's storage, a list of {question, answer, offered, rated}. What a question
// needs of it goes to the server, and what comes back, one turn at a time, becomes messages of Gradio's chat.

const { report, limits } = document.body.dataset;
const most = JSON.parse(limits);
const place = `report-assistant-${report.slice(0, 16)}`;

let kept = [];
let loading = 0; // turns that the server was asked to show, when the page was loaded
let shown = []; // the HTML of question and answer for each turn; one more than is kept where a question failed

export const turns = () => kept;

/** Begin with what is stored, if anything. */
function read() {
  kept = []; shown = [];
  try {
    const stored = JSON.parse(localStorage.getItem(place));
    if (Array.isArray(stored)) kept = stored;
  } catch { /* there is no storage, or something else stands in it: the conversation begins here */ }
}

// Another tab may have gone on with the conversation: once one is here again, it goes on from there.
let goneOn = false;
addEventListener("storage", ({ key }) => { goneOn ||= key === place; });
addEventListener("focus", () => {
  if (goneOn) document.getElementById("reread").click();
  goneOn = false;
});

function store() {
  try {
    localStorage.setItem(place, JSON.stringify(kept));
  } catch { /* full or forbidden: the conversation lasts as long as the page */ }
}

/** Keep what was thought of an answer. */
export function rate(at, verdict) {
  if (kept[at]) kept[at].rated = verdict;
  store();
}

function messages() {
  const message = (role, text, options = null) => ({ role, metadata: null, content: [{ type: "text", text }], options });
  return shown.flatMap(([question, answer], at) => {
    const offered = at === shown.length - 1 ? kept[at]?.offered ?? [] : [];
    return [message("user", question), message("assistant", answer, offered.map((value) => ({ value, label: null })))];
  });
}

/** Forget the oldest turns: there is a next one to come, and the server takes so much at once. */
function trim() {
  while (kept.length >= most.turns || new Blob([JSON.stringify(kept)]).size > most.bytes) { kept.shift(); shown.shift(); }
}

/** What was said so far, as a question needs it: of turns long ago, what was asked. */
function said(before = kept) {
  const begin = (text) => text?.slice(0, most.said).replace(/[\ud800-\udbff]$/, ""); // no half of a character
  return JSON.stringify(before.map(({ question, answer, offered }, at) => (
    at < before.length - most.recent ? { question } : { question, text: begin(answer?.text), offered }
  )));
}

const idle = () => [true, false].map((visible) => ({ __type__: "update", visible })); // the buttons Ask and Stop

// Called by Gradio's events; see page.py.
window.conversation = {
  all() {
    read();
    trim();
    loading = kept.length;
    return JSON.stringify(kept);
  },
  said() {
    trim();
    return said();
  },
  again: () => [kept.at(-1).question, said(kept.slice(0, -1))],
  /** What was kept, as the server shows it: what it could not read is gone. A question may have been asked meanwhile. */
  restore(wire) {
    const { shown: restored } = JSON.parse(wire);
    kept.splice(0, loading - restored.length);
    shown.splice(0, loading, ...restored);
    return messages();
  },
  take(wire) {
    const { at, turn, shown: pair } = JSON.parse(wire);
    const before = kept[at];
    kept.splice(at, Infinity, ...(turn ? [turn] : []));
    shown.length = at;
    shown[at] = pair;
    if (!turn || turn.answer || !before || before.answer) store(); // not at each piece of an answer
    return messages();
  },
  offer(wire) {
    const { at, offered } = JSON.parse(wire);
    if (kept[at]) { kept[at].offered = offered; store(); }
    return messages();
  },
  stop() {
    const asked = shown.at(-1);
    if (asked && !kept.at(-1)?.answer) {
      asked[1] = asked[1].replace(/^<div class="answer waiting">.*/, '<div class="answer notice"></div>')
        .replace(/<\/div>$/, "<p>Stopped.</p></div>");
    }
    return [...idle(), messages()];
  },
  clear() {
    kept = []; shown = [];
    store();
    return [...idle(), [], ""];
  },
};
