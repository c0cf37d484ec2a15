// Menus are <details>: they work without this. Here they close on Escape, outside clicks and a second menu.
const menus = () => document.querySelectorAll("details[data-menu][open]");
const root = document.documentElement;
let scrim = null;

const drawer = (open) => {
  root.toggleAttribute("data-drawer", open);
  if (open && !scrim) {
    scrim = document.createElement("div");
    scrim.className = "scrim";
    scrim.addEventListener("click", () => drawer(false));
    document.body.append(scrim);
    document.querySelector("#nav a, #nav summary")?.focus();
  } else if (!open) {
    scrim?.remove();
    scrim = null;
  }
};

document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
  if (event.target.closest("[data-drawer-open]")) {
    event.preventDefault();
    drawer(!root.hasAttribute("data-drawer"));
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (root.hasAttribute("data-drawer")) drawer(false);
  for (const menu of menus()) {
    menu.open = false;
    (menu.closest("tr.current") ?? menu.querySelector("summary")).focus();
  }
});
