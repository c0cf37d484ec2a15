// The column chooser: the order by dragging or by its buttons (Alt with an arrow too), and a search over the names.
const move = (item, up) => {
  const other = up ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (up) other.before(item);
  else other.after(item);
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-column-up], [data-column-down]");
  if (!button) return;
  event.stopPropagation();
  move(button.closest("li"), button.matches("[data-column-up]"));
  button.focus();
});

document.addEventListener("keydown", (event) => {
  const item = event.target.closest?.("[data-column-list] li");
  if (!item || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  move(item, event.key === "ArrowUp");
  event.target.focus();
});

let dragged = null;
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-column-list] li");
});
document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("[data-column-list] li");
  if (!dragged || !over || over === dragged) return;
  event.preventDefault();
  const box = over.getBoundingClientRect();
  if (event.clientY < box.top + box.height / 2) over.before(dragged);
  else over.after(dragged);
});
document.addEventListener("dragend", () => {
  dragged = null;
});

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-column-find]")) return;
  const wanted = event.target.value.trim().toLowerCase();
  const form = event.target.closest("form");
  for (const group of form.querySelectorAll("details")) {
    if (wanted) group.open = true;
    for (const item of group.querySelectorAll("li")) item.hidden = !item.textContent.toLowerCase().includes(wanted);
  }
});
