// A slider beside a number: either moves the other. The number is what the form sends.
const numberOf = (slider) => document.getElementById(slider.dataset.slides);

document.addEventListener("input", (event) => {
  const slider = event.target.closest("[data-slides]");
  if (slider) numberOf(slider).value = slider.value;
  const other = event.target.name && document.querySelector(`[data-slides="${CSS.escape(event.target.id)}"]`);
  if (other && event.target.value.trim() !== "") other.value = event.target.value;
});
