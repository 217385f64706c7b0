// The item explorer: one item at a time, and the table of all.
const explorer = data.items;
const shown = { question: 0, country: Object.keys(data.countries)[0], way: null };
const widths = explorer.questions.map((question) => question.codes.length - 1);
const starts = widths.map((_, i) => widths.slice(0, i).reduce((sum, width) => sum + width, 0));

// Three grids with a line for each row: shares and mass beside the scale in thousandths, and how
// many answers there were.
const grids = (name, rows) => once(`${name} as grids`, async () => {
  const numbers = await grid(name);
  const n = numbers.length;
  const items = widths.length;
  const shares = rows * (n / rows - 2 * items);
  return { items, width: shares / rows, shares: numbers.subarray(0, shares), beside: numbers.subarray(shares, shares + rows * items), counts: numbers.subarray(shares + rows * items) };
});

// The answer to an item in a row of the grids; the last option has what the others leave.
function answerAt(answers, row, question) {
  if (row < 0 || !answers.counts[row * answers.items + question]) return null;
  const first = row * answers.width + starts[question];
  const shares = [...answers.shares.subarray(first, first + widths[question])];
  shares.push(THOUSAND - shares.reduce((sum, share) => sum + share, 0));
  return {
    probabilities: shares.map((share) => share / THOUSAND),
    beside: answers.beside[row * answers.items + question] / THOUSAND,
    n: answers.counts[row * answers.items + question],
  };
}

const answersIndex = () => explorer.answers.findIndex(selected);

// Steered towards many countries: the condition that names the country shown.
function conditionOf(way) {
  const members = asked().filter((i) => data.conditions[i].way === way);
  if (!folded) return members[0];
  return members.find((i) => ["", shown.country].includes(data.conditions[i].target));
}
const asked = () => explorer.answers[answersIndex()]?.conditions ?? [];

// Both sides of every item for what is chosen: `people(question)` and `model(question)`.
async function sides(condition) {
  const index = answersIndex();
  const people = await grids("people", explorer.people.length);
  const model = index < 0 ? null : await grids(`answers-${index}`, asked().length);
  const place = explorer.people.findIndex(([country, wave]) => country === shown.country && wave === selection.wave);
  const row = asked().indexOf(condition);
  return {
    people: (question) => answerAt(people, place, question),
    model: (question) => (model ? answerAt(model, row, question) : null),
  };
}

// The replies of a condition to an item: each line of their block holds one condition and draw.
async function repliesTo(question, condition) {
  const index = answersIndex();
  if (index < 0) return [];
  const lines = block(`replies-${index}`).split("\n").filter((line) => line.startsWith(`${condition} `));
  const chunks = await Promise.all(lines.map((line) => inflateJson(line.slice(line.indexOf(" ") + 1))));
  return chunks.flatMap(rowsOf).filter((reply) => reply.question === question);
}

async function promptsOf(question, condition) {
  const { paragraphs, ...columns } = await once("prompts", () => inflateJson(block("prompts")));
  const text = (numbers) => numbers.map((number) => paragraphs[number]).join("\n\n");
  return columns.condition.flatMap((value, i) => (value === condition && columns.question[i] === question && columns.elicitation[i] === selection.elicitation
    ? [{ order: columns.option_order[i], parts: [["Instruction", text(columns.system[i])], ["Question", text(columns.user[i])], ["The reply was made to begin with", text(columns.reply_start[i])]] }]
    : []));
}

const wording = (question, language) => explorer.questions[question].wording[language];
const anyWording = (question, language) => wording(question, language) ?? wording(question, "en");

// The definition of doxa.score: 1 minus the Wasserstein distance over the scale's length, or minus
// the total variation where the options have no order.
function itemAlignment(question, both) {
  const people = both.people(question)?.probabilities;
  const model = both.model(question)?.probabilities;
  if (!people || !model) return null;
  const { kind, positions } = explorer.questions[question];
  if (kind === "nominal") return 1 - people.reduce((sum, share, i) => sum + Math.abs(share - model[i]), 0) / 2;
  let apart = 0;
  let distance = 0;
  for (let i = 0; i + 1 < positions.length; i += 1) {
    apart += people[i] - model[i];
    distance += Math.abs(apart) * (positions[i + 1] - positions[i]);
  }
  return 1 - distance / (positions.at(-1) - positions[0]);
}

function optionLabels(question, language) {
  const { codes } = explorer.questions[question];
  const words = anyWording(question, language);
  return codes.map((code, i) => (words?.labels[i] ? words.labels[i] : String(code)));
}

function drawControls() {
  const ways = [...new Set(asked().map((i) => data.conditions[i].way))].filter((way) => known(conditionOf(way)));
  if (!ways.includes(shown.way)) [shown.way] = ways;
  const items = explorer.questions.map((question, i) => [i, `${question.id} · ${wording(i, "en")?.text ?? question.topic}`]);
  const step = (by) => openItem((shown.question + by + items.length) % items.length);
  refill(document.getElementById("item-controls"),
    picker("Item", items, shown.question, (value) => openItem(Number(value))),
    picker("Country", Object.entries(data.countries), shown.country, (value) => { shown.country = value; drawItems(); }),
    picker("Way of asking", ways.map((way) => [way, data.ways[way].label]), shown.way, (value) => { shown.way = Number(value); drawItems(); }),
    element("button", { type: "button", onclick: () => step(-1) }, "Previous item"),
    element("button", { type: "button", onclick: () => step(1) }, "Next item"));
}

function openItem(question) {
  shown.question = question;
  return drawItems();
}

function shareRows(labels, people, model) {
  return [["People", people], ["Model", model]].flatMap(([who, answer]) => (answer?.probabilities ?? []).map((share, i) => ({
    who, share, order: i, option: labels[i], number: percent(share),
    detail: `${labels[i]}\n${who === "People" ? `people in ${data.countries[shown.country]}` : "the model"}: ${percent(share)}`,
  })));
}

async function drawItem(condition, both) {
  const place = document.getElementById("item");
  const question = explorer.questions[shown.question];
  if (!question || !known(condition)) {
    place.replaceChildren(element("p", {}, "No answers for this selection."));
    return;
  }
  const { language, label: asking } = data.conditions[condition];
  const words = wording(shown.question, language);
  const english = wording(shown.question, "en");
  const direction = explorer.languages[language]?.direction;
  const people = both.people(shown.question);
  const model = both.model(shown.question);
  const labels = optionLabels(shown.question, english ? "en" : language);
  const country = data.countries[shown.country];
  const blocks = await replyBlocks(condition, language);

  const legend = keyList([[`people in ${country}`, data.config.range.category[0]], [`${selection.model}: ${asking}`, data.config.range.category[1]]]);
  const figure = element("figure", {}, element("figcaption", {}, "Shares of answers on the scale"), legend);
  place.replaceChildren(...[
    element("h3", {}, `${question.id} · ${question.topic}`),
    english ? element("p", { class: "wording" }, english.text) : null,
    words && language !== "en" ? element("p", { lang: language, dir: direction ?? "auto" }, words.text) : null,
    element("p", { class: "small" }, [
      `${question.kind} scale`,
      people ? `${people.n.toLocaleString("en")} people answered in ${country}` : `not asked in ${country}`,
      people?.beside ? `${percent(people.beside)} of people gave an answer beside the scale` : null,
      model?.beside ? `${percent(model.beside)} of the model’s mass lay beside the scale` : null,
      model ? `${model.n} ${model.n === 1 ? "reply" : "replies"}` : "no usable reply",
    ].filter(Boolean).join(" · ")),
    figure, shareTable(labels, people, model, country), ...blocks,
  ].filter(Boolean));
  await draw(figure, "distribution", shareRows(labels, people, model),
    `Shares of answers to ${question.id} by people in ${country} and by the model`,
    (specification) => { specification.padding = { right: 34, left: 2, top: 4, bottom: 2 }; });
}

function shareTable(labels, people, model, country) {
  const row = (cells, tag) => element("tr", {}, ...cells.map((cell, i) => element(i ? tag : "th", { scope: tag === "th" ? "col" : (i ? null : "row"), class: i && "number" }, cell)));
  return element("details", {}, element("summary", {}, "Table: shares by option"),
    element("table", {}, element("caption", {}, "Shares of answers by option"),
      element("thead", {}, row(["Option", `People, ${country}`, "Model"], "th")),
      element("tbody", {}, ...labels.map((name, i) => row([name, percent(people?.probabilities[i]), percent(model?.probabilities[i])], "td")))));
}

// Each prompt, and below it the replies to it.
async function replyBlocks(condition, language) {
  const [prompts, replies] = await Promise.all([promptsOf(shown.question, condition), repliesTo(shown.question, condition)]);
  const written = (text, attributes = {}) => element("pre", { tabindex: "0", lang: language, dir: "auto", ...attributes }, text);
  const several = prompts.length > 1;
  const blocks = prompts.map(({ order, parts }) => element("details", { class: "prompt" },
    element("summary", {}, several ? `Prompt as sent, options ${order}` : "Prompt as sent"),
    ...parts.filter(([, text]) => text).flatMap(([name, text]) => [element("p", { class: "small" }, name), written(text)])));
  for (const reply of replies) {
    const about = [data.statuses[reply.status] ?? reply.status, `options ${reply.option_order}`, `draw ${reply.draw}`,
      known(reply.off_option_mass) ? `${percent(reply.off_option_mass)} of the mass off the options` : null].filter(Boolean).join(", ");
    blocks.push(element("h4", {}, `Raw reply: ${about}`), reply.text ? written(reply.text, { class: "reply" })
      : element("p", { class: "small" }, "No text: the probabilities of the options were read from the model directly."));
  }
  if (!replies.length && explorer.repliesLeftOut) blocks.push(element("p", { class: "small" }, `This file leaves out ${explorer.repliesLeftOut.toLocaleString("en")} raw replies to stay small; the run’s store holds them.`));
  return blocks;
}

const fillItems = sortableTable(document.getElementById("item-table"), {
  caption: "Items for the chosen country and way of asking", file: "items.csv",
  current: (row) => row.question === shown.question,
  columns: [
    { name: "Item", key: (row) => row.id,
      cell: (row) => element("button", { type: "button", class: "link", onclick: () => { openItem(row.question); document.getElementById("items").scrollIntoView(); } }, row.id) },
    { name: "Alignment", key: (row) => row.alignment, text: (row) => fixed(row.alignment, 2), number: true },
    { name: "Question", key: (row) => row.text },
    { name: "Topic", key: (row) => row.topic },
  ],
});

let look = 0;
async function drawItems() {
  drawControls();
  const mine = ++look;
  const condition = known(shown.way) ? conditionOf(shown.way) : null;
  const both = await sides(condition);
  if (mine !== look) return;
  fillItems(explorer.questions.map((question, i) => ({
    question: i, id: question.id, topic: question.topic, text: wording(i, "en")?.text ?? "–", alignment: itemAlignment(i, both),
  })));
  await drawItem(condition, both);
}
redraws.push(drawItems);
