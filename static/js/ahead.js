// Keys pressed while a cell is still on its way from the server: held, then typed into it, so that none is lost.
let held = null;
const LEAVING = ["Enter", "Tab", "Escape"];

export const hold = () => {
  held ??= [];
};

export const drop = () => {
  held = null;
};

const catches = (event) => {
  if (!held || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.length > 1 && event.key !== "Backspace" && !LEAVING.includes(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  held.push(event);
};

const put = (field, text) => {
  if (!text || field.type === "date") return;
  const chosen = [...(field.options ?? [])].find((one) => one.text.toLowerCase().startsWith(text.toLowerCase()));
  if (chosen) field.value = chosen.value;
  else if (!field.options) field.value = text;
};

// Types what was held into the field of the cell that came. The key by which the cell is to be left, where one was
// pressed: what was typed after it stays held for the next cell.
export const release = (field) => {
  let text = "";
  while (held?.length) {
    const event = held.shift();
    if (LEAVING.includes(event.key)) {
      put(field, text);
      if (event.key === "Escape") drop();
      return event;
    }
    text = event.key === "Backspace" ? text.slice(0, -1) : text + event.key;
  }
  drop();
  put(field, text);
  return null;
};

document.addEventListener("keydown", catches, true);
