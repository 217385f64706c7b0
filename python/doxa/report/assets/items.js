// The item explorer: one item at a time, and the table of all.
const explorer = data.items;
const human = rowsOf(explorer.human);
const answers = rowsOf(explorer.model);
const replies = rowsOf(explorer.replies);
const shown = { question: 0, country: Object.keys(data.countries)[0], condition: null };

function conditionsAsked() {
  return [...new Set(answers.filter(selected).map((row) => row.condition))].sort((a, b) => a - b);
}

const humanAnswer = (question) => human.find((row) => row.question === question && row.country === shown.country && row.wave === selection.wave);
const modelAnswer = (question) => answers.find((row) => row.question === question && row.condition === shown.condition && selected(row));
const wording = (question, language) => explorer.questions[question].wording[language];
const anyWording = (question, language) => wording(question, language) ?? wording(question, "en");

// The definition of doxa.score: 1 minus the Wasserstein distance over the scale's length, or minus
// the total variation where the options have no order.
function itemAlignment(question) {
  const people = humanAnswer(question)?.probabilities;
  const model = modelAnswer(question)?.probabilities;
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
  const conditions = conditionsAsked();
  if (!conditions.includes(shown.condition)) shown.condition = conditions[0];
  const names = explorer.questions.map((question, i) => [i, `${question.id} · ${wording(i, "en")?.text ?? question.topic}`]);
  const step = (by) => openItem((shown.question + by + names.length) % names.length);
  document.getElementById("item-controls").replaceChildren(
    picker("Item", names, shown.question, (value) => openItem(Number(value))),
    picker("Country", Object.entries(data.countries), shown.country, (value) => { shown.country = value; drawItems(); }),
    picker("Way of asking", conditions.map((i) => [i, data.conditions[i].label]), shown.condition, (value) => { shown.condition = Number(value); drawItems(); }),
    element("button", { type: "button", onclick: () => step(-1) }, "Previous item"),
    element("button", { type: "button", onclick: () => step(1) }, "Next item"));
}

function openItem(question) {
  shown.question = question;
  drawItems();
}

function shareRows(question, labels) {
  const sides = [["People", humanAnswer(question)], ["Model", modelAnswer(question)]];
  return sides.flatMap(([who, answer]) => (answer?.probabilities ?? []).map((share, i) => ({
    who, share, order: i, option: labels[i], number: percent(share),
    detail: `${labels[i]}\n${who === "People" ? `people in ${data.countries[shown.country]}` : "the model"}: ${percent(share)}`,
  })));
}

function drawItem() {
  const place = document.getElementById("item");
  const question = explorer.questions[shown.question];
  if (!question || !known(shown.condition)) {
    place.replaceChildren(element("p", {}, "No answers for this selection."));
    return;
  }
  const { language, label: asked } = data.conditions[shown.condition];
  const words = wording(shown.question, language);
  const english = wording(shown.question, "en");
  const direction = explorer.languages[language]?.direction;
  const people = humanAnswer(shown.question);
  const model = modelAnswer(shown.question);
  const labels = optionLabels(shown.question, english ? "en" : language);
  const country = data.countries[shown.country];

  const legend = element("ul", { class: "legend" }, element("li", {}, `people in ${country}`), element("li", {}, `${selection.model}: ${asked}`));
  [...legend.children].forEach((item, i) => item.style.setProperty("--key", data.config.range.category[i]));
  const figure = element("figure", {}, element("figcaption", {}, "Shares of answers on the scale"), legend);
  draw(figure, "distribution", shareRows(shown.question, labels),
    `Shares of answers to ${question.id} by people in ${country} and by the model`,
    (specification) => { specification.padding = { right: 2, left: 2, top: 4, bottom: 2 }; });

  place.replaceChildren(...[
    element("h3", {}, `${question.id} · ${question.topic}`),
    english ? element("p", { class: "wording" }, english.text) : null,
    words && language !== "en" ? element("p", { lang: language, dir: direction }, words.text) : null,
    element("p", { class: "small" }, [
      `${question.kind} scale`,
      people ? `${Math.round(people.n).toLocaleString("en")} people answered in ${country}` : `not asked in ${country}`,
      people?.off_scale_mass ? `${percent(people.off_scale_mass)} of people gave an answer beside the scale` : null,
      model?.off_scale_mass ? `${percent(model.off_scale_mass)} of the model’s mass lay beside the scale` : null,
      known(model?.n_replies) ? `${model.n_replies} ${model.n_replies === 1 ? "reply" : "replies"}` : "no usable reply",
    ].filter(Boolean).join(" · ")),
    figure, shareTable(labels, people, model, country), ...replyBlocks(language, direction),
  ].filter(Boolean));
}

function shareTable(labels, people, model, country) {
  const row = (cells, tag) => element("tr", {}, ...cells.map((cell, i) => element(i ? tag : "th", { scope: tag === "th" ? "col" : (i ? null : "row"), class: i && "number" }, cell)));
  return element("details", {}, element("summary", {}, "Table: shares by option"),
    element("table", {}, element("caption", {}, "Shares of answers by option"),
      element("thead", {}, row(["Option", `People, ${country}`, "Model"], "th")),
      element("tbody", {}, ...labels.map((name, i) => row([name, percent(people?.probabilities[i]), percent(model?.probabilities[i])], "td")))));
}

function replyBlocks(language, direction) {
  const mine = replies.filter((row) => row.question === shown.question && row.condition === shown.condition && selected(row));
  const blocks = mine.flatMap((reply) => {
    const about = [data.statuses[reply.status] ?? reply.status, `options ${reply.option_order}`, `draw ${reply.draw}`,
      known(reply.off_option_mass) ? `${percent(reply.off_option_mass)} of the mass off the options` : null].filter(Boolean).join(", ");
    const prompt = reply.prompt?.map((position) => explorer.texts[position]);
    return [
      prompt && element("details", { class: "prompt" }, element("summary", {}, "Prompt as sent"),
        ...[["Instruction", prompt[0]], ["Question", prompt[1]], ["The reply was made to begin with", prompt[2]]]
          .filter(([, text]) => text)
          .flatMap(([name, text]) => [element("p", { class: "small" }, name), element("pre", { tabindex: "0", lang: language, dir: direction }, text)])),
      element("h4", {}, `Raw reply: ${about}`),
      reply.text ? element("pre", { tabindex: "0", class: "reply", lang: language, dir: direction }, reply.text)
        : element("p", { class: "small" }, "No text: the probabilities of the options were read from the model directly."),
    ];
  });
  if (!mine.length && explorer.repliesLeftOut) blocks.push(element("p", { class: "small" }, `This file leaves out ${explorer.repliesLeftOut.toLocaleString("en")} raw replies to stay small; the run’s store holds them.`));
  return blocks;
}

const fillItems = sortableTable(document.getElementById("item-table"), {
  caption: "Items for the chosen country and way of asking", file: "items.csv",
  current: (row) => row.question === shown.question,
  columns: [
    { name: "Item", key: (row) => row.id,
      cell: (row) => element("button", { type: "button", class: "link", onclick: () => { openItem(row.question); document.getElementById("items").scrollIntoView(); } }, row.id) },
    { name: "Question", key: (row) => row.text },
    { name: "Topic", key: (row) => row.topic },
    { name: "Alignment", key: (row) => row.alignment, text: (row) => fixed(row.alignment, 3), number: true },
  ],
});

function drawItems() {
  drawControls();
  drawItem();
  fillItems(explorer.questions.map((question, i) => ({
    question: i, id: question.id, topic: question.topic, text: wording(i, "en")?.text ?? "–", alignment: itemAlignment(i),
  })));
}
redraws.push(drawItems);
