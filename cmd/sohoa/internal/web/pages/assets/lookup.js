// Search: keys that go through the hits.
import { typing } from "./app.js";

const box = document.getElementById("q");

/** move goes to the next hit or the one before; before the first is the box. However many there are, it looks at its neighbour alone. */
function move(by) {
  const here = document.activeElement.closest(".hit");
  const next = here ? (by > 0 ? here.nextElementSibling : here.previousElementSibling) : by > 0 ? document.querySelector(".hit") : null;
  const hit = next?.querySelector(".hit-open");
  if (hit) hit.focus();
  else if (by < 0) box.focus();
  else next?.scrollIntoView({ block: "nearest" }); // the end, where more come by themselves
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
