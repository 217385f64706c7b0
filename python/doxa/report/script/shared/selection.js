// What the reader has chosen for the whole page: a model, a way of asking (which says how the
// answers were read), a wave, a measure, and a country.

import { inCharts, wayOf } from "./conditions.js";
import { data, hasBlock, once, readJson, rowsOf } from "./data.js";
import { known } from "./format.js";

export const selection = { ...data.start, measure: "alignment", country: null };

export const isSelected = (row) =>
  row.model === selection.model && row.elicitation === selection.elicitation;

export const isScored = (row) => known(row.estimate);

// The rows of one model in a table that has a block for each; none if the page lacks the table.
export const modelRows = (table, model = selection.model) =>
  once(`${table} of ${model}`, async () => {
    const name = `${table}-${data.models.indexOf(model)}`;
    return hasBlock(name) ? rowsOf(await readJson(name)) : [];
  });

// Rows by elicitation and wave: a choice must not go through all of them.
const parts = new Map();
export async function loadModel(model) {
  const rows = await modelRows("alignment", model);
  if (!parts.has(model)) parts.set(model, Map.groupBy(rows, keyOf));
}
const keyOf = ({ elicitation, wave }) => `${elicitation}\n${wave}`;
const part = (model, elicitation) =>
  parts.get(model)?.get(keyOf({ elicitation, wave: selection.wave })) ?? [];

await loadModel(selection.model);

// Of every model, what was scored as the chosen one's answers were read.
export async function alignmentOfAll() {
  await Promise.all(data.models.map(loadModel));
  return data.models.flatMap((model) => part(model, selection.elicitation)).filter(isScored);
}

export const selectedAlignment = () => part(selection.model, selection.elicitation);

export const scoredAlignment = () => selectedAlignment().filter(isScored);

// What the map and the ranking show.
export const shownAlignment = () =>
  scoredAlignment().filter((row) => inCharts(row) && wayOf(row) === selection.way);

// The ways of asking that a model was scored in, by elicitation: [[elicitation, [way, …]], …].
export const scoredWays = () =>
  Object.keys(data.elicitations)
    .map((elicitation) => {
      const rows = part(selection.model, elicitation).filter(
        (row) => isScored(row) && inCharts(row),
      );
      return [elicitation, [...new Set(rows.map(wayOf))].sort((a, b) => a - b)];
    })
    .filter(([, ways]) => ways.length);

// After another model or wave: the nearest way of asking that it has.
export function keepWay() {
  const ways = scoredWays();
  if (!ways.length) return;
  const [elicitation, among] = ways.find(([name]) => name === selection.elicitation) ?? ways[0];
  selection.elicitation = elicitation;
  if (!among.includes(selection.way)) [selection.way] = among;
}

export const sentence = () =>
  data.answers[
    [selection.model, selection.elicitation, selection.wave, selection.way].join("\n")
  ] ?? "Nothing was scored for this way of asking.";
