// A dossier's page: the states of its papers as they change.
const page = document.getElementById("ho-so");

const words = {
  received: "Đã nhận, chờ đọc", reading: "Đang đọc", read: "Đã đọc", review: "Cần kiểm tra", approved: "Đã duyệt", failed: "Không đọc được",
};

const events = new EventSource(`/api/v1/events?dossier=${encodeURIComponent(page.dataset.dossier)}`);
events.addEventListener("paper", (event) => {
  const paper = JSON.parse(event.data);
  const line = page.querySelector(`[data-paper="${Number(paper.id)}"]`);
  if (!line) return;
  const state = line.querySelector("[data-state]");
  state.className = `state ${paper.state}`;
  state.textContent = words[paper.state] ?? paper.state;
  line.querySelector("[data-pages]").textContent = paper.pages ? `${paper.pages_read}/${paper.pages} trang` : "";
});
addEventListener("pagehide", () => events.close());
