/* The report's script. `make page` bundles these files into ../assets/page.js, which is what the
   report carries.

   page.js               starts the page: its sections, and the choices for all of them
   theme.js              light or dark
   printing.js           the whole page, for a printer

   shared/data.js        the data that came with the page
   shared/format.js      numbers and words as readers see them
   shared/elements.js    elements of the page
   shared/conditions.js  conditions and ways of asking
   shared/names.js       what countries, ways of asking and scores are called
   shared/selection.js   what the reader has chosen for the whole page
   shared/measures.js    what the map and the ranking can show of each country
   shared/choices.js     the switches at the top
   shared/contents.js    the list of contents, which follows the reader
   shared/address.js     where the page's address leads
   shared/controls.js    the choices above a chart
   shared/csv.js         tables as CSV, for spreadsheets
   shared/table.js       a table that can be sorted, filtered and saved
   shared/columns.js     columns that tables share
   shared/chart.js       drawing and saving a chart
   shared/grid.js        charts of coloured cells
   shared/legend.js      what the colours of a chart mean

   shared/bars.js        bars of shares that need no chart
   shared/atlas.js       small maps, many at once
   shared/published.js   scores of published models

   sections/answer.js    the first screen: the map
   sections/ranking.js   and the countries in order
   sections/changes.js   what a change of asking does, of sections/models.js
   sections/…            a file for each section, named after it; of the items:
   sections/items.js     the choice of an item, and the table of all
   sections/differ.js    where model and people differ most
   sections/search.js    the search
   sections/item.js      one item
   sections/people.js    its answers everywhere
   sections/replies.js   what was sent and replied
   sections/answers.js   answers, prompts and replies, unpacked
   sections/alignment.js the alignment of two answers */

import { followAddress, keepToAddress } from "./shared/address.js";
import { showChoices } from "./shared/choices.js";
import { followReader } from "./shared/contents.js";
import { data } from "./shared/data.js";
import { narrow } from "./shared/names.js";
import { selection } from "./shared/selection.js";
import { drawAnswer } from "./sections/answer.js";
import { drawCulture } from "./sections/culture.js";
import { drawForest } from "./sections/forest.js";
import { furtherTable } from "./sections/further.js";
import { drawGains } from "./sections/gains.js";
import { drawHeat } from "./sections/heat.js";
import { drawItems, opensAtItem } from "./sections/items.js";
import { drawModels } from "./sections/models.js";
import { drawNearest } from "./sections/nearest.js";
import { drawNeighbours } from "./sections/neighbours.js";
import { drawOwn } from "./sections/own.js";
import { drawReliability } from "./sections/reliability.js";
import { drawSteering } from "./sections/steering.js";
import { drawFindings } from "./sections/summary.js";
import { drawTime } from "./sections/time.js";
import { followPrinter } from "./printing.js";
import { followTheme } from "./theme.js";

// Each with the element that it needs: some pages lack some. They are drawn when the reader comes
// near.
const parts = [
  ["answer", drawAnswer],
  ["summary", drawFindings],
  ["countries", drawForest],
  ["models", drawModels],
  ["grid", drawHeat],
  ["gains", drawGains],
  ["own-language", drawOwn],
  ["steering", drawSteering],
  ["nearest", drawNearest],
  ["time", drawTime],
  ["neighbours", drawNeighbours],
  ["culture", drawCulture],
  ["items", drawItems],
  ["reliability", drawReliability],
  ...data.further.map((table) => [`further-${table.name}`, furtherTable(table)]),
]
  .map(([id, draw]) => ({
    draw,
    place: document.getElementById(id),
    near: id === "items" && opensAtItem,
    stale: true,
  }))
  .filter(({ place }) => place);

// What the reader sees comes first.
function outOfSight({ place }) {
  const { top, bottom } = place.getBoundingClientRect();
  return Math.max(top - innerHeight, -bottom, 0);
}
const byDistance = (a, b) => outOfSight(a) - outOfSight(b);

// One loop at a time: what becomes stale or near meanwhile, it finds. Between two parts the page
// answers its reader.
let drawing = null;
function drawNear() {
  drawing ??= drawParts().finally(() => {
    drawing = null;
  });
  return drawing;
}

async function drawParts() {
  const main = document.getElementById("main");
  main.setAttribute("aria-busy", "true");
  for (;;) {
    const [next] = parts.filter(({ near, stale }) => near && stale).sort(byDistance);
    if (!next) break;
    next.stale = false;
    await next.draw();
    keepToAddress();
    await new Promise((resume) => setTimeout(resume));
  }
  main.setAttribute("aria-busy", "false");
}

function redraw() {
  for (const part of parts) part.stale = true;
  drawNear();
}

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      parts.find(({ place }) => place === target).near = isIntersecting;
    }
    drawNear();
  },
  { rootMargin: "400px" },
);

function watch() {
  for (const { place } of parts) watcher.observe(place);
}

showChoices(redraw);
document.addEventListener("country", ({ detail }) => {
  selection.country = detail;
  redraw();
});
// Paper has no reader who comes near.
function drawAll() {
  watcher.disconnect();
  for (const part of parts) part.near = true;
  return drawNear();
}
followPrinter(drawAll, watch);
followAddress();
followTheme();
followReader();
narrow.addEventListener("change", redraw);
drawNear();
watch();
