// The row of links to the parts of a long page: the part in sight is marked. Parts that arrive later push those below
// them down, so the part jumped to is held in place until the reader moves on.
const bar = document.querySelector("[data-jump]");
const links = [...bar.querySelectorAll("a")];
const part = (hash) => document.getElementById(decodeURIComponent(hash.slice(1)));
let wanted = window.location.hash; // of any part: a form leads back to its own, which has no link
let due = false;

const shown = () => {
  const asked = links.find((link) => link.hash === wanted);
  if (asked) return asked;
  if (!window.scrollY) return links[0];
  const edge = bar.getBoundingClientRect().bottom + 60;
  const end = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
  const above = links.filter((link) => part(link.hash)?.getBoundingClientRect().top <= (end ? window.innerHeight / 2 : edge));
  return above.at(-1) ?? links[0];
};

const mark = () => {
  due = false;
  const now = shown();
  if (now.hasAttribute("aria-current")) return;
  for (const link of links) link.removeAttribute("aria-current");
  now.setAttribute("aria-current", "location");
  bar.scrollTo({ left: now.offsetLeft - bar.offsetLeft - 40 });
};

const soon = () => {
  if (!due) window.requestAnimationFrame(mark);
  due = true;
};

// Whoever goes there by key goes on from there; a part that is replaced loses the focus and gets it back.
const reach = () => {
  const place = wanted && part(wanted);
  if (place && !place.contains(document.activeElement)) Object.assign(place, { tabIndex: -1 }).focus({ preventScroll: true });
};

const hold = () => {
  if (wanted) part(wanted)?.scrollIntoView();
  if (document.activeElement === document.body) reach();
  soon();
};

bar.addEventListener("click", (event) => {
  wanted = event.target.closest("a")?.hash ?? wanted;
  reach();
  soon();
});
for (const moved of ["wheel", "touchmove", "keydown", "pointerdown"]) {
  document.addEventListener(
    moved,
    (event) => {
      if (event.target.closest?.("[data-jump]")) return;
      wanted = "";
      soon();
    },
    { passive: true },
  );
}
document.addEventListener("scroll", soon, { passive: true });
new ResizeObserver(hold).observe(document.body);
hold();
reach();
