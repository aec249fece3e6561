// The list of what was handed in today: each line is the service's, taken anew when its paper changes.
import { ask, ended, follow, notice } from "./app.js";

let list;

/** fresh is the line of a paper as it is now. */
async function fresh(paper) {
  const answer = await fetch(`/tiep-nhan/giay-to/${paper}`, { headers: { Accept: "text/html", "X-By-Itself": "1" }, credentials: "same-origin" });
  if (answer.redirected) { // to the page of signing in
    ended();
    throw new Error("Phiên làm việc đã hết.");
  }
  if (!answer.ok) throw new Error("Không tải được trạng thái giấy tờ.");
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  return holder.content.firstElementChild;
}

/** adopt puts a paper's line into the place of another one: an upload that is done, or the same paper as it was. Two may do so at
 * once, and the one that asked first may be answered last: what is shown is the newest, and once. */
export async function adopt(row, paper) {
  const line = await fresh(paper);
  const shown = document.getElementById(line.id);
  const place = row.isConnected ? row : shown;
  if (shown && shown !== place) shown.remove();
  if (!place) list.prepend(line);
  else if (place.dataset.changed === undefined || Number(place.dataset.changed) <= Number(line.dataset.changed)) replace(place, line);
  // A batch that was split may tell so after its papers did, which nobody waited for then.
  for (const part of line.querySelectorAll(".parts a")) {
    const paper = part.getAttribute("href").split("/").pop();
    if (!document.getElementById(`giay-to-${paper}`)) due.add(paper);
  }
  markNext();
}

/** replace keeps the focus where it is. */
function replace(row, line) {
  const at = document.activeElement;
  const had = row.contains(at) ? [...row.querySelectorAll("a, button")].indexOf(at) : -1;
  // Pictures that are shown already stay, so that nothing flickers.
  for (const image of line.querySelectorAll("img")) {
    const shown = [...row.querySelectorAll("img")].find((i) => i.getAttribute("src") === image.getAttribute("src"));
    if (shown) image.replaceWith(shown);
  }
  if (row.classList.contains("next") && line.hasAttribute("data-sure")) line.classList.add("next");
  row.replaceWith(line);
  if (had >= 0) (line.querySelectorAll("a, button")[had] ?? line.querySelector("a, button"))?.focus();
}

// Papers whose lines are to be taken anew; one after the other, so that a batch of hundreds does not flood the service.
const due = new Set();
let busy = false;
async function refresh() {
  if (busy) return;
  busy = true;
  for (const paper of due) {
    due.delete(paper);
    try {
      const row = document.getElementById(`giay-to-${paper}`);
      if (row) await adopt(row, paper);
      else {
        const line = await fresh(paper);
        if (!document.getElementById(line.id)) list.prepend(line);
        markNext();
      }
    } catch {
      // Its next change tells again.
    }
  }
  busy = false;
}

/** watch follows all papers as they change. */
export function watch(of) {
  list = of;
  follow("/api/v1/events", (paper) => {
    const row = document.getElementById(`giay-to-${paper.id}`);
    // What became of a batch is mine, too; what others hand in is not.
    const mine = row || (paper.handed_in_by === list.dataset.actor && list.querySelector("[data-open]"));
    if (!mine || (row && Number(row.dataset.changed) >= Date.parse(paper.changed) && row.dataset.state === paper.state && paper.state !== "reading")) return;
    due.add(String(paper.id));
    refresh();
  });
  // A batch that was split is history and tells nothing more: it is asked after.
  setInterval(() => {
    for (const row of list.querySelectorAll("[data-open]")) due.add(row.dataset.paper);
    if (due.size > 0) refresh();
  }, 2000);
}

/** count sums the states up, unless there are more papers than are listed. */
function count() {
  const place = document.getElementById("sums");
  if (place.hasAttribute("data-fixed")) return;
  const sums = new Map();
  for (const state of list.querySelectorAll("[data-paper] > .handed-head .state")) {
    sums.set(state.textContent, (sums.get(state.textContent) ?? 0) + 1);
  }
  place.textContent = [...sums].map(([name, n]) => `${name}: ${n}`).join(" · ") || "Chưa có giấy tờ nào.";
}

let marked = 0; // when the mark came to where it is

/** markNext shows which paper the key approves: the first that recognition was sure of. A newer one does not take the mark away. */
export function markNext() {
  count();
  if (list.querySelector(".next[data-sure]")) return;
  for (const row of list.querySelectorAll(".next")) row.classList.remove("next");
  list.querySelector("[data-sure]")?.classList.add("next");
  marked = performance.now();
}

/** marks is the marked paper, once it was to be seen that it is: a key that was meant for the one before must not approve it. */
function marks() {
  const seen = 250; // milliseconds
  return performance.now() - marked < seen ? null : list.querySelector(".next[data-sure]");
}

/** approveNext approves a paper that recognition was sure of: the one that is given, that has the focus, or the marked one. */
export async function approveNext(row = document.activeElement?.closest?.("[data-sure]") ?? marks()) {
  if (!row) return;
  const name = row.querySelector(".handed-name").textContent;
  row.removeAttribute("data-sure");
  row.classList.remove("next");
  markNext();
  try {
    await ask("PUT", `/api/v1/papers/${row.dataset.paper}/approval`, { version: Number(row.dataset.version) });
    notice(`Đã duyệt ${name}.`, "good");
  } catch (err) {
    notice(err.message, "bad");
  }
  due.add(row.dataset.paper);
  await refresh();
}
