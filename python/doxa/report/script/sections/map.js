// The world: countries in the colour of their alignment, or of their verdict.

import { drawCharts } from "../shared/chart.js";
import * as columns from "../shared/columns.js";
import { inCharts, wayOf, waysIn } from "../shared/conditions.js";
import { picker, showControls, wayPicker } from "../shared/controls.js";
import { data, readJson } from "../shared/data.js";
import { colourList, ramp } from "../shared/legend.js";
import { alignmentDetail } from "../shared/names.js";
import { scoredAlignment } from "../shared/selection.js";
import { sortableTable } from "../shared/table.js";

const HEIGHT_TO_WIDTH = 0.46;
const COLOURS = [
  ["alignment", "alignment"],
  ["verdict", "verdict: model against baseline"],
];
let colour = "alignment";
let way = 0;

const fillTable = sortableTable("map-table", {
  caption: "Alignment and verdict by country, for the way of asking on the map",
  file: "map.csv",
  columns: [columns.country, columns.alignment, columns.gap, columns.verdict],
});

export async function drawMap() {
  const world = await readJson("world");
  const scored = scoredAlignment().filter(inCharts);
  const ways = waysIn(scored);
  if (!ways.includes(way)) [way] = ways;
  const rows = scored.filter((row) => wayOf(row) === way);
  showControls(
    document.getElementById("map-controls"),
    picker("Colour shows", COLOURS, colour, (chosen) => {
      colour = chosen;
      drawMap();
    }),
    wayPicker(ways, way, (chosen) => {
      way = chosen;
      drawMap();
    }),
  );
  fillTable(rows);
  const verdicts = colour === "verdict";
  const shown = verdicts ? rows.filter((row) => row.verdict) : rows;
  const name = data.ways[way]?.label ?? "nothing scored";
  const title = `${verdicts ? "Verdict" : "Alignment"}: ${name}`;
  const chart = {
    title,
    legend: verdicts ? verdictList() : ramp(data.domains.heat),
    kind: verdicts ? "verdicts" : "map",
    rows: shown.map((row) => place(row, world)),
    description: `World map, ${title}; the numbers are in the table below`,
    adapt: (specification, width) => {
      specification.datasets.world = world;
      specification.height = HEIGHT_TO_WIDTH * width;
    },
  };
  await drawCharts(document.getElementById("world"), [chart]);
}

function verdictList() {
  const colours = data.config.range.diverging;
  return colourList(
    Object.entries(data.verdicts).map(([verdict, name], i) => [
      `${name} ${verdict === "appropriate" ? "as" : "than"} the baseline`,
      colours[i],
    ]),
  );
}

// Countries too small for an outline are points.
function place(row, world) {
  const [longitude, latitude] = world.points[row.country] ?? [];
  const { country, estimate, verdict } = row;
  return { country, estimate, verdict, detail: alignmentDetail(row), longitude, latitude };
}
