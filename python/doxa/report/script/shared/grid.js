// What charts of cells, coloured by a number, have in common.

import { countryCodes, narrow, shortCountryName } from "./names.js";

// More columns than this have no room for numbers nor for upright names.
export const MOST_COLUMNS = 12;
const MOST_COLUMNS_NARROW = 5;

// Where on the ramp white text becomes easier to read than black, as in charts.py.
export const DARK = 0.67;

export const hasRoom = (columns) =>
  columns <= (narrow.matches ? MOST_COLUMNS_NARROW : MOST_COLUMNS);

export const countryHead = ({ country }) => ({
  name: shortCountryName(country),
  order: countryCodes.indexOf(country),
});

export const cell = (line, column, content) => ({
  ...content,
  name: line.name,
  order: line.order,
  column: column.name,
  column_order: column.order,
});

// `isDark` is Vega's expression for the cells whose numbers are white.
export function setColours(specification, domain, isDark) {
  for (const { encoding } of specification.layer) {
    if (encoding?.color?.scale) encoding.color.scale.domain = domain;
  }
  specification.layer.at(-1).encoding.color.condition.test = isDark;
}

export function turnLabels(specification, labelAngle = -60) {
  for (const { encoding } of specification.layer) {
    Object.assign(encoding.x.axis, { labelAngle, labelAlign: "left", labelLimit: 200 });
  }
}
