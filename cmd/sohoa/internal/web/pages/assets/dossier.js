// A dossier's page: the states of its papers as they change.
import { follow } from "./app.js";

const page = document.getElementById("ho-so");

const words = {
  received: "Đã nhận, chờ đọc", reading: "Đang đọc", read: "Đã đọc", review: "Cần kiểm tra", approved: "Đã duyệt", failed: "Không đọc được",
};

follow(`/api/v1/events?dossier=${encodeURIComponent(page.dataset.dossier)}`, (paper) => {
  const line = page.querySelector(`[data-paper="${Number(paper.id)}"]`);
  if (!line) return;
  const state = line.querySelector("[data-state]");
  state.className = `state ${paper.state}`;
  state.textContent = words[paper.state] ?? paper.state;
  line.querySelector("[data-pages]").textContent = paper.pages ? `${paper.pages_read}/${paper.pages} trang` : "";
});
