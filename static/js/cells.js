// Typing into cells: arrows walk the cells of the current row, Enter, F2 or a double click opens one, Escape leaves it,
// Enter keeps it, Tab too and opens the next. The server says what is refused and what others changed.
import { drop, hold, release } from "./ahead.js";
import { cellsOf, current, stand, table, walk } from "./walk.js";

const asked = { headers: { "HX-Request": "true" } };
const at = (address, row) => address.replace("/0/", `/${row.dataset.pk}/`);

const fill = (cell, html) => {
  Object.assign(cell, { innerHTML: html }).querySelector("[name=value]").focus();
  cell.querySelector("input[name=value]")?.select();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" }); // a form is wider than what stood there
};

const open = async (cell) => {
  if (!cell || cell.querySelector("form")) return;
  hold();
  const answer = await fetch(at(table.dataset.cells, cell.closest("tr")).replace("KEY", cell.dataset.edit), asked).catch(drop);
  if (!answer?.ok) return drop();
  cell.kept = cell.innerHTML;
  stand(cell);
  fill(cell, await answer.text());
  const leaving = release(cell.querySelector("[name=value]"));
  if (leaving) inside(leaving, cell);
};

const leave = (cell) => (cell.querySelector("[data-theirs]") ? renew(cell, 0) : stand(Object.assign(cell, { innerHTML: cell.kept })));

const keep = async (cell, then) => {
  const form = cell.querySelector("form");
  if (then) hold();
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(drop);
  if (answer?.status === 204) return renew(cell, then);
  drop();
  if (answer) fill(cell, await answer.text());
};

const renew = async (cell, then) => {
  const row = cell.closest("tr");
  const place = cellsOf(row).indexOf(cell);
  const fresh = await fetch(at(table.dataset.row, row) + (window.location.search || "?csm=all"), asked).catch(drop);
  if (!fresh?.ok) return drop();
  const next = Object.assign(document.createElement("tbody"), { innerHTML: await fresh.text() }).querySelector("tr");
  if (row.classList.contains("current")) next.classList.add("current");
  row.replaceWith(next);
  const following = then && cellsOf(next)[place + then];
  if (following) return open(following);
  drop();
  stand(cellsOf(next)[place]);
};

const inside = (event, cell) => {
  const act = { Escape: () => leave(cell), Enter: () => keep(cell, 0), Tab: () => keep(cell, event.shiftKey ? -1 : 1) }[event.key];
  if (!act || event.isComposing) return;
  event.preventDefault();
  event.stopPropagation();
  act();
};

const outside = (event) => {
  if (walk(event) || !["Enter", "F2"].includes(event.key) || !current() || event.target !== current()) return;
  event.preventDefault();
  event.stopPropagation();
  open(current());
};

if (table) {
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td[data-edit]");
    if (cell?.querySelector("form")) inside(event, cell);
    else outside(event);
  });
  table.addEventListener("dblclick", (event) => open(event.target.closest("td[data-edit]")));
}
