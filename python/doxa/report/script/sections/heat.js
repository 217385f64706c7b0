// Alignment by way of asking and country, in colours.

import { drawCharts } from "../shared/chart.js";
import { condition, folded, inCharts, wayOf } from "../shared/conditions.js";
import { data } from "../shared/data.js";
import { fixed } from "../shared/format.js";
import { MOST_COLUMNS, cell, countryHead, hasRoom, turnLabels } from "../shared/grid.js";
import { ramp } from "../shared/legend.js";
import { alignmentDetail, lineLabel } from "../shared/names.js";
import { scoredAlignment } from "../shared/selection.js";

const CELL_WIDTH = 26;
const LABELS_WIDTH = 200;

export function drawHeat() {
  const shown = scoredAlignment().filter(inCharts);
  const countries = new Set(shown.map((row) => row.country)).size;
  const ways = new Set(shown.map((row) => (folded ? wayOf(row) : row.condition))).size;
  // A page scrolls downwards: many countries stand below each other.
  const countriesDown = countries > MOST_COLUMNS;
  const columns = countriesDown ? ways : countries;
  const rows = shown.map((row) => {
    const way = { name: lineLabel(row), order: row.condition };
    const country = countryHead(row);
    const [line, column] = countriesDown ? [country, way] : [way, country];
    return cell(line, column, {
      estimate: row.estimate,
      number: hasRoom(columns) ? fixed(row.estimate, 2) : "",
      targeted: !folded && condition(row).target === row.country,
      detail: alignmentDetail(row),
    });
  });
  const chart = {
    title: "Alignment by way of asking and country",
    legend: ramp(data.domains.heat),
    kind: "heat",
    rows,
    description:
      "Heat map of alignment by way of asking and country; the numbers are in the table above",
    adapt: (specification) => {
      if (columns <= MOST_COLUMNS) return null;
      turnLabels(specification);
      return columns * CELL_WIDTH + LABELS_WIDTH;
    },
  };
  return drawCharts(document.getElementById("heat"), [chart]);
}
