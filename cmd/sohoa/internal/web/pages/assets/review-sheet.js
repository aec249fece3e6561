// One page of a paper: its picture with its words marked on it, the same words as text, and the field in which one is corrected.
// Whatever a page has of words, there are few elements on the picture: a canvas with all marks, and one element each for the word
// under the pointer and the one that is chosen.
import { ask, notice, Refusal } from "./app.js";

const find = (name) => document.getElementById(name);

/** fold makes words comparable as search does: without accents. */
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");

export class Sheet {
  page = 0;
  at = -1; // the chosen word, or the first of them
  till = -1; // the last of them

  #o;
  #words = null; // of the page that is shown, as the API tells them
  #spans = [];
  #zoomed = false;
  #asked = null; // what is under way for the page that is shown
  #inserting = null; // where a word is to be inserted: {at, box}
  #lit = new Set();

  constructor(options) {
    this.#o = options;
    this.#lit = new Set(options.find.split(/\s+/).map(fold).filter(Boolean));
    const box = find("picture-box");
    new ResizeObserver(() => this.#draw()).observe(box);
    box.addEventListener("pointermove", (event) => this.#hover(event));
    box.addEventListener("pointerleave", () => { find("hover").hidden = true; });
    box.addEventListener("click", (event) => this.#click(event));
    box.addEventListener("pointerdown", (event) => this.#drag(event));
    find("add")?.addEventListener("click", () => this.#adding(!find("stage").classList.contains("adding")));
    find("picture").addEventListener("error", () => { if (find("picture").getAttribute("src")) this.#o.root.dataset.picture = "none"; });
    find("picture").addEventListener("load", () => { this.#o.root.dataset.picture = "there"; this.#draw(); });
    find("text").addEventListener("click", (event) => {
      const word = event.target.closest("[data-word]");
      if (word) this.choose(this.#from(event, Number(word.dataset.word)), Number(word.dataset.word), { edit: !event.shiftKey });
    });
    find("editor").addEventListener("submit", (event) => { event.preventDefault(); this.#save(); });
    find("editor").addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
    find("cancel").addEventListener("click", () => this.close());
    find("insert").addEventListener("click", () => this.insertBehind());
  }

  /** show shows a page: its picture, and its words if it is read. stamp tells one state of the picture from others. */
  async show(page, stamp, ready) {
    if (page === this.page && this.#words) return;
    this.close();
    this.#asked?.abort();
    this.#asked = new AbortController();
    this.page = page;
    this.at = this.till = -1;
    this.#words = null;
    this.#spans = [];
    find("text").replaceChildren();
    find("chosen").hidden = find("hover").hidden = true;
    this.#picture(stamp);
    if (ready) {
      this.#take(await this.#ask(page, this.#asked.signal));
      return;
    }
    const line = document.createElement("p");
    line.className = "faint";
    line.textContent = "Trang này chưa đọc xong.";
    find("text").replaceChildren(line);
    this.#count();
    this.#draw();
  }

  #ask(page, signal) {
    return ask("GET", this.#o.at(`/pages/${page}/words`), undefined, { signal });
  }

  #picture(stamp) {
    const img = find("picture");
    this.#stamp = stamp ?? this.#stamp;
    this.#o.root.dataset.picture = "wanted";
    img.alt = `Ảnh trang ${this.page}`;
    // The stamp is in the address so that a page that was turned is asked for anew.
    img.src = this.#o.at(`/pages/${this.page}/image?width=${this.#zoomed ? 2000 : 1000}`) + (this.#stamp ? `&v=${encodeURIComponent(this.#stamp)}` : "");
  }

  #stamp = "";

  hasWords() { return this.#words !== null; }

  /** forget has the page that is shown be asked for anew. */
  forget() { this.#words = null; }

  #take(words) {
    this.#words = words;
    const lines = document.createDocumentFragment();
    this.#spans = [];
    let line = null;
    let number = -1;
    words.words.forEach((word, i) => {
      if (word.line !== number) {
        line = lines.appendChild(document.createElement("p"));
        number = word.line;
      } else {
        line.append(" ");
      }
      const span = line.appendChild(document.createElement("span"));
      span.dataset.word = i;
      span.textContent = word.text;
      span.className = this.#doubtful(word) ? "w doubt" : "w";
      if (this.#lit.has(fold(word.text))) span.classList.add("lit");
      this.#spans.push(span);
    });
    find("text").replaceChildren(lines);
    this.#tellCorrections();
    this.#count();
    this.#draw();
  }

  #tellCorrections() {
    const all = this.#words.corrections;
    find("corrections-count").textContent = all.length;
    find("corrections-list").replaceChildren(...all.toReversed().map((c) => {
      const line = document.createElement("li");
      const when = new Intl.DateTimeFormat("vi-VN", { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Ho_Chi_Minh" }).format(new Date(c.at));
      const what = c.was === c.became ? `“${c.was}” được xác nhận` : `“${c.was}” → “${c.became}”`;
      line.textContent = `${what} · ${c.by} · ${when}${c.fits ? "" : " · không còn khớp chỗ"}`;
      return line;
    }));
  }

  #doubtful(word) { return word.confidence < this.#o.doubt && /[\p{L}\p{N}]/u.test(word.text); }

  #count() {
    const n = this.#words ? this.#words.words.filter((w) => this.#doubtful(w)).length : 0;
    find("doubts").textContent = this.#words ? `${n} chữ đáng ngờ` : "";
  }

  /** toFound chooses the first word that was looked for. */
  toFound() {
    const found = this.#words?.words.findIndex((w) => this.#lit.has(fold(w.text))) ?? -1;
    if (found >= 0) this.choose(found, found);
  }

  /** hasDoubts tells whether a page that is not shown has doubtful words. */
  async hasDoubts(page) { return (await this.#ask(page)).words.some((w) => this.#doubtful(w)); }

  /** doubtFrom is the doubtful word nearest behind (step 1) or before (step -1) a word; -1: none on this page. */
  doubtFrom(from, step) {
    if (!this.#words) return -1;
    const all = this.#words.words;
    let i = step > 0 ? from + 1 : Math.min(from, all.length) - 1;
    for (; i >= 0 && i < all.length; i += step) {
      if (this.#doubtful(all[i])) return i;
    }
    return -1;
  }

  /** chosenWords are the chosen ones' text and place; null: none is chosen. */
  chosenWords() {
    if (this.at < 0 || !this.#words) return null;
    const some = this.#words.words.slice(this.at, this.till + 1);
    return { page: this.page, text: some.map((w) => w.text).join(" "), box: union(some.map((w) => w.box)) };
  }

  /** choose marks words in the text and on the picture; edit opens the field for them. */
  choose(at, till, { edit = false } = {}) {
    if (!this.#words) return;
    for (const span of this.#spans.slice(Math.max(0, this.at), this.till + 1)) span.classList.remove("chosen");
    [this.at, this.till] = at <= till ? [at, till] : [till, at];
    for (const span of this.#spans.slice(this.at, this.till + 1)) span.classList.add("chosen");
    this.#spans[till].scrollIntoView({ block: "nearest" });
    this.#inserting = null;
    this.point(union(this.#words.words.slice(this.at, this.till + 1).map((w) => w.box)));
    if (edit) this.edit();
    else this.close({ focus: false });
  }

  /** step chooses the next word, or one more; the first or the last where none is chosen. */
  step(by, more) {
    const end = (this.#words?.words.length ?? 0) - 1;
    if (end < 0) return;
    if (this.at < 0) {
      const first = by > 0 ? 0 : end;
      this.choose(first, first);
      return;
    }
    const edge = by > 0 ? this.till : this.at;
    const next = Math.min(end, Math.max(0, edge + by));
    if (more) this.choose(by > 0 ? this.at : next, by > 0 ? next : this.till);
    else this.choose(next, next);
  }

  /** line chooses the word of the next line that stands nearest to the chosen one. */
  line(by) {
    if (this.at < 0 || !this.#words) {
      this.step(by);
      return;
    }
    const all = this.#words.words;
    const from = by > 0 ? this.till : this.at;
    const first = by > 0 ? all.findIndex((w) => w.line > all[from].line) : all.findLastIndex((w) => w.line < all[from].line);
    if (first < 0) return;
    const middle = (w) => w.box[0] + w.box[2];
    let best = first;
    all.forEach((w, i) => {
      if (w.line === all[first].line && Math.abs(middle(w) - middle(all[from])) < Math.abs(middle(all[best]) - middle(all[from]))) best = i;
    });
    this.choose(best, best);
  }

  /** point shows a place on the picture. */
  point(box) {
    const el = find("chosen");
    el.dataset.box = box.join();
    el.hidden = false;
    this.#place(el, box, 3);
    const stage = find("stage");
    const scale = this.#scale();
    const top = box[1] * scale;
    const left = box[0] * scale;
    if (top < stage.scrollTop + 20 || top > stage.scrollTop + stage.clientHeight * 0.6) stage.scrollTop = top - stage.clientHeight / 3;
    if (left < stage.scrollLeft || left > stage.scrollLeft + stage.clientWidth * 0.8) stage.scrollLeft = left - stage.clientWidth / 3;
  }

  /** edit opens the field for the chosen words. */
  edit() {
    if (!this.#o.may || this.at < 0) return;
    if (!this.#words.version) {
      notice("Giấy tờ còn đang đọc: chờ đọc xong rồi sửa.");
      return;
    }
    const chosen = this.chosenWords();
    const least = Math.min(...this.#words.words.slice(this.at, this.till + 1).map((w) => w.confidence));
    this.#open(chosen.text, chosen.box, `Độ tin cậy ${least}. Lưu mà không đổi là xác nhận đúng; để trống là bỏ.`);
  }

  /** insertBehind opens the field for a word behind the chosen one, or behind all where none is chosen. */
  insertBehind() {
    if (!this.#o.may || !this.#words?.version || !this.#words.width) return;
    const { words, width, height } = this.#words;
    const till = this.at < 0 ? words.length - 1 : this.till;
    if (till < 0) { // nothing was read of the page
      this.#insert(0, [0.1 * width, 0.05 * height, 0.9 * width, 0.08 * height].map(Math.round));
      return;
    }
    const b = words[till].box;
    const wide = Math.max(1, Math.min(width - b[2] - 1, 2 * (b[3] - b[1])));
    const left = Math.min(b[2] + 1, width - wide);
    this.#insert(till + 1, [left, b[1], left + wide, b[3]]);
  }

  #insert(at, box) {
    this.#inserting = { at, box };
    this.point(box);
    this.#open("", box, "Chữ này được thêm vào chỗ được đánh dấu trên ảnh.");
  }

  /** #adding has the next frame that is drawn on the picture be the place of a word that was not read. */
  #adding(on) {
    find("stage").classList.toggle("adding", on);
    find("add").setAttribute("aria-pressed", String(on));
    if (on) notice("Kéo một khung quanh chữ còn thiếu trên ảnh.");
  }

  #drag(event) {
    if (!find("stage").classList.contains("adding") || event.target.closest("#editor") || !this.#words?.version) return;
    event.preventDefault();
    const box = find("picture-box");
    const seen = box.getBoundingClientRect();
    const scale = this.#scale();
    const { width, height } = this.#words;
    const placeOf = (e) => [Math.min(width, Math.max(0, (e.clientX - seen.left) / scale)), Math.min(height, Math.max(0, (e.clientY - seen.top) / scale))];
    const from = placeOf(event);
    let frame = null;
    const move = (e) => {
      const to = placeOf(e);
      frame = [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.max(from[0], to[0]), Math.max(from[1], to[1])].map(Math.round);
      this.point(frame);
    };
    const end = () => {
      box.removeEventListener("pointermove", move);
      this.#adding(false);
      const least = 4 / scale;
      if (frame && frame[2] - frame[0] > least && frame[3] - frame[1] > least) this.#insert(this.#indexFor(frame), frame);
    };
    box.setPointerCapture(event.pointerId);
    box.addEventListener("pointermove", move);
    box.addEventListener("pointerup", end, { once: true });
  }

  /** #indexFor is the word before which a place is read: on the line that is nearest to it. */
  #indexFor(box) {
    const all = this.#words.words;
    if (!all.length) return 0;
    const high = (b) => b[1] + b[3];
    const apart = (w) => Math.abs(high(w.box) - high(box));
    const line = all.reduce((a, b) => (apart(b) < apart(a) ? b : a)).line;
    const behind = all.findIndex((w) => w.line === line && w.box[0] + w.box[2] > box[0] + box[2]);
    return behind >= 0 ? behind : all.findLastIndex((w) => w.line === line) + 1;
  }

  #open(text, box, about) {
    const form = find("editor");
    const input = find("word");
    form.hidden = false;
    form.dataset.box = box.join();
    this.#placeEditor();
    input.value = text;
    find("word-about").textContent = about;
    input.focus({ preventScroll: true });
    input.select();
    form.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** close closes the field; what was typed is given up. */
  close({ focus = true } = {}) {
    const form = find("editor");
    if (form.hidden) return;
    const had = form.contains(document.activeElement);
    form.hidden = true;
    if (focus && had) find("text").focus({ preventScroll: true });
  }

  /** settle saves a word that is being typed, before the paper is approved; false where that failed. */
  async settle() {
    const form = find("editor");
    if (form.hidden) return true;
    const changed = this.#inserting ? find("word").value.trim() !== "" : find("word").value.trim() !== this.chosenWords()?.text;
    if (!changed) {
      this.close();
      return true;
    }
    return this.#save({ goOn: false });
  }

  async #save({ goOn = true } = {}) {
    const text = find("word").value.trim();
    const [at, count] = this.#inserting ? [this.#inserting.at, 0] : [this.at, this.till - this.at + 1];
    if (count === 0 && !text) {
      this.close();
      return true;
    }
    const body = { version: this.#words.version, at, count, text };
    if (count === 0) body.box = this.#inserting.box;
    const input = find("word");
    input.readOnly = true;
    try {
      const page = this.page;
      const words = await ask("POST", this.#o.at(`/pages/${page}/corrections`), body);
      await this.#o.sees(words.paper_version);
      if (page !== this.page) return true;
      this.close();
      this.at = this.till = -1;
      find("chosen").hidden = true;
      this.#take(words);
      const behind = at + text.split(/\s+/).filter(Boolean).length;
      if (goOn) this.#o.saved(behind);
      return true;
    } catch (error) {
      this.#o.trouble(error);
      if (error instanceof Refusal && error.code === "changed_meanwhile") {
        this.close();
        this.at = this.till = -1;
        find("chosen").hidden = true;
        this.#take(await this.#ask(this.page));
      }
      return false;
    } finally {
      input.readOnly = false;
    }
  }

  zoom() {
    this.#zoomed = !this.#zoomed;
    const button = find("zoom");
    button.setAttribute("aria-pressed", String(this.#zoomed));
    button.textContent = this.#zoomed ? "Thu nhỏ" : "Phóng to";
    find("stage").classList.toggle("zoomed", this.#zoomed);
    this.#picture();
  }

  #scale() { return this.#words?.width ? find("picture-box").clientWidth / this.#words.width : 1; }

  #place(el, box, around) {
    const scale = this.#scale();
    el.style.left = `${box[0] * scale - around}px`;
    el.style.top = `${box[1] * scale - around}px`;
    el.style.width = `${(box[2] - box[0]) * scale + 2 * around}px`;
    el.style.height = `${(box[3] - box[1]) * scale + 2 * around}px`;
  }

  #placeEditor() {
    const form = find("editor");
    if (form.hidden) return;
    const box = form.dataset.box.split(",").map(Number);
    const scale = this.#scale();
    const wide = find("picture-box").clientWidth;
    form.style.left = `${Math.max(0, Math.min(box[0] * scale, wide - form.offsetWidth - 4))}px`;
    form.style.top = `${box[3] * scale + 8}px`;
  }

  /** #draw draws the marks of all words. */
  #draw() {
    const canvas = find("marks");
    const box = find("picture-box");
    if (this.#words?.width) box.style.aspectRatio = `${this.#words.width} / ${this.#words.height}`;
    else box.style.aspectRatio = "";
    const dense = window.devicePixelRatio || 1;
    const [wide, high] = [box.clientWidth, box.clientHeight];
    if (canvas.width !== Math.round(wide * dense) || canvas.height !== Math.round(high * dense)) {
      canvas.width = Math.round(wide * dense);
      canvas.height = Math.round(high * dense);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, wide, high);
    if (!this.#words) return;
    const scale = this.#scale();
    for (const word of this.#words.words) {
      const [x0, y0, x1, y1] = word.box.map((n) => n * scale);
      if (this.#lit.has(fold(word.text))) {
        pen.fillStyle = "rgb(255 214 64 / 45%)";
        pen.fillRect(x0 - 1, y0 - 1, x1 - x0 + 2, y1 - y0 + 2);
      }
      if (!this.#doubtful(word)) continue;
      pen.fillStyle = "rgb(235 120 0 / 16%)";
      pen.fillRect(x0, y0, x1 - x0, y1 - y0);
      pen.strokeStyle = "#9c3a00";
      pen.lineWidth = 2;
      pen.setLineDash([4, 2]);
      pen.strokeRect(x0 - 2, y0 - 2, x1 - x0 + 4, y1 - y0 + 4);
    }
    for (const el of [find("chosen"), find("hover")]) {
      if (!el.hidden) this.#place(el, el.dataset.box.split(",").map(Number), el.id === "chosen" ? 3 : 2);
    }
    this.#placeEditor();
  }

  /** #under is the word under the pointer; -1: none. */
  #under(event) {
    if (!this.#words) return -1;
    const seen = find("picture-box").getBoundingClientRect();
    const scale = this.#scale();
    const [x, y] = [(event.clientX - seen.left) / scale, (event.clientY - seen.top) / scale];
    const slack = 3 / scale;
    return this.#words.words.findIndex(({ box }) => x >= box[0] - slack && x < box[2] + slack && y >= box[1] - slack && y < box[3] + slack);
  }

  #hover(event) {
    const el = find("hover");
    const word = event.target.closest("#editor") ? -1 : this.#under(event);
    el.hidden = word < 0;
    if (word < 0) return;
    el.dataset.box = this.#words.words[word].box.join();
    this.#place(el, this.#words.words[word].box, 2);
  }

  #click(event) {
    if (event.target.closest("#editor") || this.#inserting && !find("editor").hidden) return;
    const word = this.#under(event);
    if (word >= 0) this.choose(this.#from(event, word), word, { edit: !event.shiftKey });
  }

  /** #from is where a choice begins: with Shift what is chosen is extended. */
  #from(event, word) { return event.shiftKey && this.at >= 0 ? (word < this.at ? this.till : this.at) : word; }
}

function union(boxes) {
  return boxes.reduce((a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])]);
}
