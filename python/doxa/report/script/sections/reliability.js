// What became of the replies.

import { drawCharts } from "../shared/chart.js";
import * as columns from "../shared/columns.js";
import { condition, folded, wayOf } from "../shared/conditions.js";
import { data } from "../shared/data.js";
import { capitalised, percent } from "../shared/format.js";
import { colourList } from "../shared/legend.js";
import { lineLabel } from "../shared/names.js";
import { isSelected, modelRows } from "../shared/selection.js";
import { sortableTable } from "../shared/table.js";

const statuses = Object.entries(data.statuses);
const thoughts = Object.entries(data.thoughts);
const colours = Object.fromEntries(
  statuses.map(([status], i) => [status, data.config.range.ordinal[i]]),
);

const fillTable = sortableTable("reliability-table", {
  caption: "Replies by way of asking",
  file: "reliability.csv",
  columns: [
    columns.wayOfAsking,
    { name: "Replies", key: (row) => row.n, number: true },
    ...statuses.map(([status, name]) => ({
      name: capitalised(name),
      key: (row) => row[status],
      number: true,
    })),
    ...thoughts.map(([end, name]) => ({
      name: `Thoughts ${name}`,
      key: (row) => row[end],
      number: true,
    })),
    {
      name: "Off the options",
      key: (row) => row.off_option_mass,
      text: (row) => percent(row.off_option_mass),
      number: true,
    },
  ],
});

export async function drawReliability() {
  const replies = await modelRows("reliability");
  const selected = replies.filter(isSelected).sort((a, b) => a.condition - b.condition);
  const bars = Map.groupBy(selected, (row) => (folded ? wayOf(row) : row.condition));
  const rows = [...bars].flatMap(([order, members]) => partsOf(members, order));
  const occurring = new Set(rows.map((row) => row.status));
  fillTable(selected);
  const chart = {
    title: "Replies by what became of them",
    legend: colourList(
      statuses
        .filter(([status]) => occurring.has(status))
        .map(([status, name]) => [name, colours[status]]),
    ),
    kind: "reliability",
    rows,
    description: "Shares of replies by what became of them; the numbers are in the table below",
  };
  return drawCharts(document.getElementById("reliability-chart"), [chart]);
}

// The shares of one bar.
function partsOf(members, order) {
  const total = (column) => members.reduce((sum, row) => sum + row[column], 0);
  const asked = folded ? data.ways[order] : condition(members[0]);
  return statuses
    .map(([status, name], i) => ({
      name: lineLabel(members[0]),
      order,
      status,
      status_order: i,
      share: total(status) / total("n"),
      detail: `${asked.label}\n${name}: ${total(status)} of ${total("n")}`,
    }))
    .filter((row) => row.share > 0);
}
