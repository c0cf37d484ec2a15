// Ctrl/⌘-K: find anything by typing. The server answers with options; here they are walked with the arrow keys.
const palette = document.getElementById("palette");
const input = palette.querySelector("input");
const list = palette.querySelector("[role=listbox]");
const options = () => [...list.querySelectorAll("[role=option]")];

const choose = (index) => {
  const all = options();
  if (!all.length) return input.removeAttribute("aria-activedescendant");
  const at = (index + all.length) % all.length;
  all.forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
  input.setAttribute("aria-activedescendant", all[at].id);
  return all[at].scrollIntoView({ block: "nearest" });
};
const chosen = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

let before = null; // where one was: there the focus goes back
const open = () => {
  if (palette.open) return palette.close();
  before = document.activeElement;
  palette.showModal();
  input.select();
  choose(0);
  return input.dispatchEvent(new Event("palette-open"));
};

palette.addEventListener("close", () => before?.isConnected && before.focus({ preventScroll: true }));
document.addEventListener("keydown", (event) => {
  // A search field would only empty itself, and a list that is gone with its answer has no focus to hear it.
  if (event.key === "Escape" && palette.open && !event.isComposing) {
    event.preventDefault();
    palette.close();
  }
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open();
  }
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette]")) open();
  else if (event.target === palette) palette.close();
});

input.addEventListener("keydown", (event) => {
  // Enter that ends a Chinese input method's composition is not a choice.
  if (event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(chosen() + (event.key === "ArrowDown" ? 1 : -1));
  }
  const found = event.key === "Enter" && options()[chosen()];
  if (found) {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) window.open(found.href, "_blank", "noopener");
    else found.click();
  }
});

// Without a server's answer the pages already listed are narrowed here.
input.addEventListener("input", () => {
  if (input.hasAttribute("hx-get")) return;
  const asked = input.value.trim().toLowerCase();
  for (const option of options()) option.hidden = !option.textContent.toLowerCase().includes(asked);
});
// What opens a dialog does so in the palette's place.
list.addEventListener("click", (event) => {
  if (event.target.closest("[role=option][hx-get]")) palette.close();
});
list.addEventListener("htmx:afterSwap", () => choose(0));
