// What became of the replies.
const reliability = rowsOf(data.reliability);
const statuses = Object.entries(data.statuses);

function reliabilityRows(chosen) {
  const bars = Map.groupBy(chosen, (row) => (folded ? wayOf(row) : row.condition));
  return [...bars].flatMap(([order, members]) => {
    const total = (column) => members.reduce((sum, row) => sum + row[column], 0);
    return statuses.map(([status, name], i) => ({
      name: labelOf(members[0]), order, status, status_order: i, share: total(status) / total("n"),
      detail: `${folded ? data.ways[order].label : data.conditions[order].label}\n${name}: ${total(status)} of ${total("n")}`,
    }));
  }).filter((row) => row.share > 0);
}

function drawReliability() {
  const chosen = reliability.filter(selected);
  const rows = reliabilityRows(chosen);
  const occurring = new Set(rows.map((row) => row.status));
  const legend = keyList(statuses.flatMap(([status, name], i) => (occurring.has(status) ? [[name, data.config.range.ordinal[i]]] : [])));
  const figure = element("figure", {}, element("figcaption", {}, "Replies by what became of them"), legend);
  document.getElementById("reliability-chart").replaceChildren(figure);
  fillReliability(chosen.sort((a, b) => a.condition - b.condition));
  return draw(figure, "reliability", rows, "Shares of replies by what became of them; the numbers are in the table below");
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
redraws.push(drawReliability);
