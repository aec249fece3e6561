// The fields of a paper beside it: typed, taken from words that are chosen on the page, and confirmed.
import { ask, shownDay, typedDay } from "./app.js";

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
      this.#save(event.target.name).catch(options.trouble);
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
      row.querySelector("[data-source]").textContent = f ? `(${sourceNames[f.source] ?? f.source}${f.confidence ? `, ${Math.round(f.confidence)}` : ""})` : "";
      if (!this.#o.may) continue;
      row.querySelector("[data-confirm]").hidden = !f || f.source === "confirmed";
      row.querySelector("[data-show]").hidden = !f?.page;
    }
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

/** read is a field's value as it is kept, shown a value as the field shows it: days are dd/mm/yyyy for people. */
const read = (input) => ("day" in input.dataset ? typedDay(input.value) : input.value.trim());
const shown = (input, value) => ("day" in input.dataset ? shownDay(value) : value);

/** dayIn is the day in words of a paper: "31/3/2022", "ngày 31 tháng 3 năm 2022"; "" where there is none. */
function dayIn(text) {
  const [day, month, year] = (text.match(/\d+/g) ?? []).map(Number);
  if (!(day >= 1 && day <= 31 && month >= 1 && month <= 12 && year >= 1900 && year <= 2100)) return "";
  return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}
