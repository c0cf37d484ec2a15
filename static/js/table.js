// A table worked by keyboard: j and k walk, Enter opens, x selects, / searches, Escape leaves. The row walked to
// shows itself in the side panel (rows carry data-href and data-peek; the panel is [data-peek-panel]).
const table = document.querySelector("[data-table]");
const panel = document.querySelector("[data-peek-panel]");
const rows = () => [...table.querySelectorAll("tbody tr[data-href]")];
const current = () => table.querySelector("tr.current");
let timer = 0;
const MAYBE_DOUBLE = 300; // ms in which a click may turn out to be the first of two

const peek = (row, wait) => {
  if (!panel || !row.dataset.peek) return;
  clearTimeout(timer);
  timer = setTimeout(() => window.htmx.ajax("GET", row.dataset.peek, { target: panel, swap: "innerHTML" }), wait);
};

const walk = (row, wait = 90) => {
  if (!row) return;
  current()?.classList.remove("current");
  row.classList.add("current");
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  peek(row, wait);
};

const step = (by) => {
  const all = rows();
  const at = all.indexOf(current());
  walk(all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]);
};

const leave = () => {
  clearTimeout(timer);
  current()?.classList.remove("current");
  if (panel) panel.replaceChildren();
};

const actions = {
  j: () => step(1),
  k: () => step(-1),
  Enter: () => current() && window.location.assign(current().dataset.href),
  x: () => current()?.querySelector(".pick")?.click(),
  t: () => (current() ?? rows()[0])?.querySelector("[data-touch]")?.click() ?? panel?.querySelector("[data-touch]")?.click(),
  "/": () => document.querySelector("[data-table-search]")?.focus(),
  Escape: leave,
};

if (table) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog, [popover]")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    if (event.key === "Escape" && event.target.closest("details[data-menu]")) return; // closes that menu only
    const act = actions[event.key];
    if (!act) return;
    if (event.key !== "Escape") event.preventDefault();
    act();
  });
  table.addEventListener("click", (event) => {
    const row = event.target.closest("tbody tr[data-href]");
    if (row && !event.target.closest("a, button, input, label, summary, form")) walk(row, MAYBE_DOUBLE);
  });
  // A second click means typing into the cell: the panel does not open over it, nor stay.
  table.addEventListener("dblclick", (event) => {
    if (!event.target.closest("td[data-edit]")) return;
    clearTimeout(timer);
    panel?.replaceChildren();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-peek-close]")) leave();
  });
}
