// Light, dark or as the device; navigation folded or not. Cookies, so that the server renders it right at once.
const root = document.documentElement;
const YEAR = 31536000;
const remember = (name, value) => {
  document.cookie = `${name}=${value}; path=/; max-age=${value ? YEAR : 0}; samesite=lax`;
};

const show = () => {
  const now = root.dataset.theme || "system";
  for (const button of document.querySelectorAll("[data-theme-switch] button")) {
    button.setAttribute("aria-pressed", String(button.value === now));
  }
};

const start = () => {
  for (const group of document.querySelectorAll("[data-theme-switch]")) group.hidden = false;
  show();
  for (const key of document.querySelectorAll("[data-mod-key]")) {
    if (/Mac|iPhone|iPad/.test(navigator.platform)) key.textContent = `⌘${key.dataset.modKey}`;
  }
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-switch] button");
  if (button) {
    const system = button.value === "system";
    if (system) delete root.dataset.theme;
    else root.dataset.theme = button.value;
    remember("theme", system ? "" : button.value);
    show();
    document.dispatchEvent(new CustomEvent("theme-changed"));
  }
  if (event.target.closest("[data-fold-nav]")) {
    const thin = root.dataset.nav !== "thin";
    if (thin) root.dataset.nav = "thin";
    else delete root.dataset.nav;
    remember("nav", thin ? "thin" : "");
    window.dispatchEvent(new Event("resize"));
  }
});

start();
