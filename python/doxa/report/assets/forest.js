// Alignment by country: the forest plot and the table.
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
    specification.config = { axisY: { minExtent: Math.min(width, narrow.matches ? SHORT : 240) + 8 } };
  };
}

const MANY = 8;
const codes = Object.keys(data.countries);
const forest = { view: codes.length > MANY ? "way 0" : "all" };

function forestViews(rows) {
  const ways = [...new Set(rows.map(wayOf))].sort((a, b) => a - b);
  const present = codes.filter((code) => rows.some((row) => row.country === code));
  return [
    ...(present.length > MANY ? [] : [["all", "every way of asking, country by country"]]),
    ...ways.map((way) => [`way ${way}`, `countries ranked: ${data.ways[way].label}`]),
    ...(present.length > MANY ? present.map((code) => [`country ${code}`, `every way of asking: ${data.countries[code]}`]) : []),
  ];
}

function forestPanels(rows) {
  const byCountry = (code) => [data.countries[code], rows.filter((row) => row.country === code), labelOf, (row) => row.condition];
  const [kind, which] = forest.view.split(" ");
  if (kind === "all") return codes.map(byCountry);
  if (kind === "country") return [byCountry(which)];
  const way = data.ways[which];
  return [[way.label, rows.filter((row) => wayOf(row) === Number(which)), (row) => data.countries[row.country], (row) => -row.estimate]];
}

function drawForest() {
  const place = document.getElementById("forest");
  const rows = selectedAlignment().filter(inCharts);
  const views = forestViews(rows);
  if (views.length && !views.some(([view]) => view === forest.view)) [[forest.view]] = views;
  refill(document.getElementById("forest-controls"),
    picker("Show", views, forest.view, (value) => { forest.view = value; drawForest(); }));
  const panels = forestPanels(rows).filter(([, panel]) => panel.length);
  const room = forestRoom(panels.flatMap(([, panel, name]) => panel.map(name)));
  if (!panels.length) place.replaceChildren(element("p", {}, "No scores for this selection."));
  const figures = panels.map(([title]) => element("figure", {}, element("figcaption", {}, title)));
  if (panels.length) place.replaceChildren(...figures);
  return Promise.all(panels.map(([title, panel, name, order], i) => draw(figures[i], "forest",
    forestRows(panel, name, order), `Alignment with intervals, ${title}; the numbers are in the table below`, room)));
}

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
redraws.push(drawForest, () => fillAlignment(selectedAlignment()));
