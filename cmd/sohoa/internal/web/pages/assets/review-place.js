// Where a paper belongs: put into another dossier, made another component, or taken back. Each is asked about once more before it is done.
import { ask } from "./app.js";

const find = (name) => document.getElementById(name);

/** sure asks the officer, and gives whether they agreed. */
function sure(question) {
  const dialog = find("sure");
  find("sure-title").textContent = question;
  dialog.returnValue = "no"; // what Escape means
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

export function places({ at, trouble, dossier }) {
  const refile = find("refile");
  if (!refile) return;
  refile.addEventListener("submit", (event) => {
    event.preventDefault();
    (async () => {
      const code = refile.elements.dossier.value.trim().toUpperCase();
      const chosen = refile.elements.place;
      if (!(await sure(`Chuyển giấy tờ này vào hồ sơ ${code}, là “${chosen.selectedOptions[0].textContent}”?`))) return;
      const [kind, ...component] = chosen.value.split(":");
      await ask("PUT", at("/place"), { dossier_code: code, kind, component: component.join(":") });
      location.reload();
    })().catch(trouble);
  });
  const back = find("take-back");
  back.addEventListener("submit", (event) => {
    event.preventDefault();
    (async () => {
      if (!(await sure("Thu hồi giấy tờ này khỏi hồ sơ? Bản quét vẫn được giữ trong kho."))) return;
      await ask("DELETE", at(`?reason=${encodeURIComponent(back.elements.reason.value)}`));
      location.assign(`/ho-so/${encodeURIComponent(dossier)}`);
    })().catch(trouble);
  });
}
