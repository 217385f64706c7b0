// The wave whose people the chosen way of asking is nearest to, country by country.

import { drawCharts } from "../shared/chart.js";
import { wayOf } from "../shared/conditions.js";
import { data, rowsOf } from "../shared/data.js";
import { paragraph } from "../shared/elements.js";
import { shortCountryName } from "../shared/names.js";
import { isSelected, selection } from "../shared/selection.js";

const MANY = 24;
const LOW_STEP = 17;

const nearest = data.nearest ? rowsOf(data.nearest) : [];

export function drawNearest() {
  if (!data.nearest) return null;
  const place = document.getElementById("nearest");
  const own = nearest.filter((row) => isSelected(row) && wayOf(row) === selection.way);
  if (!own.length) {
    place.replaceChildren(paragraph("This way of asking is beside no country of several waves."));
    return null;
  }
  const ordered = own.toSorted(
    (a, b) => a.open - b.open || a.nearest - b.nearest || a.name.localeCompare(b.name, "en"),
  );
  const rows = ordered.map((row, order) => ({ ...row, order, name: nameOf(row) }));
  const title = "Which wave’s people are nearest";
  const chart = {
    title,
    kind: "strip",
    rows,
    description: `${title}, by country, with intervals of waves`,
    adapt: (specification) => {
      if (rows.length > MANY) specification.height = LOW_STEP * rows.length;
    },
  };
  return drawCharts(place, [chart], paragraph(aboutNearest(rows)));
}

const nameOf = (row) => (row.country in data.countries ? shortCountryName(row.country) : row.name);

function aboutNearest(rows) {
  const told = rows.filter((row) => !row.open);
  const asked = data.ways[selection.way].label;
  const number = rows.length === 1 ? "one country" : `${rows.length} countries`;
  if (!told.length) {
    return `${asked}: of ${number}, none can be told: any of its waves may be the nearest.`;
  }
  const counts = [...Map.groupBy(told, (row) => row.nearest)].sort(([a], [b]) => a - b);
  const parts = counts.map(([wave, among]) => `wave ${wave} in ${among.length}`);
  const which = `${told.length} of ${number}`;
  return `${asked}: the interval leaves out some wave in ${which}; the nearest is ${parts.join(", ")}. Elsewhere (pale) any wave may be the nearest.`;
}
