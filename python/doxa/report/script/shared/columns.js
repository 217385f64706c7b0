// Columns that tables share.

import { data } from "./data.js";
import { fixed, pValue } from "./format.js";
import { conditionLabel, countryName, estimateText, gapText, normalisedText } from "./names.js";

export const country = {
  name: "Country",
  keep: true,
  key: (row) => countryName(row.country),
};
export const wayOfAsking = {
  name: "Way of asking",
  keep: true,
  key: (row) => row.condition,
  text: conditionLabel,
};

export const estimate = (name, text) => ({
  name,
  key: (row) => row.estimate,
  text,
  number: true,
});
export const alignment = estimate("Alignment", estimateText);

export const thousandths = (name, key) => ({
  name,
  key,
  text: (row) => fixed(key(row), 3),
  number: true,
});
export const gap = { name: "Gap", key: (row) => row.gap, text: gapText, number: true };
export const normalised = {
  name: "Normalised",
  key: (row) => row.normalised,
  text: normalisedText,
  number: true,
};
export const verdict = {
  name: "Verdict",
  key: (row) => row.verdict,
  text: (row) => data.verdicts[row.verdict] ?? "–",
};
export const p = {
  name: "p",
  key: (row) => row.p_value,
  text: (row) => pValue(row.p_value),
  number: true,
};
export const pCorrected = {
  name: "p, corrected",
  key: (row) => row.p_adjusted,
  text: (row) => pValue(row.p_adjusted),
  number: true,
};
export const items = { name: "Items", key: (row) => row.n_items, number: true };
