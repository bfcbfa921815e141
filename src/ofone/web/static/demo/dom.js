// Builds nodes. Text only ever becomes a text node, so nothing in a story can become markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);
export const s = (tag, props, ...children) =>
  fill(document.createElementNS(SVG, tag), props, children);

const ICONS = {
  email: ["M1.5 5a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2Z", "m2 4.5 6 4.5 6-4.5"],
  sms: ["M3.5 2.5h9a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2H7l-3.5 3v-3a2 2 0 0 1-2-2v-5a2 2 0 0 1 2-2Z"],
  in_app: ["M4 3.5a2 2 0 0 1 2-2h4a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2Z", "M7 12.5h2"],
};

export const icon = (channel) =>
  s("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" },
    (ICONS[channel] ?? ICONS.in_app).map((d) => s("path", { d })));

/** `Exam Completed` or `exam_completed` as `Exam completed`; abbreviations keep their capitals. */
export function spoken(name) {
  const words = String(name ?? "").replaceAll(/[_.]/g, " ").trim().split(/\s+/);
  const plain = words.map((w, i) => (i > 0 && /^[A-Z][a-z]/.test(w) ? w.toLowerCase() : w)).join(" ");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** A reason as a sentence of its own. */
export function sentence(text) {
  const said = String(text ?? "").trim();
  if (!said) return "";
  return said.charAt(0).toUpperCase() + said.slice(1) + (/[.!?”"]$/.test(said) ? "" : ".");
}

/** Mail text is wrapped at a width of its own; here lines end where paragraphs or points do. */
export const unwrapped = (text) => String(text ?? "").replaceAll(/([^\n])\n(?![\n\-*•\d])/g, "$1 ");

/** Text with its addresses shortened: on a lock screen they are to be tapped, not read. */
export const shortened = (text) => String(text ?? "").split(/(https?:\/\/\S+)/).map((part, i) => {
  if (i % 2 === 0) return part;
  const plain = part.replace(/^https?:\/\//, "");
  return h("span", { class: "url", title: part }, plain.length > 24 ? `${plain.slice(0, 22)}…` : plain);
});

export const CHANNELS = { email: "E-mail", sms: "Text", in_app: "On the page" };
