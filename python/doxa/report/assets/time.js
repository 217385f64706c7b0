// Alignment by wave: a panel a country, a line a way of asking.
const waves = data.time ? rowsOf(data.time) : [];
const time = { view: "0" };
let fillTime = null;

function drawTime() {
  const rows = waves.filter((row) => selected(row) && known(row.estimate) && inCharts(row));
  const several = (code) => new Set(rows.filter((row) => row.country === code).map((row) => row.wave)).size > 1;
  const countries = codes.filter(several);
  const place = document.getElementById("time-charts");
  if (!countries.length) {
    place.replaceChildren(element("p", {}, "No country of this selection has more than one wave."));
    return null;
  }
  const pages = Array.from({ length: Math.ceil(countries.length / MANY) }, (_, i) => countries.slice(i * MANY, (i + 1) * MANY));
  if (!pages[time.view]) time.view = "0";
  refill(document.getElementById("time-controls"), ...(pages.length < 2 ? [] : [picker("Countries",
    pages.map((page, i) => [i, `${data.countries[page[0]]} to ${data.countries[page.at(-1)]}`]), time.view, (value) => { time.view = value; drawTime(); })]));
  const kinds = [...new Set(rows.map((row) => data.conditions[row.condition].kind))];
  const legend = keyList(data.steerings.flatMap((kind, i) => (kinds.includes(kind) ? [[data.steeringNames[kind], data.config.range.category[i]]] : [])));
  const figures = pages[time.view].map((code) => element("figure", {}, element("figcaption", {}, data.countries[code])));
  place.replaceChildren(legend, ...figures);
  fillTime(rows);
  return Promise.all(pages[time.view].map((code, i) => draw(figures[i], "time", rows.filter((row) => row.country === code).map((row) => ({
    wave: row.wave, way: labelOf(row), steering: data.conditions[row.condition].kind, estimate: row.estimate, low: row.low, high: row.high,
    detail: `${data.countries[code]}, wave ${row.wave}: ${data.conditions[row.condition].label}\nalignment ${estimateText(row)}\n${row.n_items} items`,
  })), `Alignment by wave, ${data.countries[code]}; the numbers are in the table below`)));
}

if (data.time) {
  fillTime = sortableTable(document.getElementById("time-table"), {
    caption: "Alignment by wave", file: "time.csv",
    columns: [
      { name: "Country", keep: true, key: (row) => data.countries[row.country] },
      { name: "Way of asking", keep: true, key: (row) => row.condition, text: (row) => label(data.conditions[row.condition]) },
      { name: "Wave", key: (row) => row.wave, number: true },
      { name: "Alignment", key: (row) => row.estimate, text: estimateText, number: true },
      { name: "Items", key: (row) => row.n_items, number: true },
    ],
  });
  redraws.push(drawTime);
}
