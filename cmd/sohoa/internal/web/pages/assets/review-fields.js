// The fields of a paper beside it: typed, taken from words that are chosen on the page, and confirmed.
import { ask, notice, shownDay, typedDay } from "./app.js";

const sourceNames = { typed: "đã gõ", recognized: "máy đọc, chưa đối chiếu", confirmed: "✓ đã đối chiếu" };

export class Fields {
  #o;
  #form = document.getElementById("fields");
  #known = new Map();
  #said = new Map(); // what each field showed when it was written last: one that differs was typed and is not saved yet
  #last = Promise.resolve(); // what was asked for last
  #taken = new Map(); // places of what was taken from the page and is not saved yet

  constructor(options) {
    this.#o = options;
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.addEventListener("change", (event) => { if (event.target.name) this.#save(event.target.name).catch(options.trouble); });
    this.#form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.name || event.ctrlKey) return;
      event.preventDefault();
      this.#enter(event.target.name).catch(options.trouble);
    });
    this.#form.addEventListener("focusin", (event) => {
      const f = this.#known.get(event.target.name);
      if (f?.page && f.source === "recognized") this.#o.point(f.page, f.box).catch(options.trouble);
    });
    document.querySelector("#other-dossier button")?.addEventListener("click", () => {
      const field = document.getElementById("place-dossier");
      field.closest("details").open = true;
      field.value = this.#known.get("dossier_code").value;
      field.focus();
    });
    this.#form.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      const name = button?.closest("[data-field]")?.dataset.field;
      if (!name) return;
      const act = "take" in button.dataset ? this.#take(name) : "confirm" in button.dataset ? this.#confirm(name) : this.#show(name);
      act.catch(options.trouble);
    });
  }

  load() { return this.#next(() => this.#ask("GET")); }

  /** #next does one thing after the other: an answer that came late would put an older state in the place of a newer one. */
  #next(job) {
    const done = this.#last.then(job);
    this.#last = done.catch(() => {});
    return done;
  }

  async #ask(method, fields, before = () => {}) {
    const answer = await ask(method, this.#o.at("/fields"), fields && { fields });
    before();
    this.#put(answer.fields);
    this.#o.known();
    if (method !== "GET") await this.#o.sees(answer.paper_version);
  }

  #put(fields) {
    this.#known = new Map(fields.map((f) => [f.name, f]));
    for (const row of this.#form.querySelectorAll("[data-field]")) {
      const f = this.#known.get(row.dataset.field);
      this.#write(row.querySelector("input"), f?.value ?? "");
      row.querySelector("[data-source]").textContent = f ? `(${about(f)})` : "";
      row.classList.toggle("unsure", f?.source === "recognized" && (f.confidence < this.#o.doubt || Boolean(f.found?.differs)));
      if (!this.#o.may) continue;
      row.querySelector("[data-confirm]").hidden = !f?.value || f.source === "confirmed";
      row.querySelector("[data-show]").hidden = !f?.page;
    }
    const more = document.getElementById("more-fields");
    if (more.querySelector(".unsure")) more.open = true;
    this.#otherDossier();
  }

  /** #otherDossier says so where the paper has the code of another dossier. */
  #otherDossier() {
    const hint = document.getElementById("other-dossier");
    const f = this.#known.get("dossier_code");
    if (!hint) return;
    hint.hidden = !f?.value || f.value === this.#o.dossier || (f.source === "recognized" && f.confidence < this.#o.doubt);
    hint.querySelector("strong").textContent = f?.value ?? "";
  }

  /** next goes to the next field that the reader found and nobody has compared with the paper, from the focused one on. */
  async next() {
    const rows = [...this.#form.querySelectorAll("[data-field]")];
    const here = rows.findIndex((row) => row.contains(document.activeElement));
    const order = [...rows.slice(here + 1), ...rows.slice(0, here + 1)];
    const row = order.find((one) => this.#known.get(one.dataset.field)?.source === "recognized");
    if (!row) {
      notice("Không còn trường nào chưa đối chiếu.", "good");
      return;
    }
    const within = row.closest("details");
    if (within) within.open = true;
    row.querySelector("input").focus();
  }

  /** #enter confirms what the reader found, or saves what was typed, and goes on where something is left to be compared. */
  async #enter(name) {
    const f = this.#known.get(name);
    const found = f?.source === "recognized" && this.#o.may;
    const input = this.#form.elements[name];
    if (found && f.value && read(input) === f.value) await this.#confirm(name);
    else await this.#save(name);
    const left = [...this.#known.values()].some((one) => one.source === "recognized" && one.name !== name);
    if (found && left && document.activeElement === input) await this.next();
  }

  /** #write shows a value, but never over what is being typed or was typed and is not saved, be it that it was refused. */
  #write(input, value) {
    const same = read(input) === value;
    const typed = input.value !== (this.#said.get(input.name) ?? "");
    if (!same && (typed || input === document.activeElement)) return;
    if (input !== document.activeElement) input.value = shown(input, value);
    this.#said.set(input.name, input.value);
  }

  /** settle saves all that was typed and is not saved; it throws what is refused. */
  async settle() {
    for (const input of this.#form.querySelectorAll("[data-field] input")) {
      await this.#save(input.name).catch((error) => { input.focus(); throw error; });
    }
  }

  /** #save saves a field as it stands when its turn comes. */
  #save(name) { return this.#next(() => this.#saveNow(name)); }

  async #saveNow(name) {
    const input = this.#form.elements[name];
    const value = read(input);
    if (value === (this.#known.get(name)?.value ?? "")) {
      this.#write(input, value);
      return;
    }
    const place = this.#taken.get(name);
    this.#taken.delete(name);
    const said = place && place.text === value ? { value, page: place.page, box: place.box } : { value };
    await this.#ask("PUT", { [name]: said }, () => {
      if (read(input) === value) this.#said.set(name, input.value); // it is saved as it stands
    });
  }

  async #take(name) {
    const chosen = this.#o.chosen();
    if (!chosen) {
      document.getElementById("text").focus();
      return;
    }
    const input = this.#form.elements[name];
    const value = "day" in input.dataset ? dayIn(chosen.text) : chosen.text;
    if (!value) return;
    input.value = shown(input, value);
    this.#taken.set(name, { ...chosen, text: value });
    await this.#save(name);
  }

  #confirm(name) {
    const { value } = this.#known.get(name); // as it is shown to whoever confirms it
    return this.#next(() => this.#ask("PUT", { [name]: { value, confirm: true } }));
  }

  async #show(name) {
    const f = this.#known.get(name);
    await this.#o.point(f.page, f.box);
  }
}

/** about is what is said of where a field's value comes from. */
function about(f) {
  const said = [f.source === "recognized" && !f.value ? "có trên giấy, máy không đọc được" : sourceNames[f.source] ?? f.source];
  if (f.source === "recognized" && f.found?.origin === "code") said[0] = "từ mã vạch/QR, chưa đối chiếu";
  if (f.confidence) said.push(`${Math.round(f.confidence)}`);
  if (f.source === "recognized" && f.found?.differs) said.push(`chữ in đọc được là “${f.found.differs}”`);
  if (f.source === "typed" && f.found?.value) said.push(`máy đọc “${f.found.value}”`);
  return said.join(", ");
}

/** read is a field's value as it is kept, shown a value as the field shows it: days are dd/mm/yyyy for people. */
const read = (input) => ("day" in input.dataset ? typedDay(input.value) : input.value.trim());
const shown = (input, value) => ("day" in input.dataset ? shownDay(value) : value);

/** dayIn is the day in words of a paper: "31/3/2022", "ngày 31 tháng 3 năm 2022"; "" where there is none. */
function dayIn(text) {
  const [day, month, year] = (text.match(/\d+/g) ?? []).map(Number);
  if (!(day >= 1 && day <= 31 && month >= 1 && month <= 12 && year >= 1900 && year <= 2100)) return "";
  return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}
