// What the colours of a chart mean.

import { data } from "./data.js";
import { element } from "./elements.js";
import { fixed } from "./format.js";

export function ramp([low, high], colours = data.config.range.heatmap) {
  const bar = element("span", { class: "ramp", "aria-hidden": "true" });
  bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
  return element("p", { class: "scale" }, fixed(low, 2), bar, fixed(high, 2));
}

// Entries are pairs of a name and its colour.
export function colourList(entries) {
  const items = entries.map(([name, colour]) => {
    const item = element("li", {}, name);
    item.style.setProperty("--key", colour);
    return item;
  });
  return element("ul", { class: "legend" }, ...items);
}
