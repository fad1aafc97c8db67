// The report's pane: the sentence shown, the sentences cited, the contents list, and the way back.

export const byId = (id) => document.getElementById(id);
/** Have a screen reader say something. */
export const announce = (text) => { byId("announce").textContent = text; };
export const report = byId("report");
const overview = byId("overview");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const narrow = matchMedia("(max-width: 859px)"); // as in report.css: the report is a sheet

let current = null; // the sentence shown
let cited = []; // the sentences that the selected answer cites
let origin = null; // the citation that led here, to go back to

/** The sentence that a citation points to, or null. */
export const sentenceOf = (link) => byId(decodeURIComponent(link.hash.slice(1)));

function scrollTo(top) {
  const near = Math.abs(report.scrollTop - top) < 1.5 * report.clientHeight;
  report.scrollTo({ top, behavior: near && !still.matches ? "smooth" : "instant" });
}

export function scrollToMiddle(box) {
  const frame = report.getBoundingClientRect();
  scrollTo(report.scrollTop + box.top - frame.top - Math.max(16, (frame.height - box.height) / 2));
}

/** Mark a sentence, scroll to it and focus it; Escape then leads back to `link`. */
export function show(sentence, link = null) {
  origin = link;
  openSheet();
  current?.classList.remove("current");
  current = sentence;
  sentence.classList.add("current");
  scrollToMiddle(sentence.getBoundingClientRect());
  sentence.focus({ preventScroll: true });
  setAddress(`#${sentence.id}`);
  markShown();
  drawOverview();
}

function setAddress(hash) {
  history.replaceState(history.state, "", location.pathname + location.search + hash);
}

function goBack() {
  current?.classList.remove("current");
  current = null;
  setAddress("");
  markShown();
  drawOverview();
  closeSheet();
  const link = origin?.isConnected ? origin : null;
  origin = null;
  (link ?? document.querySelector("#question textarea"))?.focus();
}

function markShown() {
  for (const link of document.querySelectorAll("a.cite")) {
    link.classList.toggle("shown", current !== null && link.hash === `#${current.id}`);
  }
}

/** Mark the sentences that an answer cites, faintly; with null, none. */
export function select(answer) {
  for (const sentence of cited) sentence.classList.remove("cited");
  cited = [...new Set([...(answer?.querySelectorAll("a.cite") ?? [])].map(sentenceOf))].filter(Boolean);
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

const isOpen = () => document.body.classList.contains("sheet-open");

function openSheet() {
  if (isOpen()) return;
  document.body.classList.add("sheet-open");
  byId("open-report").setAttribute("aria-expanded", "true");
  if (narrow.matches) { // "back" on a phone takes away what covers the page
    setAddress("");
    history.pushState("sheet", "");
  }
}

function closeSheet() {
  if (!isOpen()) return;
  document.body.classList.remove("sheet-open");
  byId("open-report").setAttribute("aria-expanded", "false");
  if (history.state === "sheet") history.back();
}

addEventListener("popstate", () => {
  if (narrow.matches && history.state !== "sheet" && isOpen()) goBack();
});
document.addEventListener("click", ({ target }) => {
  const leads = "#report-pane, #open-report, a.cite, dialog";
  if (narrow.matches && isOpen() && target.isConnected && !target.closest(leads)) closeSheet();
});

byId("open-report").addEventListener("click", () => {
  if (isOpen()) return closeSheet();
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

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (contents.open) {
    contents.open = false;
    contents.querySelector("summary").focus();
  } else if (current || isOpen()) goBack();
});
