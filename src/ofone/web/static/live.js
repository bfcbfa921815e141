// Keeps the open page true: when something moved, it asks for itself again and takes over <main>.
// Without it the page is the same, and a reload brings what is new.
const news = document.getElementById("news");
const STALE_MS = 10 * 60 * 1000;
let drawn = Date.now();
let asking = false;
let again = false;
let source = null;

function opened(main) {
  return [...main.querySelectorAll("details[open][id]")].map((one) => one.id);
}

async function renew() {
  if (document.hidden || asking) {
    again = true;
    return;
  }
  asking = true;
  let cut = false;
  do {
    again = false;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
      if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), "text/html"));
      else if (answer.status === 404 || answer.status === 410) location.reload();
    } catch {
      cut = true; // no network: the next sign of life tries again
    }
  } while (again && !cut && !document.hidden);
  asking = false;
  again ||= cut;
}

function take(page) {
  const old = document.getElementById("main");
  const next = page.getElementById("main");
  drawn = Date.now();
  const at = page.getElementById("news")?.dataset.at;
  if (at) news.dataset.at = at;
  if (!next || next.innerHTML === old.innerHTML) return;
  // Never under somebody's hands: what they write or have chosen stays until they are done.
  if (old.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) {
    document.activeElement.addEventListener("blur", renew, { once: true });
    return;
  }
  const focused = document.activeElement?.id;
  for (const id of opened(old)) next.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  old.replaceChildren(...next.childNodes);
  old.className = next.className;
  document.title = page.title;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  news.textContent = news.dataset.says;
}

function listen() {
  source?.close();
  // What moved before the stream listened is said at once: it knows what the page was drawn from.
  source = new EventSource(`${location.pathname}/live?at=${news.dataset.at}`);
  source.addEventListener("message", renew);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  if (source === null || source.readyState === EventSource.CLOSED) listen();
  if (again || Date.now() - drawn > STALE_MS) renew();
});
addEventListener("pagehide", () => {
  source?.close();
  source = null;
});
addEventListener("pageshow", (shown) => {
  if (source === null) listen();
  if (shown.persisted) renew();
});
