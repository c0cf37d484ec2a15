// Today's own keys on the row walked to (the first where none is): e done, s snooze, o all its reasons, a and d answer
// what it asks, u takes the last back. After a row was dealt with, the next one is the current one.
const table = document.querySelector("table.calls");
const rows = () => [...table.querySelectorAll("tbody tr[data-href]")];
const current = () => table.querySelector("tr.current") ?? rows()[0];
let place = -1;

const mark = (row) => {
  if (!row) return;
  table.querySelector("tr.current")?.classList.remove("current");
  row.classList.add("current");
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
};

const press = (key) => current()?.querySelector(`[data-row-key="${key}"]`)?.click();
const snooze = () => {
  const menu = current()?.querySelector("details[data-menu]");
  if (!menu) return;
  mark(current());
  menu.open = true;
  menu.querySelector("button").focus();
};
const reasons = () => {
  const all = current()?.querySelector("details.call-all");
  if (all) all.open = !all.open;
};
const actions = {
  e: () => press("e"),
  a: () => press("a"),
  d: () => press("d"),
  s: snooze,
  o: reasons,
  u: () => [...table.querySelectorAll("[data-undo]")].pop()?.click(),
};

// In an open menu the arrows walk, as in every menu.
const walkMenu = (event) => {
  const items = [...event.target.closest("details[open] .list").querySelectorAll("button, input")];
  const next = items[items.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
  if (next) next.focus();
  event.preventDefault();
};

if (table) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, dialog, [popover]")) return;
    const arrow = event.key === "ArrowDown" || event.key === "ArrowUp";
    if (arrow && event.target.closest(".calls details[open] .list")) walkMenu(event);
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  });
  table.addEventListener("htmx:beforeRequest", (event) => {
    const row = event.target.closest("tr[data-href]");
    if (row && event.detail.requestConfig.verb === "post") place = rows().indexOf(row);
  });
  // What is taken back comes with its row: the one that stood for the account's other reasons gives way.
  table.addEventListener("htmx:beforeSwap", (event) => {
    const did = event.target.closest("tr.did[data-account]");
    if (did && event.detail.shouldSwap) document.getElementById(`call-${did.dataset.account}`)?.remove();
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (place < 0) return;
    mark(rows()[Math.min(place, rows().length - 1)]);
    place = -1;
  });
  document.addEventListener("touch-logged", (event) => {
    const row = document.getElementById(`call-${event.detail.account}`);
    if (!row) return;
    place = rows().indexOf(row);
    window.htmx.ajax("GET", row.dataset.row, { target: row, swap: "outerHTML" });
  });
}
for (const group of document.querySelectorAll("[data-wide-open]")) group.open = window.innerWidth > 900;
