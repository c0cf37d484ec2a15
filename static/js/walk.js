// Walking the cells of the portfolio's current row by arrows.
export const table = document.querySelector("[data-editable]");

export const cellsOf = (row) => [...row.querySelectorAll("td[data-edit]")];

export const stand = (cell) => {
  for (const old of table.querySelectorAll("td.cell-current")) old.classList.remove("cell-current");
  if (!cell) return;
  cell.classList.add("cell-current");
  cell.tabIndex = -1;
  cell.focus({ preventScroll: true });
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
};

// The cell on which one stands.
export const current = () => table.querySelector("td.cell-current");

export const walk = (event) => {
  const row = table.querySelector("tr.current");
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by || !row || !event.target.closest("tr")) return false;
  event.preventDefault();
  const cells = cellsOf(row);
  stand(cells.at(Math.min(Math.max(cells.indexOf(current()) + by, 0), cells.length - 1)));
  return true;
};
