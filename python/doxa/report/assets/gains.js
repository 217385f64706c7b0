// What the prompt's language changes, country by country, without steering.
const REFERENCE = "en";

function drawGains() {
  const rows = selectedAlignment().filter((row) => known(row.estimate) && data.conditions[row.condition].steering === "none");
  const asked = (row) => data.conditions[row.condition];
  const languages = [...new Set(rows.map((row) => asked(row).language))];
  const place = document.getElementById("gains");
  const reference = languages.includes(REFERENCE) ? REFERENCE : languages[0];
  const key = (row) => `${row.country} ${asked(row).template}`;
  const base = new Map(rows.filter((row) => asked(row).language === reference).map((row) => [key(row), row.estimate]));
  const gains = rows.filter((row) => asked(row).language !== reference && base.has(key(row)))
    .map((row) => ({ ...row, gain: row.estimate - base.get(key(row)) }));
  if (!gains.length) {
    place.replaceChildren(element("p", {}, "Asked unsteered in one language only: there is no change to show."));
    return null;
  }
  const many = codes.length > WIDE;
  const most = Math.max(0.01, ...gains.map((row) => Math.abs(row.gain)));
  const domain = [-most, most];
  const cells = gains.map((row) => {
    const line = { name: data.languages[asked(row).language] ?? asked(row).language, order: row.condition };
    const country = { name: narrow.matches ? row.country : data.countries[row.country], order: codes.indexOf(row.country) };
    const [across, down] = many ? [line, country] : [country, line];
    return {
      estimate: row.gain, name: down.name, order: down.order, column: across.name, column_order: across.order,
      number: roomy(many ? languages.length : codes.length) ? signed(row.gain, 2) : "", targeted: data.spoken[row.country]?.includes(asked(row).language) ?? false,
      detail: `${data.countries[row.country]}: ${line.name}\n${signed(row.gain, 3)} against ${data.languages[reference]}\nalignment ${estimateText(row)}`,
    };
  });
  const figure = element("figure", {}, element("figcaption", {}, `Change of alignment against asking in ${data.languages[reference]}`),
    ramp(domain, data.gainColours, 2));
  place.replaceChildren(figure);
  return draw(figure, "gains", cells, `Change of alignment by prompt language and country, against ${data.languages[reference]}`, (specification) => {
    for (const layer of specification.layer) if (layer.encoding?.color?.scale) layer.encoding.color.scale.domain = [-most, 0, most];
    const strong = `abs(datum.estimate) > ${0.67 * most}`;
    specification.layer.at(-1).encoding.color.condition.test = strong;
    if (many && languages.length > WIDE / 2) turnLabels(specification);
    return null;
  });
}
redraws.push(drawGains);
