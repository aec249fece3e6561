// Keys that are shortcuts, and handheld scanners, which type a code faster than anybody and end it with Enter. What a scanner types
// is never a shortcut: a key is held back for a moment, and is one only if no other follows at a machine's pace.

/** typing tells whether a key belongs to a field and is no shortcut. */
export function typing(event) {
  const at = event.target;
  return at instanceof HTMLElement && (at.isContentEditable || /^(input|textarea|select)$/i.test(at.tagName));
}

/** lettersOn tells whether single letters are shortcuts. Somebody whose machine listens to their voice says them by chance (WCAG 2.1.4). */
export function lettersOn() {
  try {
    return localStorage.getItem("letters") !== "off";
  } catch {
    return true; // a browser that keeps nothing
  }
}

// The switch, wherever a page has it.
for (const box of document.querySelectorAll("[data-letters]")) {
  box.checked = lettersOn();
  box.addEventListener("change", () => localStorage.setItem("letters", box.checked ? "on" : "off"));
}

const pace = 40; // ms that a scanner takes from key to key, at most
const fewest = 6; // keys that a scan has, at least
const certain = 3; // after so many nobody's fingers are meant, and what is late is waited for longer
const patience = 200;

let held = []; // {key, target, at}: shortcuts, or the beginning of a scan
let timer;

/** written tells whether an element takes what is typed. A radio button, say, does not; a list with keys of its own takes them as shortcuts. */
function written(at) {
  if (!(at instanceof HTMLElement)) return false;
  if (at.isContentEditable || at.tagName === "TEXTAREA") return true;
  if (at.tagName === "SELECT") return !("keys" in at.dataset);
  return at.tagName === "INPUT" && !/^(radio|checkbox|button|submit|reset|file|image|range|color)$/.test(at.type);
}

/** where a scan goes: the field of intake, or the page that has one; search for who may not hand in. "" where nobody is signed in. */
function where() {
  for (const [path, name] of [["/tiep-nhan", "ma"], ["/tra-cuu", "q"]]) {
    if (document.querySelector(`.menu a[href="${path}"]`)) return `${path}?${name}=`;
  }
  return "";
}

function deliver(code) {
  for (const open of document.querySelectorAll("dialog[open]")) open.close();
  const field = document.querySelector("[data-scan]");
  if (!field) {
    location.assign(where() + encodeURIComponent(code));
    return;
  }
  field.value = code;
  field.form.requestSubmit();
}

/** letGo does what the held keys mean, each where the focus is by then; so many that nobody typed them mean nothing. */
function letGo() {
  clearTimeout(timer);
  const keys = held;
  held = [];
  if (keys.length >= fewest) return;
  for (const { key, init } of keys) {
    const at = document.activeElement ?? document.body;
    if (written(at)) document.execCommand("insertText", false, key); // the one before led into a field
    else if (lettersOn() || at.tagName === "SELECT") at.dispatchEvent(new KeyboardEvent("keydown", init));
  }
}

const late = (event) => held.length > 0 && event.timeStamp - held.at(-1).at > (held.length < certain ? pace : patience);

addEventListener("keydown", (event) => {
  if (!event.isTrusted || event.key === "Shift" || event.key === "CapsLock" || !where()) return;
  if (late(event)) letGo();
  if ((event.key === "Enter" || event.key === "Tab") && held.length >= fewest) {
    const code = held.map((k) => k.key).join("");
    held = [];
    letGo();
    event.preventDefault();
    event.stopImmediatePropagation();
    deliver(code);
    return;
  }
  const chord = event.ctrlKey || event.altKey || event.metaKey || event.isComposing;
  const single = event.key.length === 1 && !chord && (event.key !== " " || held.length >= certain);
  if (single && !event.repeat && !written(event.target)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const { key, code, shiftKey } = event;
    held.push({ key, at: event.timeStamp, init: { key, code, shiftKey, bubbles: true, cancelable: true, composed: true } });
    clearTimeout(timer);
    timer = setTimeout(letGo, held.length < certain ? pace : patience);
    return;
  }
  if (single && !written(event.target) && event.target.tagName !== "SELECT" && !lettersOn()) event.stopImmediatePropagation();
  follow(event);
}, true);

/** follow lets go of what is held before a key that is none; where the focus went elsewhere by that, the key goes there, too. */
function follow(event) {
  if (held.length === 0) return;
  const was = document.activeElement;
  letGo();
  const at = document.activeElement;
  if (at === was || event.key === "Tab") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { key, code, shiftKey, ctrlKey, altKey, metaKey } = event;
  if (key.length === 1 && !ctrlKey && !altKey && !metaKey && written(at)) document.execCommand("insertText", false, key);
  else at.dispatchEvent(new KeyboardEvent("keydown", { key, code, shiftKey, ctrlKey, altKey, metaKey, bubbles: true, cancelable: true, composed: true }));
}

// A scan into a field of something else: what it typed is taken out again.
let into = null; // {field, was, text, at}
addEventListener("keydown", (event) => {
  const field = event.target;
  if (!event.isTrusted || event.key === "Shift" || !written(field) || field.isContentEditable || "scan" in (field.dataset ?? {}) || "slash" in field.dataset) return;
  if (into && (into.field !== field || event.timeStamp - into.at > pace)) into = null;
  if (event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey) {
    into ??= { field, was: field.value, text: "" };
    into.text += event.key;
    into.at = event.timeStamp;
  } else if (event.key === "Enter" && into?.text.length >= fewest && where()) {
    event.preventDefault();
    event.stopImmediatePropagation();
    field.value = into.was;
    deliver(into.text);
    into = null;
  } else {
    into = null;
  }
}, true);
