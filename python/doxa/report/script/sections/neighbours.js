// A model asked as each country, beside the people of every country.

import { drawCharts } from "../shared/chart.js";
import { picker, showControls } from "../shared/controls.js";
import { THOUSAND, data, readNumbers } from "../shared/data.js";
import { paragraph } from "../shared/elements.js";
import { fixed } from "../shared/format.js";
import * as grid from "../shared/grid.js";
import { ramp } from "../shared/legend.js";
import { countryName, shortCountryName } from "../shared/names.js";
import { isSelected } from "../shared/selection.js";

// Cells of a chart with many countries are smaller.
const SHORTER = 0.6;
const CELL_WIDTH = 15;
const LABELS_WIDTH = 60;
let steering = null;

export async function drawNeighbours() {
  const place = document.getElementById("neighbours-chart");
  const index = data.askedAs.parts.findIndex(isSelected);
  if (index < 0) {
    place.replaceChildren(paragraph("This model was asked as no country."));
    return;
  }
  const numbers = await readNumbers(`asked-as-${index}`);
  const asked = data.askedAs.parts[index].conditions.map((number) => data.conditions[number]);
  const labels = new Set(asked.map((one) => one.steering_label));
  const steerings = [...labels].map((label) => [label, label]);
  if (!labels.has(steering)) [steering] = labels;
  showControls(
    document.getElementById("neighbours-controls"),
    steerings.length > 1 ? steeringPicker(steerings) : null,
  );
  const countries = data.askedAs.order;
  const many = countries.length > grid.MOST_COLUMNS;
  const rows = cellsOf(asked, numbers, many ? (code) => code : shortCountryName);
  const values = rows.map((row) => row.estimate);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const title =
    "Alignment of the model asked as one country (lines) with the people of each (columns)";
  const chart = {
    title,
    legend: ramp([low, high]),
    kind: "heat",
    rows,
    description: title,
    adapt: (specification) => {
      const isDark = `datum.estimate > ${low + grid.DARK * (high - low)}`;
      grid.setColours(specification, [low, high], isDark);
      if (!many) return null;
      grid.turnLabels(specification, -90);
      specification.height *= SHORTER;
      return countries.length * CELL_WIDTH + LABELS_WIDTH;
    },
  };
  await drawCharts(place, [chart]);
}

const steeringPicker = (steerings) =>
  picker("Steering", steerings, steering, (chosen) => {
    steering = chosen;
    drawNeighbours();
  });

// `numbers` holds a line for each of `asked`: 1 more than thousandths, or 0 where none is known.
function cellsOf(asked, numbers, shortName) {
  const { order } = data.askedAs;
  const lines = asked
    .map((one, i) => ({ ...one, values: numbers.subarray(i * order.length) }))
    .filter((line) => line.steering_label === steering);
  const severalLanguages = new Set(lines.map(({ target }) => target)).size < lines.length;
  return lines.flatMap(({ target, language, values }) => {
    const name = shortName(target) + (severalLanguages ? ` · ${language}` : "");
    const line = { name, order: order.indexOf(target) };
    return order.flatMap((country, i) => {
      if (!values[i]) return [];
      const estimate = (values[i] - 1) / THOUSAND;
      const content = {
        estimate,
        number: grid.hasRoom(order.length) ? fixed(estimate, 2) : "",
        targeted: country === target,
        detail: [
          `asked as ${countryName(target)}, people of ${countryName(country)}`,
          `alignment ${fixed(estimate, 3)}`,
        ].join("\n"),
      };
      return [grid.cell(line, { name: shortName(country), order: i }, content)];
    });
  });
}
