// A paper's page: its picture beside its words, to correct and to approve. What was read of a scan is put into the page with
// textContent alone. This module moves between pages and words; review-sheet.js shows a page, review-pages.js the list of pages,
// review-fields.js the fields, review-place.js where the paper belongs, held.js what it is once more.
import { ask, backAgain, clearNotices, follow, notice, Refusal, typing } from "./app.js";
import { offer } from "./held.js";
import { Fields } from "./review-fields.js";
import { Pages } from "./review-pages.js";
import { places } from "./review-place.js";
import { Sheet } from "./review-sheet.js";

const root = document.getElementById("review");
const id = root.dataset.paper;
const may = root.dataset.may === "true";
const at = (path) => `/api/v1/papers/${encodeURIComponent(id)}${path}`;
const find = (name) => document.getElementById(name);
const approveButton = find("approve");
const unapproveButton = find("unapprove");

const stateNames = {
  received: "Đã nhận, chờ đọc", reading: "Đang đọc", read: "Đã đọc", review: "Cần kiểm tra", approved: "Đã duyệt", failed: "Không đọc được",
};
let state = root.dataset.state;
let version = Number(root.dataset.version); // of the paper as it is shown here: what an approval is made on

/** trouble says what went wrong with something that was asked for. */
function trouble(error) {
  if (error?.name === "AbortError") return;
  if (error instanceof Refusal) notice(error.message, "bad");
  else notice("Không kết nối được với máy chủ. Nội dung chưa lưu vẫn còn trên trang: hãy thử lại.", "bad");
}

const sheet = new Sheet({ root, at, may, doubt: Number(root.dataset.doubt), find: root.dataset.find, trouble, saved: goOn, sees });
const pages = new Pages({ at, may, trouble, show: (n) => show(n), current: () => sheet.page, changed: arranged, sees });
const fields = new Fields({ at, may, trouble, sees, dossier: root.dataset.dossierCode, doubt: Number(root.dataset.doubt), known: () => offerHeld().catch(trouble), chosen: () => sheet.chosenWords(), point: async (page, box) => { await show(page); sheet.point(box); } });

/** offerHeld shows what this paper is once more. */
async function offerHeld() {
  const section = find("held");
  if (!section || state === "approved") return;
  await offer(section, at("/held"), async (held) => {
    const paper = await ask("POST", at("/reuse"), { held: held.paper });
    location.assign(`/giay-to/${paper.id}`);
  });
}

places({ at, trouble, dossier: root.dataset.dossier });

/** sees follows what the officer changed here: the paper is one version further. Where it is more, somebody else has changed it, too,
which is not shown here: then approving it is refused. What was approved and was changed is approved no more. */
async function sees(now) {
  if (now === version + 1) version = now;
  if (state !== "approved") return;
  setState((await ask("GET", at(""))).state);
  find("reopened").hidden = state === "approved";
}

/** renew takes all anew that the page shows. */
async function renew() {
  const paper = await ask("GET", at(""));
  version = paper.version;
  setState(paper.state);
  sheet.forget();
  await pages.load();
  await fields.load();
  await show(sheet.page);
}

/** able switches a button on and off. One that goes takes no focus with it: that goes to the words. */
function able(button, on) {
  const had = document.activeElement === button;
  button.disabled = !on;
  if (had && !on) find("text").focus({ preventScroll: true });
}

/** show shows a page, as far as there is one. */
async function show(n, then) {
  const last = pages.count || 1;
  const page = Math.min(Math.max(1, n), last);
  if (page !== sheet.page) {
    const address = new URL(location.href);
    address.searchParams.set("trang", page);
    history.replaceState(null, "", address);
  }
  find("page-at").textContent = `Trang ${page}${pages.count ? `/${pages.count}` : ""}`;
  able(find("page-before"), page > 1);
  able(find("page-next"), page < last);
  pages.mark(page);
  await sheet.show(page, pages.turnOf(page), pages.ready(page));
  then?.();
}

/** toDoubt goes to the next doubtful word (step 1) or the one before (step -1), on other pages too; false where there is none. */
async function toDoubt(step, from) {
  clearNotices();
  let word = sheet.doubtFrom(from ?? sheet.at, step);
  for (let page = sheet.page + step; word < 0; page += step) {
    if (page < 1 || page > pages.count) {
      notice(step > 0 ? "Không còn chữ đáng ngờ nào phía sau." : "Không còn chữ đáng ngờ nào phía trước.", "good");
      if (step > 0) (approveButton && !approveButton.disabled ? approveButton : find("text")).focus();
      return false;
    }
    if (!pages.ready(page) || !(await sheet.hasDoubts(page))) continue;
    await show(page);
    word = sheet.doubtFrom(step > 0 ? -1 : Infinity, step);
  }
  sheet.choose(word, word, { edit: may });
  return true;
}

/** goOn follows a word that was saved. */
function goOn(behind) {
  toDoubt(1, behind - 1).catch(trouble);
}

/** arranged follows a change of the paper's pages. */
async function arranged(page) {
  sheet.forget();
  await fields.load();
  await show(page ?? sheet.page);
}

function setState(now) {
  state = now;
  const label = find("state");
  label.className = `state ${state}`;
  label.textContent = stateNames[state] ?? state;
  if (approveButton) {
    able(approveButton, state === "read" || state === "review");
    if (document.activeElement === unapproveButton && state !== "approved") find("text").focus({ preventScroll: true });
    approveButton.hidden = state === "approved";
    unapproveButton.hidden = state !== "approved";
    if (state === "approved") find("reopened").hidden = true;
  }
}

async function approve() {
  if (!approveButton || approveButton.disabled) return;
  const had = document.activeElement === approveButton;
  able(approveButton, false);
  try {
    if (!(await sheet.settle())) return;
    await fields.settle();
    setState((await ask("PUT", at("/approval"), { version })).state);
    const behind = (await ask("GET", `/api/v1/review?mine=1&limit=1&after=${encodeURIComponent(id)}`)).papers;
    const next = behind.length ? behind : (await ask("GET", "/api/v1/review?mine=1&limit=1")).papers;
    if (next.length) location.assign(`/giay-to/${next[0].id}`);
    else notice("Đã duyệt. Bạn không còn giấy tờ nào chờ duyệt.", "good");
  } catch (error) {
    if (error instanceof Refusal && error.code === "changed_meanwhile") {
      await renew().then(() => notice("Người khác vừa sửa giấy tờ này; trang đã hiện bản mới. Hãy xem lại rồi duyệt.", "bad"), trouble);
    } else trouble(error);
  } finally {
    setState(state);
    if (had && !approveButton.disabled) approveButton.focus();
  }
}

async function unapprove() {
  try {
    setState((await ask("DELETE", at("/approval"))).state);
    notice("Đã bỏ duyệt.", "good");
  } catch (error) {
    trouble(error);
  }
}

approveButton?.addEventListener("click", approve);
unapproveButton?.addEventListener("click", unapprove);
find("page-before").addEventListener("click", () => show(sheet.page - 1).catch(trouble));
find("page-next").addEventListener("click", () => show(sheet.page + 1).catch(trouble));
find("doubt-before").addEventListener("click", () => toDoubt(-1).catch(trouble));
find("doubt-next").addEventListener("click", () => toDoubt(1).catch(trouble));
find("zoom").addEventListener("click", () => sheet.zoom());
find("help-open").addEventListener("click", () => find("help").showModal());

const byLetter = {
  n: () => toDoubt(1), b: () => toDoubt(-1), "[": () => show(sheet.page - 1), "]": () => show(sheet.page + 1), z: () => sheet.zoom(),
  t: () => fields.next(), d: approve, i: () => sheet.insertBehind(), "?": () => find("help").showModal(),
};

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  const act = actOf(event);
  if (!act) return;
  event.preventDefault();
  Promise.resolve(act()).catch(trouble);
});

/** actOf is what a key means here; nothing where it belongs to a field. */
function actOf(event) {
  if (event.isComposing) return undefined;
  if (event.altKey && !event.ctrlKey && event.key === "ArrowDown") return () => toDoubt(1);
  if (event.altKey && !event.ctrlKey && event.key === "ArrowUp") return () => toDoubt(-1);
  if (event.ctrlKey && event.key === "Enter") return approve;
  if (typing(event) || event.ctrlKey || event.altKey || event.metaKey) return undefined;
  const among = event.target.id === "text" || sheet.at >= 0; // elsewhere the arrows scroll until a word is chosen
  if (among && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
    return () => sheet.step(event.key === "ArrowRight" ? 1 : -1, event.shiftKey);
  }
  if (event.target.id === "text" && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    return () => sheet.line(event.key === "ArrowDown" ? 1 : -1);
  }
  if (event.key === "Enter" && !event.target.closest("button, a, summary, input") && sheet.at >= 0) return () => sheet.edit();
  return byLetter[event.shiftKey ? event.key : event.key.toLowerCase()]; // with the lock of capitals, but not with Shift
}

/** watch tells of pages as they are read: at most once a second, however quickly a long paper is. */
function watch() {
  if (state !== "received" && state !== "reading") return;
  let [read, over, busy, again] = [-1, false, false, false];
  const look = async () => {
    again = true;
    if (busy) return;
    busy = true;
    while (again) {
      again = false;
      const last = over;
      await pages.load();
      // At its end all is asked for anew: from then on words can be corrected.
      if (last || (!sheet.hasWords() && pages.ready(sheet.page))) {
        sheet.forget();
        await show(sheet.page || Number(root.dataset.page));
        if (last) await fields.load();
      }
      await new Promise((done) => setTimeout(done, last ? 0 : 1000));
    }
    busy = false;
  };
  const stop = follow(`/api/v1/events?paper=${encodeURIComponent(id)}`, (paper) => {
    setState(paper.state);
    version = paper.version;
    over = paper.state !== "received" && paper.state !== "reading";
    if (over) stop();
    if (paper.pages_read === read && !over) return;
    read = paper.pages_read;
    look().catch((error) => {
      busy = false;
      trouble(error);
    });
  });
}

// What could not be saved or asked for without a session.
document.addEventListener(backAgain, () => {
  if (pages.count === 0 || !sheet.hasWords()) begin().catch(trouble);
  else fields.settle().catch(trouble);
});

async function begin() {
  setState(state);
  await pages.load();
  await show(Number(root.dataset.page));
  sheet.toFound();
  // The keys are ready, unless somebody has gone elsewhere meanwhile.
  if (document.activeElement === document.body) find("text").focus({ preventScroll: true });
  await fields.load();
  watch();
}

begin().catch(trouble);
