// What the reader has chosen for the whole page.

import { data, rowsOf } from "./data.js";
import { known } from "./format.js";

export const selection = {
  model: data.models[0],
  elicitation: Object.keys(data.elicitations)[0],
  wave: data.waves.at(-1),
};

export const isSelected = (row) =>
  row.model === selection.model && row.elicitation === selection.elicitation;

export const isScored = (row) => known(row.estimate);

const alignment = rowsOf(data.alignment);

export const selectedAlignment = () =>
  alignment.filter((row) => isSelected(row) && row.wave === selection.wave);

export const scoredAlignment = () => selectedAlignment().filter(isScored);
