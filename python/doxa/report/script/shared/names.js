// What countries, ways of asking and scores are called: in short on a narrow screen.

import { condition, folded, wayOf } from "./conditions.js";
import { data } from "./data.js";
import { changeWithInterval, fixed, withInterval } from "./format.js";

export const narrow = matchMedia("(max-width: 40rem)");

export const countryCodes = Object.keys(data.countries);
export const countryName = (code) => data.countries[code] ?? code;
export const shortCountryName = (code) => (narrow.matches ? code : countryName(code));

const label = (asked) => (narrow.matches ? asked.short : asked.label);
export const conditionLabel = (row) => label(condition(row));
export const lineLabel = (row) => label(folded ? data.ways[wayOf(row)] : condition(row));

export const estimateText = (row) => withInterval(row.estimate, row.low, row.high);
export const changeText = (row) => changeWithInterval(row.estimate, row.low, row.high);
export const gapText = (row) => changeWithInterval(row.gap, row.gap_low, row.gap_high);
export const normalisedText = (row) =>
  changeWithInterval(row.normalised, row.normalised_low, row.normalised_high);

export function alignmentDetail(row) {
  const verdict = data.verdicts[row.verdict];
  return [
    `${countryName(row.country)}: ${condition(row).label}`,
    `alignment ${estimateText(row)}`,
    `ceiling ${fixed(row.ceiling, 3)}, baseline ${fixed(row.baseline, 3)}`,
    `gap to the baseline ${gapText(row)}${verdict ? ` (${verdict})` : ""}`,
    `${row.n_items} items`,
  ].join("\n");
}
