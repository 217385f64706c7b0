// Bars of shares that are drawn as plain elements: hundreds of them stand in a few milliseconds.

import { data } from "./data.js";
import { element } from "./elements.js";
import { percent } from "./format.js";
import { onRamp } from "./legend.js";

const SERIES = data.config.range.category;
// A share wide enough for its number, and where on the ramp white text is easier to read.
const ROOM = 0.075;
const DARK = 0.67;
// The lightest colour of the ramp is too close to the page's.
const LIGHTEST = 0.1;

// Options with an order go from light to dark; a few without have colours of their own.
export function optionColours({ kind, codes }) {
  if (kind === "nominal" && codes.length <= SERIES.length) {
    return codes.map((_, i) => ({ fill: SERIES[i], text: "var(--page)" }));
  }
  return codes.map((_, i) => {
    const t = LIGHTEST + (1 - LIGHTEST) * (codes.length > 1 ? i / (codes.length - 1) : 1);
    return { fill: onRamp(t), text: t > DARK ? "#fff" : "#000" };
  });
}

// One bar of shares that sum to 1.
export function stackedBar(shares, { options, colours, numbers = false }) {
  const parts = shares.map((share, i) => {
    const text = numbers && share >= ROOM ? percent(share) : null;
    const part = element("span", { title: `${options[i]}: ${percent(share)}` }, text);
    part.style.cssText = `width:${100 * share}%;background:${colours[i].fill};color:${colours[i].text}`;
    return part;
  });
  const label = shares.map((share, i) => `${options[i]} ${percent(share)}`).join(", ");
  return element("span", { class: "stack", role: "img", "aria-label": label }, ...parts);
}

// One bar from 0, as long as a share of `most`.
export function plainBar(share, most, colour) {
  const bar = element("span", { class: "bar", "aria-hidden": "true" });
  bar.style.cssText = `width:${(100 * share) / most}%;background:${colour}`;
  return element("span", { class: "track" }, bar);
}
