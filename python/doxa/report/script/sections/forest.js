// Alignment by country: a chart of estimates with their intervals, and the table.

import { MOST_CHARTS, drawCharts } from "../shared/chart.js";
import * as columns from "../shared/columns.js";
import { condition, inCharts, wayOf, waysIn } from "../shared/conditions.js";
import { picker, showControls } from "../shared/controls.js";
import { data } from "../shared/data.js";
import { paragraph } from "../shared/elements.js";
import { fixed } from "../shared/format.js";
import * as names from "../shared/names.js";
import { isScored, selectedAlignment } from "../shared/selection.js";
import { sortableTable } from "../shared/table.js";

const many = (countries) => countries.length > MOST_CHARTS;
let view = many(names.countryCodes) ? "way 0" : "all";

const fillTable = sortableTable("alignment-table", {
  caption: "Alignment by country and way of asking",
  file: "alignment.csv",
  columns: [
    columns.country,
    columns.wayOfAsking,
    columns.alignment,
    columns.thousandths("Ceiling", (row) => row.ceiling),
    columns.thousandths("Baseline", (row) => row.baseline),
    columns.gap,
    columns.verdict,
    columns.thousandths("Equal shares", (row) => row.uniform),
    columns.normalised,
    columns.items,
  ],
});

export function drawForest() {
  fillTable(selectedAlignment());
  const place = document.getElementById("forest");
  const rows = selectedAlignment().filter(inCharts);
  const views = viewsOf(rows);
  if (views.length && !views.some(([key]) => key === view)) [[view]] = views;
  showControls(
    document.getElementById("forest-controls"),
    picker("Show", views, view, (chosen) => {
      view = chosen;
      drawForest();
    }),
  );
  const panels = panelsOf(rows).filter((panel) => panel.rows.length);
  if (!panels.length) {
    place.replaceChildren(paragraph("No scores for this selection."));
    return null;
  }
  const charts = panels.map((panel) => ({
    title: panel.title,
    kind: "forest",
    rows: marksOf(panel),
    description: `Alignment with intervals, ${panel.title}; the numbers are in the table below`,
    // The reference marks have their names above.
    adapt: (specification) => {
      specification.padding = { top: 16, right: 2, left: 2, bottom: 2 };
    },
  }));
  return drawCharts(place, charts);
}

function viewsOf(rows) {
  const present = names.countryCodes.filter((code) => rows.some((row) => row.country === code));
  const ranked = waysIn(rows).map((way) => [
    `way ${way}`,
    `countries ranked: ${data.ways[way].label}`,
  ]);
  if (!many(present)) return [["all", "every way of asking, country by country"], ...ranked];
  const single = (code) => [`country ${code}`, `every way of asking: ${names.countryName(code)}`];
  return [...ranked, ...present.map(single)];
}

function panelsOf(rows) {
  const [kind, which] = view.split(" ");
  if (kind === "way") {
    return [
      {
        title: data.ways[which].label,
        rows: rows.filter((row) => wayOf(row) === Number(which)),
        name: (row) => names.countryName(row.country),
        order: (row) => -row.estimate,
      },
    ];
  }
  const codes = kind === "all" ? names.countryCodes : [which];
  return codes.map((code) => ({
    title: names.countryName(code),
    rows: rows.filter((row) => row.country === code),
    name: names.lineLabel,
    order: (row) => row.condition,
  }));
}

const marksOf = ({ rows, name, order }) =>
  rows.filter(isScored).map((row) => ({
    ...row,
    name: name(row),
    order: order(row),
    steering: condition(row).kind,
    value: names.narrow.matches ? fixed(row.estimate, 2) : names.estimateText(row),
    detail: names.alignmentDetail(row),
  }));
