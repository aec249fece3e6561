// What is held already in another dossier of the same owner: offered for reuse, on the desk and beside a paper.
import { ask, formatNumber, notice, shownDay } from "./app.js";

/** line is one held paper as it is offered. */
function line(held, reuse) {
  const li = document.createElement("li");
  const link = li.appendChild(document.createElement("a"));
  link.href = `/giay-to/${held.paper}`;
  link.target = "_blank";
  link.textContent = `${held.name || "Giấy tờ"}, số ${held.number}`;
  const about = li.appendChild(document.createElement("span"));
  about.className = "faint";
  const said = [`hồ sơ ${held.dossier_code}`, held.issued_on && `cấp ngày ${shownDay(held.issued_on)}`, held.issuer, `${formatNumber(held.pages)} trang`, held.state === "approved" && "đã duyệt"];
  about.textContent = ` · ${said.filter(Boolean).join(" · ")} `;
  const button = li.appendChild(document.createElement("button"));
  button.type = "button";
  button.textContent = "Dùng lại";
  const sr = button.appendChild(document.createElement("span"));
  sr.className = "sr";
  sr.textContent = ` ${link.textContent}`;
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") return; // it stays where the focus is
    button.setAttribute("aria-disabled", "true");
    try {
      await reuse(held, li);
    } catch (err) {
      notice(err.message, "bad");
      button.removeAttribute("aria-disabled");
    }
  });
  return li;
}

/** offer shows what is held in a section that has a list; nothing where there is none. name says what a component is called. */
export async function offer(section, path, reuse, name = () => "") {
  const { held } = await ask("GET", path);
  if (!section.isConnected) return;
  const focused = section.contains(document.activeElement);
  section.querySelector("ul").replaceChildren(...held.map((h) => {
    const li = line(h, reuse);
    const as = name(h);
    if (as) li.prepend(`${as}: `);
    return li;
  }));
  section.hidden = held.length === 0;
  if (focused && !section.contains(document.activeElement)) (section.querySelector("button") ?? document.querySelector("#on-desk, #text"))?.focus();
}
