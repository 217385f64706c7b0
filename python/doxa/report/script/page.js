/* The report's script. `make page` bundles these files into ../assets/page.js, which is what the
   report carries.

   page.js               starts the page: its sections, and the choices for all of them
   theme.js              light or dark

   shared/data.js        the data that came with the page
   shared/format.js      numbers and words as readers see them
   shared/elements.js    elements of the page
   shared/conditions.js  conditions and ways of asking
   shared/names.js       what countries, ways of asking and scores are called
   shared/selection.js   what the reader has chosen for the whole page
   shared/controls.js    the choices above a chart
   shared/csv.js         tables as CSV, for spreadsheets
   shared/table.js       a table that can be sorted, filtered and saved
   shared/columns.js     columns that tables share
   shared/chart.js       drawing and saving a chart
   shared/grid.js        charts of coloured cells
   shared/legend.js      what the colours of a chart mean

   sections/…            a file for each section, named after it; of the items:
   sections/items.js     the choice of an item, and the table of all
   sections/item.js      one item
   sections/answers.js   answers, prompts and replies
   sections/alignment.js the alignment of two answers */

import { picker } from "./shared/controls.js";
import { data } from "./shared/data.js";
import { announce } from "./shared/elements.js";
import { narrow } from "./shared/names.js";
import { selection } from "./shared/selection.js";
import { drawForest } from "./sections/forest.js";
import { furtherTable } from "./sections/further.js";
import { drawGains } from "./sections/gains.js";
import { drawHeat } from "./sections/heat.js";
import { drawItems } from "./sections/items.js";
import { drawMap } from "./sections/map.js";
import { drawNeighbours } from "./sections/neighbours.js";
import { drawOwn } from "./sections/own.js";
import { drawReliability } from "./sections/reliability.js";
import { drawSteering } from "./sections/steering.js";
import { drawTime } from "./sections/time.js";
import { followTheme } from "./theme.js";

// In the order of the page, each with the element that it needs: some pages lack some.
const parts = [
  ["map", drawMap],
  ["countries", drawForest],
  ["grid", drawHeat],
  ["grid", drawGains],
  ["own-language", drawOwn],
  ["steering", drawSteering],
  ["time", drawTime],
  ["neighbours", drawNeighbours],
  ...data.further.map((table) => [`further-${table.name}`, furtherTable(table)]),
  ["items", drawItems],
  ["reliability", drawReliability],
].filter(([section]) => document.getElementById(section));

// Between two parts the page answers its reader; a later choice ends the drawing of an earlier.
let turn = 0;
async function redraw() {
  turn += 1;
  const mine = turn;
  const main = document.getElementById("main");
  main.setAttribute("aria-busy", "true");
  for (const [, draw] of parts) {
    await draw();
    await new Promise((resume) => setTimeout(resume));
    if (mine !== turn) return;
  }
  main.setAttribute("aria-busy", "false");
}

function showChoice(name, title, options) {
  if (options.length < 2) return;
  const control = picker(title, options, selection[name], (chosen) => {
    selection[name] = chosen;
    redraw();
    announce(`Now showing ${options.find(([value]) => value === chosen)[1]}`);
  });
  control.querySelector("select").id = `choose-${name}`;
  const form = document.getElementById("selection");
  form.hidden = false;
  form.onsubmit = (event) => event.preventDefault();
  form.append(control);
}

showChoice(
  "model",
  "Model",
  data.models.map((name) => [name, name]),
);
showChoice("elicitation", "Answers read from", Object.entries(data.elicitations));
showChoice(
  "wave",
  "Survey wave",
  data.waves.map((wave) => [wave, `wave ${wave}`]),
);
followTheme();
narrow.addEventListener("change", redraw);
redraw();
