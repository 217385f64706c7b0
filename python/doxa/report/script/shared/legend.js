// What the colours of a chart mean.

import { data } from "./data.js";
import { element } from "./elements.js";
import { fixed } from "./format.js";

// The colour at a share of the way from the first to the last, in straight lines as Vega goes.
export function onRamp(share, colours = data.config.range.heatmap) {
  const at = Math.min(1, Math.max(0, share)) * (colours.length - 1);
  const low = Math.min(Math.floor(at), colours.length - 2);
  const channels = (colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  const [first, second] = [channels(colours[low]), channels(colours[low + 1])];
  const mixed = first.map((value, i) => Math.round(value + (at - low) * (second[i] - value)));
  return `rgb(${mixed.join(" ")})`;
}

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
