// What asking about a country in its own language gains over English, on the world's map.

import { drawCharts } from "../shared/chart.js";
import { picker, showControls } from "../shared/controls.js";
import { data, once, readJson, rowsOf } from "../shared/data.js";
import { paragraph } from "../shared/elements.js";
import { capitalised, changeWithInterval, fixed, known, pValue } from "../shared/format.js";
import { ramp } from "../shared/legend.js";
import { countryName } from "../shared/names.js";
import { isScored, isSelected, selection } from "../shared/selection.js";

const HEIGHT_TO_WIDTH = 0.46;
const LEAST_DOMAIN = 0.01;
const MEASURE = "own − reference";

// Of the table: its rows, the columns that tell ways of asking apart, and those that vary.
let KEYS = [];
let varying = [];
const read = () =>
  once("own language", async () => {
    const table = await readJson("further-own_language");
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

export async function drawOwn() {
  const [world, rows] = [await readJson("world"), await read()];
  const selected = rows.filter((row) => isSelected(row) && row.wave === selection.wave);
  const ways = new Map(selected.filter((row) => row.is_mean).map((row) => [wayOf(row), row]));
  if (!ways.has(chosen)) {
    const unsteered = [...ways].find(([, row]) => row.steering === "none");
    chosen = unsteered?.[0] ?? ways.keys().next().value;
  }
  const controls = document.getElementById("own-controls");
  if (ways.size > 1) {
    const options = [...ways].map(([way, row]) => [way, wayName(row)]);
    const choose = (way) => {
      chosen = way;
      drawOwn();
    };
    showControls(controls, picker("Way of asking", options, chosen, choose));
  } else controls.replaceChildren();
  const place = document.getElementById("own-language");
  const mean = ways.get(chosen);
  const shown = selected.filter((row) => wayOf(row) === chosen && !row.is_mean && isScored(row));
  if (!shown.length) {
    const none = ["No country has a pair in this selection.", mean?.note && sentence(mean.note)];
    place.replaceChildren(...none.filter(Boolean).map(paragraph));
    return null;
  }
  const most = Math.max(LEAST_DOMAIN, ...shown.map((row) => Math.abs(row.estimate)));
  const title = `Gain of the own language: ${wayName(mean)}`;
  const chart = {
    title,
    legend: ramp([-most, most], data.gainColours),
    kind: "change",
    rows: shown.map((row) => placed(row, world)),
    description: `World map, ${title}; the numbers are in the table below`,
    adapt: (specification, width) => {
      specification.datasets.world = world;
      specification.height = HEIGHT_TO_WIDTH * width;
      for (const { encoding } of specification.layer) {
        if (encoding?.color?.scale) encoding.color.scale.domain = [-most, 0, most];
      }
    },
  };
  return drawCharts(place, [chart], paragraph(aboutMean(mean)));
}

const sentence = (note) => `${capitalised(note)}.`;

function aboutMean(mean) {
  const number = `${mean.n_countries} ${mean.n_countries === 1 ? "country" : "countries"}`;
  const gain = changeWithInterval(mean.estimate, mean.low, mean.high);
  return `Mean over ${number}: ${gain}. ${mean.note ? sentence(mean.note) : ""}`.trim();
}

// Countries too small for an outline are points.
function placed(row, world) {
  const [longitude, latitude] = world.points[row.country] ?? [];
  const { country, estimate } = row;
  const language = (code) => data.languages[code] ?? code;
  const detail = [
    `${countryName(country)}: ${language(row.own_language)} against ${language(row.other_language)}`,
    `gain ${changeWithInterval(estimate, row.low, row.high)}, corrected p ${pValue(row.p_adjusted)}`,
    `alignment ${fixed(row.own, 3)} and ${fixed(row.other, 3)} on ${row.n_items} items`,
    row.note,
  ];
  return { country, estimate, detail: detail.filter(Boolean).join("\n"), longitude, latitude };
}
