// Charts: their specifications come with the data; here they get their rows, and are drawn.

import { data } from "./data.js";
import { download, element, figure } from "./elements.js";
import { narrow } from "./names.js";

// The most charts that stand beside each other; of more, the reader chooses.
export const MOST_CHARTS = 8;
// How many pixels labels may take on a narrow screen.
export const SHORT_LABEL = 130;

// Expressions are interpreted, not compiled: the page allows no script to be made of text.
const OPTIONS = { actions: false, ast: true };

const ALIGNMENT = "Alignment: 1 is the same shares of answers, 0 as far apart as can be";
const CHANGE = "Difference of alignments, which run from 0 to 1";
const UNITS = {
  forest: ALIGNMENT,
  heat: ALIGNMENT,
  time: ALIGNMENT,
  map: ALIGNMENT,
  effects: CHANGE,
  gains: CHANGE,
  change: CHANGE,
  reliability: "Share of replies",
};

// Each chart is {title, unit, source, legend, kind, rows, description, adapt}; see `drawChart`.
// Below them stands where their numbers are from, once, unless `source` is empty.
export function drawCharts(place, charts, ...before) {
  const figures = charts.map(({ title, kind, unit = UNITS[kind], legend }) =>
    figure(title, unit ? element("p", { class: "unit" }, unit) : null, legend),
  );
  const { source = data.source } = charts[0];
  const below = source ? [element("p", { class: "source" }, source)] : [];
  place.replaceChildren(...before, ...figures, ...below);
  const labels = charts.length > 1 ? labelsWidth(charts) : 0;
  return Promise.all(charts.map((chart, i) => drawChart(figures[i], { ...chart, labels })));
}

// Charts of one kind have their axes one below the other.
function labelsWidth(charts) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `12px ${data.config.font}`;
  const names = charts.flatMap(({ rows }) => rows.map(({ name }) => name ?? ""));
  return Math.max(...names.map((name) => Math.ceil(pen.measureText(name).width)));
}

function alignAxis(specification, labels) {
  const axis = specification.layer?.find(({ encoding }) => encoding?.y?.axis)?.encoding.y.axis;
  if (!axis?.labelLimit) return;
  const minExtent = Math.min(labels, axis.labelLimit) + 8;
  specification.config = { ...specification.config, axisY: { minExtent } };
}

// `adapt(specification, width)` changes a chart before it is drawn, and may give the least width
// that it needs.
export async function drawChart(holder, chart) {
  const { kind, rows, description, labels, adapt = () => {} } = chart;
  const specification = structuredClone(data.charts[kind]);
  specification.datasets = { rows };
  specification.description = description;
  // Vega-Lite can fit a width only beside a height in pixels.
  if (specification.height?.step) {
    const lines = new Set(rows.map((row) => row.name ?? row.option));
    specification.height = specification.height.step * lines.size;
  }
  if (narrow.matches) makeRoom(specification);
  const place = element("div", { class: "chart" });
  holder.append(place);
  const least = adapt(specification, place.clientWidth);
  if (labels) alignAxis(specification, labels);
  if (least > place.clientWidth) scrollSideways(place, least, description);
  const options = { ...OPTIONS, renderer: "svg", config: data.config };
  const { view } = await vegaEmbed(place, specification, options);
  const svg = place.querySelector("svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", description);
  const titled = { ...specification, title: titleOf(chart) };
  const save = (type) => saveChart(titled, place.clientWidth, type, description);
  holder.querySelector("figcaption").append(saveButtons(save, description));
  return view;
}

function makeRoom(specification) {
  for (const { encoding } of specification.layer ?? [specification]) {
    if (encoding?.y?.axis) encoding.y.axis.labelLimit = SHORT_LABEL;
    const axis = encoding?.x?.axis;
    if (axis?.tickCount) axis.tickCount = 3;
    if (axis?.title) axis.title = axis.title.replace(/ \(.*/, "");
  }
}

function scrollSideways(place, width, description) {
  place.style.minWidth = `${width}px`;
  const label = `Scrolls sideways: ${description}`;
  const attributes = { class: "sideways", tabindex: "0", role: "region", "aria-label": label };
  const scroller = element("div", attributes);
  place.replaceWith(scroller);
  scroller.append(place);
}

function saveButtons(save, description) {
  const button = (type) => {
    const name = type.toUpperCase();
    const label = `Save as ${name}: ${description}`;
    const onclick = () => save(type);
    return element("button", { type: "button", class: "link", onclick, "aria-label": label }, name);
  };
  return element("span", { class: "saves" }, "Save as", button("svg"), button("png"));
}

// A file that is passed on says by itself what it shows, in what unit, and where it is from.
const titleOf = ({ title, description, kind, unit = UNITS[kind], source }) => ({
  text: title ?? description,
  subtitle: [unit, source || data.source].filter(Boolean),
  anchor: "start",
  frame: "bounds",
  offset: 12,
});

// A file cannot use the page's variables: colours are looked up, and the chart is drawn again.
async function saveChart(specification, width, type, name) {
  const style = getComputedStyle(document.documentElement);
  const config = JSON.parse(
    JSON.stringify(data.config).replace(/var\((--[\w-]+)\)/g, (_, variable) =>
      style.getPropertyValue(variable).trim(),
    ),
  );
  config.background = style.getPropertyValue("--page").trim();
  const options = { ...OPTIONS, renderer: "none", config };
  const { view } = await vegaEmbed(element("div"), { ...specification, width }, options);
  const file = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 60);
  download(`${file}.${type}`, await view.toImageURL(type, 2));
  view.finalize();
}
