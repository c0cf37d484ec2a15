// Text a person typed is never lost: fields with data-keep are kept in this tab until their form was taken.
const key = (field) => `draft:${window.location.pathname}:${field.dataset.keep || field.name}`;
const fields = (within) => within.querySelectorAll("[data-keep]");

const restore = (within) => {
  for (const field of fields(within)) {
    const kept = sessionStorage.getItem(key(field));
    if (kept && !field.value) field.value = kept;
  }
};

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-keep]")) sessionStorage.setItem(key(event.target), event.target.value);
});
// Full pages: the draft goes when the server has answered with another page; a page with errors shows the text anyway.
document.addEventListener("submit", (event) => {
  if (event.target.hasAttribute("hx-post")) return;
  for (const field of fields(event.target)) sessionStorage.removeItem(key(field));
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target;
  if (event.detail.successful && form.matches?.("form")) for (const field of fields(form)) sessionStorage.removeItem(key(field));
});
document.addEventListener("htmx:afterSwap", (event) => restore(event.detail.target));
restore(document);
