// Messages in the corner. Good news leaves by itself; an error, or one that offers a way back, stays until it is closed.
// A server can send one with an htmx answer: HX-Trigger: {"toast": {"text": "…", "level": "success"}}
const STAY = 6000;
const box = document.getElementById("toasts");

const close = (toast) => toast.remove();

const watch = (toast) => {
  if (toast.matches(".error, .warning, :has(form)")) return;
  let timer = setTimeout(close, STAY, toast);
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("focusin", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", () => {
    timer = setTimeout(close, STAY, toast);
  });
};

const say = (text, level = "success") => {
  if (!box || [...box.children].some((toast) => toast.dataset.text === text)) return;
  const toast = document.createElement("div");
  toast.className = `toast ${level}`;
  toast.dataset.text = text;
  const words = document.createElement("span");
  words.textContent = text;
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.toastClose = "";
  button.setAttribute("aria-label", box.dataset.close);
  button.textContent = "×";
  toast.append(document.createElement("span"), words, button);
  box.append(toast);
  watch(toast);
};

if (box) {
  for (const toast of box.querySelectorAll("[data-toast]")) watch(toast);
  document.addEventListener("toast", (event) => say(event.detail.text, event.detail.level));
  document.addEventListener("htmx:sendError", () => say(box.dataset.offline, "error"));
  document.addEventListener("htmx:responseError", (event) => {
    // A reason of our own says more than "it failed"; a web server's error page does not.
    const answer = event.detail.xhr;
    const plain = (answer.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    say(plain && answer.responseText ? answer.responseText.slice(0, 300) : box.dataset.failed, "error");
  });
  box.addEventListener("click", (event) => {
    if (event.target.closest("[data-toast-close]")) close(event.target.closest(".toast"));
  });
}
