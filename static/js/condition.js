// One condition of a segment: field, operator, and the inputs that the two ask for.
const parse = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");
const fields = parse("segment-fields") ?? [];
const operators = parse("segment-operators");
const changes = parse("segment-changes") ?? [];
const RELATIVE = ["within_next", "within_last", "more_ago", "more_ahead"];

export const element = (tag, values = {}) => Object.assign(document.createElement(tag), values);
export const option = (value, text, selected = false) => element("option", { value, textContent: text, selected });

const shape = (row) => fields.find((field) => field.key === row.querySelector(".field-key").value);
const percent = (field, value) => (field.unit === "ratio" && value !== "" && value !== undefined ? Number((value * 100).toFixed(6)) : value ?? "");

const input = (type, value, label, name) => {
  const made = element("input", { type, value, className: `input ${name}`, step: "any" });
  made.setAttribute("aria-label", label);
  return made;
};

const inputs = (field, op, part, words) => {
  const value = part?.value;
  if (["empty", "filled"].includes(op)) return [];
  if (changes.includes(op)) {
    return [input("number", percent(field, value), words.value, "value"), field.unit === "ratio" ? "%" : "", words.in, input("number", part?.days ?? 30, words.days, "days"), words.days];
  }
  if (["is", "is_not"].includes(op) && field.kind === "word") {
    const list = element("select", { multiple: true, className: "input value", size: Math.min(4, Math.max(2, field.choices.length)) });
    list.setAttribute("aria-label", words.value);
    list.append(...field.choices.map(([code, text]) => option(code, text, [value].flat().includes(code))));
    return [list];
  }
  if (RELATIVE.includes(op)) return [input("number", typeof value === "object" ? "" : value ?? 90, words.value, "value"), words.days];
  if (field.kind === "date") return [input("date", value ?? "", words.value, "value")];
  const type = field.kind === "number" ? "number" : "text";
  const sign = field.unit === "ratio" ? "%" : "";
  const [first, second] = [value].flat();
  if (op === "between") return [input(type, percent(field, first), words.value, "value"), words.and, input(type, percent(field, second), words.value, "other"), sign];
  return [input(type, percent(field, first), words.value, "value"), sign];
};

const reshape = (row, part, words) => {
  const field = shape(row);
  const op = row.querySelector(".operator");
  const kept = part?.op ?? op.value;
  op.replaceChildren(...field.ops.map((code) => option(code, operators[code].replace(" …", "").replace("…", ""), code === kept)));
  row.querySelector(".inputs").replaceChildren(...inputs(field, op.value, part, words));
};

export const conditionRow = (part, words) => {
  const row = element("div", { className: "segment-condition row" });
  const key = element("select", { className: "input field-key" });
  key.setAttribute("aria-label", words.field);
  const kinds = words.groups.split("|").map((label) => element("optgroup", { label }));
  for (const field of fields) kinds[field.own ? 1 : field.figure ? 2 : 0].append(option(field.key, field.label, field.key === part?.field));
  key.append(...kinds.filter((kind) => kind.children.length));
  const op = element("select", { className: "input operator" });
  op.setAttribute("aria-label", words.operator);
  const drop = element("button", { type: "button", className: "btn quiet icon-only", textContent: "×" });
  drop.dataset.act = "drop-condition";
  drop.setAttribute("aria-label", words.drop);
  row.append(key, op, element("span", { className: "inputs row" }), drop);
  reshape(row, part, words);
  key.addEventListener("input", () => { reshape(row, null, words); row.dispatchEvent(new Event("condition-shape", { bubbles: true })); });
  op.addEventListener("input", () => { row.querySelector(".inputs").replaceChildren(...inputs(shape(row), op.value, null, words)); row.dispatchEvent(new Event("condition-shape", { bubbles: true })); });
  return row;
};

export const read = (row) => {
  const field = shape(row);
  const op = row.querySelector(".operator").value;
  const ratio = (text) => (field.unit === "ratio" && text !== "" ? String(Number((text / 100).toFixed(8))) : text);
  const value = row.querySelector(".inputs .value");
  const found = { field: field.key, op };
  if (!value) return found;
  if (value.multiple) found.value = [...value.selectedOptions].map((one) => one.value);
  else if (op === "between") found.value = [ratio(value.value), ratio(row.querySelector(".other").value)];
  else found.value = ["is", "is_not"].includes(op) ? [value.value] : ratio(value.value);
  if (changes.includes(op)) found.days = row.querySelector(".days").value;
  return found;
};
