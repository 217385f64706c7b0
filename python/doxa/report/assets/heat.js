// Alignment by way of asking and country as a heat map.
// Many countries stand in rows, few in columns: a page scrolls downwards.
const WIDE = 12;
const CELL = 26;
// Whether a cell has room for its number.
const roomy = (columns) => columns <= (narrow.matches ? 5 : WIDE);

function drawHeat() {
  const shown = selectedAlignment().filter((row) => inCharts(row) && known(row.estimate));
  const countries = new Set(shown.map((row) => row.country)).size;
  const ways = new Set(shown.map((row) => (folded ? wayOf(row) : row.condition))).size;
  const upright = countries > WIDE;
  const columns = upright ? ways : countries;
  const rows = shown.map((row) => {
    const way = { name: labelOf(row), order: row.condition };
    const country = { name: narrow.matches ? row.country : data.countries[row.country], order: codes.indexOf(row.country) };
    const [line, column] = upright ? [country, way] : [way, country];
    return {
      ...row, ...line, column: column.name, column_order: column.order, number: roomy(columns) ? fixed(row.estimate, 2) : "",
      targeted: !folded && data.conditions[row.condition].target === row.country, detail: detail(row),
    };
  });
  const figure = element("figure", {}, element("figcaption", {}, "Alignment by way of asking and country"), ramp(data.domains.heat));
  document.getElementById("heat").replaceChildren(figure);
  return draw(figure, "heat", rows, "Heat map of alignment by way of asking and country; the numbers are in the table above",
    (specification) => {
      if (columns > WIDE) turnLabels(specification);
      return columns > WIDE ? columns * CELL + 200 : null;
    });
}

function turnLabels(specification, labelAngle = -60) {
  for (const layer of specification.layer) Object.assign(layer.encoding.x.axis, { labelAngle, labelAlign: "left", labelLimit: 200 });
}
redraws.push(drawHeat);
