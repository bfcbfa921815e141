// An answer that was tapped in a message is sent at once; without script, its button sends it.
// Only a page that somebody looks at: a browser may load one ahead of a tap.
const form = document.querySelector("form[data-one-tap]");
const send = () => {
  if (document.visibilityState !== "visible" || document.prerendering) return false;
  form.requestSubmit(form.querySelector(".primary"));
  return true;
};
if (form && !send()) {
  const wait = new AbortController();
  const look = () => send() && wait.abort();
  document.addEventListener("visibilitychange", look, { signal: wait.signal });
  document.addEventListener("prerenderingchange", look, { signal: wait.signal });
}
