// Countries in order, each with its interval and that of its rank: the first and the last, those
// that the run steers to, and the one that the reader chose; all of them on demand.

import { condition } from "../shared/conditions.js";
import { data } from "../shared/data.js";
import { element, paragraph } from "../shared/elements.js";
import { fixed, known } from "../shared/format.js";
import { measured } from "../shared/measures.js";
import { countryCodes, countryName, narrow } from "../shared/names.js";
import { selection } from "../shared/selection.js";

const ENDS = { wide: [7, 3], narrow: [3, 2] };
const steered = new Set(data.conditions.map(({ target }) => target).filter(Boolean));
let all = false;

export function drawRanking(place, rows, measure, published) {
  if (!rows.length) {
    place.replaceChildren(paragraph("No scores for this selection."));
    return;
  }
  const redraw = (whole) => {
    all = whole;
    drawRanking(place, rows, measure, published);
  };
  const { references, axis } = besidePublished(measure, published);
  const { ranked, ranks } = inOrder(rows, measure);
  const [first, last] = narrow.matches ? ENDS.narrow : ENDS.wide;
  const shown = ranked.map(
    ({ country }, i) =>
      all ||
      i < first ||
      i >= ranked.length - last ||
      steered.has(country) ||
      country === selection.country,
  );
  const lines = [];
  let hidden = 0;
  ranked.forEach((entry, i) => {
    // A line that says that one is hidden would take as much room as that one.
    if (!shown[i] && !(shown[i - 1] && shown[i + 1])) {
      hidden += 1;
      return;
    }
    if (hidden) lines.push(gap(hidden));
    hidden = 0;
    lines.push(lineOf(entry, ranks[i], { ...measure, axis }, references.get(entry.country) ?? []));
  });
  const more = element(
    "button",
    { type: "button", class: "link", onclick: () => redraw(!all) },
    all ? "Show the first and the last" : `Show all ${ranked.length}`,
  );
  const folds = all || lines.length < ranked.length;
  place.replaceChildren(
    element(
      "table",
      { class: "ranking" },
      element("caption", {}, `Countries by ${measure.name.toLowerCase()}, with intervals`),
      element("thead", {}, headOf({ ...measure, axis })),
      element("tbody", {}, ...lines),
    ),
    ...(folds ? [more] : []),
    ...(references.size ? [aboutReferences(references)] : []),
  );
}

// The scores of published models, and an axis that holds them too: once for each measure.
const beside = new Map();
function besidePublished(measure, published) {
  if (beside.has(measure.key)) return beside.get(measure.key);
  const countries = new Set(countryCodes);
  const found = new Map();
  for (const row of published) {
    const entry = measured(row, measure.key);
    if (countries.has(row.country) && known(entry.estimate))
      found.set(`${row.model} ${row.country}`, entry);
  }
  const scores = [...found.values()].map(({ estimate }) => estimate);
  const [low, high] = measure.axis;
  const tick = 20;
  const made = {
    references: Map.groupBy(found.values(), ({ country }) => country),
    axis: [
      Math.min(low, ...scores.map((score) => Math.floor(score * tick) / tick)),
      Math.max(high, ...scores.map((score) => Math.ceil(score * tick) / tick)),
    ],
  };
  beside.set(measure.key, made);
  return made;
}

function aboutReferences(references) {
  const models = new Set([...references.values()].flat().map(({ row }) => row.model));
  const text = `Rings: ${[...models].join(", ")}, as published, asked in other words.`;
  return element("p", { class: "small" }, text);
}

// Ranks are those of alignment, and only among countries that were asked about in the same way.
function inOrder(rows, measure) {
  if (measure.key === "alignment" && rows.every(({ row }) => known(row.rank))) {
    const ranked = rows.toSorted((a, b) => a.row.rank - b.row.rank);
    return { ranked, ranks: ranked.map(({ row }) => [row.rank, row.rank_low, row.rank_high]) };
  }
  const ranked = rows.toSorted((a, b) => b.estimate - a.estimate);
  return { ranked, ranks: ranked.map((_, i) => [i + 1]) };
}

function rankCell([rank, low, high]) {
  if (!known(low)) return element("td", { class: "number" }, rank);
  const ends = low === high ? `${low}` : `${low}–${high}`;
  const label = `Rank ${rank}, its interval ${low} to ${high}`;
  return element(
    "td",
    { class: "number", title: label },
    rank,
    " ",
    element("span", { class: "ends" }, ends),
  );
}

function headOf({ axis: [low, high], name }) {
  const ticks = element("span", { class: "ticks" });
  for (const value of [low, (low + high) / 2, high])
    ticks.append(element("span", {}, fixed(value, 2)));
  return element(
    "tr",
    {},
    element("th", { scope: "col", class: "number" }, "Rank"),
    element("th", { scope: "col" }, "Country"),
    element("th", { scope: "col", class: "track", "aria-label": `${name}, drawn` }, ticks),
    element("th", { scope: "col", class: "number" }, narrow.matches ? "" : name),
  );
}

const gap = (hidden) =>
  element("tr", { class: "gap" }, element("td", { colspan: 4 }, `… ${hidden} more between`));

function lineOf({ country, estimate, low, high, text, row }, rank, { axis, signed }, references) {
  const [start, end] = axis;
  const at = (value) => `${(100 * (value - start)) / (end - start)}%`;
  const track = element("span", { class: "line", "aria-hidden": "true" });
  const mark = (kind, styles, title = null) => {
    const node = element("i", { class: kind, title });
    for (const [name, value] of Object.entries(styles)) node.style.setProperty(name, value);
    track.append(node);
  };
  if (signed) mark("zero", { left: at(0) });
  for (const other of references)
    mark("reference", { left: at(other.estimate) }, `${other.row.model}: ${other.text}`);
  if (low !== null && high !== null)
    mark("interval", { left: at(low), right: `calc(100% - ${at(high)})` });
  mark(`point ${condition(row).kind}`, { left: at(estimate) });
  const name = element(
    "button",
    {
      type: "button",
      class: "link country",
      "aria-pressed": String(country === selection.country),
      onclick: () => document.dispatchEvent(new CustomEvent("country", { detail: country })),
    },
    countryName(country),
  );
  const classes = [steered.has(country) && "steered", country === selection.country && "chosen"];
  return element(
    "tr",
    { class: classes.filter(Boolean).join(" ") || null },
    rankCell(rank),
    element("th", { scope: "row" }, name),
    element("td", { class: "track" }, track),
    element("td", { class: "number" }, narrow.matches ? fixed(estimate, 2) : text),
  );
}
