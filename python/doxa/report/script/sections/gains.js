// What the prompt's language changes, country by country, without steering.

import { drawCharts } from "../shared/chart.js";
import { condition } from "../shared/conditions.js";
import { data } from "../shared/data.js";
import { paragraph } from "../shared/elements.js";
import { changeWithInterval, known, signed } from "../shared/format.js";
import * as grid from "../shared/grid.js";
import { ramp } from "../shared/legend.js";
import { countryCodes, countryName, estimateText } from "../shared/names.js";
import { isSelected, modelRows, scoredAlignment, selection } from "../shared/selection.js";

const REFERENCE = "en";
const LEAST_DOMAIN = 0.01;

export async function drawGains() {
  const rows = scoredAlignment().filter((row) => condition(row).steering === "none");
  const languages = [...new Set(rows.map((row) => condition(row).language))];
  const reference = languages.includes(REFERENCE) ? REFERENCE : languages[0];
  const gains = gainsOver(reference, rows, await modelRows("gains"));
  const place = document.getElementById("gains");
  if (!gains.length) {
    const none = "Asked unsteered in one language only: there is no change to show.";
    place.replaceChildren(paragraph(none));
    return null;
  }
  const languagesAcross = countryCodes.length > grid.MOST_COLUMNS;
  const columns = languagesAcross ? languages.length : countryCodes.length;
  const most = Math.max(LEAST_DOMAIN, ...gains.map((row) => Math.abs(row.gain)));
  const against = data.languages[reference];
  const chart = {
    title: `Change of alignment against asking in ${against}`,
    legend: ramp([-most, most], data.gainColours),
    kind: "gains",
    rows: gains.map((row) => cellOf(row, { against, languagesAcross, columns })),
    description: `Change of alignment by prompt language and country, against ${against}`,
    adapt: (specification) => {
      const isDark = `abs(datum.estimate) > ${grid.DARK * most}`;
      grid.setColours(specification, [-most, 0, most], isDark);
      if (languagesAcross && columns > grid.MOST_COLUMNS / 2) grid.turnLabels(specification);
    },
  };
  return drawCharts(place, [chart]);
}

function gainsOver(reference, rows, table) {
  const key = (row) => `${row.country} ${condition(row).group} ${condition(row).reasoning}`;
  const isReference = (row) => condition(row).language === reference;
  const base = new Map(rows.filter(isReference).map((row) => [key(row), row.estimate]));
  const cell = (row) => `${row.condition} ${row.country}`;
  const told = new Map(
    table
      .filter((row) => isSelected(row) && row.wave === selection.wave)
      .map((row) => [cell(row), row]),
  );
  return rows
    .filter((row) => !isReference(row) && base.has(key(row)))
    .map((row) => {
      const { estimate, low, high } = (reference === REFERENCE && told.get(cell(row))) || {};
      const gain = estimate ?? row.estimate - base.get(key(row));
      return { ...row, gain, gainLow: low, gainHigh: high };
    });
}

const isSure = ({ gainLow, gainHigh }) => known(gainLow) && (gainLow > 0 || gainHigh < 0);

function cellOf(row, { against, languagesAcross, columns }) {
  const { language, reasoning } = condition(row);
  const thinking = reasoning === "off" ? "" : ` · thinking ${reasoning}`;
  const name = (data.languages[language] ?? language) + thinking;
  const asked = { name, order: row.condition };
  const country = grid.countryHead(row);
  const [line, column] = languagesAcross ? [country, asked] : [asked, country];
  return grid.cell(line, column, {
    estimate: row.gain,
    number: grid.hasRoom(columns) ? signed(row.gain, 2) + (isSure(row) ? "*" : "") : "",
    targeted: data.spoken[row.country]?.includes(language) ?? false,
    detail: [
      `${countryName(row.country)}: ${asked.name}`,
      `${changeWithInterval(row.gain, row.gainLow, row.gainHigh)} against ${against}`,
      `alignment ${estimateText(row)}`,
    ].join("\n"),
  });
}
