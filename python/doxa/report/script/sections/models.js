// Models side by side: the leaderboard beside published models, any two, and all on maps.

import { mapList, smallMap } from "../shared/atlas.js";
import { drawCharts } from "../shared/chart.js";
import * as columns from "../shared/columns.js";
import { inCharts, wayOf } from "../shared/conditions.js";
import { picker, showControls } from "../shared/controls.js";
import { data, once, readJson, rowsOf } from "../shared/data.js";
import { element, figure, paragraph } from "../shared/elements.js";
import { changeWithInterval, fixed, known, withInterval } from "../shared/format.js";
import { colourList, onRamp, ramp } from "../shared/legend.js";
import * as names from "../shared/names.js";
import { publishedScores } from "../shared/published.js";
import { alignmentOfAll, selection } from "../shared/selection.js";
import { sortableTable } from "../shared/table.js";
import { drawChanges } from "./changes.js";

const LEAST_DOMAIN = 0.02;
const HEIGHT_TO_WIDTH = 0.46;
const PUBLISHED = "published, asked in other words";

let pair = data.models.slice(0, 2);

const rankText = (row) =>
  known(row.rank_low) && row.rank_low !== row.rank_high
    ? `${row.rank} (${row.rank_low}–${row.rank_high})`
    : String(row.rank ?? "–");

const fillBoard = sortableTable("board-table", {
  caption: "Models by mean alignment",
  file: "leaderboard.csv",
  columns: [
    { name: "Model", keep: true, key: (row) => row.model },
    columns.alignment,
    columns.normalised,
    { name: "Rank (interval)", key: (row) => row.rank, text: rankText, number: true },
    {
      name: "First of",
      key: (row) => row.p_first,
      text: (row) => (known(row.p_first) ? `${Math.round(100 * row.p_first)}% of resamples` : "–"),
      number: true,
    },
    columns.items,
    { name: "About", key: (row) => (row.published ? PUBLISHED : row.note) },
  ],
});

const fillDifferences = sortableTable("pair-table", {
  caption: "Differences of alignment between two models, by country",
  file: "differences.csv",
  columns: [
    columns.country,
    columns.wayOfAsking,
    columns.estimate("Difference", names.changeText),
    { name: "Closer", key: (row) => row.closer },
    columns.items,
  ],
});

const read = () =>
  once("models rows", async () => {
    const tables = await readJson("models");
    return Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, rowsOf(table)]));
  });

export async function drawModels() {
  const { leaderboard, differences, changes } = await read();
  await drawBoard(leaderboard, await publishedScores());
  if (data.models.length > 1) {
    await drawDifferences(differences);
    await drawMaps();
  }
  await drawChanges(changes);
}

function drawBoard(board, published) {
  const own = board.filter((row) => row.elicitation === selection.elicitation);
  const references = published.filter((row) => row.country === "all");
  const rows = [...own, ...references].sort((a, b) => b.estimate - a.estimate);
  fillBoard(rows);
  const place = document.getElementById("board");
  if (!rows.length) return place.replaceChildren(paragraph("Nothing to rank in this selection."));
  const chart = {
    title: "Mean alignment, the closest first",
    legend: references.length ? paragraph(`Open points: models ${PUBLISHED}.`) : null,
    kind: "board",
    rows: rows.map((row, order) => ({
      ...row,
      name: row.model,
      order,
      published: Boolean(row.published),
      value: names.narrow.matches ? fixed(row.estimate, 2) : names.estimateText(row),
      detail: boardDetail(row),
    })),
    description: "Models ranked by mean alignment, with intervals; the numbers are in the table",
  };
  return drawCharts(place, [chart]);
}

function boardDetail(row) {
  const rank = row.published ? PUBLISHED : `rank ${rankText(row)}`;
  return [
    `${row.model}: alignment ${withInterval(row.estimate, row.low, row.high)}`,
    `equal shares reach ${fixed(row.uniform, 3)}, a second sample of people ${fixed(row.ceiling, 3)}`,
    `${rank} · ${row.n_items} items`,
  ].join("\n");
}

const shownOfAll = async () => (await alignmentOfAll()).filter(isShown);

async function drawDifferences(differences) {
  const scored = await shownOfAll();
  const choose = (side) =>
    picker(
      side ? "less model" : "Model",
      data.models.map((name) => [name, name]),
      pair[side],
      (chosen) => {
        // of two equal models, the other takes the place that became free
        if (chosen === pair[1 - side]) pair = [pair[1], pair[0]];
        else pair[side] = chosen;
        drawDifferences(differences);
      },
    );
  showControls(document.getElementById("pair-controls"), choose(0), choose(1));
  const rows = differencesOf(scored, differences);
  fillDifferences(rows);
  const place = document.getElementById("pair");
  if (!rows.length) {
    return place.replaceChildren(paragraph("These two were not both asked in this way."));
  }
  const world = await readJson("world");
  const most = Math.max(LEAST_DOMAIN, ...rows.map((row) => Math.abs(row.estimate)));
  const title = `${pair[0]} less ${pair[1]}: ${data.ways[selection.way].label}`;
  const chart = {
    title,
    legend: colourList([
      [`${pair[1]} closer`, data.gainColours[0]],
      [`${pair[0]} closer`, data.gainColours.at(-1)],
      ["not told apart", "var(--line)"],
    ]),
    kind: "change",
    rows: rows.filter(isClear).map((row) => placed(row, world)),
    description: `World map, ${title}; the numbers are in the table below`,
    adapt: (specification, width) => {
      specification.datasets.world = world;
      specification.height = HEIGHT_TO_WIDTH * width;
      for (const { encoding } of specification.layer) {
        if (encoding?.color?.scale) encoding.color.scale.domain = [-most, 0, most];
      }
    },
  };
  return drawCharts(place, [chart], paragraph(summaryOf(rows)));
}

const isShown = (row) => inCharts(row) && wayOf(row) === selection.way;

const isClear = (row) => !known(row.low) || row.low > 0 || row.high < 0;

function differencesOf(scored, differences) {
  const [a, b] = pair;
  const forward = (row) => row.a === a && row.b === b;
  const found = differences
    .filter((row) => forward(row) || (row.a === b && row.b === a))
    .filter((row) => row.elicitation === selection.elicitation && row.wave === selection.wave)
    .filter(isShown)
    .map((row) =>
      forward(row)
        ? row
        : {
            ...row,
            estimate: -row.estimate,
            low: known(row.high) ? -row.high : null,
            high: known(row.low) ? -row.low : null,
          },
    );
  return (found.length ? found : withoutIntervals(scored)).map((row) => ({
    ...row,
    closer: closer(row),
  }));
}

// Where there are too many pairs for the page, the scores themselves are subtracted.
function withoutIntervals(scored) {
  const other = new Map(
    scored
      .filter((row) => row.model === pair[1])
      .map((row) => [`${row.condition} ${row.country}`, row]),
  );
  return scored
    .filter((row) => row.model === pair[0])
    .map((row) => [row, other.get(`${row.condition} ${row.country}`)])
    .filter(([, second]) => second)
    .map(([first, second]) => ({ ...first, estimate: first.estimate - second.estimate }))
    .map((row) => ({ ...row, low: null, high: null }));
}

function closer(row) {
  if (!known(row.low)) return row.estimate > 0 ? pair[0] : pair[1];
  if (row.low > 0) return pair[0];
  return row.high < 0 ? pair[1] : "not told apart";
}

function summaryOf(rows) {
  const count = (name) => rows.filter((row) => row.closer === name).length;
  const countries = (number) => `${number} ${number === 1 ? "country" : "countries"}`;
  if (!rows.some((row) => known(row.low))) {
    return (
      `Without intervals, for this page has too many pairs: ${pair[0]} has the higher score in ` +
      `${countries(count(pair[0]))}, ${pair[1]} in ${count(pair[1])}. “doxa compare” has them.`
    );
  }
  return (
    `${pair[0]} is closer to ${countries(count(pair[0]))}, ${pair[1]} to ${count(pair[1])}; ` +
    `in ${countries(count("not told apart"))} the two are not told apart.`
  );
}

// Countries too small for an outline are points.
function placed(row, world) {
  const [longitude, latitude] = world.points[row.country] ?? [];
  const difference = changeWithInterval(row.estimate, row.low, row.high);
  const detail = `${names.countryName(row.country)}: ${difference}\n${row.closer}, ${row.n_items} items`;
  return { country: row.country, estimate: row.estimate, detail, longitude, latitude };
}

async function drawMaps() {
  const shown = await shownOfAll();
  const [low, high] = data.domains.heat;
  const figures = await Promise.all(
    data.models.map(async (model) => {
      const rows = shown.filter((row) => row.model === model);
      const coloured = rows.map((row) => ({
        country: row.country,
        colour: onRamp((row.estimate - low) / (high - low)),
        detail: names.alignmentDetail(row),
      }));
      const told = `${model}, ${data.ways[selection.way]?.label ?? ""}`;
      const map = figure(model, await smallMap(coloured, `Alignment by country: ${told}`));
      if (!rows.length) map.append(element("p", { class: "small" }, "not asked in this way"));
      if (model === selection.model) map.setAttribute("aria-current", "true");
      return map;
    }),
  );
  document.getElementById("maps").replaceChildren(ramp(data.domains.heat), mapList(figures));
}
