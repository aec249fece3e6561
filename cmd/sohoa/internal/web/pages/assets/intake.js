// Handing in: files that are dropped, chosen, pasted or photographed go to the dossier on the desk, and the list of today shows how
// far each is.
import { ask, notice, typing } from "./app.js";
import { Upload } from "./upload.js";
import { offer } from "./held.js";
import { watch, adopt, markNext, approveNext } from "./handed.js";

const desk = () => document.getElementById("desk");
const code = document.getElementById("code");
const list = document.getElementById("handed");

// What a file is handed in as: what is chosen on the desk, or nothing of that for a feeder's batch.
const choices = () => [...desk().querySelectorAll("input[name=component]")];
const isBatch = () => desk().querySelector("#batch")?.checked ?? false;
function chosen() {
  const at = choices().find((c) => c.checked);
  return { value: at?.value ?? "component:", name: at?.closest("label").querySelector(".choice-name").textContent ?? "" };
}

/** take hands files in. One goes at once; of several each is told what it is first, but for batches, which say so themselves. */
function take(files) {
  const on = desk();
  if (files.length === 0) return;
  if (!on.dataset.dossier) {
    notice("Hãy mở hồ sơ trước: quét mã vạch hoặc gõ mã hồ sơ rồi nhấn Enter.", "bad");
    code.focus();
    return;
  }
  const whose = { dossier: on.dataset.dossier, code: on.dataset.code, batch: isBatch() };
  // Each comes to stand above those before it: the last one first, so that they stand in their order.
  const rows = [...files].reverse().map((file) => new Upload(file, whose, list, (row, paper) => {
    if (!whose.batch) held(whose.dossier, row.upload.as?.value);
    return adopt(row, paper);
  })).reverse();
  if (rows.length === 1 || whose.batch) {
    for (const row of rows) row.send(whose.batch ? { value: "component:", name: "Lô quét" } : chosen());
    if (!whose.batch) chooseNextWanted();
    return;
  }
  const offered = choices().map((c) => ({ value: c.value, key: c.dataset.key, name: c.closest("label").querySelector(".choice-name").textContent }));
  const from = Math.max(0, offered.findIndex((o) => o.value === chosen().value));
  rows.forEach((row, i) => row.choose(offered, offered[Math.min(from + i, offered.length - 1)].value));
  rows[0].focusChoice();
  notice("Chọn mỗi tệp là giấy tờ gì (phím số), rồi nhấn Enter để nộp tất cả.", "");
}

/** held says on the desk that its dossier has one more paper of a component. */
function held(dossier, value) {
  const choice = desk().dataset.dossier === dossier && choices().find((c) => c.value === value);
  const said = choice && choice.closest("label").querySelector(".choice-held");
  if (!said) return;
  said.dataset.held = Number(said.dataset.held) + 1;
  said.textContent = `(đã có ${said.dataset.held})`;
}

/** chooseNextWanted goes on to the next paper that the dossier wants, as a desk works through a dossier. */
function chooseNextWanted() {
  const all = choices();
  const at = all.findIndex((c) => c.checked);
  const next = all.slice(at + 1).find((c) => c.value.startsWith("component:") && c.value !== "component:");
  if (next) next.checked = true;
}

/** offerHeld shows what need not be scanned for the dossier on the desk. */
function offerHeld() {
  const section = document.getElementById("held");
  const on = desk();
  if (!section || !on.dataset.dossier) return;
  const { dossier } = on.dataset;
  const path = `/api/v1/dossiers/${dossier}`;
  const named = (h) => choices().find((c) => c.value === `component:${h.component}`)?.closest("label").querySelector(".choice-name").textContent ?? "";
  offer(section, `${path}/held`, async (h) => {
    const paper = await ask("POST", `${path}/papers/reused`, { held: h.paper, component: h.component });
    held(dossier, `component:${h.component}`);
    notice(`Đã dùng lại ${named(h) || "giấy tờ"} số ${h.number}.`, "good");
    await Promise.all([adopt(document.createElement("li"), paper.id), Promise.resolve(offerHeld())]);
  }, named).catch((err) => notice(err.message, "bad"));
}

// Files may be dropped anywhere.
let inside = 0;
document.addEventListener("dragenter", (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  inside++;
  document.body.classList.add("dragging");
});
document.addEventListener("dragleave", () => {
  inside = Math.max(0, inside - 1);
  if (inside === 0) document.body.classList.remove("dragging");
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  inside = 0;
  document.body.classList.remove("dragging");
  take(event.dataTransfer?.files ?? []);
});
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (files.length === 0) return; // a code that is pasted into its field
  event.preventDefault();
  take(files.map(named));
});

/** named gives a picture out of the clipboard, which all browsers call image.png, a name of its own. */
function named(file, i) {
  if (file.name !== "image.png") return file;
  const at = new Date().toLocaleTimeString("vi-VN", { hour12: false }).replaceAll(":", ".");
  return new File([file], `dán ${at}${i ? ` (${i + 1})` : ""}.png`, { type: file.type });
}

document.addEventListener("click", (event) => {
  const at = event.target.closest?.("#choose, #camera, #scan");
  if (at?.id === "choose") document.getElementById("file").click();
  if (at?.id === "camera") document.getElementById("shot").click();
  if (at?.id === "scan") scan();
});
document.addEventListener("change", (event) => {
  if (event.target.id !== "file" && event.target.id !== "shot") return;
  const files = [...event.target.files];
  event.target.value = ""; // the same file may be chosen again
  take(files);
});

// Keys, where nobody types: a digit says what the next paper is, t chooses files, l is for a batch, d approves.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const radio = event.target instanceof HTMLInputElement && (event.target.type === "radio" || event.target.type === "checkbox");
  if (typing(event) && !radio) return;
  const choice = choices().find((c) => c.dataset.key === event.key);
  if (choice) {
    choice.checked = true;
    choice.focus();
  } else if (event.key === "t") desk().querySelector("#choose")?.click();
  else if (event.key === "l") desk().querySelector("#batch")?.click();
  else if (event.key === "d") approveNext();
  else return;
  event.preventDefault();
});

// Another dossier is asked for: what is handed in meanwhile must not go to the one before it.
document.getElementById("find").addEventListener("submit", () => { delete desk().dataset.dossier; });

// From the field to what it found, with the arrows.
document.getElementById("find").addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown") return;
  const first = document.querySelector("#matches a");
  if (first) {
    event.preventDefault();
    first.focus();
  }
});
document.addEventListener("keydown", (event) => {
  const at = event.target.closest?.(".matches-list a");
  if (!at || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  event.preventDefault();
  const all = [...at.closest("ul").querySelectorAll("a")];
  const next = all[all.indexOf(at) + (event.key === "ArrowDown" ? 1 : -1)];
  (next ?? code).focus();
});

// What lies on the desk is new: what was typed is done with, and the keys are ready.
document.addEventListener("htmx:after:swap", () => {
  const on = desk();
  // What may be meant comes late where a scanner typed the code and Enter at once.
  if (on.dataset.dossier && code.value === on.dataset.code) document.getElementById("matches").replaceChildren();
  if (on.dataset.seen) return;
  on.dataset.seen = "1";
  document.getElementById("matches").replaceChildren();
  const first = on.querySelector("[autofocus], #on-desk, .matches-list a");
  if (on.dataset.dossier) code.value = on.dataset.code;
  first?.focus();
  offerHeld();
});
code.addEventListener("focus", () => code.select());

// A barcode before the camera, where the browser reads them.
const scanner = document.getElementById("scanner");
if ("BarcodeDetector" in window && navigator.mediaDevices) document.getElementById("scan").hidden = false;
async function scan() {
  const video = scanner.querySelector("video");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    notice("Không mở được camera. Hãy cho phép trang này dùng camera, hoặc gõ mã hồ sơ.", "bad");
    return;
  }
  scanner.addEventListener("close", () => stream.getTracks().forEach((t) => t.stop()), { once: true });
  scanner.showModal();
  video.srcObject = stream;
  await video.play();
  const detector = new window.BarcodeDetector({ formats: ["qr_code", "code_128"] });
  while (scanner.open) {
    const found = await detector.detect(video).catch(() => []);
    if (found.length > 0) {
      scanner.close();
      code.value = found[0].rawValue;
      document.getElementById("find").requestSubmit();
      return;
    }
    await new Promise((next) => setTimeout(next, 150));
  }
}

list.addEventListener("click", async (event) => {
  const act = event.target.closest("[data-approve], [data-retry]");
  const row = act?.closest("[data-paper]");
  if (!row) return;
  if (act.hasAttribute("data-approve")) return approveNext(row);
  act.disabled = true;
  try {
    await ask("POST", `/api/v1/papers/${row.dataset.paper}/retry`);
    await adopt(row, row.dataset.paper);
  } catch (err) {
    notice(err.message, "bad");
    act.disabled = false;
  }
});

if (desk().dataset.dossier) desk().querySelector("#on-desk").focus();
desk().dataset.seen = "1";
offerHeld();
watch(list);
markNext();
