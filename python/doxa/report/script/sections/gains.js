// What the prompt's language changes, country by country, without steering.

import { drawCharts } from "../shared/chart.js";
import { data } from "../shared/data.js";
import { paragraph } from "../shared/elements.js";
import { changeWithInterval, known, signed } from "../shared/format.js";
import * as grid from "../shared/grid.js";
import { ramp } from "../shared/legend.js";
import { countryCodes, countryName } from "../shared/names.js";
import { isSelected, modelRows, selection } from "../shared/selection.js";

const LEAST_DOMAIN = 0.01;

export const selectedGains = async () =>
  (await modelRows("gains")).filter((row) => isSelected(row) && row.wave === selection.wave);

export const gainDomain = (rows) =>
  Math.max(LEAST_DOMAIN, ...rows.map(({ estimate }) => Math.abs(estimate)));

export const isSure = ({ low, high }) => low > 0 || (known(high) && high < 0);

export async function drawGains() {
  const place = document.getElementById("gains");
  const gains = await selectedGains();
  if (!gains.length) {
    const none = "Asked unsteered in one language only: there is no change to show.";
    place.replaceChildren(paragraph(none));
    return null;
  }
  const languages = [...new Set(gains.map(({ asked }) => asked))];
  const languagesAcross = countryCodes.length > grid.MOST_COLUMNS;
  const columns = languagesAcross ? languages.length : countryCodes.length;
  const most = gainDomain(gains);
  const [{ against }] = gains;
  const chart = {
    title: `Change of alignment against asking in ${against}`,
    legend: ramp([-most, most], data.gainColours),
    kind: "gains",
    rows: gains.map((row) => cellOf(row, { languages, languagesAcross, columns })),
    description: `Change of alignment by prompt language and country, against ${against}`,
    adapt: (specification) => {
      const isDark = `abs(datum.estimate) > ${grid.DARK * most}`;
      grid.setColours(specification, [-most, 0, most], isDark);
      if (languagesAcross && columns > grid.MOST_COLUMNS / 2) grid.turnLabels(specification);
    },
  };
  return drawCharts(place, [chart]);
}

export const gainDetail = (row) =>
  [
    `${countryName(row.country)}: ${row.asked} against ${row.against}`,
    `${changeWithInterval(row.estimate, row.low, row.high)}${isSure(row) ? "" : ": may be none"}`,
    `${row.n_items} items`,
  ].join("\n");

function cellOf(row, { languages, languagesAcross, columns }) {
  const asked = { name: row.asked, order: languages.indexOf(row.asked) };
  const country = grid.countryHead(row);
  const [line, column] = languagesAcross ? [country, asked] : [asked, country];
  const number = grid.hasRoom(columns) ? signed(row.estimate, 2) : "";
  return grid.cell(line, column, {
    estimate: row.estimate,
    number: number + (isSure(row) ? "*" : ""),
    targeted: data.spoken[row.country]?.includes(row.language) ?? false,
    detail: gainDetail(row),
  });
}
