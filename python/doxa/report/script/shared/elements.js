// Elements of the page, and how they are changed.

import { known } from "./format.js";

// Text only ever enters the page as text, never as markup.
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node[name] = value;
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && known(value)) node.setAttribute(name, value);
  }
  node.append(...children.filter(known));
  return node;
}

export const paragraph = (text) => element("p", {}, text);

export const figure = (title, ...children) =>
  element("figure", {}, element("figcaption", {}, title), ...children);

export const details = (summary, attributes, ...children) =>
  element("details", attributes, element("summary", {}, summary), ...children);

// What a reader who does not see the page is told.
export function announce(text) {
  document.getElementById("said").textContent = text;
}

export function download(name, url) {
  const link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}
