// A file on its way to the service: looked for first, sent by tus, gone on with after a break, in a line of the list.
import { ask, backAgain, ended, formatNumber, Refusal } from "./app.js";

/* global tus */

// No more than two files travel at once: they share one line, and the first is there sooner.
const lanes = { free: 2, waiting: [] };
async function lane() {
  if (lanes.free > 0) lanes.free--;
  else await new Promise((go) => lanes.waiting.push(go));
  return () => {
    const next = lanes.waiting.shift();
    if (next) next();
    else lanes.free++;
  };
}

// Uploads that are not done: leaving the page would break them off.
const open = new Set();
window.addEventListener("beforeunload", (event) => {
  if (open.size > 0) event.preventDefault();
});

// A checksum is worked out of a file as a whole; larger ones are looked at by the service alone.
const mostHashed = 64 << 20;

async function checksum(file) {
  if (file.size > mostHashed || !globalThis.crypto?.subtle) return "";
  const sum = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(sum)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

// How long to wait before going on after a break. The count begins anew whenever bytes went through; after the last the page waits
// until the browser says that there is a network, or for a while.
const delays = [300, 1000, 2000, 4000, 8000];
const pause = 5000;

export class Upload {
  /** whose is the dossier, its code, and whether it is a batch; done is told the line and the paper that it became. */
  constructor(file, whose, list, done) {
    Object.assign(this, { file, whose, done });
    this.row = document.getElementById("upload").content.firstElementChild.cloneNode(true);
    this.row.querySelector(".handed-name").textContent = file.name;
    this.row.querySelector(".handed-to").textContent = `→ ${whose.code}`;
    this.row.upload = this;
    list.prepend(this.row);
    open.add(this);
  }

  at(selector) {
    return this.row.querySelector(selector);
  }

  say(state, text = "") {
    this.at(".upload-state").textContent = state;
    this.at(".upload-said").textContent = text;
  }

  /** acts are the buttons of the line. */
  acts(...all) {
    this.at(".upload-acts").replaceChildren(...all.map(([name, what, main]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      if (main) button.className = "main";
      button.addEventListener("click", what);
      return button;
    }));
  }

  /** choose lets the officer say what the file is; a digit chooses and goes on to the next line, Enter sends all. */
  choose(offered, value) {
    const select = this.at("select");
    for (const o of offered) select.add(new Option(o.key ? `${o.key}. ${o.name}` : o.name, o.value, false, o.value === value));
    this.at(".upload-choose").hidden = false;
    this.say("Chưa nộp");
    this.row.classList.add("choosing");
    select.addEventListener("keydown", (event) => {
      const o = offered.find((c) => c.key === event.key);
      if (o) {
        select.value = o.value;
        (this.row.nextElementSibling?.classList.contains("choosing") ? this.row.nextElementSibling.upload : this).focusChoice();
      } else if (event.key === "Enter") sendChosen();
      else return;
      event.preventDefault();
    });
    this.acts(["Nộp tất cả", sendChosen, true], ["Bỏ tệp này", () => this.drop()]);
  }

  focusChoice() {
    this.at("select").focus();
  }

  drop() {
    open.delete(this);
    if (!this.row.classList.contains("failed")) this.tus?.abort(true).catch(() => {}); // what was refused the service dropped itself
    this.row.remove();
  }

  /** send looks whether the file is held already, and sends it. */
  async send(as) {
    this.as = as;
    this.row.classList.remove("choosing");
    this.at(".upload-choose").hidden = true;
    this.at(".handed-to").textContent = `→ ${this.whose.code} · ${as.name}`;
    this.acts(["Hủy", () => this.drop()]);
    this.say("Đang kiểm tra");
    try {
      this.sum = await checksum(this.file);
      const held = this.sum ? (await ask("GET", `/api/v1/scans/${this.sum}`)).held_in : [];
      if (held.length > 0 && !this.whose.batch) return this.offer(held);
    } catch {
      // Without the network, or where the file cannot be read as a whole: sending it says what is wrong.
    }
    await this.start();
  }

  /** offer lets the officer reuse what is held, instead of sending it. */
  offer(held) {
    open.delete(this); // nothing is lost with the page
    const codes = [...new Set(held.map((h) => h.dossier_code))];
    this.say("Đã có sẵn", `Tệp này đã có trong hồ sơ ${codes.slice(0, 3).join(", ")}${codes.length > 3 ? "…" : ""}. Không cần gửi lại.`);
    this.acts(["Dùng lại", () => this.reuse(), true], ["Bỏ", () => this.drop()]);
    this.at(".upload-acts button").focus();
  }

  async reuse() {
    const [kind, component] = this.split();
    try {
      const answer = await ask("POST", `/api/v1/dossiers/${this.whose.dossier}/papers/known`, { sha256: this.sum, kind, component, name: this.file.name });
      this.finish(answer.results[0]);
    } catch (err) {
      this.say("Chưa nộp được", err.message);
    }
  }

  /** split parts "component:TP01" into kind and component. */
  split() {
    const at = this.as.value.indexOf(":");
    return [this.as.value.slice(0, at), this.as.value.slice(at + 1)];
  }

  async start() {
    this.say("Chờ đến lượt gửi");
    const leave = await lane();
    if (!this.row.isConnected) return leave();
    try {
      if (!this.sent) await this.transfer();
      this.sent = true; // if only the end of it fails, only that is tried again
      this.say("Đang nộp");
      const answer = await ask("POST", `${new URL(this.tus.url, location.href).pathname}/finish`);
      this.finish(answer.results[0]);
    } catch (err) {
      // What the service has given up, or holds damaged, is begun anew; all else goes on from where it is.
      if (err instanceof Refusal && ["not_found", "checksum_mismatch"].includes(err.code)) this.tus = this.sent = undefined;
      if (err instanceof Refusal && err.code === "upload_incomplete") this.sent = false;
      if (this.row.isConnected) this.failed(err);
    } finally {
      leave();
    }
  }

  /** transfer sends the bytes; it ends when the service has all, and throws what the service refuses. */
  transfer() {
    const [kind, component] = this.split();
    const metadata = { dossier: this.whose.dossier, filename: this.file.name, kind, component, batch: String(this.whose.batch) };
    if (this.sum) metadata.sha256 = this.sum;
    return new Promise((done, fail) => {
      this.tus = new tus.Upload(this.file, {
        endpoint: "/api/v1/uploads/",
        uploadUrl: this.tus?.url ?? null, // of a try before this one: it goes on from where the service stands
        metadata,
        retryDelays: delays,
        // Nothing is kept in the browser: names of files may be citizens', and desks share machines.
        storeFingerprintForResuming: false,
        onShouldRetry: (err) => !refused(err),
        onProgress: (sent, all) => this.progress(sent, all),
        onSuccess: done,
        onError: (err) => {
          const again = () => { if (this.row.isConnected) this.tus.start(); }; // from where the service stands
          if (err.originalResponse?.getStatus() === 401) {
            this.say("Chờ đăng nhập lại", "Tự gửi tiếp khi đã đăng nhập lại ở thẻ khác; đừng đóng trang này.");
            ended().then(again);
            return;
          }
          if (refused(err)) return fail(refusal(err));
          this.say("Mất kết nối", "Tự gửi tiếp khi có mạng trở lại; không cần làm gì.");
          const online = () => {
            clearTimeout(timer);
            window.removeEventListener("online", online);
            again();
          };
          const timer = setTimeout(online, pause);
          window.addEventListener("online", online);
        },
      });
      this.tus.start();
    });
  }

  progress(sent, all) {
    const share = all ? Math.floor((100 * sent) / all) : 0;
    this.at("progress").hidden = false;
    this.at("progress").value = share;
    this.say("Đang gửi", `${formatNumber(share)} % của ${formatNumber(all / 1e6, 1)} MB`);
  }

  /** finish ends the upload: the paper is safe. Where its line cannot be had just now the next change brings it. */
  async finish(result) {
    open.delete(this);
    this.at("progress").hidden = true;
    this.row.id = `giay-to-${result.paper.id}`;
    this.row.dataset.paper = result.paper.id;
    this.acts();
    this.say("Đã nộp");
    await this.done(this.row, result.paper.id).catch(() => {});
  }

  failed(err) {
    this.say("Chưa nộp được", err instanceof TypeError ? "Mất kết nối với máy chủ." : err.message);
    this.row.classList.add("failed");
    const again = () => {
      document.removeEventListener(backAgain, again);
      if (!this.row.isConnected || !this.row.classList.contains("failed")) return;
      this.row.classList.remove("failed");
      this.acts(["Hủy", () => this.drop()]);
      this.start();
    };
    if (err instanceof Refusal && err.status === 401) document.addEventListener(backAgain, again);
    this.acts(["Gửi lại", again, true], ["Bỏ", () => this.drop()]);
  }
}

/** sendChosen sends all that the officer has chosen for. */
function sendChosen() {
  for (const row of document.querySelectorAll(".choosing")) {
    const select = row.querySelector("select");
    row.upload.send({ value: select.value, name: select.selectedOptions[0].textContent.replace(/^\S\. /, "") });
  }
}

/** refused tells whether the service itself said no, for good: what is locked, busy or away is asked again. */
function refused(err) {
  const status = err.originalResponse?.getStatus() ?? 0;
  return status >= 400 && status < 500 && ![408, 409, 423, 429].includes(status);
}

function refusal(err) {
  try {
    const said = JSON.parse(err.originalResponse.getBody()).error;
    return new Error([said.message, said.hint].filter(Boolean).join(" "));
  } catch {
    return new Error("Hệ thống không nhận tệp này.");
  }
}
