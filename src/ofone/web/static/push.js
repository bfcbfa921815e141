// The offer to be told on this device. Without this script, or where the browser or the company
// has no pushes, the page says nothing of it.
const here = location.pathname.replace(/\/$/, "");
const able =
  isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
let facts = null; // { key, on }: what to subscribe with, and the digest of who is told

const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");
const digest = async (text) => hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
const bytes = (key) =>
  Uint8Array.from(atob(key.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

async function subscribed() {
  const registration = await navigator.serviceWorker.getRegistration(here);
  return registration ? registration.pushManager.getSubscription() : null;
}

async function told() {
  const mine = await subscribed();
  const known = mine && facts.on === (await digest(mine.endpoint));
  return Boolean(known) && Notification.permission === "granted";
}

function show(state) {
  const part = document.getElementById("push");
  if (!part) return;
  for (const one of part.querySelectorAll("[data-push]")) one.hidden = one.dataset.push !== state;
  part.hidden = state === "";
}

async function draw() {
  if (!facts) return;
  // Who said no to the browser has answered; asking again would be begging.
  if (Notification.permission === "denied") show("");
  else show((await told()) ? "on" : "ask");
}

const say = (path, body) =>
  fetch(`${here}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

async function begin() {
  if ((await Notification.requestPermission()) !== "granted") return show("denied");
  const registration = await navigator.serviceWorker.register("/worker.js", { scope: here });
  await navigator.serviceWorker.ready;
  // One that was made with another key would be refused.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytes(facts.key),
  });
  const answer = await say("/push", { subscription, lang: document.documentElement.lang });
  if (!answer.ok) {
    await subscription.unsubscribe();
    throw new Error(`${answer.status}`);
  }
  facts.on = await digest(subscription.endpoint);
  return draw();
}

async function end() {
  // First the company's word, then the browser's: nothing is sent to whoever turned it off.
  const answer = await say("/push/off", {});
  if (!answer.ok) throw new Error(`${answer.status}`);
  facts.on = "";
  await (await subscribed())?.unsubscribe();
  await (await navigator.serviceWorker.getRegistration(here))?.unregister();
  return draw();
}

async function tapped(event) {
  const act = event.target.closest("#push button")?.dataset.act;
  if (!act) return;
  event.target.disabled = true;
  try {
    await (act === "begin" ? begin() : end());
  } catch {
    show("failed");
  } finally {
    event.target.disabled = false;
  }
}

if (able) {
  const answer = await fetch(`${here}/push`);
  if (answer.status === 200) {
    facts = await answer.json();
    document.addEventListener("click", tapped);
    // The page may draw its main part anew while it is open.
    new MutationObserver(draw).observe(document.getElementById("main"), { childList: true });
    await draw();
  }
}
