// Search: keys that go through the hits.
import { typing } from "./app.js";

const box = document.getElementById("q");
const hits = () => [...document.querySelectorAll(".hit-open")];

/** move goes so many hits on; before the first is the box. */
function move(by) {
  const all = hits();
  const at = all.indexOf(document.activeElement);
  const next = at < 0 && by < 0 ? -1 : at + by;
  if (next < 0) box.focus();
  else all[Math.min(next, all.length - 1)]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const letter = { j: 1, k: -1 }[event.key];
  if (event.target === box ? arrow === 1 || event.key === "Enter" : event.target.closest?.(".hit-open") ? arrow || letter : letter && !typing(event)) {
    event.preventDefault();
    // Enter in the box searches at once and goes to the first hit, as soon as there is one.
    if (event.key === "Enter") box.form.requestSubmit();
    else move(arrow ?? letter);
  }
});
