// A session that has ended while a page is open: nothing on the page is lost. The person signs in again in another tab, and what was
// under way goes on.

/** endedText is what is said then; notice makes a link of it. */
export const endedText = "Phiên làm việc đã hết. Đăng nhập lại (mở thẻ mới) rồi tiếp tục.";

/** backAgain is the event of a session that is there again. */
export const backAgain = "sohoa:signed-in";

const again = 3000; // ms between looks whether there is a session, and between tries to follow events

/** who is signed in; "" for nobody. It throws where the service cannot be asked. */
async function who() {
  const answer = await fetch("/tai-khoan/phien", { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (answer.redirected || answer.status === 401) return "";
  if (!answer.ok) throw new Error("busy");
  return (await answer.json()).login;
}

let back = null;

/** ended says that the session is over, and ends itself when there is one again. Another person's is none for this page: it is left. */
export function ended() {
  back ??= (async () => {
    tell(endedText);
    for (;;) {
      await new Promise((on) => setTimeout(on, again));
      const login = await who().catch(() => "");
      if (!login) continue;
      if (login !== document.body.dataset.user) {
        tell("Người khác đã đăng nhập trong trình duyệt này. Hãy tải lại trang.");
        continue;
      }
      tell("Đã đăng nhập lại, công việc tiếp tục.", "good");
      back = null;
      document.dispatchEvent(new Event(backAgain));
      return;
    }
  })();
  return back;
}

/** tell writes a notice: session.js is beneath app.js. */
function tell(text, kind = "bad") {
  const line = document.createElement("div");
  line.className = `notice ${kind}`;
  line.textContent = text;
  if (text === endedText) line.append(" ", signInLink());
  document.getElementById("notices").replaceChildren(line);
}

/** signInLink leads to signing in without leaving the page. */
export function signInLink() {
  const link = document.createElement("a");
  link.href = "/dang-nhap";
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = "Đăng nhập";
  return link;
}

/** follow watches papers as they change, and goes on after whatever ended the stream, until it is told to stop. */
export function follow(path, told) {
  let events;
  let over = false;
  const open = () => {
    if (over) return;
    events = new EventSource(path);
    events.addEventListener("paper", (event) => told(JSON.parse(event.data)));
    events.addEventListener("error", async () => {
      if (events.readyState !== EventSource.CLOSED) return; // the browser tries again itself
      const login = await who().catch(() => null);
      if (login === "") await ended();
      else await new Promise((on) => setTimeout(on, again));
      open();
    });
  };
  const stop = () => {
    over = true;
    events.close();
  };
  addEventListener("pagehide", stop);
  open();
  return stop;
}
