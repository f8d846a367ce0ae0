// data-poll="url": asks how far the work is, moves the bar, and opens the page anew at the end. The
// answer is {"done": 3108, "total": 4318, "text": "...", "pace": "...", "worker": "...",
// "finished": false}; its texts are written where data-poll-text, -pace and -worker stand.
const PAUSE = 1500;

const work = document.querySelector("[data-poll]");
if (work) {
  const bar = work.querySelector("progress");
  const say = (name, words) => {
    const place = work.querySelector(`[data-poll-${name}]`);
    if (place && place.textContent !== words) place.textContent = words;
  };

  const ask = async () => {
    const answer = await fetch(work.dataset.poll, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const state = await answer.json();
    bar.max = state.total || 1;
    bar.value = state.done;
    for (const name of ["text", "pace", "worker"]) say(name, state[name] ?? "");
    if (!state.finished) return;
    history.scrollRestoration = "manual"; // begin at the top
    location.reload();
  };

  const again = () => ask().catch(() => {}).finally(() => setTimeout(again, PAUSE));
  setTimeout(again, PAUSE);
}
