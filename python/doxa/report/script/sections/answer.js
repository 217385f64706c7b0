// The first screen: the answer in a sentence, the world, and the countries in order.

import { drawChart } from "../shared/chart.js";
import { data, readJson } from "../shared/data.js";
import { element, figure } from "../shared/elements.js";
import { capitalised } from "../shared/format.js";
import { ramp } from "../shared/legend.js";
import { alignmentDetail } from "../shared/names.js";
import { around, measured, measures } from "../shared/measures.js";
import { publishedScores } from "../shared/published.js";
import { selection, sentence, shownAlignment } from "../shared/selection.js";
import { drawRanking } from "./ranking.js";

const HEIGHT_TO_WIDTH = 0.48;

export async function drawAnswer() {
  document.getElementById("sentence").textContent = sentence();
  const measure = measures.find(({ key }) => key === selection.measure);
  const rows = shownAlignment()
    .map((row) => measured(row, selection.measure))
    .filter(({ estimate }) => estimate !== null);
  const published = await publishedScores();
  drawRanking(document.getElementById("ranking"), rows, measure, published);
  await drawWorld(rows, measure);
}

// The map is drawn once; another choice changes its colours.
let drawn = {};

async function drawWorld(rows, measure) {
  const world = await readJson("world");
  const place = document.getElementById("world");
  const values = rows.map(({ country, estimate, row }) => {
    const [longitude, latitude] = world.points[country] ?? [];
    return { country, estimate, detail: alignmentDetail(row), longitude, latitude };
  });
  const width = place.clientWidth;
  if (drawn.measure === measure.key && drawn.width === width) {
    drawn.view.data("rows", values);
    await drawn.view.runAsync();
    return;
  }
  const kind = measure.signed ? "change" : "map";
  const colours = measure.signed ? data.gainColours : data.config.range.heatmap;
  const ends = measure.signed ? around(measure.colours) : measure.colours;
  const title = `${measure.name} on the map`;
  const unit = capitalised(measure.unit);
  const holder = figure(title, element("p", { class: "unit" }, unit), ramp(ends, colours));
  place.replaceChildren(holder);
  const view = await drawChart(holder, {
    title,
    unit,
    kind,
    rows: values,
    description: `World map: ${measure.name}; the numbers are in the ranking beside it`,
    adapt: (specification, room) => {
      specification.datasets.world = world;
      specification.height = HEIGHT_TO_WIDTH * room;
      const [low, high] = ends;
      const scale = measure.signed ? [low, 0, high] : ends;
      for (const { encoding } of specification.layer) {
        if (encoding?.color?.scale) encoding.color.scale.domain = scale;
      }
    },
  });
  drawn = { measure: measure.key, width, view };
}
