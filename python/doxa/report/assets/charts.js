// Charts: the specifications come with the data; here they get their rows, and are drawn.
async function draw(figure, kind, rows, description, change = () => {}) {
  const specification = structuredClone(data.charts[kind]);
  specification.datasets = { rows };
  specification.description = description;
  // Vega-Lite can fit a width only beside a height in pixels.
  if (specification.height?.step) specification.height = specification.height.step * new Set(rows.map((row) => row.name ?? row.option)).size;
  if (narrow.matches) leaveRoom(specification);
  const place = element("div", { class: "chart" });
  figure.append(place);
  const least = change(specification, place.clientWidth);
  if (least > place.clientWidth) {
    place.style.minWidth = `${least}px`;
    const scroller = element("div", { class: "sideways", tabindex: "0", role: "region", "aria-label": `Scrolls sideways: ${description}` });
    place.replaceWith(scroller);
    scroller.append(place);
  }
  await vegaEmbed(place, specification, { renderer: "svg", actions: false, config: data.config });
  const svg = place.querySelector("svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", description);
  const save = (type) => saveChart(specification, place.clientWidth, type, description);
  figure.querySelector("figcaption").append(element("span", { class: "saves" }, "Save as",
    element("button", { type: "button", class: "link", onclick: () => save("svg"), "aria-label": `Save as SVG: ${description}` }, "SVG"),
    element("button", { type: "button", class: "link", onclick: () => save("png"), "aria-label": `Save as PNG: ${description}` }, "PNG")));
}

// On a phone, labels are cut and titles kept short for the marks to have room.
const SHORT = 130;
function leaveRoom(specification) {
  for (const { encoding } of specification.layer ?? [specification]) {
    if (encoding?.y?.axis) encoding.y.axis.labelLimit = SHORT;
    if (encoding?.x?.axis?.tickCount) encoding.x.axis.tickCount = 3;
    if (encoding?.x?.axis?.title) encoding.x.axis.title = encoding.x.axis.title.replace(/ \(.*/, "");
  }
}

// A file cannot use the page's variables, so colours are looked up and the chart drawn once more.
async function saveChart(specification, width, type, name) {
  const style = getComputedStyle(document.documentElement);
  const look = (text) => text.replace(/var\((--[\w-]+)\)/g, (_, variable) => style.getPropertyValue(variable).trim());
  const config = JSON.parse(look(JSON.stringify(data.config)));
  config.background = style.getPropertyValue("--page").trim();
  const holder = element("div");
  const { view } = await vegaEmbed(holder, { ...specification, width }, { renderer: "none", actions: false, config });
  download(`${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, 60)}.${type}`, await view.toImageURL(type, 2));
  view.finalize();
}

const label = (way) => (narrow.matches ? way.short : way.label);
const labelOf = (row) => label(folded ? data.ways[wayOf(row)] : data.conditions[row.condition]);
const gapText = (row) => changeWithInterval(row.gap, row.gap_low, row.gap_high);
const estimateText = (row) => withInterval(row.estimate, row.low, row.high);

function detail(row) {
  const verdict = data.verdicts[row.verdict];
  return [
    `${data.countries[row.country]}: ${data.conditions[row.condition].label}`,
    `alignment ${estimateText(row)}`,
    `ceiling ${fixed(row.ceiling, 3)}, baseline ${fixed(row.baseline, 3)}`,
    `gap to the baseline ${gapText(row)}${verdict ? ` (${verdict})` : ""}`,
    `${row.n_items} items`,
  ].join("\n");
}

// What the colours of a heat map or a map mean.
function ramp([low, high], colours = data.config.range.heatmap, digits = 2) {
  const bar = element("span", { class: "ramp", "aria-hidden": "true" });
  bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
  return element("p", { class: "scale" }, fixed(low, digits), bar, fixed(high, digits));
}

function keyList(entries) {
  const items = entries.map(([name, colour]) => {
    const item = element("li", {}, name);
    item.style.setProperty("--key", colour);
    return item;
  });
  return element("ul", { class: "legend" }, ...items);
}
