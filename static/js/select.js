// Selected rows: the bulk bar counts them and carries their ids; Ctrl-C copies them for a spreadsheet.
const table = document.querySelector("[data-table]");
const bar = document.querySelector("[data-bulk]");
const picks = () => [...table.querySelectorAll(".pick")];
const picked = () => picks().filter((pick) => pick.checked);
let last = null;

const show = () => {
  const chosen = picked();
  const all = table.querySelector("[data-pick-all]");
  if (all) {
    all.checked = chosen.length > 0 && chosen.length === picks().length;
    all.indeterminate = chosen.length > 0 && !all.checked;
  }
  if (!bar) return;
  bar.hidden = chosen.length === 0;
  if (!bar.hidden) bar.dispatchEvent(new Event("picked")); // what can be done with them is fetched the first time
  for (const count of bar.querySelectorAll("[data-bulk-count]")) count.textContent = chosen.length;
  for (const form of bar.querySelectorAll("form")) {
    for (const old of form.querySelectorAll("input[name=pick]")) old.remove();
    form.append(...chosen.map((pick) => Object.assign(document.createElement("input"), { type: "hidden", name: "pick", value: pick.value })));
  }
};

const cellText = (cell) => (cell.dataset.copyValue ?? cell.innerText).replace(/\s+/g, " ").trim();
const asText = (row) => [...row.children].filter((cell) => !cell.matches(".pick-cell")).map(cellText).join("\t");

const copy = (event) => {
  const chosen = picked();
  const cell = table.querySelector("td.cell-current");
  if (!chosen.length && cell && event.target === cell) {
    event.preventDefault();
    event.clipboardData.setData("text/plain", cellText(cell));
  }
  if (!chosen.length || String(window.getSelection()) || event.target.closest?.("input:not([type=checkbox]), textarea")) return;
  event.preventDefault();
  const lines = [table.querySelector("thead tr"), ...chosen.map((pick) => pick.closest("tr"))].map(asText);
  event.clipboardData.setData("text/plain", lines.join("\n"));
};

if (table) {
  table.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) for (const pick of picks()) pick.checked = event.target.checked;
    show();
  });
  table.addEventListener("click", (event) => {
    const pick = event.target.closest(".pick");
    if (!pick) return;
    const all = picks();
    if (event.shiftKey && last) {
      const [from, to] = [all.indexOf(last), all.indexOf(pick)].sort((a, b) => a - b);
      for (const between of all.slice(from, to + 1)) between.checked = pick.checked;
    }
    last = pick;
    show();
  });
  document.addEventListener("copy", copy);
  bar?.addEventListener("htmx:afterSwap", show);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.target.closest("dialog, input[type=search]")) return;
    for (const pick of picks()) pick.checked = false;
    show();
  });
  show();
}
