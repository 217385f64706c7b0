// What the map and the ranking can show of each country.

import { data } from "./data.js";
import { changeWithInterval, withInterval } from "./format.js";

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

// Those that the run has, each with the ends of its axis and of its colours.
export const measures = Object.entries(MEASURES)
  .filter(([key]) => data.measures[key])
  .map(([key, measure]) => ({ ...measure, key, ...data.measures[key] }));
