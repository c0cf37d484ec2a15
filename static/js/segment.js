// The segment editor: a tree of groups and conditions kept in step with the hidden JSON, which the server counts.
import { conditionRow, element, option, read } from "./condition.js";

const root = document.querySelector("[data-segment-tree]");
const store = document.querySelector("[data-definition]");
const words = root.dataset;

const groupBox = (document_, depth) => {
  const any = "any" in document_;
  const box = element("fieldset", { className: "segment-group" });
  box.dataset.group = "";
  const joined = element("select", { className: "input joined" });
  joined.setAttribute("aria-label", words.joined);
  joined.append(option("all", words.all, !any), option("any", words.any, any));
  const list = element("div", { className: "segment-parts" });
  for (const part of document_.any ?? document_.all ?? []) list.append("field" in part ? conditionRow(part, words) : groupBox(part, depth + 1));
  const foot = element("div", { className: "row" });
  foot.append(button(words.add, "add"));
  if (depth < 3) foot.append(button(words.addGroup, "group"));
  if (depth > 1) foot.append(button(words.drop, "drop"));
  foot.dataset.depth = depth;
  box.append(joined, list, foot);
  return box;
};

const button = (text, act) => {
  const made = element("button", { type: "button", className: "btn quiet", textContent: act === "drop" ? text : `+ ${text}` });
  made.dataset.act = act;
  return made;
};

const tree = (box) => {
  const parts = [...box.querySelector(".segment-parts").children].map((part) => ("group" in part.dataset ? tree(part) : read(part)));
  return { [box.querySelector(".joined").value]: parts.filter(Boolean) };
};

const changed = () => {
  store.value = JSON.stringify(tree(root.firstElementChild));
  document.body.dispatchEvent(new CustomEvent("segment-changed"));
};

const acts = {
  add: (foot) => foot.parentElement.querySelector(".segment-parts").append(conditionRow(null, words)),
  group: (foot) => foot.parentElement.querySelector(".segment-parts").append(groupBox({ any: [] }, Number(foot.dataset.depth) + 1)),
  drop: (foot) => foot.parentElement.remove(),
  "drop-condition": (row) => row.remove(),
};

if (root) {
  const start = JSON.parse(document.getElementById("segment-start").textContent) ?? { all: [] };
  root.append(groupBox(start, 1));
  if (!root.querySelector(".segment-condition")) acts.add(root.querySelector("[data-act=add]").parentElement);
  store.value = JSON.stringify(tree(root.firstElementChild));
  root.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]");
    if (!act) return;
    const parent = act.parentElement;
    const before = parent.parentElement.querySelector(".segment-parts");
    acts[act.dataset.act](parent);
    before?.lastElementChild?.querySelector("select")?.focus();
    changed();
  });
  root.addEventListener("input", changed);
  root.addEventListener("condition-shape", changed);
  document.querySelector("[data-try]")?.addEventListener("click", (event) => {
    event.preventDefault();
    window.location.assign(`${event.target.getAttribute("formaction")}?where=${encodeURIComponent(store.value)}`);
  });
}
