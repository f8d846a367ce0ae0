// <button data-passkey="register | sign-in | confirm" hidden>: makes a passkey, or proves with one
// who is there; data-confirmation="id" says for which act. What is confirmed is then sent.
const [AGAIN, CANCELLED] = ["Open this page again, and try once more.", "No passkey was used. Try again."];

const make = (publicKey) => navigator.credentials.create({ publicKey });
const sign = (publicKey) => navigator.credentials.get({ publicKey });

const ask = async (address, said) => {
  const type = "application/json";
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { Accept: type, "Content-Type": type, "X-CSRFToken": token };
  const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(said) });
  const told = await answer.json().catch(() => ({ detail: AGAIN }));
  if (!answer.ok) throw new Error(told.detail);
  return told;
};

const run = async ({ form, dataset: { passkey: purpose, confirmation } }) => {
  const address = `/passkeys/${purpose}/`;
  const name = document.querySelector("[data-passkey-name] input")?.value;
  const said = { confirmation, name, unsent: form?.elements.unsent?.value };
  const options = await ask(`${address}options/`, said);
  const answer = await (purpose === "register"
    ? make(PublicKeyCredential.parseCreationOptionsFromJSON(options))
    : sign(PublicKeyCredential.parseRequestOptionsFromJSON(options)));
  const { next } = await ask(address + location.search, { ...said, answer: answer.toJSON() });
  if (next) location.assign(next);
  else form.submit();
};

const known = window.PublicKeyCredential?.parseRequestOptionsFromJSON;
const all = (name) => (known ? document.querySelectorAll(name) : []);
for (const part of all("[data-passkey-needs], [data-passkey-name]")) part.hidden = !part.hidden;
for (const button of all("[data-passkey]")) {
  const problem = document.createElement("p");
  problem.className = "field__error";
  problem.setAttribute("role", "alert");
  button.after(problem);
  button.hidden = false;
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    problem.textContent = "";
    button.disabled = true;
    await run(button).catch((error) => {
      problem.textContent = error.name === "NotAllowedError" ? CANCELLED : error.message;
    });
    button.disabled = false;
  });
}
