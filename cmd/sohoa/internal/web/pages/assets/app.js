// What all pages share: notices, asking the service, how days and numbers are written. keys.js has the keys.
import { typing } from "./keys.js";
import { backAgain, ended, endedText, follow, signInLink } from "./session.js";

export { backAgain, ended, follow, typing };

/** notice shows a line above the page; screen readers say it. kind is "good", "bad" or "". */
export function notice(text, kind = "") {
  const place = document.getElementById("notices");
  const line = document.createElement("div");
  line.className = `notice ${kind}`.trim();
  line.textContent = text;
  if (text === endedText) line.append(" ", signInLink());
  place.replaceChildren(line);
}

/** clearNotices takes what was said away. */
export function clearNotices() {
  document.getElementById("notices").replaceChildren();
}

/** Refusal is an answer of the API that refuses, as its one table words it. */
export class Refusal extends Error {
  constructor(failure, status) {
    super(status === 401 ? endedText : [failure.message, failure.hint].filter(Boolean).join(" "));
    this.code = failure.code;
    this.reference = failure.reference;
    this.status = status;
  }
}

/** ask sends a request to the API and gives its JSON; a refusal is thrown as a Refusal, a broken line as a TypeError. */
export async function ask(method, path, body, { signal } = {}) {
  const options = { method, headers: { Accept: "application/json" }, credentials: "same-origin", signal };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(path, options);
  const text = await answer.text();
  const said = text ? JSON.parse(text) : {};
  if (answer.status === 401) ended();
  if (!answer.ok) {
    throw new Refusal(said.error ?? { message: "Hệ thống gặp lỗi bên trong.", hint: "", code: "internal" }, answer.status);
  }
  return said;
}

/** formatNumber shows a number as Vietnamese do: 1.234,56. */
export const formatNumber = (n, decimals = 0) =>
  new Intl.NumberFormat("vi-VN", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(n);

/** shownDay shows 2026-03-31 as 31/03/2026, typedDay takes 31/3/2026 or 31032026 for 2026-03-31; what is no day stays as it is. */
export const shownDay = (day) => day.replace(/^(\d{4})-(\d{2})-(\d{2})$/, "$3/$2/$1");
export function typedDay(text) {
  const parts = text.trim().match(/^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/) ?? text.trim().match(/^(\d{2})(\d{2})(\d{4})$/);
  return parts ? `${parts[3]}-${parts[2].padStart(2, "0")}-${parts[1].padStart(2, "0")}` : text.trim();
}

// What htmx asked for in vain because the network is away is said, not only logged.
document.addEventListener("htmx:error", () => notice("Không kết nối được với máy chủ. Hãy kiểm tra mạng rồi thử lại.", "bad"));

// htmx would follow to the page of signing in, and take away what is typed and what is on its way.
document.addEventListener("htmx:before:response", (event) => {
  if (event.detail.ctx.response.status !== 401) return;
  event.preventDefault();
  ended();
});

// "/" goes to the page's search box, as in most programs of the kind; from a page without one to search.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || typing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = document.querySelector("[data-slash]");
  const search = document.querySelector('.menu a[href="/tra-cuu"]');
  if ((!box && !search) || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  if (!box) {
    location.assign(search.href);
    return;
  }
  box.focus();
  box.select?.();
});
