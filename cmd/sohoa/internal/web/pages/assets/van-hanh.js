// Papers that could not be read: all of a table are chosen at once, and a row's own button sends that row alone.

document.addEventListener("click", (event) => {
  const all = event.target.closest("[data-check]");
  if (all) {
    const boxes = [...all.form.querySelectorAll(`input[name="${CSS.escape(all.dataset.check)}"]`)];
    const on = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = on;
    return;
  }
  const alone = event.target.closest("[data-alone]");
  if (alone) for (const box of alone.form.querySelectorAll("input[type=checkbox]")) box.checked = false;
}, true);
