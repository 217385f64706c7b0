// The world: countries in the colour of their alignment, or of their verdict.
const map = { way: 0, shows: "alignment" };
const MAP_SHAPE = 0.46;

function mapRows() {
  const rows = selectedAlignment().filter((row) => inCharts(row) && known(row.estimate));
  const ways = [...new Set(rows.map(wayOf))].sort((a, b) => a - b);
  if (!ways.includes(map.way)) [map.way] = ways;
  return [ways, rows.filter((row) => wayOf(row) === map.way)];
}

async function drawMap() {
  const world = await once("world", () => inflateJson(block("world")));
  const [ways, rows] = mapRows();
  refill(document.getElementById("map-controls"),
    picker("Colour shows", [["alignment", "alignment"], ["verdict", "verdict: model against baseline"]], map.shows, (value) => { map.shows = value; drawMap(); }),
    picker("Way of asking", ways.map((way) => [way, data.ways[way].label]), map.way, (value) => { map.way = Number(value); drawMap(); }));
  fillMap(rows);
  const verdicts = map.shows === "verdict";
  const legend = verdicts ? keyList(Object.entries(data.verdicts).map(([, name], i) => [`${name}${i === 1 ? " as" : " than"} the baseline`, data.config.range.diverging[i]]))
    : ramp(data.domains.heat);
  const title = `${verdicts ? "Verdict" : "Alignment"}: ${data.ways[map.way]?.label ?? "nothing scored"}`;
  const figure = element("figure", {}, element("figcaption", {}, title), legend);
  document.getElementById("world").replaceChildren(figure);
  const shown = rows.map((row) => {
    const [longitude, latitude] = world.points[row.country] ?? [];
    return { country: row.country, estimate: row.estimate, verdict: row.verdict, detail: detail(row), longitude, latitude };
  });
  await draw(figure, verdicts ? "verdicts" : "map", verdicts ? shown.filter((row) => row.verdict) : shown,
    `World map, ${title}; the numbers are in the table below`, (specification, width) => {
      specification.datasets.world = world;
      specification.height = MAP_SHAPE * width;
    });
}

const fillMap = sortableTable(document.getElementById("map-table"), {
  caption: "Alignment and verdict by country, for the way of asking on the map", file: "map.csv",
  columns: [
    { name: "Country", keep: true, key: (row) => data.countries[row.country] },
    { name: "Alignment", key: (row) => row.estimate, text: estimateText, number: true },
    { name: "Gap", key: (row) => row.gap, text: gapText, number: true },
    { name: "Verdict", key: (row) => row.verdict, text: (row) => data.verdicts[row.verdict] ?? "–" },
  ],
});
redraws.push(drawMap);
