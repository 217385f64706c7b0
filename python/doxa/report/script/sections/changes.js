// What a steering, or a country's own language, does for each model: a line from before to after.

import { drawCharts } from "../shared/chart.js";
import * as columns from "../shared/columns.js";
import { data } from "../shared/data.js";
import { capitalised, changeWithInterval, fixed } from "../shared/format.js";
import { changeText } from "../shared/names.js";
import { selection } from "../shared/selection.js";
import { sortableTable } from "../shared/table.js";

const OWN_LANGUAGE = "own language";
// More lines than these have no room for names beside them; pointing at one names it.
const MOST_NAMES = 6;

const nameOf = (change) =>
  capitalised(
    data.conditions.find(({ steering }) => steering === change)?.steering_label ?? change,
  );

const fillTable = sortableTable("changes-table", {
  caption: "What each change of asking does for each model, mean over countries",
  file: "changes.csv",
  columns: [
    { name: "Model", keep: true, key: (row) => row.model },
    { name: "Change", keep: true, key: (row) => nameOf(row.change) },
    columns.thousandths("Without", (row) => row.before),
    columns.thousandths("With", (row) => row.after),
    columns.estimate("Difference", changeText),
    { name: "Countries", key: (row) => row.n_countries, number: true },
    columns.items,
  ],
});

export function drawChanges(changes) {
  const rows = changes.filter(
    (row) => row.elicitation === selection.elicitation && row.wave === selection.wave,
  );
  document.getElementById("changes-part").hidden = !rows.length;
  if (!rows.length) return null;
  fillTable(rows);
  const ends = rows.flatMap(({ before, after }) => [before, after]);
  const domain = [Math.min(...ends), Math.max(...ends)];
  const charts = [...Map.groupBy(rows, (row) => row.change)].map(([change, members]) => ({
    title: titleOf(change, members),
    kind: "slopes",
    rows: members.flatMap((row) => endsOf(row, members.length)),
    description: `${nameOf(change)}: alignment without and with it, model by model`,
    adapt: (specification) => {
      for (const { encoding } of specification.layer) encoding.y.scale.domain = domain;
      specification.padding = { right: members.length > MOST_NAMES ? 8 : 96, left: 2, top: 4 };
    },
  }));
  return drawCharts(document.getElementById("changes"), charts);
}

function titleOf(change, rows) {
  const better = rows.filter((row) => row.low > 0).length;
  const worse = rows.filter((row) => row.high < 0).length;
  const parts = [better && `closer for ${better}`, worse && `further for ${worse}`].filter(Boolean);
  const told = parts.length ? `${parts.join(", ")} of ${rows.length}` : "no clear change";
  return `${nameOf(change)}: ${told}`;
}

function endsOf(row, n) {
  const [first, second] =
    row.change === OWN_LANGUAGE ? ["in English", "own language"] : ["without", "with"];
  const detail = [
    `${row.model}: ${fixed(row.before, 3)} → ${fixed(row.after, 3)}`,
    `change ${changeWithInterval(row.estimate, row.low, row.high)}`,
    `${row.n_countries} countries, ${row.n_items} items`,
  ].join("\n");
  const shared = { model: row.model, chosen: row.model === selection.model, detail };
  return [
    { ...shared, side: first, side_order: 0, estimate: row.before },
    {
      ...shared,
      side: second,
      side_order: 1,
      estimate: row.after,
      label: n <= MOST_NAMES ? row.model : null,
    },
  ];
}
