// What each steering changes.

import { drawCharts } from "../shared/chart.js";
import * as columns from "../shared/columns.js";
import { condition, folded } from "../shared/conditions.js";
import { picker, showControls } from "../shared/controls.js";
import { data } from "../shared/data.js";
import { element, paragraph } from "../shared/elements.js";
import { signed } from "../shared/format.js";
import * as names from "../shared/names.js";
import { isScored, isSelected, modelRows, selection } from "../shared/selection.js";
import { sortableTable } from "../shared/table.js";

// Of a condition without steering, the effect is that of thinking first.
const against = (row) => (condition(row).steering === "none" ? "answering at once" : "no steering");
const namesCountry = (row) => row.country === condition(row).target;
let view = 0;

const fillTable = sortableTable("effects-table", {
  caption: "Change of alignment by steering and country",
  file: "steering.csv",
  columns: [
    columns.wayOfAsking,
    columns.country,
    { name: "Compared with", key: against },
    { name: "Names this country", key: (row) => (namesCountry(row) ? "yes" : "no") },
    columns.estimate("Change", names.changeText),
    columns.pCorrected,
    columns.items,
  ],
});

export async function drawSteering() {
  const key = [selection.model, selection.elicitation, selection.wave].join("\n");
  const said = data.steeringAnswers[key] ?? [];
  document
    .getElementById("steering-answers")
    .replaceChildren(...said.map((text) => element("li", {}, text)));
  const place = document.getElementById("effects");
  const effects = await modelRows("steering");
  const rows = effects.filter(
    (row) => isSelected(row) && row.wave === selection.wave && isScored(row),
  );
  fillTable(rows);
  let panels = rows.length ? panelsOf(rows) : [];
  if (folded && panels.length > 1) {
    if (!panels[view]) view = 0;
    const titles = panels.map(({ title }, i) => [i, title]);
    showControls(
      document.getElementById("effects-controls"),
      picker("Show", titles, view, (chosen) => {
        view = chosen;
        drawSteering();
      }),
    );
    panels = [panels[view]];
  }
  place.classList.toggle("pairs", panels.length > 1);
  if (!panels.length) {
    place.replaceChildren(paragraph("No steering in this selection."));
    return null;
  }
  const charts = panels.map((panel) => ({
    title: panel.title,
    kind: "effects",
    rows: marksOf(panel),
    description: `${panel.title}, with intervals; the numbers are in the table below`,
  }));
  return drawCharts(place, charts);
}

// A chart for each condition, if each was scored against several countries; else one for all, or
// one for each steering where there are many.
function panelsOf(rows) {
  const shortName = (row) => names.shortCountryName(row.country);
  if (!rows.every(namesCountry)) {
    const groups = [...Map.groupBy(rows, (row) => row.condition)].sort(([a], [b]) => a - b);
    return groups.map(([number, members]) => ({
      title: `${data.conditions[number].label}, compared with ${against(members[0])}`,
      rows: members,
      name: shortName,
      order: (row) => names.countryCodes.indexOf(row.country),
    }));
  }
  if (!folded) {
    const title = "Change of alignment with the country that the steering names";
    return [{ title, rows, name: names.lineLabel, order: (row) => row.condition }];
  }
  const groups = [...Map.groupBy(rows, (row) => condition(row).steering_label).values()];
  return groups.map((members) => {
    const count = (column) => new Set(members.map((row) => row[column])).size;
    const severalLanguages = count("condition") > count("country");
    const steering = condition(members[0]).steering_label;
    return {
      title: `${steering}: change of alignment with each country it names`,
      rows: members,
      name: (row) =>
        severalLanguages ? `${shortName(row)} · ${condition(row).language}` : shortName(row),
      order: (row) => -row.estimate,
    };
  });
}

const marksOf = ({ rows, name, order }) =>
  rows.map((row) => ({
    ...row,
    name: name(row),
    order: order(row),
    steering: condition(row).kind,
    targeted: namesCountry(row),
    value: names.narrow.matches ? signed(row.estimate, 2) : names.changeText(row),
    detail: [
      `${names.countryName(row.country)}: ${condition(row).label}`,
      `change of alignment ${names.changeText(row)}, compared with ${against(row)}`,
      `${row.n_items} items`,
    ].join("\n"),
  }));
