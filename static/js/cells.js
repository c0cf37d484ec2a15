// Typing into cells: arrows walk the cells of the current row, Enter or F2 (or a double click) opens one, Escape
// leaves it, Enter keeps it, Tab keeps it and opens the next. The server says what is refused and what others changed.
const table = document.querySelector("[data-editable]");
const asked = { headers: { "HX-Request": "true" } };
const cellsOf = (row) => [...row.querySelectorAll("td[data-edit]")];
const at = (address, row) => address.replace("/0/", `/${row.dataset.pk}/`);

const stand = (cell) => {
  for (const old of table.querySelectorAll("td.cell-current")) old.classList.remove("cell-current");
  if (!cell) return;
  cell.classList.add("cell-current");
  cell.tabIndex = -1;
  cell.focus({ preventScroll: true });
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
};

const fill = (cell, html) => {
  cell.innerHTML = html;
  cell.querySelector("[name=value]").focus();
  cell.querySelector("input[name=value]")?.select();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" }); // a form is wider than what stood there
};

const open = async (cell) => {
  if (!cell || cell.querySelector("form")) return;
  const answer = await fetch(at(table.dataset.cells, cell.closest("tr")).replace("KEY", cell.dataset.edit), asked);
  if (!answer.ok) return;
  cell.kept = cell.innerHTML;
  stand(cell);
  fill(cell, await answer.text());
};

const leave = (cell) => stand(Object.assign(cell, { innerHTML: cell.kept }));

const keep = async (cell, then) => {
  const form = cell.querySelector("form");
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
  if (answer.status !== 204) return fill(cell, await answer.text());
  const row = cell.closest("tr");
  const place = cellsOf(row).indexOf(cell);
  const fresh = await fetch(at(table.dataset.row, row) + (window.location.search || "?csm=all"), asked);
  const holder = Object.assign(document.createElement("tbody"), { innerHTML: await fresh.text() });
  const next = holder.querySelector("tr");
  if (row.classList.contains("current")) next.classList.add("current");
  row.replaceWith(next);
  const cells = cellsOf(next);
  return then && cells[place + then] ? open(cells[place + then]) : stand(cells[place]);
};

const inside = (event, cell) => {
  const act = { Escape: () => leave(cell), Enter: () => keep(cell, 0), Tab: () => keep(cell, event.shiftKey ? -1 : 1) }[event.key];
  if (!act || event.isComposing) return;
  event.preventDefault();
  event.stopPropagation();
  act();
};

const outside = (event) => {
  const row = table.querySelector("tr.current");
  const now = table.querySelector("td.cell-current");
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (by && row && event.target.closest("tr")) {
    event.preventDefault();
    stand(cellsOf(row).at(Math.min(Math.max(cellsOf(row).indexOf(now) + by, 0), cellsOf(row).length - 1)));
  } else if (["Enter", "F2"].includes(event.key) && now && event.target === now) {
    event.preventDefault();
    event.stopPropagation();
    open(now);
  }
};

if (table) {
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td[data-edit]");
    if (cell?.querySelector("form")) inside(event, cell);
    else outside(event);
  });
  table.addEventListener("dblclick", (event) => open(event.target.closest("td[data-edit]")));
}
