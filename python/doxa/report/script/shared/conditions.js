// Conditions, and the ways of asking that join those which differ in their target alone.

import { data } from "./data.js";

export const condition = (row) => data.conditions[row.condition];
export const wayOf = (row) => condition(row).way;
export const waysIn = (rows) => [...new Set(rows.map(wayOf))].sort((a, b) => a - b);
export const folded = data.ways.length < data.conditions.length;

// Of the conditions that a way joins, a country's row shows the one that names it.
export const inCharts = (row) => !folded || ["", row.country].includes(condition(row).target);
