// Bundled by `make page` from the files in report/script: change those.

// shared/data.js
var results = /* @__PURE__ */ new Map();
function once(name, read) {
  if (!results.has(name)) results.set(name, read());
  return results.get(name);
}
var block = (name) => document.getElementById(`block-${name}`).textContent;
async function unpack(text) {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
var unpackJson = async (text) => JSON.parse(new TextDecoder().decode(await unpack(text)));
var readJson = (name) => once(name, () => unpackJson(block(name)));
var readNumbers = (name) => once(name, async () => {
  const bytes = await unpack(block(name));
  const n = bytes.length / 4;
  const byte = (place2, i) => bytes[place2 * n + i] << 8 * place2;
  return Uint32Array.from(
    { length: n },
    (_, i) => byte(0, i) | byte(1, i) | byte(2, i) | byte(3, i)
  );
});
var THOUSAND = 1e3;
var data = await readJson("data");
function rowsOf(columns) {
  const names = Object.keys(columns);
  return columns[names[0]].map(
    (_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]]))
  );
}

// shared/format.js
var known = (value) => value !== null && value !== void 0;
function fixed(value, digits) {
  if (!known(value)) return "–";
  const text = value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1");
  return text.replaceAll("-", "−");
}
var signed = (value, digits) => (known(value) && value >= 0 ? "+" : "") + fixed(value, digits);
function percent(value) {
  if (!known(value)) return "–";
  return `${(100 * value).toFixed(value > 0 && value < 995e-5 ? 1 : 0)}%`;
}
var pValue = (value) => known(value) && value < 1e-3 ? "<0.001" : fixed(value, 3);
function withBounds(value, low, high, write, writeBound) {
  if (!known(value)) return "–";
  if (!known(low) || !known(high)) return write(value);
  return `${write(value)} [${writeBound(low)}, ${writeBound(high)}]`;
}
var toThousandths = (value) => fixed(value, 3);
var toHundredths = (value) => fixed(value, 2);
var signedToThousandths = (value) => signed(value, 3);
var withInterval = (value, low, high) => withBounds(value, low, high, toThousandths, toHundredths);
var changeWithInterval = (value, low, high) => withBounds(value, low, high, signedToThousandths, signedToThousandths);
var capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// shared/elements.js
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node[name] = value;
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && known(value)) node.setAttribute(name, value);
  }
  node.append(...children.filter(known));
  return node;
}
var paragraph = (text) => element("p", {}, text);
var figure = (title, ...children) => element("figure", {}, element("figcaption", {}, title), ...children);
var details = (summary, attributes, ...children) => element("details", attributes, element("summary", {}, summary), ...children);
function announce(text) {
  document.getElementById("said").textContent = text;
}
function download(name, url) {
  const link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

// shared/controls.js
function picker(label2, options, chosen, choose) {
  const select = element("select", { onchange: () => choose(options[select.selectedIndex][0]) });
  for (const [value, name] of options) {
    select.append(element("option", { value, selected: value === chosen }, name));
  }
  return element("label", {}, label2, select);
}
var wayPicker = (ways, chosen, choose) => picker(
  "Way of asking",
  ways.map((way3) => [way3, data.ways[way3].label]),
  chosen,
  choose
);
function showControls(place2, ...children) {
  const controls = () => [...place2.querySelectorAll("select, input, button")];
  const focused = controls().indexOf(document.activeElement);
  place2.replaceChildren(...children.filter(known));
  controls()[focused]?.focus();
}

// shared/conditions.js
var condition = (row) => data.conditions[row.condition];
var wayOf = (row) => condition(row).way;
var waysIn = (rows) => [...new Set(rows.map(wayOf))].sort((a, b) => a - b);
var folded = data.ways.length < data.conditions.length;
var inCharts = (row) => !folded || ["", row.country].includes(condition(row).target);

// shared/names.js
var narrow = matchMedia("(max-width: 40rem)");
var countryCodes = Object.keys(data.countries);
var countryName = (code) => data.countries[code] ?? code;
var shortCountryName = (code) => narrow.matches ? code : countryName(code);
var label = (asked) => narrow.matches ? asked.short : asked.label;
var conditionLabel = (row) => label(condition(row));
var lineLabel = (row) => label(folded ? data.ways[wayOf(row)] : condition(row));
var estimateText = (row) => withInterval(row.estimate, row.low, row.high);
var changeText = (row) => changeWithInterval(row.estimate, row.low, row.high);
var gapText = (row) => changeWithInterval(row.gap, row.gap_low, row.gap_high);
function alignmentDetail(row) {
  const verdict2 = data.verdicts[row.verdict];
  return [
    `${countryName(row.country)}: ${condition(row).label}`,
    `alignment ${estimateText(row)}`,
    `ceiling ${fixed(row.ceiling, 3)}, baseline ${fixed(row.baseline, 3)}`,
    `gap to the baseline ${gapText(row)}${verdict2 ? ` (${verdict2})` : ""}`,
    `${row.n_items} items`
  ].join("\n");
}

// shared/selection.js
var selection = {
  model: data.models[0],
  elicitation: Object.keys(data.elicitations)[0],
  wave: data.waves.at(-1)
};
var isSelected = (row) => row.model === selection.model && row.elicitation === selection.elicitation;
var isScored = (row) => known(row.estimate);
var alignment = rowsOf(data.alignment);
var selectedAlignment = () => alignment.filter((row) => isSelected(row) && row.wave === selection.wave);
var scoredAlignment = () => selectedAlignment().filter(isScored);

// shared/chart.js
var MOST_CHARTS = 8;
var SHORT_LABEL = 130;
function drawCharts(place2, charts, ...before) {
  const figures = charts.map(({ title, legend }) => figure(title, legend));
  place2.replaceChildren(...before, ...figures);
  return Promise.all(charts.map((chart, i) => drawChart(figures[i], chart)));
}
async function drawChart(holder, { kind, rows, description, adapt = () => {
} }) {
  const specification = structuredClone(data.charts[kind]);
  specification.datasets = { rows };
  specification.description = description;
  if (specification.height?.step) {
    const lines = new Set(rows.map((row) => row.name ?? row.option));
    specification.height = specification.height.step * lines.size;
  }
  if (narrow.matches) makeRoom(specification);
  const place2 = element("div", { class: "chart" });
  holder.append(place2);
  const least = adapt(specification, place2.clientWidth);
  if (least > place2.clientWidth) scrollSideways(place2, least, description);
  await vegaEmbed(place2, specification, { renderer: "svg", actions: false, config: data.config });
  const svg = place2.querySelector("svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", description);
  const save = (type) => saveChart(specification, place2.clientWidth, type, description);
  holder.querySelector("figcaption").append(saveButtons(save, description));
}
function makeRoom(specification) {
  for (const { encoding } of specification.layer ?? [specification]) {
    if (encoding?.y?.axis) encoding.y.axis.labelLimit = SHORT_LABEL;
    const axis = encoding?.x?.axis;
    if (axis?.tickCount) axis.tickCount = 3;
    if (axis?.title) axis.title = axis.title.replace(/ \(.*/, "");
  }
}
function scrollSideways(place2, width, description) {
  place2.style.minWidth = `${width}px`;
  const label2 = `Scrolls sideways: ${description}`;
  const attributes = { class: "sideways", tabindex: "0", role: "region", "aria-label": label2 };
  const scroller = element("div", attributes);
  place2.replaceWith(scroller);
  scroller.append(place2);
}
function saveButtons(save, description) {
  const button2 = (type) => {
    const name = type.toUpperCase();
    const label2 = `Save as ${name}: ${description}`;
    const onclick = () => save(type);
    return element("button", { type: "button", class: "link", onclick, "aria-label": label2 }, name);
  };
  return element("span", { class: "saves" }, "Save as", button2("svg"), button2("png"));
}
async function saveChart(specification, width, type, name) {
  const style = getComputedStyle(document.documentElement);
  const config = JSON.parse(
    JSON.stringify(data.config).replace(
      /var\((--[\w-]+)\)/g,
      (_, variable) => style.getPropertyValue(variable).trim()
    )
  );
  config.background = style.getPropertyValue("--page").trim();
  const options = { renderer: "none", actions: false, config };
  const { view: view4 } = await vegaEmbed(element("div"), { ...specification, width }, options);
  const file = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, 60);
  download(`${file}.${type}`, await view4.toImageURL(type, 2));
  view4.finalize();
}

// shared/columns.js
var country = {
  name: "Country",
  keep: true,
  key: (row) => countryName(row.country)
};
var wayOfAsking = {
  name: "Way of asking",
  keep: true,
  key: (row) => row.condition,
  text: conditionLabel
};
var estimate = (name, text) => ({
  name,
  key: (row) => row.estimate,
  text,
  number: true
});
var alignment2 = estimate("Alignment", estimateText);
var thousandths = (name, key) => ({
  name,
  key,
  text: (row) => fixed(key(row), 3),
  number: true
});
var gap = { name: "Gap", key: (row) => row.gap, text: gapText, number: true };
var verdict = {
  name: "Verdict",
  key: (row) => row.verdict,
  text: (row) => data.verdicts[row.verdict] ?? "–"
};
var p = {
  name: "p",
  key: (row) => row.p_value,
  text: (row) => pValue(row.p_value),
  number: true
};
var items = { name: "Items", key: (row) => row.n_items, number: true };

// shared/table.js
var FIRST_ROWS = 200;
var styleOf = (column) => column.number ? "number" : column.keep ? "keep" : null;
var textOf = (column, row) => String(column.text ? column.text(row) : column.key(row) ?? "–");
function compare(a, b, direction) {
  if (!known(a) || !known(b)) return Number(!known(a)) - Number(!known(b));
  if (typeof a === "number" && typeof b === "number") return direction * (a - b);
  return direction * String(a).localeCompare(String(b), "en", { numeric: true });
}
function csvOf(columns, rows) {
  const quote = (text) => `"${text.replaceAll('"', '""')}"`;
  const lines = [
    columns.map((column) => column.name),
    ...rows.map((row) => columns.map((column) => textOf(column, row)))
  ];
  return "\uFEFF" + lines.map((line) => line.map(quote).join(",")).join("\r\n");
}
function sortableTable(id, { caption, file, columns, isCurrent = () => false }) {
  let rows = [];
  let sorted = { column: null, direction: 1 };
  let limit = FIRST_ROWS;
  const filter = element("input", { type: "search", oninput: () => show(FIRST_ROWS) });
  const count = element("p", { class: "count" });
  const body = element("tbody");
  const more = element("button", { type: "button", onclick: () => show(Infinity) });
  const heads = columns.map(
    (column) => element(
      "th",
      { scope: "col", class: styleOf(column) },
      element("button", { type: "button", onclick: () => sortBy(column) }, column.name)
    )
  );
  function place2() {
    const table = element(
      "table",
      {},
      element("caption", {}, caption),
      element("thead", {}, element("tr", {}, ...heads)),
      body
    );
    document.getElementById(id).replaceChildren(
      element(
        "div",
        { class: "tools" },
        element("label", {}, "Filter rows", filter),
        element("button", { type: "button", onclick: save }, "Save as CSV")
      ),
      element(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
        table
      ),
      count,
      more
    );
  }
  function show(most) {
    limit = most;
    fill();
  }
  function sortBy(column) {
    const first = column.number ? -1 : 1;
    sorted = { column, direction: sorted.column === column ? -sorted.direction : first };
    fill();
    announce(`Sorted by ${column.name}, ${sorted.direction > 0 ? "ascending" : "descending"}`);
  }
  function wantedRows() {
    const wanted = filter.value.trim().toLocaleLowerCase();
    const holds = (row) => columns.some((column) => textOf(column, row).toLocaleLowerCase().includes(wanted));
    const kept = rows.filter((row) => !wanted || holds(row));
    if (!sorted.column) return kept;
    const { key } = sorted.column;
    return kept.sort((a, b) => compare(key(a), key(b), sorted.direction));
  }
  function lineOf(row) {
    const cells = columns.map(
      (column, i) => element(
        i ? "td" : "th",
        { scope: i ? null : "row", class: styleOf(column) },
        column.cell ? column.cell(row) : textOf(column, row)
      )
    );
    return element("tr", { "aria-current": isCurrent(row) ? "true" : null }, ...cells);
  }
  function fill() {
    const wanted = wantedRows();
    heads.forEach((head, i) => {
      if (columns[i] !== sorted.column) head.removeAttribute("aria-sort");
      else head.setAttribute("aria-sort", sorted.direction > 0 ? "ascending" : "descending");
    });
    body.replaceChildren(...wanted.slice(0, limit).map(lineOf));
    const all = wanted.length === rows.length;
    count.textContent = all ? `${rows.length} rows` : `${wanted.length} of ${rows.length} rows`;
    more.hidden = wanted.length <= limit;
    more.textContent = `Show all ${wanted.length} rows`;
  }
  function save() {
    const csv = csvOf(columns, wantedRows());
    const url = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
    download(file, url);
    setTimeout(() => URL.revokeObjectURL(url), 1e3);
  }
  return (newRows) => {
    if (!body.isConnected) place2();
    rows = newRows;
    fill();
  };
}

// sections/forest.js
var LONGEST_LABEL = 240;
var many = (countries) => countries.length > MOST_CHARTS;
var view = many(countryCodes) ? "way 0" : "all";
var fillTable = sortableTable("alignment-table", {
  caption: "Alignment by country and way of asking",
  file: "alignment.csv",
  columns: [
    country,
    wayOfAsking,
    alignment2,
    thousandths("Ceiling", (row) => row.ceiling),
    thousandths("Baseline", (row) => row.baseline),
    gap,
    verdict,
    items
  ]
});
function drawForest() {
  fillTable(selectedAlignment());
  const place2 = document.getElementById("forest");
  const rows = selectedAlignment().filter(inCharts);
  const views = viewsOf(rows);
  if (views.length && !views.some(([key]) => key === view)) [[view]] = views;
  showControls(
    document.getElementById("forest-controls"),
    picker("Show", views, view, (chosen) => {
      view = chosen;
      drawForest();
    })
  );
  const panels = panelsOf(rows).filter((panel) => panel.rows.length);
  if (!panels.length) {
    place2.replaceChildren(paragraph("No scores for this selection."));
    return null;
  }
  const adapt = alignAxes(panels.flatMap((panel) => panel.rows.map(panel.name)));
  const charts = panels.map((panel) => ({
    title: panel.title,
    kind: "forest",
    rows: marksOf(panel),
    description: `Alignment with intervals, ${panel.title}; the numbers are in the table below`,
    adapt
  }));
  return drawCharts(place2, charts);
}
function viewsOf(rows) {
  const present = countryCodes.filter((code) => rows.some((row) => row.country === code));
  const ranked = waysIn(rows).map((way3) => [
    `way ${way3}`,
    `countries ranked: ${data.ways[way3].label}`
  ]);
  if (!many(present)) return [["all", "every way of asking, country by country"], ...ranked];
  const single = (code) => [`country ${code}`, `every way of asking: ${countryName(code)}`];
  return [...ranked, ...present.map(single)];
}
function panelsOf(rows) {
  const [kind, which] = view.split(" ");
  if (kind === "way") {
    return [
      {
        title: data.ways[which].label,
        rows: rows.filter((row) => wayOf(row) === Number(which)),
        name: (row) => countryName(row.country),
        order: (row) => -row.estimate
      }
    ];
  }
  const codes = kind === "all" ? countryCodes : [which];
  return codes.map((code) => ({
    title: countryName(code),
    rows: rows.filter((row) => row.country === code),
    name: lineLabel,
    order: (row) => row.condition
  }));
}
var marksOf = ({ rows, name, order }) => rows.filter(isScored).map((row) => ({
  ...row,
  name: name(row),
  order: order(row),
  steering: condition(row).kind,
  value: narrow.matches ? fixed(row.estimate, 2) : estimateText(row),
  detail: alignmentDetail(row)
}));
function alignAxes(labels) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `12px ${data.config.font}`;
  const widest = Math.ceil(Math.max(...labels.map((text) => pen.measureText(text).width)));
  const most = narrow.matches ? SHORT_LABEL : LONGEST_LABEL;
  return (specification) => {
    specification.padding = { top: 16, right: 2, left: 2, bottom: 2 };
    specification.config = { axisY: { minExtent: Math.min(widest, most) + 8 } };
  };
}

// sections/further.js
var MOST_LINES = 30;
var NOT_WORDS = [
  "model",
  "elicitation",
  "wave",
  "condition",
  "country",
  "measure",
  "estimate",
  "low",
  "high",
  "n_items",
  "note",
  "p_value"
];
var distinct = (values) => new Set(values).size;
function furtherTable({ name, title, columns: values }) {
  const rows = rowsOf(values);
  const has = (column) => column in values;
  const comparesModels = !has("condition") && !has("steering");
  const comparesElicitations = has("other_elicitation");
  const severalWaves = distinct(values.wave) > 1;
  const words = Object.keys(values).filter(
    (column) => isWord(column) && values[column].some((value) => typeof value === "string") && distinct(values[column]) > 1
  );
  const signedMeasures = new Set(
    rows.filter((row) => known(row.low) && row.low < 0).map((row) => row.measure)
  );
  const tableId = `further-${name}-table`;
  const charts = element("div", { class: "panels pairs" });
  const controls = element("div", { class: "controls" });
  document.getElementById(`further-${name}`).append(controls, charts, details("Table: the numbers", {}, element("div", { id: tableId })));
  const fillTable7 = sortableTable(tableId, {
    caption: title,
    file: `${name}.csv`,
    columns: [
      has("condition") && wayOfAsking,
      has("country") && country,
      has("measure") && { name: "Measure", key: (row) => row.measure },
      ...words.map((column) => ({
        name: capitalised(column.replaceAll("_", " ")),
        key: (row) => row[column]
      })),
      estimate("Estimate", estimateText2),
      has("p_value") && p,
      has("n_items") && items
    ].filter(Boolean)
  });
  let way3 = null;
  function isWord(column) {
    if (column === "model") return comparesModels;
    if (column === "elicitation") return comparesElicitations;
    return !NOT_WORDS.includes(column);
  }
  function estimateText2(row) {
    const write = signedMeasures.has(row.measure) ? changeWithInterval : withInterval;
    return write(row.estimate, row.low, row.high);
  }
  const isSelected2 = (row) => (comparesModels || row.model === selection.model) && (!has("elicitation") || comparesElicitations || row.elicitation === selection.elicitation) && (!severalWaves || row.wave === selection.wave);
  const isCharted = (row) => isScored(row) && (!has("condition") || !has("country") || inCharts(row));
  function lineName(row, shared) {
    const says = (column) => has(column) && !shared.has(column);
    const parts2 = [
      says("country") ? countryName(row.country) : null,
      ...words.filter(says).map((column) => row[column]),
      says("condition") ? lineLabel(row) : null
    ];
    return parts2.filter(known).join(" · ") || (row.model ?? title);
  }
  const markOf2 = (row, order, shared) => ({
    name: lineName(row, shared),
    order,
    estimate: row.estimate,
    low: row.low,
    high: row.high,
    value: narrow.matches ? fixed(row.estimate, 2) : estimateText2(row),
    steering: has("condition") ? condition(row).kind : "none",
    detail: [lineName(row, /* @__PURE__ */ new Set()), estimateText2(row), row.note].filter(Boolean).join("\n")
  });
  function chooseWay(shown) {
    const ways = waysIn(shown);
    if (!ways.includes(way3)) [way3] = ways;
    const choose = (chosen) => {
      way3 = chosen;
      draw();
    };
    showControls(controls, wayPicker(ways, way3, choose));
    return shown.filter((row) => wayOf(row) === way3);
  }
  function draw() {
    const selected = rows.filter(isSelected2);
    fillTable7(selected);
    let shown = selected.filter(isCharted);
    const measures = distinct(shown.map((row) => row.measure));
    const choice = has("condition") && shown.length > MOST_LINES * Math.max(1, measures);
    if (choice) shown = chooseWay(shown);
    else controls.replaceChildren();
    const shared = new Set(
      ["condition", "country", ...words].filter(
        (column) => has(column) && distinct(shown.map((row) => row[column])) < 2
      )
    );
    if (choice) shared.add("condition");
    const groups = [...Map.groupBy(shown, (row) => row.measure ?? "")];
    if (!groups.length) {
      charts.replaceChildren(paragraph("Nothing of this for the model selected."));
      return null;
    }
    charts.classList.toggle("pairs", groups.length > 1);
    return drawCharts(
      charts,
      groups.map(([measure, members]) => ({
        title: capitalised(measure),
        kind: "intervals",
        rows: members.slice(0, 2 * MOST_LINES).map((row, i) => markOf2(row, i, shared)),
        description: [title, measure].filter(Boolean).join(", ") + "; the numbers are in the table below",
        adapt: (specification) => fitIntervals(specification, members, signedMeasures.has(members[0].measure))
      }))
    );
  }
  return draw;
}
function fitIntervals(specification, rows, isSigned) {
  const [zero, intervals, estimates, numbers] = specification.layer;
  const values = rows.flatMap((row) => [row.estimate, row.low, row.high]).filter(known);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const domain = low < high ? [low, high] : [low - 0.05, high + 0.05];
  intervals.encoding.x.scale.domain = domain;
  const hasIntervals = rows.some((row) => known(row.low));
  if (!hasIntervals) estimates.encoding.x.scale.domain = domain;
  specification.layer = [
    ...isSigned ? [zero] : [],
    ...hasIntervals ? [intervals] : [],
    estimates,
    numbers
  ];
}

// shared/grid.js
var MOST_COLUMNS = 12;
var MOST_COLUMNS_NARROW = 5;
var DARK = 0.67;
var hasRoom = (columns) => columns <= (narrow.matches ? MOST_COLUMNS_NARROW : MOST_COLUMNS);
var countryHead = ({ country: country3 }) => ({
  name: shortCountryName(country3),
  order: countryCodes.indexOf(country3)
});
var cell = (line, column, content) => ({
  ...content,
  name: line.name,
  order: line.order,
  column: column.name,
  column_order: column.order
});
function setColours(specification, domain, isDark) {
  for (const { encoding } of specification.layer) {
    if (encoding?.color?.scale) encoding.color.scale.domain = domain;
  }
  specification.layer.at(-1).encoding.color.condition.test = isDark;
}
function turnLabels(specification, labelAngle = -60) {
  for (const { encoding } of specification.layer) {
    Object.assign(encoding.x.axis, { labelAngle, labelAlign: "left", labelLimit: 200 });
  }
}

// shared/legend.js
function ramp([low, high], colours2 = data.config.range.heatmap) {
  const bar = element("span", { class: "ramp", "aria-hidden": "true" });
  bar.style.background = `linear-gradient(to right, ${colours2.join(", ")})`;
  return element("p", { class: "scale" }, fixed(low, 2), bar, fixed(high, 2));
}
function colourList(entries) {
  const items2 = entries.map(([name, colour2]) => {
    const item2 = element("li", {}, name);
    item2.style.setProperty("--key", colour2);
    return item2;
  });
  return element("ul", { class: "legend" }, ...items2);
}

// sections/gains.js
var REFERENCE = "en";
var LEAST_DOMAIN = 0.01;
function drawGains() {
  const rows = scoredAlignment().filter((row) => condition(row).steering === "none");
  const languages2 = [...new Set(rows.map((row) => condition(row).language))];
  const reference = languages2.includes(REFERENCE) ? REFERENCE : languages2[0];
  const gains = gainsOver(reference, rows);
  const place2 = document.getElementById("gains");
  if (!gains.length) {
    const none = "Asked unsteered in one language only: there is no change to show.";
    place2.replaceChildren(paragraph(none));
    return null;
  }
  const languagesAcross = countryCodes.length > MOST_COLUMNS;
  const columns = languagesAcross ? languages2.length : countryCodes.length;
  const most = Math.max(LEAST_DOMAIN, ...gains.map((row) => Math.abs(row.gain)));
  const against = data.languages[reference];
  const chart = {
    title: `Change of alignment against asking in ${against}`,
    legend: ramp([-most, most], data.gainColours),
    kind: "gains",
    rows: gains.map((row) => cellOf(row, { against, languagesAcross, columns })),
    description: `Change of alignment by prompt language and country, against ${against}`,
    adapt: (specification) => {
      const isDark = `abs(datum.estimate) > ${DARK * most}`;
      setColours(specification, [-most, 0, most], isDark);
      if (languagesAcross && columns > MOST_COLUMNS / 2) turnLabels(specification);
    }
  };
  return drawCharts(place2, [chart]);
}
function gainsOver(reference, rows) {
  const key = (row) => `${row.country} ${condition(row).template}`;
  const isReference = (row) => condition(row).language === reference;
  const base = new Map(rows.filter(isReference).map((row) => [key(row), row.estimate]));
  return rows.filter((row) => !isReference(row) && base.has(key(row))).map((row) => ({ ...row, gain: row.estimate - base.get(key(row)) }));
}
function cellOf(row, { against, languagesAcross, columns }) {
  const { language } = condition(row);
  const asked = { name: data.languages[language] ?? language, order: row.condition };
  const country3 = countryHead(row);
  const [line, column] = languagesAcross ? [country3, asked] : [asked, country3];
  return cell(line, column, {
    estimate: row.gain,
    number: hasRoom(columns) ? signed(row.gain, 2) : "",
    targeted: data.spoken[row.country]?.includes(language) ?? false,
    detail: [
      `${countryName(row.country)}: ${asked.name}`,
      `${signed(row.gain, 3)} against ${against}`,
      `alignment ${estimateText(row)}`
    ].join("\n")
  });
}

// sections/heat.js
var CELL_WIDTH = 26;
var LABELS_WIDTH = 200;
function drawHeat() {
  const shown = scoredAlignment().filter(inCharts);
  const countries = new Set(shown.map((row) => row.country)).size;
  const ways = new Set(shown.map((row) => folded ? wayOf(row) : row.condition)).size;
  const countriesDown = countries > MOST_COLUMNS;
  const columns = countriesDown ? ways : countries;
  const rows = shown.map((row) => {
    const way3 = { name: lineLabel(row), order: row.condition };
    const country3 = countryHead(row);
    const [line, column] = countriesDown ? [country3, way3] : [way3, country3];
    return cell(line, column, {
      estimate: row.estimate,
      number: hasRoom(columns) ? fixed(row.estimate, 2) : "",
      targeted: !folded && condition(row).target === row.country,
      detail: alignmentDetail(row)
    });
  });
  const chart = {
    title: "Alignment by way of asking and country",
    legend: ramp(data.domains.heat),
    kind: "heat",
    rows,
    description: "Heat map of alignment by way of asking and country; the numbers are in the table above",
    adapt: (specification) => {
      if (columns <= MOST_COLUMNS) return null;
      turnLabels(specification);
      return columns * CELL_WIDTH + LABELS_WIDTH;
    }
  };
  return drawCharts(document.getElementById("heat"), [chart]);
}

// sections/alignment.js
function alignmentOf({ kind, positions }, people2, model) {
  if (!people2 || !model) return null;
  const differences = people2.probabilities.map((share, i) => share - model.probabilities[i]);
  if (kind === "nominal") {
    return 1 - differences.reduce((sum, difference) => sum + Math.abs(difference), 0) / 2;
  }
  let apart = 0;
  let distance = 0;
  for (let i = 0; i + 1 < positions.length; i += 1) {
    apart += differences[i];
    distance += Math.abs(apart) * (positions[i + 1] - positions[i]);
  }
  return 1 - distance / (positions.at(-1) - positions[0]);
}

// sections/answers.js
var { questions, people, answers } = data.items;
var widths = questions.map((question) => question.codes.length - 1);
var starts = widths.map((_, i) => widths.slice(0, i).reduce((sum, width) => sum + width, 0));
var answersIndex = () => answers.findIndex(isSelected);
var askedConditions = () => answers[answersIndex()]?.conditions ?? [];
function askedWays(country3) {
  const ways = new Set(askedConditions().map((number) => data.conditions[number].way));
  return [...ways].filter((way3) => known(conditionOf(way3, country3)));
}
function conditionOf(way3, country3) {
  const members = askedConditions().filter((number) => data.conditions[number].way === way3);
  if (!folded) return members[0];
  return members.find((number) => ["", country3].includes(data.conditions[number].target));
}
async function answersOf(conditionNumber, country3) {
  const index = answersIndex();
  const conditions = askedConditions();
  const place2 = people.findIndex(([code, wave]) => code === country3 && wave === selection.wave);
  return {
    people: reader(await readGrids("people", people.length), place2),
    model: index < 0 ? () => null : reader(
      await readGrids(`answers-${index}`, conditions.length),
      conditions.indexOf(conditionNumber)
    )
  };
}
var readGrids = (name, rows) => once(`grids of ${name}`, async () => {
  const numbers = await readNumbers(name);
  const cells = rows * widths.length;
  const sharesEnd = numbers.length - 2 * cells;
  return {
    width: sharesEnd / rows,
    shares: numbers.subarray(0, sharesEnd),
    beside: numbers.subarray(sharesEnd, sharesEnd + cells),
    counts: numbers.subarray(sharesEnd + cells)
  };
});
var reader = (grids, row) => (item2) => {
  const cell2 = row * widths.length + item2;
  if (row < 0 || !grids.counts[cell2]) return null;
  const first = row * grids.width + starts[item2];
  const shares = [...grids.shares.subarray(first, first + widths[item2])];
  shares.push(THOUSAND - shares.reduce((sum, share) => sum + share, 0));
  return {
    probabilities: shares.map((share) => share / THOUSAND),
    beside: grids.beside[cell2] / THOUSAND,
    n: grids.counts[cell2]
  };
};
async function repliesTo(item2, conditionNumber) {
  const index = answersIndex();
  if (index < 0) return [];
  const start = `${conditionNumber} `;
  const lines = block(`replies-${index}`).split("\n").filter((line) => line.startsWith(start));
  const draws = await Promise.all(lines.map((line) => unpackJson(line.slice(start.length))));
  return draws.flatMap(rowsOf).filter((reply) => reply.question === item2);
}
async function promptsFor(item2, conditionNumber) {
  const { paragraphs, ...columns } = await readJson("prompts");
  const text = (numbers) => numbers.map((number) => paragraphs[number]).join("\n\n");
  const isWanted = (i) => columns.condition[i] === conditionNumber && columns.question[i] === item2 && columns.elicitation[i] === selection.elicitation;
  return [...columns.condition.keys()].filter(isWanted).map((i) => ({
    order: columns.option_order[i],
    parts: [
      ["Instruction", text(columns.system[i])],
      ["Question", text(columns.user[i])],
      ["The reply was made to begin with", text(columns.reply_start[i])]
    ].filter(([, written2]) => written2)
  }));
}

// sections/item.js
var { questions: questions2, languages, repliesLeftOut } = data.items;
var wording = (item2, language) => questions2[item2].wording[language];
var small = (text) => element("p", { class: "small" }, text);
function drawItem(place2, chosen) {
  const { item: item2, country: country3, conditionNumber, people: people2, model, prompts, replies: replies2 } = chosen;
  const { id, topic } = questions2[item2];
  const { language, label: label2 } = data.conditions[conditionNumber];
  const [peopleColour, modelColour] = data.config.range.category;
  const names = { people: `people in ${countryName(country3)}`, model: "the model" };
  const options = optionNames(item2, language);
  const chart = figure(
    "Shares of answers on the scale",
    colourList([
      [names.people, peopleColour],
      [`${selection.model}: ${label2}`, modelColour]
    ])
  );
  place2.replaceChildren(
    element("h3", {}, `${id} · ${topic}`),
    ...wordingBlocks(item2, language),
    small(aboutAnswers(item2, country3, people2, model)),
    chart,
    shareTable(options, people2, model, countryName(country3)),
    ...promptBlocks(prompts, language),
    ...replyBlocks(replies2, language)
  );
  return drawChart(chart, {
    kind: "distribution",
    rows: [
      ...barsOf("People", names.people, options, people2),
      ...barsOf("Model", names.model, options, model)
    ],
    description: `Shares of answers to ${id} by ${names.people} and by the model`,
    adapt: (specification) => {
      specification.padding = { right: 34, left: 2, top: 4, bottom: 2 };
    }
  });
}
function optionNames(item2, language) {
  const words = wording(item2, "en") ?? wording(item2, language);
  return questions2[item2].codes.map((code, i) => words?.labels[i] || String(code));
}
function wordingBlocks(item2, language) {
  const english = wording(item2, "en");
  const asked = language === "en" ? null : wording(item2, language);
  const dir = languages[language]?.direction ?? "auto";
  return [
    english && element("p", { class: "wording" }, english.text),
    asked && element("p", { lang: language, dir }, asked.text)
  ].filter(known);
}
function aboutAnswers(item2, country3, people2, model) {
  const name = countryName(country3);
  const parts2 = [`${questions2[item2].kind} scale`];
  if (people2) parts2.push(`${people2.n.toLocaleString("en")} people answered in ${name}`);
  else parts2.push(`not asked in ${name}`);
  if (people2?.beside) {
    parts2.push(`${percent(people2.beside)} of people gave an answer beside the scale`);
  }
  if (model?.beside) {
    parts2.push(`${percent(model.beside)} of the model’s mass lay beside the scale`);
  }
  if (model) parts2.push(`${model.n} ${model.n === 1 ? "reply" : "replies"}`);
  else parts2.push("no usable reply");
  return parts2.join(" · ");
}
var barsOf = (who, name, options, answer) => (answer?.probabilities ?? []).map((share, i) => ({
  who,
  share,
  order: i,
  option: options[i],
  number: percent(share),
  detail: `${options[i]}
${name}: ${percent(share)}`
}));
function shareTable(options, people2, model, country3) {
  const head = (scope, text) => element("th", { scope }, text);
  const number = (tag, text) => element(tag, { class: "number" }, text);
  const columnHead = (text) => element("th", { scope: "col", class: "number" }, text);
  const lines = options.map(
    (option, i) => element(
      "tr",
      {},
      head("row", option),
      number("td", percent(people2?.probabilities[i])),
      number("td", percent(model?.probabilities[i]))
    )
  );
  return details(
    "Table: shares by option",
    {},
    element(
      "table",
      {},
      element("caption", {}, "Shares of answers by option"),
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          head("col", "Option"),
          columnHead(`People, ${country3}`),
          columnHead("Model")
        )
      ),
      element("tbody", {}, ...lines)
    )
  );
}
var written = (text, language, kind = null) => element("pre", { tabindex: "0", lang: language, dir: "auto", class: kind }, text);
function promptBlocks(prompts, language) {
  const summary = ({ order }) => prompts.length > 1 ? `Prompt as sent, options ${order}` : "Prompt as sent";
  return prompts.map(
    (prompt) => details(
      summary(prompt),
      { class: "prompt" },
      ...prompt.parts.flatMap(([name, text]) => [small(name), written(text, language)])
    )
  );
}
function replyBlocks(replies2, language) {
  if (!replies2.length && repliesLeftOut) {
    const left = `This file leaves out ${repliesLeftOut.toLocaleString("en")} raw replies`;
    return [small(`${left} to stay small; the run’s store holds them.`)];
  }
  const withoutText = "No text: the probabilities of the options were read from the model directly.";
  return replies2.flatMap((reply) => [
    element("h4", {}, `Raw reply: ${aboutReply(reply)}`),
    reply.text ? written(reply.text, language, "reply") : small(withoutText)
  ]);
}
function aboutReply(reply) {
  const parts2 = [
    data.statuses[reply.status] ?? reply.status,
    `options ${reply.option_order}`,
    `draw ${reply.draw}`
  ];
  if (known(reply.off_option_mass)) {
    parts2.push(`${percent(reply.off_option_mass)} of the mass off the options`);
  }
  return parts2.join(", ");
}

// sections/items.js
var { questions: questions3 } = data.items;
var item = 0;
var [country2] = countryCodes;
var way = null;
var fillTable2 = sortableTable("item-table", {
  caption: "Items for the chosen country and way of asking",
  file: "items.csv",
  isCurrent: (row) => row.item === item,
  columns: [
    { name: "Item", key: (row) => row.id, cell: itemLink },
    {
      name: "Alignment",
      key: (row) => row.alignment,
      text: (row) => fixed(row.alignment, 2),
      number: true
    },
    { name: "Question", key: (row) => row.text },
    { name: "Topic", key: (row) => row.topic }
  ]
});
function itemLink(row) {
  const onclick = () => {
    openItem(row.item);
    document.getElementById("items").scrollIntoView();
  };
  return element("button", { type: "button", class: "link", onclick }, row.id);
}
function openItem(chosen) {
  item = chosen;
  return drawItems();
}
var turn = 0;
async function drawItems() {
  turn += 1;
  const mine = turn;
  showItemControls();
  const conditionNumber = known(way) ? conditionOf(way, country2) : null;
  const [{ people: people2, model }, prompts, replies2] = await Promise.all([
    answersOf(conditionNumber, country2),
    promptsFor(item, conditionNumber),
    repliesTo(item, conditionNumber)
  ]);
  if (mine !== turn) return;
  fillTable2(
    questions3.map((question, i) => ({
      item: i,
      id: question.id,
      topic: question.topic,
      text: wording(i, "en")?.text ?? "–",
      alignment: alignmentOf(question, people2(i), model(i))
    }))
  );
  const place2 = document.getElementById("item");
  if (!questions3.length || !known(conditionNumber)) {
    place2.replaceChildren(paragraph("No answers for this selection."));
    return;
  }
  await drawItem(place2, {
    item,
    country: country2,
    conditionNumber,
    people: people2(item),
    model: model(item),
    prompts,
    replies: replies2
  });
}
function showItemControls() {
  const ways = askedWays(country2);
  if (!ways.includes(way)) [way] = ways;
  const names = questions3.map(({ id, topic }, i) => [
    i,
    `${id} · ${wording(i, "en")?.text ?? topic}`
  ]);
  const step = (label2, by) => {
    const onclick = () => openItem((item + by + questions3.length) % questions3.length);
    return element("button", { type: "button", onclick }, label2);
  };
  showControls(
    document.getElementById("item-controls"),
    picker("Item", names, item, openItem),
    picker("Country", Object.entries(data.countries), country2, (chosen) => {
      country2 = chosen;
      drawItems();
    }),
    wayPicker(ways, way, (chosen) => {
      way = chosen;
      drawItems();
    }),
    step("Previous item", -1),
    step("Next item", 1)
  );
}

// sections/map.js
var HEIGHT_TO_WIDTH = 0.46;
var COLOURS = [
  ["alignment", "alignment"],
  ["verdict", "verdict: model against baseline"]
];
var colour = "alignment";
var way2 = 0;
var fillTable3 = sortableTable("map-table", {
  caption: "Alignment and verdict by country, for the way of asking on the map",
  file: "map.csv",
  columns: [country, alignment2, gap, verdict]
});
async function drawMap() {
  const world = await readJson("world");
  const scored = scoredAlignment().filter(inCharts);
  const ways = waysIn(scored);
  if (!ways.includes(way2)) [way2] = ways;
  const rows = scored.filter((row) => wayOf(row) === way2);
  showControls(
    document.getElementById("map-controls"),
    picker("Colour shows", COLOURS, colour, (chosen) => {
      colour = chosen;
      drawMap();
    }),
    wayPicker(ways, way2, (chosen) => {
      way2 = chosen;
      drawMap();
    })
  );
  fillTable3(rows);
  const verdicts = colour === "verdict";
  const shown = verdicts ? rows.filter((row) => row.verdict) : rows;
  const name = data.ways[way2]?.label ?? "nothing scored";
  const title = `${verdicts ? "Verdict" : "Alignment"}: ${name}`;
  const chart = {
    title,
    legend: verdicts ? verdictList() : ramp(data.domains.heat),
    kind: verdicts ? "verdicts" : "map",
    rows: shown.map((row) => place(row, world)),
    description: `World map, ${title}; the numbers are in the table below`,
    adapt: (specification, width) => {
      specification.datasets.world = world;
      specification.height = HEIGHT_TO_WIDTH * width;
    }
  };
  await drawCharts(document.getElementById("world"), [chart]);
}
function verdictList() {
  const colours2 = data.config.range.diverging;
  return colourList(
    Object.entries(data.verdicts).map(([verdict2, name], i) => [
      `${name} ${verdict2 === "appropriate" ? "as" : "than"} the baseline`,
      colours2[i]
    ])
  );
}
function place(row, world) {
  const [longitude, latitude] = world.points[row.country] ?? [];
  const { country: country3, estimate: estimate2, verdict: verdict2 } = row;
  return { country: country3, estimate: estimate2, verdict: verdict2, detail: alignmentDetail(row), longitude, latitude };
}

// sections/neighbours.js
var SHORTER = 0.6;
var CELL_WIDTH2 = 15;
var LABELS_WIDTH2 = 60;
var steering = null;
async function drawNeighbours() {
  const place2 = document.getElementById("neighbours-chart");
  const index = data.askedAs.parts.findIndex(isSelected);
  if (index < 0) {
    place2.replaceChildren(paragraph("This model was asked as no country."));
    return;
  }
  const numbers = await readNumbers(`asked-as-${index}`);
  const asked = data.askedAs.parts[index].conditions.map((number) => data.conditions[number]);
  const steerings = [...new Map(asked.map((one) => [one.steering, one.steering_label]))];
  if (!steerings.some(([key]) => key === steering)) [[steering]] = steerings;
  showControls(
    document.getElementById("neighbours-controls"),
    steerings.length > 1 ? steeringPicker(steerings) : null
  );
  const countries = data.askedAs.order;
  const many2 = countries.length > MOST_COLUMNS;
  const rows = cellsOf(asked, numbers, many2 ? (code) => code : shortCountryName);
  const values = rows.map((row) => row.estimate);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const title = "Alignment of the model asked as one country (lines) with the people of each (columns)";
  const chart = {
    title,
    legend: ramp([low, high]),
    kind: "heat",
    rows,
    description: title,
    adapt: (specification) => {
      const isDark = `datum.estimate > ${low + DARK * (high - low)}`;
      setColours(specification, [low, high], isDark);
      if (!many2) return null;
      turnLabels(specification, -90);
      specification.height *= SHORTER;
      return countries.length * CELL_WIDTH2 + LABELS_WIDTH2;
    }
  };
  await drawCharts(place2, [chart]);
}
var steeringPicker = (steerings) => picker("Steering", steerings, steering, (chosen) => {
  steering = chosen;
  drawNeighbours();
});
function cellsOf(asked, numbers, shortName) {
  const { order } = data.askedAs;
  const lines = asked.map((one, i) => ({ ...one, values: numbers.subarray(i * order.length) })).filter((line) => line.steering === steering);
  const severalLanguages = new Set(lines.map(({ target }) => target)).size < lines.length;
  return lines.flatMap(({ target, language, values }) => {
    const name = shortName(target) + (severalLanguages ? ` · ${language}` : "");
    const line = { name, order: order.indexOf(target) };
    return order.flatMap((country3, i) => {
      if (!values[i]) return [];
      const estimate2 = (values[i] - 1) / THOUSAND;
      const content = {
        estimate: estimate2,
        number: hasRoom(order.length) ? fixed(estimate2, 2) : "",
        targeted: country3 === target,
        detail: [
          `asked as ${countryName(target)}, people of ${countryName(country3)}`,
          `alignment ${fixed(estimate2, 3)}`
        ].join("\n")
      };
      return [cell(line, { name: shortName(country3), order: i }, content)];
    });
  });
}

// sections/reliability.js
var replies = rowsOf(data.reliability);
var statuses = Object.entries(data.statuses);
var colours = Object.fromEntries(
  statuses.map(([status], i) => [status, data.config.range.ordinal[i]])
);
var fillTable4 = sortableTable("reliability-table", {
  caption: "Replies by way of asking",
  file: "reliability.csv",
  columns: [
    wayOfAsking,
    { name: "Replies", key: (row) => row.n, number: true },
    ...statuses.map(([status, name]) => ({
      name: capitalised(name),
      key: (row) => row[status],
      number: true
    })),
    {
      name: "Off the options",
      key: (row) => row.off_option_mass,
      text: (row) => percent(row.off_option_mass),
      number: true
    }
  ]
});
function drawReliability() {
  const selected = replies.filter(isSelected).sort((a, b) => a.condition - b.condition);
  const bars = Map.groupBy(selected, (row) => folded ? wayOf(row) : row.condition);
  const rows = [...bars].flatMap(([order, members]) => partsOf(members, order));
  const occurring = new Set(rows.map((row) => row.status));
  fillTable4(selected);
  const chart = {
    title: "Replies by what became of them",
    legend: colourList(
      statuses.filter(([status]) => occurring.has(status)).map(([status, name]) => [name, colours[status]])
    ),
    kind: "reliability",
    rows,
    description: "Shares of replies by what became of them; the numbers are in the table below"
  };
  return drawCharts(document.getElementById("reliability-chart"), [chart]);
}
function partsOf(members, order) {
  const total = (column) => members.reduce((sum, row) => sum + row[column], 0);
  const asked = folded ? data.ways[order] : condition(members[0]);
  return statuses.map(([status, name], i) => ({
    name: lineLabel(members[0]),
    order,
    status,
    status_order: i,
    share: total(status) / total("n"),
    detail: `${asked.label}
${name}: ${total(status)} of ${total("n")}`
  })).filter((row) => row.share > 0);
}

// sections/steering.js
var effects = rowsOf(data.steering);
var namesCountry = (row) => row.country === condition(row).target;
var view2 = 0;
var fillTable5 = sortableTable("effects-table", {
  caption: "Change of alignment by steering and country",
  file: "steering.csv",
  columns: [
    wayOfAsking,
    country,
    { name: "Names this country", key: (row) => namesCountry(row) ? "yes" : "no" },
    estimate("Change", changeText),
    p,
    items
  ]
});
function drawSteering() {
  const place2 = document.getElementById("effects");
  const rows = effects.filter(
    (row) => isSelected(row) && row.wave === selection.wave && isScored(row)
  );
  fillTable5(rows);
  let panels = rows.length ? panelsOf2(rows) : [];
  if (folded && panels.length > 1) {
    if (!panels[view2]) view2 = 0;
    const titles = panels.map(({ title }, i) => [i, title]);
    showControls(
      document.getElementById("effects-controls"),
      picker("Show", titles, view2, (chosen) => {
        view2 = chosen;
        drawSteering();
      })
    );
    panels = [panels[view2]];
  }
  place2.classList.toggle("pairs", panels.length > 1);
  if (!panels.length) {
    place2.replaceChildren(paragraph("No steering in this selection."));
    return null;
  }
  const charts = panels.map((panel) => ({
    title: panel.title,
    kind: "effects",
    rows: marksOf2(panel),
    description: `${panel.title}, with intervals; the numbers are in the table below`
  }));
  return drawCharts(place2, charts);
}
function panelsOf2(rows) {
  const shortName = (row) => shortCountryName(row.country);
  if (!rows.every(namesCountry)) {
    const groups2 = [...Map.groupBy(rows, (row) => row.condition)].sort(([a], [b]) => a - b);
    return groups2.map(([number, members]) => ({
      title: data.conditions[number].label,
      rows: members,
      name: shortName,
      order: (row) => countryCodes.indexOf(row.country)
    }));
  }
  if (!folded) {
    const title = "Change of alignment with the country that the steering names";
    return [{ title, rows, name: lineLabel, order: (row) => row.condition }];
  }
  const groups = [...Map.groupBy(rows, (row) => condition(row).steering).values()];
  return groups.map((members) => {
    const count = (column) => new Set(members.map((row) => row[column])).size;
    const severalLanguages = count("condition") > count("country");
    const steering2 = condition(members[0]).steering_label;
    return {
      title: `${steering2}: change of alignment with each country it names`,
      rows: members,
      name: (row) => severalLanguages ? `${shortName(row)} · ${condition(row).language}` : shortName(row),
      order: (row) => -row.estimate
    };
  });
}
var marksOf2 = ({ rows, name, order }) => rows.map((row) => ({
  ...row,
  name: name(row),
  order: order(row),
  steering: condition(row).kind,
  targeted: namesCountry(row),
  value: narrow.matches ? signed(row.estimate, 2) : changeText(row),
  detail: [
    `${countryName(row.country)}: ${condition(row).label}`,
    `change of alignment ${changeText(row)}`,
    `${row.n_items} items`
  ].join("\n")
}));

// sections/time.js
var alignment3 = data.time ? rowsOf(data.time) : [];
var view3 = 0;
var fillTable6 = sortableTable("time-table", {
  caption: "Alignment by wave",
  file: "time.csv",
  columns: [
    country,
    wayOfAsking,
    { name: "Wave", key: (row) => row.wave, number: true },
    alignment2,
    items
  ]
});
function drawTime() {
  const place2 = document.getElementById("time-charts");
  const rows = alignment3.filter((row) => isSelected(row) && isScored(row) && inCharts(row));
  const byCountry = Map.groupBy(rows, (row) => row.country);
  const wavesOf = (code) => new Set(byCountry.get(code)?.map((row) => row.wave)).size;
  const countries = countryCodes.filter((code) => wavesOf(code) > 1);
  if (!countries.length) {
    place2.replaceChildren(paragraph("No country of this selection has more than one wave."));
    return null;
  }
  const pages = [];
  for (let i = 0; i < countries.length; i += MOST_CHARTS) {
    pages.push(countries.slice(i, i + MOST_CHARTS));
  }
  if (!pages[view3]) view3 = 0;
  showControls(
    document.getElementById("time-controls"),
    pages.length > 1 ? pagePicker(pages) : null
  );
  fillTable6(rows);
  const charts = pages[view3].map((code) => ({
    title: countryName(code),
    kind: "time",
    rows: byCountry.get(code).map(markOf),
    description: `Alignment by wave, ${countryName(code)}; the numbers are in the table below`
  }));
  return drawCharts(place2, charts, steeringList(rows));
}
function pagePicker(pages) {
  const options = pages.map((page, i) => [
    i,
    `${countryName(page[0])} to ${countryName(page.at(-1))}`
  ]);
  return picker("Countries", options, view3, (chosen) => {
    view3 = chosen;
    drawTime();
  });
}
function steeringList(rows) {
  const present = new Set(rows.map((row) => condition(row).kind));
  const colours2 = data.config.range.category;
  return colourList(
    data.steerings.map((kind, i) => [kind, colours2[i]]).filter(([kind]) => present.has(kind)).map(([kind, colour2]) => [data.steeringNames[kind], colour2])
  );
}
var markOf = (row) => ({
  wave: row.wave,
  way: lineLabel(row),
  steering: condition(row).kind,
  estimate: row.estimate,
  low: row.low,
  high: row.high,
  detail: [
    `${countryName(row.country)}, wave ${row.wave}: ${condition(row).label}`,
    `alignment ${estimateText(row)}`,
    `${row.n_items} items`
  ].join("\n")
});

// theme.js
var button = document.getElementById("theme");
var prefersDark = matchMedia("(prefers-color-scheme: dark)");
function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  button.textContent = dark ? "Light theme" : "Dark theme";
}
function followTheme() {
  button.hidden = false;
  button.onclick = () => setTheme(document.documentElement.dataset.theme !== "dark");
  prefersDark.addEventListener("change", () => setTheme(prefersDark.matches));
  setTheme(prefersDark.matches);
}

// page.js
var parts = [
  ["map", drawMap],
  ["countries", drawForest],
  ["grid", drawHeat],
  ["grid", drawGains],
  ["steering", drawSteering],
  ["time", drawTime],
  ["neighbours", drawNeighbours],
  ...data.further.map((table) => [`further-${table.name}`, furtherTable(table)]),
  ["items", drawItems],
  ["reliability", drawReliability]
].filter(([section]) => document.getElementById(section));
var turn2 = 0;
async function redraw() {
  turn2 += 1;
  const mine = turn2;
  const main = document.getElementById("main");
  main.setAttribute("aria-busy", "true");
  for (const [, draw] of parts) {
    await draw();
    await new Promise((resume) => setTimeout(resume));
    if (mine !== turn2) return;
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
  data.models.map((name) => [name, name])
);
showChoice("elicitation", "Answers read from", Object.entries(data.elicitations));
showChoice(
  "wave",
  "Survey wave",
  data.waves.map((wave) => [wave, `wave ${wave}`])
);
followTheme();
narrow.addEventListener("change", redraw);
redraw();
