// <form data-live="id id">: after a change, takes these from the page that its first button would
// show. A request parses it: no text may become markup here.
for (const form of document.querySelectorAll("[data-live]")) {
  const first = form.querySelector("button");
  const answer = new XMLHttpRequest();
  answer.onload = () => {
    for (const id of form.dataset.live.split(" ")) {
      const [old, fresh] = [document, answer.response].map((page) => page?.getElementById(id));
      if (fresh && !fresh.isEqualNode(old)) old.replaceChildren(...fresh.childNodes);
    }
  };
  form.addEventListener("change", () => {
    const said = new FormData(form);
    said.set(first.name, first.value);
    answer.open("POST", form.action); // ends an earlier one
    answer.responseType = "document";
    answer.send(said);
  });
}
