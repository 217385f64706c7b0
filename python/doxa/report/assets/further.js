// Tables of any other kind: what has an estimate is drawn with its interval, and listed.
const TOLD = new Set(["model", "elicitation", "wave", "condition", "country", "measure", "estimate", "low", "high", "n_items", "note", "p_value"]);
const MOST_LINES = 30;

function furtherTable({ name, title, columns }) {
  const all = rowsOf(columns);
  const has = (column) => column in columns;
  // A table without steerings sets the models side by side, one with two elicitations these.
  const byModel = (has("condition") || has("steering"));
  const matches = (row) => (!byModel || row.model === selection.model) && (!has("elicitation") || has("other_elicitation") || row.elicitation === selection.elicitation)
    && (!has("wave") || row.wave === selection.wave || new Set(columns.wave).size < 2);
  const differs = (column) => new Set(columns[column]).size > 1;
  const words = Object.keys(columns).filter((column) => (!TOLD.has(column) || (column === "model" && !byModel) || (column === "elicitation" && has("other_elicitation"))) && columns[column].some((value) => typeof value === "string") && differs(column));
  // A measure that may be negative carries its sign, and its chart a line at zero.
  const negative = new Set(all.filter((row) => known(row.low) && row.low < 0).map((row) => row.measure));
  const text = (row) => (negative.has(row.measure) ? changeWithInterval : withInterval)(row.estimate, row.low, row.high);
  const heading = (column) => column.replaceAll("_", " ");
  const place = document.getElementById(`further-${name}`);
  const charts = element("div", { class: "panels pairs" });
  const controls = element("div", { class: "controls" });
  const numbers = element("div");
  place.append(controls, charts, element("details", {}, element("summary", {}, "Table: the numbers"), numbers));
  let chosen = null;
  const fill = sortableTable(numbers, {
    caption: title, file: `${name}.csv`,
    columns: [
      ...(has("condition") ? [{ name: "Way of asking", keep: true, key: (row) => row.condition, text: (row) => label(data.conditions[row.condition]) }] : []),
      ...(has("country") ? [{ name: "Country", keep: true, key: (row) => data.countries[row.country] ?? row.country }] : []),
      ...(has("measure") ? [{ name: "Measure", key: (row) => row.measure }] : []),
      ...words.map((column) => ({ name: heading(column)[0].toUpperCase() + heading(column).slice(1), key: (row) => row[column] })),
      { name: "Estimate", key: (row) => row.estimate, text, number: true },
      ...(has("p_value") ? [{ name: "p", key: (row) => row.p_value, text: (row) => (known(row.p_value) && row.p_value < 0.001 ? "<0.001" : fixed(row.p_value, 3)), number: true }] : []),
      ...(has("n_items") ? [{ name: "Items", key: (row) => row.n_items, number: true }] : []),
    ],
  });

  function lineName(row, told) {
    const parts = [
      has("country") && !told.has("country") ? (data.countries[row.country] ?? row.country) : null,
      ...words.map((column) => (told.has(column) ? null : row[column])),
      has("condition") && !told.has("condition") ? labelOf(row) : null,
    ].filter(known);
    return parts.join(" · ") || (row.model ?? title);
  }

  function drawFurther() {
    const rows = all.filter(matches);
    fill(rows);
    let shown = rows.filter((row) => known(row.estimate) && (!has("condition") || !has("country") || inCharts(row)));
    const told = new Set();
    const measures = has("measure") ? new Set(shown.map((row) => row.measure)).size : 1;
    if (has("condition") && shown.length / Math.max(1, measures) > MOST_LINES) {
      const ways = [...new Set(shown.map(wayOf))].sort((a, b) => a - b);
      if (!ways.includes(chosen)) [chosen] = ways;
      refill(controls, picker("Way of asking", ways.map((way) => [way, data.ways[way].label]), chosen, (value) => { chosen = Number(value); drawFurther(); }));
      shown = shown.filter((row) => wayOf(row) === chosen);
      told.add("condition");
    } else controls.replaceChildren();
    for (const column of ["condition", "country", ...words]) if (has(column) && new Set(shown.map((row) => row[column])).size < 2) told.add(column);
    const groups = [...Map.groupBy(shown, (row) => row.measure ?? "")];
    if (!groups.length) {
      charts.replaceChildren(element("p", {}, "Nothing of this for the model selected."));
      return null;
    }
    const figures = groups.map(([measure]) => element("figure", {}, element("figcaption", {}, measure && measure[0].toUpperCase() + measure.slice(1))));
    charts.replaceChildren(...figures);
    charts.classList.toggle("pairs", groups.length > 1);
    return Promise.all(groups.map(([measure, members], i) => draw(figures[i], "intervals", members.slice(0, 2 * MOST_LINES).map((row, order) => ({
      name: lineName(row, told), order, estimate: row.estimate, low: row.low, high: row.high, value: narrow.matches ? fixed(row.estimate, 2) : text(row),
      steering: has("condition") ? data.conditions[row.condition].kind : "none", detail: `${lineName(row, new Set())}\n${text(row)}${row.note ? `\n${row.note}` : ""}`,
    })), `${title}${measure ? `, ${measure}` : ""}; the numbers are in the table below`, (specification) => {
      const values = members.flatMap((row) => [row.estimate, row.low, row.high]).filter(known);
      const [zero, interval, ...rest] = specification.layer;
      const [low, high] = [Math.min(...values), Math.max(...values)];
      interval.encoding.x.scale.domain = low < high ? [low, high] : [low - 0.05, high + 0.05];
      const bounds = members.some((row) => known(row.low)) ? [interval] : [];
      if (!bounds.length) rest[0].encoding.x.scale.domain = interval.encoding.x.scale.domain;
      specification.layer = [...(negative.has(members[0].measure) ? [zero] : []), ...bounds, ...rest];
    })));
  }
  redraws.push(drawFurther);
}
data.further.forEach(furtherTable);
