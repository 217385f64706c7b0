// What the map and the ranking can show of each country.

import { data, rowsOf } from "./data.js";
import { changeWithInterval, known, withInterval } from "./format.js";

const plain = (row) => ({ estimate: row.estimate, low: row.low, high: row.high });

export const MEASURES = {
  alignment: {
    name: "Alignment",
    unit: "alignment: 1 is the same shares, 0 as far apart as can be",
    of: plain,
    text: withInterval,
  },
  normalised: {
    name: "Normalised alignment",
    unit: "0 is what equal shares reach, 1 what a second sample of the same people would",
    of: ({ normalised, normalised_low, normalised_high }) => ({
      estimate: normalised,
      low: normalised_low,
      high: normalised_high,
    }),
    text: changeWithInterval,
    signed: true,
  },
  gap: {
    name: "Gap to the baseline",
    unit: "alignment above (+) or below (−) the baseline",
    of: ({ gap, gap_low, gap_high }) => ({ estimate: gap, low: gap_low, high: gap_high }),
    text: changeWithInterval,
    signed: true,
  },
};

export function measured(row, measure) {
  const { of, text } = MEASURES[measure];
  const found = of(row);
  return { ...found, country: row.country, row, text: text(found.estimate, found.low, found.high) };
}

// Colours of changes are as strong on both sides of zero.
export function around([low, high]) {
  const most = Math.max(Math.abs(low), Math.abs(high));
  return [-most, most];
}

// Those that the run has, each with the ends of its axis, over everything on the page.
export const measures = Object.entries(MEASURES)
  .map(([key, measure]) => {
    const found = rowsOf(data.alignment).map(measure.of);
    const ends = found.flatMap(({ estimate, low, high }) => [estimate, low, high]).filter(known);
    const estimates = found.map(({ estimate }) => estimate).filter(known);
    return { ...measure, key, axis: domain(ends), colours: domain(estimates) };
  })
  .filter(({ axis }) => axis);

// From the tick below the least to the one above the most, a twentieth apart.
function domain(values) {
  if (!values.length) return null;
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  const tick = most - least > 0.5 ? 10 : 20;
  const low = Math.floor(least * tick + 1e-9) / tick;
  const high = Math.ceil(most * tick - 1e-9) / tick;
  return low < high ? [low, high] : [low, low + 1 / tick];
}
