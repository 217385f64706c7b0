// The choices above a chart.

import { data } from "./data.js";
import { element } from "./elements.js";
import { known } from "./format.js";

// `options` are pairs of a value and its name; `choose` gets the value.
export function picker(label, options, chosen, choose) {
  const select = element("select", { onchange: () => choose(options[select.selectedIndex][0]) });
  for (const [value, name] of options) {
    select.append(element("option", { value, selected: value === chosen }, name));
  }
  return element("label", {}, label, select);
}

export const wayPicker = (ways, chosen, choose) =>
  picker(
    "Way of asking",
    ways.map((way) => [way, data.ways[way].label]),
    chosen,
    choose,
  );

// Keeps the keyboard's focus where it was.
export function showControls(place, ...children) {
  const controls = () => [...place.querySelectorAll("select, input, button, a")];
  const focused = controls().indexOf(document.activeElement);
  place.replaceChildren(...children.filter((child) => known(child) && child !== false));
  controls()[focused]?.focus();
}
