// Charts: the specifications come with the data; here they get their rows, and are drawn.
async function draw(figure, kind, rows, description, change = () => {}) {
  const specification = structuredClone(data.charts[kind]);
  specification.datasets = { rows };
  specification.description = description;
  // Vega-Lite can fit a width only beside a height in pixels.
  specification.height = specification.height.step * new Set(rows.map((row) => row.name ?? row.option)).size;
  change(specification);
  const place = element("div", { class: "chart" });
  figure.append(place);
  await vegaEmbed(place, specification, { renderer: "svg", actions: false, config: data.config });
  const svg = place.querySelector("svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", description);
  const save = (type) => saveChart(specification, place.clientWidth, type, description);
  figure.querySelector("figcaption").append(element("span", { class: "saves" }, "Save as",
    element("button", { type: "button", class: "link", onclick: () => save("svg"), "aria-label": `Save as SVG: ${description}` }, "SVG"),
    element("button", { type: "button", class: "link", onclick: () => save("png"), "aria-label": `Save as PNG: ${description}` }, "PNG")));
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

const label = (condition) => (narrow.matches ? condition.short : condition.label);
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

function forestRows(rows, name, order) {
  return rows.filter((row) => known(row.estimate)).map((row) => ({
    ...row, name: name(row), order: order(row), steering: data.conditions[row.condition].kind,
    value: narrow.matches ? fixed(row.estimate, 2) : estimateText(row), detail: detail(row),
  }));
}

// Room above for the names of the reference marks, and the same room at the left of all panels,
// so that their axes stand one below the other.
function forestRoom(labels) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `12px ${data.config.font}`;
  const width = Math.ceil(Math.max(0, ...labels.map((text) => pen.measureText(text).width)));
  return (specification) => {
    specification.padding = { top: 16, right: 2, left: 2, bottom: 2 };
    specification.config = { axisY: { minExtent: Math.min(width, 240) + 8 } };
  };
}

const forest = { view: Object.keys(data.countries).length > 6 ? "0" : "countries" };

function drawForest() {
  const place = document.getElementById("forest");
  const rows = selectedAlignment();
  const present = [...new Set(rows.map((row) => row.condition))].sort((a, b) => a - b);
  if (forest.view !== "countries" && !present.includes(Number(forest.view))) forest.view = "countries";
  document.getElementById("forest-controls").replaceChildren(picker("Show", [
    ["countries", "every way of asking, country by country"],
    ...present.map((i) => [i, `countries ranked: ${data.conditions[i].label}`]),
  ], forest.view, (value) => { forest.view = value; drawForest(); }));

  const panels = forest.view === "countries"
    ? Object.entries(data.countries).map(([code, name]) => [name, rows.filter((row) => row.country === code),
      (row) => label(data.conditions[row.condition]), (row) => row.condition])
    : [[data.conditions[forest.view].label, rows.filter((row) => row.condition === Number(forest.view)),
      (row) => data.countries[row.country], (row) => -row.estimate]];
  const room = forestRoom(panels.flatMap(([, panel, name]) => panel.map(name)));
  place.replaceChildren(...panels.filter(([, panel]) => panel.length).map(([title, panel, name, order]) => {
    const figure = element("figure", {}, element("figcaption", {}, title));
    draw(figure, "forest", forestRows(panel, name, order),
      `Alignment with intervals, ${title}; the numbers are in the table below`, room);
    return figure;
  }));
  if (!rows.length) place.replaceChildren(element("p", {}, "No scores for this selection."));
}

function drawHeat() {
  const rows = selectedAlignment().filter((row) => known(row.estimate)).map((row) => ({
    ...row, name: label(data.conditions[row.condition]), order: row.condition,
    country_name: narrow.matches ? row.country : data.countries[row.country],
    number: fixed(row.estimate, 2), targeted: data.conditions[row.condition].target === row.country, detail: detail(row),
  }));
  const figure = element("figure", {}, element("figcaption", {}, "Alignment by way of asking and country"));
  document.getElementById("heat").replaceChildren(figure);
  draw(figure, "heat", rows, "Heat map of alignment by way of asking and country; the numbers are in the table above");
}

const reliability = rowsOf(data.reliability);

function drawReliability() {
  const chosen = reliability.filter(selected);
  const rows = chosen.flatMap((row) => Object.entries(data.statuses).map(([status, name], i) => ({
    name: label(data.conditions[row.condition]), order: row.condition, status, status_order: i,
    share: row[status] / row.n, detail: `${data.conditions[row.condition].label}\n${name}: ${row[status]} of ${row.n}`,
  }))).filter((row) => row.share > 0);
  const occurring = new Set(rows.map((row) => row.status));
  const legend = element("ul", { class: "legend" });
  Object.entries(data.statuses).forEach(([status, name], i) => {
    if (!occurring.has(status)) return;
    const item = element("li", {}, name);
    item.style.setProperty("--key", data.config.range.ordinal[i]);
    legend.append(item);
  });
  const figure = element("figure", {}, element("figcaption", {}, "Replies by what became of them"), legend);
  document.getElementById("reliability-chart").replaceChildren(figure);
  draw(figure, "reliability", rows, "Shares of replies by what became of them; the numbers are in the table below");
  fillReliability(chosen.sort((a, b) => a.condition - b.condition));
}

const fillReliability = sortableTable(document.getElementById("reliability-table"), {
  caption: "Replies by way of asking", file: "reliability.csv",
  columns: [
    { name: "Way of asking", keep: true, key: (row) => row.condition, text: (row) => label(data.conditions[row.condition]) },
    { name: "Replies", key: (row) => row.n, number: true },
    ...Object.entries(data.statuses).map(([status, name]) => ({ name: name[0].toUpperCase() + name.slice(1), key: (row) => row[status], number: true })),
    { name: "Off the options", key: (row) => row.off_option_mass, text: (row) => percent(row.off_option_mass), number: true },
  ],
});

const fillAlignment = sortableTable(document.getElementById("alignment-table"), {
  caption: "Alignment by country and way of asking", file: "alignment.csv",
  columns: [
    { name: "Country", keep: true, key: (row) => data.countries[row.country] },
    { name: "Way of asking", keep: true, key: (row) => row.condition, text: (row) => label(data.conditions[row.condition]) },
    { name: "Alignment", key: (row) => row.estimate, text: estimateText, number: true },
    { name: "Ceiling", key: (row) => row.ceiling, text: (row) => fixed(row.ceiling, 3), number: true },
    { name: "Baseline", key: (row) => row.baseline, text: (row) => fixed(row.baseline, 3), number: true },
    { name: "Gap", key: (row) => row.gap, text: gapText, number: true },
    { name: "Verdict", key: (row) => row.verdict, text: (row) => data.verdicts[row.verdict] ?? "–" },
    { name: "Items", key: (row) => row.n_items, number: true },
  ],
});

const effects = rowsOf(data.steering);

// What each steering changes: a chart a steering where it was scored against several countries,
// one chart for all where each was scored against the country it names alone.
function drawEffects() {
  const chosen = effects.filter((row) => selected(row) && row.wave === selection.wave && known(row.estimate));
  const place = document.getElementById("effects");
  const steered = [...new Set(chosen.map((row) => row.condition))].sort((a, b) => a - b);
  const alone = chosen.every((row) => row.country === data.conditions[row.condition].target);
  place.classList.toggle("pairs", !alone);
  const country = (row) => (narrow.matches ? row.country : data.countries[row.country]);
  const panels = alone
    ? [["Change of alignment with the country that the steering names", chosen, (row) => label(data.conditions[row.condition]), (row) => row.condition]]
    : steered.map((i) => [data.conditions[i].label, chosen.filter((row) => row.condition === i), country, (row) => data.countries[row.country]]);
  place.replaceChildren(...panels.filter(([, rows]) => rows.length).map(([title, rows, name, order]) => {
    const figure = element("figure", {}, element("figcaption", {}, title));
    draw(figure, "effects", rows.map((row) => ({
      ...row, name: name(row), order: order(row), steering: data.conditions[row.condition].kind,
      targeted: row.country === data.conditions[row.condition].target,
      value: narrow.matches ? signed(row.estimate, 2) : effectText(row),
      detail: [`${data.countries[row.country]}: ${data.conditions[row.condition].label}`, `change of alignment ${effectText(row)}`, `${row.n_items} items`].join("\n"),
    })), `${title}, with intervals; the numbers are in the table below`);
    return figure;
  }));
  if (!chosen.length) place.replaceChildren(element("p", {}, "No steering in this selection."));
  fillEffects(chosen);
}

const effectText = (row) => changeWithInterval(row.estimate, row.low, row.high);
const fillEffects = document.getElementById("effects-table") && sortableTable(document.getElementById("effects-table"), {
  caption: "Change of alignment by steering and country", file: "steering.csv",
  columns: [
    { name: "Way of asking", keep: true, key: (row) => row.condition, text: (row) => label(data.conditions[row.condition]) },
    { name: "Country", keep: true, key: (row) => data.countries[row.country] },
    { name: "Names this country", key: (row) => (data.conditions[row.condition].target === row.country ? "yes" : "no") },
    { name: "Change", key: (row) => row.estimate, text: effectText, number: true },
    { name: "p", key: (row) => row.p_value, text: (row) => (row.p_value < 0.001 && known(row.p_value) ? "<0.001" : fixed(row.p_value, 3)), number: true },
    { name: "Items", key: (row) => row.n_items, number: true },
  ],
});
if (fillEffects) redraws.push(drawEffects);
redraws.push(drawForest, () => fillAlignment(selectedAlignment()), drawHeat, drawReliability);
