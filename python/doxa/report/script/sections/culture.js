// The cultural map: people of each country, and the model's ways of asking among them.

import { drawCharts } from "../shared/chart.js";
import * as columns from "../shared/columns.js";
import { condition } from "../shared/conditions.js";
import { data, rowsOf } from "../shared/data.js";
import { paragraph } from "../shared/elements.js";
import { fixed, known, percent } from "../shared/format.js";
import { colourList } from "../shared/legend.js";
import { isSelected, selection } from "../shared/selection.js";
import { sortableTable } from "../shared/table.js";

const HEIGHT_TO_WIDTH = 0.72;
const LEAST_WIDTH = 560;
const MOST_WIDTH = 900;
// Of more ways of asking, the chosen one stands alone.
const MOST_WAYS = 8;

const people = data.culture ? rowsOf(data.culture.people) : [];
const places = data.culture ? rowsOf(data.culture.ways) : [];

const fillTable = sortableTable("culture-table", {
  caption: "Places on the cultural map, with intervals, and the nearest country",
  file: "culture.csv",
  columns: [
    columns.wayOfAsking,
    { name: "Secular-rational", key: (row) => row.y, text: (row) => row.secular, number: true },
    {
      name: "Self-expression",
      key: (row) => row.x,
      text: (row) => row.self_expression,
      number: true,
    },
    { name: "Nearest country", key: (row) => row.nearest },
    {
      name: "Distance",
      key: (row) => row.distance,
      text: (row) => fixed(row.distance, 2),
      number: true,
    },
    {
      name: "Nearest in",
      key: (row) => row.probability,
      text: (row) => percent(row.probability),
      number: true,
    },
    { name: "Items of six", key: (row) => row.n_items, number: true },
    { name: "Note", key: (row) => row.note },
  ],
});

export function drawCulture() {
  const place = document.getElementById("culture-chart");
  const told = document.getElementById("culture-nearest");
  const own = places.filter(isSelected);
  fillTable(own);
  if (!own.length) {
    told.textContent = "";
    place.replaceChildren(paragraph("This model was not asked enough items of the map."));
    return null;
  }
  const chosen = own.filter((row) => condition(row).way === selection.way);
  const plain = own.filter((row) => condition(row).steering === "none");
  const all = [...new Set([...chosen, ...plain])];
  const few = all.length > MOST_WAYS && chosen.length ? chosen : all;
  const shown = few.slice(0, MOST_WAYS);
  told.textContent = aboutNearest(shown[0]);
  const countries = people.map((row) => ({ ...row, chosen: row.country === selection.country }));
  const rows = [...shown, ...countries];
  const left = own.length - shown.length;
  const title = `${selection.model} among countries on the cultural map`;
  const chart = {
    title,
    legend: kindsOf(shown),
    kind: "culture",
    rows,
    description: `${title}; the places are in the table below`,
    adapt: (specification, width) => {
      const wide = Math.min(Math.max(width, LEAST_WIDTH), MOST_WIDTH);
      specification.data[0].values = rows;
      specification.width = wide;
      specification.height = HEIGHT_TO_WIDTH * wide;
      return wide;
    },
  };
  const more =
    left === 1
      ? "One more way of asking is in the table alone."
      : `${left} more ways of asking are in the table alone.`;
  return drawCharts(place, [chart], ...(left ? [paragraph(more)] : []));
}

function kindsOf(rows) {
  const [, ...series] = data.config.range.places;
  const kinds = new Set(rows.map((row) => row.steering));
  const present = data.steerings.map((kind, i) => [kind, series[i]]);
  return colourList([
    ["people", data.config.range.places[0]],
    ...present
      .filter(([kind]) => kinds.has(kind))
      .map(([kind, colour]) => [`model: ${data.steeringNames[kind].toLowerCase()}`, colour]),
  ]);
}

function aboutNearest(row) {
  if (!known(row.nearest)) return "";
  const sure = `it is the nearest of all in ${percent(row.probability)} of draws of both places`;
  const text = `${row.name}: the nearest country is ${row.nearest}, ${fixed(row.distance, 2)} away; ${sure}.`;
  return row.note ? `${text} Note: ${row.note}.` : text;
}
