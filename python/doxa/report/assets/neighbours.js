// A model asked as each country, beside the people of every country.
const neighbours = { steering: null };

async function drawNeighbours() {
  const { order, parts } = data.askedAs;
  const index = parts.findIndex(selected);
  const place = document.getElementById("neighbours-chart");
  if (index < 0) {
    place.replaceChildren(element("p", {}, "This model was asked as no country."));
    return;
  }
  const numbers = await grid(`asked-as-${index}`);
  const { conditions } = parts[index];
  const steerings = [...new Map(conditions.map((i) => [data.conditions[i].steering, data.conditions[i].steering_label]))];
  if (!steerings.some(([steering]) => steering === neighbours.steering)) [[neighbours.steering]] = steerings;
  refill(document.getElementById("neighbours-controls"), ...(steerings.length < 2 ? [] : [
    picker("Steering", steerings, neighbours.steering, (value) => { neighbours.steering = value; drawNeighbours(); })]));
  const lines = conditions.map((condition, line) => ({ condition, line })).filter(({ condition }) => data.conditions[condition].steering === neighbours.steering);
  const several = new Set(lines.map(({ condition }) => data.conditions[condition].target)).size < lines.length;
  const large = order.length > WIDE;
  const rows = lines.flatMap(({ condition, line }) => order.flatMap((country, i) => {
    const { target, language } = data.conditions[condition];
    const value = numbers[line * order.length + i];
    if (!value) return [];
    const estimate = (value - 1) / THOUSAND;
    const name = (large || narrow.matches ? target : data.countries[target] ?? target) + (several ? ` · ${language}` : "");
    return [{
      name, order: order.indexOf(target), column: large || narrow.matches ? country : data.countries[country], column_order: i, estimate,
      number: roomy(order.length) ? fixed(estimate, 2) : "", targeted: country === target,
      detail: `asked as ${data.countries[target] ?? target}, people of ${data.countries[country]}\nalignment ${fixed(estimate, 3)}`,
    }];
  }));
  const values = rows.map((row) => row.estimate);
  const domain = [Math.min(...values), Math.max(...values)];
  const title = `Alignment of the model asked as one country (lines) with the people of each (columns)`;
  const figure = element("figure", {}, element("figcaption", {}, title), ramp(domain));
  place.replaceChildren(figure);
  await draw(figure, "heat", rows, title, (specification) => {
    for (const layer of specification.layer) if (layer.encoding?.color?.scale) layer.encoding.color.scale.domain = domain;
    specification.layer.at(-1).encoding.color.condition.test = `datum.estimate > ${domain[0] + 0.67 * (domain[1] - domain[0])}`;
    if (!large) return null;
    turnLabels(specification, -90);
    specification.height *= 0.6;
    return order.length * 15 + 60;
  });
}
if (data.askedAs) redraws.push(drawNeighbours);
