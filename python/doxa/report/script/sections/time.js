// Alignment by wave: a chart for each country, a line for each way of asking.

import { MOST_CHARTS, drawCharts } from "../shared/chart.js";
import * as columns from "../shared/columns.js";
import { condition, inCharts } from "../shared/conditions.js";
import { picker, showControls } from "../shared/controls.js";
import { data } from "../shared/data.js";
import { paragraph } from "../shared/elements.js";
import { colourList } from "../shared/legend.js";
import { countryCodes, countryName, estimateText, lineLabel } from "../shared/names.js";
import { isScored, isSelected, modelRows } from "../shared/selection.js";
import { sortableTable } from "../shared/table.js";

let view = 0;

const fillTable = sortableTable("time-table", {
  caption: "Alignment by wave",
  file: "time.csv",
  columns: [
    columns.country,
    columns.wayOfAsking,
    { name: "Wave", key: (row) => row.wave, number: true },
    columns.alignment,
    columns.items,
  ],
});

export async function drawTime() {
  const place = document.getElementById("time-charts");
  const alignment = await modelRows("time");
  const rows = alignment.filter((row) => isSelected(row) && isScored(row) && inCharts(row));
  const byCountry = Map.groupBy(rows, (row) => row.country);
  const wavesOf = (code) => new Set(byCountry.get(code)?.map((row) => row.wave)).size;
  const countries = countryCodes.filter((code) => wavesOf(code) > 1);
  if (!countries.length) {
    place.replaceChildren(paragraph("No country of this selection has more than one wave."));
    return null;
  }
  const pages = [];
  for (let i = 0; i < countries.length; i += MOST_CHARTS) {
    pages.push(countries.slice(i, i + MOST_CHARTS));
  }
  if (!pages[view]) view = 0;
  showControls(
    document.getElementById("time-controls"),
    pages.length > 1 ? pagePicker(pages) : null,
  );
  fillTable(rows);
  const charts = pages[view].map((code) => ({
    title: countryName(code),
    kind: "time",
    rows: byCountry.get(code).map(markOf),
    description: `Alignment by wave, ${countryName(code)}; the numbers are in the table below`,
  }));
  return drawCharts(place, charts, steeringList(rows));
}

function pagePicker(pages) {
  const options = pages.map((page, i) => [
    i,
    `${countryName(page[0])} to ${countryName(page.at(-1))}`,
  ]);
  return picker("Countries", options, view, (chosen) => {
    view = chosen;
    drawTime();
  });
}

function steeringList(rows) {
  const present = new Set(rows.map((row) => condition(row).kind));
  const colours = data.config.range.category;
  return colourList(
    data.steerings
      .map((kind, i) => [kind, colours[i]])
      .filter(([kind]) => present.has(kind))
      .map(([kind, colour]) => [data.steeringNames[kind], colour]),
  );
}

const markOf = (row) => ({
  wave: row.wave,
  way: lineLabel(row),
  steering: condition(row).kind,
  estimate: row.estimate,
  low: row.low,
  high: row.high,
  detail: [
    `${countryName(row.country)}, wave ${row.wave}: ${condition(row).label}`,
    `alignment ${estimateText(row)}`,
    `${row.n_items} items`,
  ].join("\n"),
});
