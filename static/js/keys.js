// Keys that work everywhere: "?" shows them all, "g t" and "g p" go places.
const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
const places = { t: "today", p: "portfolio" };
let waiting = -Infinity;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") {
    document.getElementById("keys")?.showModal();
  } else if (event.key === "g") {
    waiting = event.timeStamp;
  } else if (places[event.key] && event.timeStamp - waiting < 1200) {
    waiting = -Infinity;
    const link = document.querySelector(`#nav a[data-place="${places[event.key]}"]`);
    if (link) window.location.assign(link.href);
  } else {
    // A page's own key: <button data-key="t">.
    const own = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (own) {
      event.preventDefault();
      own.click();
    }
  }
});
