// Pasting a column: text of several lines on the table, or the bar's button, opens the dialog for the selected rows,
// else for the current row and those after it. The server shows a preview; nothing changes before it is confirmed.
const table = document.querySelector("[data-editable]");
const dialog = document.querySelector("[data-paste]");

const targets = () => {
  const rows = [...table.querySelectorAll("tbody tr[data-pk]")];
  const chosen = rows.filter((row) => row.querySelector(".pick")?.checked);
  if (chosen.length) return chosen;
  const from = rows.indexOf(table.querySelector("tr.current"));
  return rows.slice(Math.max(from, 0));
};

const open = (text) => {
  const form = dialog.querySelector("[data-paste-form]");
  for (const old of form.querySelectorAll("input[name=pick]")) old.remove();
  const rows = targets();
  form.append(...rows.map((row) => Object.assign(document.createElement("input"), { type: "hidden", name: "pick", value: row.dataset.pk })));
  const cell = table.querySelector("td.cell-current");
  const field = form.querySelector("[name=field]");
  if (cell && [...field.options].some((one) => one.value === cell.dataset.edit)) field.value = cell.dataset.edit;
  if (text) form.querySelector("textarea").value = text;
  dialog.querySelector(".paste-result").replaceChildren();
  if (!dialog.open) dialog.showModal();
  form.querySelector("textarea").focus();
};

if (table && dialog) {
  document.addEventListener("paste", (event) => {
    if (event.target.closest?.("input, textarea, select, dialog")) return;
    const text = event.clipboardData.getData("text/plain");
    if (!text.trim()) return;
    event.preventDefault();
    open(text);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-paste-open]")) open("");
  });
}
