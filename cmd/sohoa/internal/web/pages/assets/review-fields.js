// The fields of a paper beside it: typed, taken from words that are chosen on the page, and confirmed.
import { ask, shownDay, typedDay } from "./app.js";

const sourceNames = { typed: "đã gõ", recognized: "máy đọc, chưa đối chiếu", confirmed: "✓ đã đối chiếu" };

export class Fields {
  #o;
  #form = document.getElementById("fields");
  #known = new Map();
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

  async load() { this.#put((await ask("GET", this.#o.at("/fields"))).fields); }

  #put(fields) {
    this.#known = new Map(fields.map((f) => [f.name, f]));
    for (const row of this.#form.querySelectorAll("[data-field]")) {
      const f = this.#known.get(row.dataset.field);
      const input = row.querySelector("input");
      if (input !== document.activeElement || !f || read(input) === f.value) input.value = shown(input, f?.value ?? "");
      row.querySelector("[data-source]").textContent = f ? `(${sourceNames[f.source] ?? f.source}${f.confidence ? `, ${Math.round(f.confidence)}` : ""})` : "";
      if (!this.#o.may) continue;
      row.querySelector("[data-confirm]").hidden = !f || f.source === "confirmed";
      row.querySelector("[data-show]").hidden = !f?.page;
    }
  }

  async #save(name) {
    const value = read(this.#form.elements[name]);
    if (value === (this.#known.get(name)?.value ?? "")) return;
    const place = this.#taken.get(name);
    this.#taken.delete(name);
    const said = place && place.text === value ? { value, page: place.page, box: place.box } : { value };
    await this.#send(name, said);
  }

  async #send(name, said) {
    const answer = await ask("PUT", this.#o.at("/fields"), { fields: { [name]: said } });
    this.#put(answer.fields);
    await this.#o.sees(answer.paper_version);
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

  async #confirm(name) {
    const { value } = this.#known.get(name);
    await this.#send(name, { value, confirm: true });
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
