// What each steering changes.
const effects = rowsOf(data.steering);
const effectText = (row) => changeWithInterval(row.estimate, row.low, row.high);
const names = (row) => row.country === data.conditions[row.condition].target;
const steering = { view: null };

// One chart for all where each steering was scored against the country it names alone, and there
// are few; else one for the countries of a steering, or of a condition scored against several.
function effectPanels(rows) {
  const country = (row) => (narrow.matches ? row.country : data.countries[row.country]);
  const own = rows.every(names);
  if (own && !folded) return [["Change of alignment with the country that the steering names", rows, labelOf, (row) => row.condition]];
  const kinds = Map.groupBy(rows, (row) => (own ? data.conditions[row.condition].steering : row.condition));
  return [...kinds].sort(([a], [b]) => (own ? 0 : a - b)).map(([kind, members]) => {
    const { steering_label: steered, label: asked } = data.conditions[own ? members[0].condition : kind];
    const several = new Set(members.map((row) => row.condition)).size > new Set(members.map((row) => row.country)).size;
    const name = (row) => (own && several ? `${country(row)} · ${data.conditions[row.condition].language}` : country(row));
    return own ? [`${steered}: change of alignment with each country it names`, members, name, (row) => -row.estimate]
      : [asked, members, country, (row) => codes.indexOf(row.country)];
  });
}

function drawEffects() {
  const rows = effects.filter((row) => selected(row) && row.wave === selection.wave && known(row.estimate));
  const place = document.getElementById("effects");
  let panels = effectPanels(rows).filter(([, members]) => members.length);
  const controls = document.getElementById("effects-controls");
  if (folded && panels.length > 1) {
    const titles = panels.map(([title], i) => [i, title]);
    if (!panels[steering.view]) steering.view = 0;
    refill(controls, picker("Show", titles, steering.view, (value) => { steering.view = Number(value); drawEffects(); }));
    panels = [panels[steering.view]];
  }
  place.classList.toggle("pairs", panels.length > 1);
  fillEffects(rows);
  if (!rows.length) {
    place.replaceChildren(element("p", {}, "No steering in this selection."));
    return null;
  }
  const figures = panels.map(([title]) => element("figure", {}, element("figcaption", {}, title)));
  place.replaceChildren(...figures);
  return Promise.all(panels.map(([title, members, name, order], i) => draw(figures[i], "effects", members.map((row) => ({
    ...row, name: name(row), order: order(row), steering: data.conditions[row.condition].kind, targeted: names(row),
    value: narrow.matches ? signed(row.estimate, 2) : effectText(row),
    detail: [`${data.countries[row.country]}: ${data.conditions[row.condition].label}`, `change of alignment ${effectText(row)}`, `${row.n_items} items`].join("\n"),
  })), `${title}, with intervals; the numbers are in the table below`)));
}

const fillEffects = document.getElementById("effects-table") && sortableTable(document.getElementById("effects-table"), {
  caption: "Change of alignment by steering and country", file: "steering.csv",
  columns: [
    { name: "Way of asking", keep: true, key: (row) => row.condition, text: (row) => label(data.conditions[row.condition]) },
    { name: "Country", keep: true, key: (row) => data.countries[row.country] },
    { name: "Names this country", key: (row) => (names(row) ? "yes" : "no") },
    { name: "Change", key: (row) => row.estimate, text: effectText, number: true },
    { name: "p", key: (row) => row.p_value, text: (row) => (row.p_value < 0.001 && known(row.p_value) ? "<0.001" : fixed(row.p_value, 3)), number: true },
    { name: "Items", key: (row) => row.n_items, number: true },
  ],
});
if (fillEffects) redraws.push(drawEffects);
