// <input type="checkbox" data-select-all="name">: ticks every box of that name in its form.
for (const all of document.querySelectorAll("[data-select-all]")) {
  const boxes = [...all.form.elements].filter((each) => each.name === all.dataset.selectAll);
  all.closest("label").hidden = false;
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
  boxes.forEach((box) => box.addEventListener("change", () => {
    all.checked = boxes.every((each) => each.checked);
  }));
}
