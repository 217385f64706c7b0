// What a country's own language changes, or any one language for all countries, on the world's map.

import { drawCharts } from "../shared/chart.js";
import { picker, showControls } from "../shared/controls.js";
import { data, hasBlock, once, readJson, rowsOf } from "../shared/data.js";
import { paragraph } from "../shared/elements.js";
import { capitalised, changeWithInterval, fixed, known, pValue } from "../shared/format.js";
import { ramp } from "../shared/legend.js";
import { countryName } from "../shared/names.js";
import { isScored, isSelected, selection } from "../shared/selection.js";
import { gainDetail, gainDomain, isSure, selectedGains } from "./gains.js";

const HEIGHT_TO_WIDTH = 0.46;
const BLOCK = "further-own_language";
const MEASURE = "own − reference";

// Of the table: its rows, the columns that tell ways of asking apart, and those that vary.
let KEYS = [];
let varying = [];
const read = () =>
  once("own language", async () => {
    if (!hasBlock(BLOCK)) return [];
    const table = await readJson(BLOCK);
    const names = Object.keys(table);
    // Groups of people, such as a sex, stand between the country and the measure.
    const groups = names.slice(names.indexOf("country") + 1, names.indexOf("measure"));
    KEYS = ["steering", "group", "reasoning", ...groups];
    varying = KEYS.filter((key) => new Set(table[key] ?? []).size > 1);
    return rowsOf(table).filter(({ measure }) => measure === MEASURE);
  });
let chosen = null;

const wayOf = (row) =>
  KEYS.map((key) => row[key])
    .filter(known)
    .join(" · ");

function wayName(row) {
  const asked = data.conditions.find(({ steering }) => steering === row.steering);
  const further = varying.filter((key) => key !== "steering" && known(row[key]));
  const parts = further.map((key) => `${key.replaceAll("_", " ")} ${row[key]}`);
  return [asked?.steering_label ?? row.steering, ...parts].join(" · ");
}

// Of the table of own languages, which has means and steerings, and of the gains of each language.
export async function drawOwn() {
  const [world, rows] = [await readJson("world"), await read()];
  const selected = rows.filter((row) => isSelected(row) && row.wave === selection.wave);
  const means = new Map(selected.filter((row) => row.is_mean).map((row) => [wayOf(row), row]));
  const gains = await selectedGains();
  const languages = [...new Set(gains.map(({ asked }) => asked))];
  const options = [
    ...[...means].map(([way, row]) => [way, `own language · ${wayName(row)}`]),
    ...languages.map((asked) => [asked, asked]),
  ];
  if (!options.some(([value]) => value === chosen)) {
    const unsteered = [...means].find(([, row]) => row.steering === "none");
    chosen = unsteered?.[0] ?? options[0]?.[0];
  }
  const choose = (value) => {
    chosen = value;
    drawOwn();
  };
  showControls(
    document.getElementById("own-controls"),
    options.length > 1 ? picker("Change of", options, chosen, choose) : null,
  );
  const place = document.getElementById("own-language");
  const mean = means.get(chosen);
  const shown = mean
    ? selected.filter((row) => wayOf(row) === chosen && !row.is_mean && isScored(row))
    : gains.filter(({ asked }) => asked === chosen);
  if (!shown.length) {
    const none = ["No country has a pair in this selection.", mean?.note && sentence(mean.note)];
    place.replaceChildren(...none.filter(Boolean).map(paragraph));
    return null;
  }
  const most = gainDomain(shown);
  const title = mean
    ? `Gain of the own language: ${wayName(mean)}`
    : `Gain of asking in ${chosen} against ${shown[0].against}`;
  const detail = mean ? ownDetail : gainDetail;
  const chart = {
    title,
    legend: ramp([-most, most], data.gainColours),
    kind: "change",
    rows: shown.map((row) => placed(row, world, detail)),
    description: `World map, ${title}; the numbers are below`,
    adapt: (specification, width) => {
      specification.datasets.world = world;
      specification.height = HEIGHT_TO_WIDTH * width;
      for (const { encoding } of specification.layer) {
        if (encoding?.color?.scale) encoding.color.scale.domain = [-most, 0, most];
      }
    },
  };
  return drawCharts(place, [chart], paragraph(mean ? aboutMean(mean) : aboutGains(shown)));
}

const sentence = (note) => `${capitalised(note)}.`;

function aboutMean(mean) {
  const number = `${mean.n_countries} ${mean.n_countries === 1 ? "country" : "countries"}`;
  const gain = changeWithInterval(mean.estimate, mean.low, mean.high);
  return `Mean over ${number}: ${gain}. ${mean.note ? sentence(mean.note) : ""}`.trim();
}

function aboutGains(shown) {
  const sure = shown.filter(isSure);
  const closer = sure.filter(({ estimate }) => estimate > 0).length;
  const of = `Of ${shown.length} ${shown.length === 1 ? "country" : "countries"}`;
  return `${of}, it surely comes closer to ${closer} and goes further from ${sure.length - closer}; for the others the change may be none.`;
}

function ownDetail(row) {
  const { country, estimate } = row;
  const language = (code) => data.languages[code] ?? code;
  const detail = [
    `${countryName(country)}: ${language(row.own_language)} against ${language(row.other_language)}`,
    `gain ${changeWithInterval(estimate, row.low, row.high)}, corrected p ${pValue(row.p_adjusted)}`,
    `alignment ${fixed(row.own, 3)} and ${fixed(row.other, 3)} on ${row.n_items} items`,
    row.note,
  ];
  return detail.filter(Boolean).join("\n");
}

// Countries too small for an outline are points.
function placed(row, world, detail) {
  const [longitude, latitude] = world.points[row.country] ?? [];
  return {
    country: row.country,
    estimate: row.estimate,
    detail: detail(row),
    longitude,
    latitude,
  };
}
