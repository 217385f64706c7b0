// The chosen measure by way of asking and country, in colours.

import { drawCharts } from "../shared/chart.js";
import { condition, folded, inCharts, wayOf } from "../shared/conditions.js";
import { data } from "../shared/data.js";
import { fixed, known, signed } from "../shared/format.js";
import {
  DARK,
  MOST_COLUMNS,
  cell,
  countryHead,
  hasRoom,
  setColours,
  turnLabels,
} from "../shared/grid.js";
import { ramp } from "../shared/legend.js";
import { around, measured, measures } from "../shared/measures.js";
import { alignmentDetail, lineLabel } from "../shared/names.js";
import { scoredAlignment, selection } from "../shared/selection.js";

const CELL_WIDTH = 26;
const LABELS_WIDTH = 200;

export function drawHeat() {
  const measure = measures.find(({ key }) => key === selection.measure);
  const shown = scoredAlignment()
    .filter(inCharts)
    .map((row) => measured(row, measure.key))
    .filter(({ estimate }) => known(estimate));
  const countries = new Set(shown.map(({ country }) => country)).size;
  const ways = new Set(shown.map(({ row }) => (folded ? wayOf(row) : row.condition))).size;
  // A page scrolls downwards: many countries stand below each other.
  const countriesDown = countries > MOST_COLUMNS;
  const columns = countriesDown ? ways : countries;
  const write = measure.signed ? signed : fixed;
  const ends = measure.signed ? around(measure.colours) : data.domains.heat;
  const rows = shown.map(({ row, estimate }) => {
    const way = { name: lineLabel(row), order: row.condition };
    const country = countryHead(row);
    const [line, column] = countriesDown ? [country, way] : [way, country];
    return cell(line, column, {
      estimate,
      number: hasRoom(columns) ? write(estimate, 2) : "",
      targeted: !folded && condition(row).target === row.country,
      detail: alignmentDetail(row),
    });
  });
  const title = `${measure.name} by way of asking and country`;
  const chart = {
    title,
    legend: ramp(ends, measure.signed ? data.gainColours : data.config.range.heatmap),
    kind: measure.signed ? "gains" : "heat",
    rows,
    description: `Heat map of ${title}; the numbers are in the table above`,
    adapt: (specification) => {
      const [low, high] = ends;
      if (measure.signed)
        setColours(specification, [low, 0, high], `abs(datum.estimate) > ${DARK * high}`);
      if (columns <= MOST_COLUMNS) return null;
      turnLabels(specification);
      return columns * CELL_WIDTH + LABELS_WIDTH;
    },
  };
  return drawCharts(document.getElementById("heat"), [chart]);
}
