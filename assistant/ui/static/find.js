// Search in the report's text, with the browser's own highlights: the document is not touched.

import { byId, report, scrollToMiddle } from "./report.js";

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
