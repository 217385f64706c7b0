// A further table of any kind: estimates are drawn with their intervals, and listed.

import { drawCharts } from "../shared/chart.js";
import * as columns from "../shared/columns.js";
import { condition, inCharts, wayOf, waysIn } from "../shared/conditions.js";
import { showControls, wayPicker } from "../shared/controls.js";
import { data, once, readJson, rowsOf } from "../shared/data.js";
import { details, element, paragraph } from "../shared/elements.js";
import { capitalised, changeWithInterval, fixed, known, withInterval } from "../shared/format.js";
import { countryName, lineLabel, narrow } from "../shared/names.js";
import { isScored, selection } from "../shared/selection.js";
import { sortableTable } from "../shared/table.js";

const MOST_LINES = 30;
const NOT_WORDS = [
  "model",
  "elicitation",
  "wave",
  "condition",
  "country",
  "measure",
  "estimate",
  "low",
  "high",
  "n_items",
  "note",
  "warning",
];

const distinct = (values) => new Set(values).size;

// What the codes of a column stand for; null for a word that says nothing.
const SAID = {
  steering: (value) => data.conditions.find((one) => one.steering === value)?.steering_label,
  reasoning: (value) => (value === "off" ? "answering at once" : `thinking ${value}`),
  target: countryName,
};
for (const column of ["language", "reference_language", "own_language", "other_language"]) {
  SAID[column] = (value) => data.languages[value];
}
for (const column of ["elicitation", "other_elicitation"]) {
  SAID[column] = (value) => data.elicitations[value];
}
const said = (column, value) => (value ? (SAID[column]?.(value) ?? value) : null);

// Gives the function that draws a table for what is selected, and reads it at the first time.
export const furtherTable = ({ name, title }) => {
  const prepared = () =>
    once(`drawing ${name}`, async () =>
      preparedTable({ name, title, columns: await readJson(`further-${name}`) }),
    );
  return async () => (await prepared())();
};

function preparedTable({ name, title, columns: values }) {
  const rows = rowsOf(values);
  const has = (column) => column in values;
  // Without conditions a table sets models beside each other, and one of two elicitations these.
  const comparesModels = !has("condition") && !has("steering");
  const comparesElicitations = has("other_elicitation");
  const severalWaves = distinct(values.wave) > 1;
  const words = Object.keys(values).filter(
    (column) =>
      isWord(column) &&
      values[column].some((value) => typeof value === "string") &&
      distinct(values[column]) > 1,
  );
  // A measure that may be negative carries its sign, and its chart a line at zero.
  const signedMeasures = new Set(
    rows.filter((row) => known(row.low) && row.low < 0).map((row) => row.measure),
  );
  const tableId = `further-${name}-table`;
  const charts = element("div", { class: "panels pairs" });
  const controls = element("div", { class: "controls" });
  const numbers = details("Table: the numbers", {}, element("div", { id: tableId }));
  document.getElementById(`further-${name}`).append(controls, charts, numbers);
  const fillTable = sortableTable(tableId, {
    caption: title,
    file: `${name}.csv`,
    columns: [
      has("condition") && columns.wayOfAsking,
      has("country") && columns.country,
      has("measure") && { name: "Measure", key: (row) => row.measure },
      ...words.map((column) => ({
        name: capitalised(column.replaceAll("_", " ")),
        key: (row) => said(column, row[column]),
      })),
      columns.estimate("Estimate", estimateText),
      has("warning") && { name: "Warning", key: (row) => row.warning || null },
      has("p_adjusted") ? columns.pCorrected : has("p_value") && columns.p,
      has("n_items") && columns.items,
    ].filter(Boolean),
  });
  let way = null;

  function isWord(column) {
    if (column === "model") return comparesModels;
    if (column === "elicitation") return comparesElicitations;
    return !NOT_WORDS.includes(column);
  }

  function estimateText(row) {
    const write = signedMeasures.has(row.measure) ? changeWithInterval : withInterval;
    return write(row.estimate, row.low, row.high);
  }

  const isSelected = (row) =>
    (comparesModels || row.model === selection.model) &&
    (!has("elicitation") || comparesElicitations || row.elicitation === selection.elicitation) &&
    (!severalWaves || row.wave === selection.wave);

  const isCharted = (row) =>
    isScored(row) && (!has("condition") || !has("country") || inCharts(row));

  // What all lines share need not be said in the name of each.
  function lineName(row, shared) {
    const says = (column) => has(column) && !shared.has(column);
    const parts = [
      says("country") ? countryName(row.country) : null,
      ...words.filter(says).map((column) => said(column, row[column])),
    ].filter(known);
    // Beside other words, a long name would be cut where lines differ.
    if (says("condition")) parts.push(parts.length ? condition(row).short : lineLabel(row));
    return parts.join(" · ") || (row.model ?? title);
  }

  const markOf = (row, order, shared) => ({
    name: lineName(row, shared),
    order,
    estimate: row.estimate,
    low: row.low,
    high: row.high,
    value: narrow.matches ? fixed(row.estimate, 2) : estimateText(row),
    steering: has("condition") ? condition(row).kind : "none",
    detail: [lineName(row, new Set()), estimateText(row), row.note].filter(Boolean).join("\n"),
  });

  function chooseWay(shown) {
    const ways = waysIn(shown);
    if (!ways.includes(way)) [way] = ways;
    const choose = (chosen) => {
      way = chosen;
      draw();
    };
    showControls(controls, wayPicker(ways, way, choose));
    return shown.filter((row) => wayOf(row) === way);
  }

  function draw() {
    const selected = rows.filter(isSelected);
    fillTable(selected);
    let shown = selected.filter(isCharted);
    const measures = distinct(shown.map((row) => row.measure));
    const choice = has("condition") && shown.length > MOST_LINES * Math.max(1, measures);
    if (choice) shown = chooseWay(shown);
    else controls.replaceChildren();
    const shared = new Set(
      ["condition", "country", ...words].filter(
        (column) => has(column) && distinct(shown.map((row) => row[column])) < 2,
      ),
    );
    if (choice) shared.add("condition");
    numbers.hidden = !selected.length;
    const groups = [...Map.groupBy(shown, (row) => row.measure ?? "")];
    if (!groups.length) {
      charts.replaceChildren(paragraph("Nothing of this for the model selected."));
      return null;
    }
    charts.classList.toggle("pairs", groups.length > 1);
    return drawCharts(
      charts,
      groups.map(([measure, members]) => ({
        title: capitalised(measure) || "Estimates with their intervals",
        kind: "intervals",
        rows: members.slice(0, 2 * MOST_LINES).map((row, i) => markOf(row, i, shared)),
        description:
          [title, measure].filter(Boolean).join(", ") + "; the numbers are in the table below",
        adapt: (specification) =>
          fitIntervals(specification, members, signedMeasures.has(members[0].measure)),
      })),
    );
  }

  return draw;
}

// The layers are a line at zero, the intervals, the estimates and their numbers.
function fitIntervals(specification, rows, isSigned) {
  const [zero, intervals, estimates, numbers] = specification.layer;
  const values = rows.flatMap((row) => [row.estimate, row.low, row.high]).filter(known);
  if (isSigned) values.push(0);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const domain = low < high ? [low, high] : [low - 0.05, high + 0.05];
  intervals.encoding.x.scale.domain = domain;
  const hasIntervals = rows.some((row) => known(row.low));
  if (!hasIntervals) estimates.encoding.x.scale.domain = domain;
  specification.layer = [
    ...(isSigned ? [zero] : []),
    ...(hasIntervals ? [intervals] : []),
    estimates,
    numbers,
  ];
}
