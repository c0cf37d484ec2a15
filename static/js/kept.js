// Fields that are saved as one types: what was typed less than a moment ago goes out when the page is left.
const unsent = new Set();

document.addEventListener("input", (event) => {
  const form = event.target.closest("form.kept");
  if (form) unsent.add(form);
});
document.addEventListener("htmx:beforeRequest", (event) => unsent.delete(event.target));
document.addEventListener("htmx:sendError", (event) => event.target.matches?.("form.kept") && unsent.add(event.target));
window.addEventListener("pagehide", () => {
  for (const form of unsent) navigator.sendBeacon(form.action, new FormData(form));
});
