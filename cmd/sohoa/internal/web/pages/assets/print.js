// The button of pages that are printed.
document.getElementById("print")?.addEventListener("click", () => window.print());
