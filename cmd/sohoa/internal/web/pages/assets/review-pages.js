// The list of a paper's pages, as they come to be read, and what an officer does with them: turn, order, leave out, split, join.
import { ask, notice } from "./app.js";

const find = (name) => document.getElementById(name);

const stateNames = { waiting: "chờ đọc", failed: "không đọc được" };

export class Pages {
  count = 0;

  #o;
  #items = []; // {state, key, li, button, img, mark, check}
  #arrangement = null;

  constructor(options) {
    this.#o = options;
    find("arrange")?.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (button) this.#act(button.dataset.do).catch(options.trouble);
    });
    find("thumbs").addEventListener("click", (event) => {
      const button = event.target.closest("[data-page]");
      if (button) options.show(Number(button.dataset.page)).catch(options.trouble);
    });
    // The list is one stop for Tab, however many pages there are; the arrows go through it.
    find("thumbs").addEventListener("focusin", (event) => this.#stop(this.#items.findIndex((item) => item.li.contains(event.target))));
    find("thumbs").addEventListener("keydown", (event) => this.#walk(event));
  }

  /** load asks for the pages and their order, and brings the list up to date. */
  async load() {
    const [{ pages }, arrangement] = await Promise.all([ask("GET", this.#o.at("/pages")), ask("GET", this.#o.at("/arrangement"))]);
    this.#arrangement = arrangement;
    this.count = pages.length;
    const list = find("thumbs");
    while (this.#items.length > pages.length) this.#items.pop().li.remove();
    pages.forEach((page, i) => {
      const item = this.#items[i] ?? this.#add(list, i + 1);
      const leaf = arrangement.pages[i];
      const key = `${leaf.sha256.slice(0, 8)}-${leaf.number}-${leaf.turn}-${page.turned}-${page.state}`;
      item.state = page.state;
      if (item.key === key) return;
      item.key = key;
      item.mark.textContent = stateNames[page.state] ?? (page.source === "blank" ? "trang trắng" : "");
      if (page.state === "waiting") return; // it appears when it is read
      item.img.src = this.#o.at(`/pages/${i + 1}/image?width=200&v=${encodeURIComponent(key)}`);
      item.img.alt = "";
    });
  }

  #add(list, number) {
    const li = list.appendChild(document.createElement("li"));
    const button = li.appendChild(document.createElement("button"));
    button.type = "button";
    button.dataset.page = number;
    button.setAttribute("aria-label", `Trang ${number}`);
    const img = button.appendChild(document.createElement("img"));
    img.loading = "lazy";
    img.width = 90;
    img.height = 127;
    img.alt = "";
    const name = button.appendChild(document.createElement("span"));
    name.textContent = number;
    const mark = button.appendChild(document.createElement("span"));
    mark.className = "faint";
    const item = { li, button, img, mark, key: "", check: null };
    if (this.#o.may) {
      const label = li.appendChild(document.createElement("label"));
      label.className = "inline";
      item.check = label.appendChild(document.createElement("input"));
      item.check.type = "checkbox";
      const said = label.appendChild(document.createElement("span"));
      said.className = "sr";
      said.textContent = `Đánh dấu trang ${number}`;
    }
    this.#items.push(item);
    return item;
  }

  /** #stop makes a page the one to which Tab comes. */
  #stop(at) {
    this.#items.forEach((item, i) => {
      item.button.tabIndex = i === at ? 0 : -1;
      if (item.check) item.check.tabIndex = i === at ? 0 : -1;
    });
  }

  #walk(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const at = this.#items.findIndex((item) => item.li.contains(event.target));
    const end = this.#items.length - 1;
    const next = { ArrowDown: Math.min(end, at + 1), ArrowUp: Math.max(0, at - 1), Home: 0, End: end }[event.key];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    const { button, check } = this.#items[next];
    (event.target === this.#items[at].check ? check : button).focus();
  }

  /** mark says which page is shown. */
  mark(page) {
    if (!find("thumbs").contains(document.activeElement)) this.#stop(page - 1);
    this.#items.forEach((item, i) => {
      if (i + 1 === page) {
        item.button.setAttribute("aria-current", "page");
        item.li.scrollIntoView({ block: "nearest", inline: "nearest" });
      } else {
        item.button.removeAttribute("aria-current");
      }
    });
  }

  /** ready tells whether a page was read: then it has words. */
  ready(page) { return page <= this.count && this.#items[page - 1].state !== "waiting"; }

  /** turnOf tells one state of a page's picture from others. */
  turnOf(page) { return this.#items[page - 1]?.key ?? ""; }

  /** #marked are the pages that something is done with, from 1. */
  #marked() {
    const all = this.#items.flatMap((item, i) => (item.check?.checked ? [i + 1] : []));
    return all.length ? all : [this.#o.current()];
  }

  async #act(what) {
    const marked = this.#marked();
    const pages = this.#arrangement.pages;
    const chosen = new Set(marked);
    switch (what) {
      case "left":
      case "right":
        await this.#arrange(pages.map((p, i) => (chosen.has(i + 1) ? { ...p, turn: (p.turn + (what === "left" ? 270 : 90)) % 360 } : p)), marked[0]);
        break;
      case "up":
      case "down":
        await this.#move(what === "up" ? -1 : 1, marked);
        break;
      case "delete":
        await this.#arrange(pages.filter((_, i) => !chosen.has(i + 1)), 1);
        break;
      case "restore":
        await this.#restore();
        break;
      case "split": {
        const made = await ask("POST", this.#o.at("/split"), { arranged: this.#arrangement.arranged, positions: marked });
        await this.#changed(1, `Đã tách ${marked.length} trang thành giấy tờ mới.`, `/giay-to/${made.id}`);
        break;
      }
      case "merge":
        await ask("POST", this.#o.at("/merge"), { arranged: this.#arrangement.arranged, others: [Number(find("other").value)] });
        find("other").selectedOptions[0].remove();
        await this.#changed(undefined, "Đã ghép.");
        break;
    }
  }

  /** #move moves marked pages by one place; those at the edge stay. */
  async #move(by, marked) {
    const order = this.#arrangement.pages.map((page, i) => ({ page, marked: marked.includes(i + 1) }));
    const walk = by < 0 ? order.keys() : [...order.keys()].reverse();
    for (const i of walk) {
      const next = i + by;
      if (order[i].marked && order[next] && !order[next].marked) [order[i], order[next]] = [order[next], order[i]];
    }
    await this.#arrange(order.map((o) => o.page), order.findIndex((o) => o.marked) + 1);
    order.forEach((o, i) => { if (this.#items[i]?.check && marked.length > 1) this.#items[i].check.checked = o.marked; });
  }

  async #restore() {
    const { own } = await ask("GET", this.#o.at("/arrangement"));
    await this.#arrange(own, 1);
  }

  async #arrange(pages, show) {
    await ask("PUT", this.#o.at("/arrangement"), { arranged: this.#arrangement.arranged, pages });
    await this.#changed(show, "Đã sắp xếp lại trang.");
  }

  async #changed(show, said, link) {
    for (const item of this.#items) if (item.check) item.check.checked = false;
    await this.load();
    await this.#o.changed(show);
    notice(said, "good");
    await this.#o.sees(this.#arrangement.paper_version);
    if (!link) return;
    const a = document.createElement("a");
    a.href = link;
    a.textContent = "Mở giấy tờ mới";
    document.querySelector("#notices .notice").append(" ", a);
  }
}
