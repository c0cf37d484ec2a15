// Buttons with data-dialog="id" open that dialog; data-dialog-close closes the one around it.
// A dialog that arrives by htmx with data-open opens itself.
const open = (id) => {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
};

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) open(opener.dataset.dialog);
  if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog").close();
  // A click beside the dialog closes it, unless something was typed in it.
  if (event.target.matches("dialog.dialog") && !event.target.querySelector("[data-typed]")) event.target.close();
  const copier = event.target.closest("[data-copy]");
  if (copier) {
    navigator.clipboard.writeText(document.getElementById(copier.dataset.copy).textContent).then(() => {
      document.dispatchEvent(new CustomEvent("toast", { detail: { text: copier.dataset.copied, level: "success" } }));
    });
  }
});

document.addEventListener("input", (event) => {
  if (event.target.closest("dialog.dialog")) event.target.dataset.typed = "";
});

document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = event.detail.target.querySelector("dialog[data-open]");
  if (!dialog || dialog.open) return;
  dialog.showModal();
  focusFirst(dialog);
});

// The browser would focus the cross: one wants the field that was refused, else the first one.
const focusFirst = (dialog) => {
  const refused = dialog.querySelector("[aria-invalid=true]");
  const first = dialog.querySelector(".body :is(input:not([type=hidden]), select, textarea):enabled");
  if (refused) refused.focus();
  else if (document.activeElement?.matches("[data-dialog-close]")) first?.focus();
};

// An answer with HX-Trigger: {"close-dialog": {}} ends the form that asked.
document.addEventListener("close-dialog", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
});

// Ctrl/⌘-Enter sends the form one is typing in, as in every chat: in a dialog, and from a text of several lines.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = event.target.closest?.("form");
  if (!form || (!form.closest("dialog") && !sentByOne(form, event.target))) return;
  event.preventDefault();
  form.requestSubmit();
});

function sentByOne(form, field) {
  return field.matches("textarea") && !form.matches(".kept") && form.querySelectorAll("button:not([type=button])").length === 1;
}
