// The quick log: Alt and a letter or digit picks kind and level from anywhere in the form, the bare key while a choice
// of that kind has the focus; letters narrow the people, Enter picks the first of them.
const form = (target) => target.closest?.("form[data-quick-log]");

const pick = (within, key) => {
  const found = within.querySelector(`[data-pick-key="${CSS.escape(key)}"]`);
  if (found) found.checked = true;
  return found;
};

const shown = (group) => [...group.querySelectorAll("[data-find]")].filter((label) => !label.hidden);
const narrow = (input) => {
  const asked = input.value.trim().toLowerCase();
  const group = input.closest("[data-people]");
  for (const label of group.querySelectorAll("[data-find]")) {
    label.hidden = !label.dataset.find.includes(asked) && !label.querySelector("input").checked;
    label.classList.remove("first");
  }
  const first = asked && shown(group).find((label) => label.dataset.find.includes(asked));
  if (first) first.classList.add("first");
  return first || null;
};

document.addEventListener("keydown", (event) => {
  const within = form(event.target);
  if (!within || event.isComposing || event.ctrlKey || event.metaKey) return;
  const key = event.code.replace(/^(Key|Digit)/, "").toLowerCase();
  if (event.altKey) {
    if (pick(within, key)) event.preventDefault();
  } else if (event.target.matches("[data-pick-key]")) {
    const found = pick(event.target.closest("fieldset"), event.key.toLowerCase());
    if (found) {
      event.preventDefault();
      (found.name === "kind" ? within.elements.note : found).focus();
    }
  } else if (event.key === "Enter" && event.target.matches("[data-find-person]")) {
    event.preventDefault();
    const first = narrow(event.target);
    if (first) first.querySelector("input").checked = true;
    event.target.value = "";
    narrow(event.target);
  }
});

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-find-person]")) narrow(event.target);
});
