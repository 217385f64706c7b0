// Answers to items by people and by the model, and the prompts and replies behind the model's.

import { folded } from "../shared/conditions.js";
import {
  THOUSAND,
  block,
  data,
  once,
  readJson,
  readNumbers,
  rowsOf,
  unpackJson,
} from "../shared/data.js";
import { known } from "../shared/format.js";
import { isSelected, selection } from "../shared/selection.js";

const { questions, people, answers, forms } = data.items;
const widths = questions.map((question) => question.codes.length - 1);
const starts = widths.map((_, i) => widths.slice(0, i).reduce((sum, width) => sum + width, 0));

const answersIndex = () => answers.findIndex(isSelected);
const askedConditions = () => answers[answersIndex()]?.conditions ?? [];

export function askedWays(country) {
  const ways = new Set(askedConditions().map((number) => data.conditions[number].way));
  return [...ways].filter((way) => known(conditionOf(way, country)));
}

// Of the conditions that a way joins, the one that names the country.
export function conditionOf(way, country) {
  const members = askedConditions().filter((number) => data.conditions[number].way === way);
  if (!folded) return members[0];
  return members.find((number) => ["", country].includes(data.conditions[number].target));
}

// The people of every country, by code, in the selected wave.
export async function everyone() {
  const grids = await readGrids("people", people.length);
  const ofWave = [...people.entries()].filter(([, [, wave]]) => wave === selection.wave);
  return new Map(ofWave.map(([row, [code]]) => [code, reader(grids, row)]));
}

// The selected model under every condition, by the condition's number.
export async function ways() {
  const index = answersIndex();
  if (index < 0) return new Map();
  const conditions = askedConditions();
  const grids = await readGrids(`answers-${index}`, conditions.length);
  return new Map(conditions.map((number, row) => [number, reader(grids, row)]));
}

// The selected model's shares in each form of an item: pairs of the form's label and shares.
export async function formsOf(item, conditionNumber) {
  const index = answersIndex();
  if (index < 0) return [];
  const [line] = linesOf(`forms-${index}`, conditionNumber);
  if (!line) return [];
  const packed = await once(`forms ${index} ${conditionNumber}`, () => unpackJson(line));
  const at = packed.question.indexOf(item);
  if (at < 0) return [];
  return packed.forms[at].map((form, i) => [
    forms[form],
    packed.shares[at][i].map((share) => share / THOUSAND),
  ]);
}

// A block holds three grids, with a line for each row: shares of the options but the last, shares
// beside the scale (both in thousandths), and numbers of answers.
const readGrids = (name, rows) =>
  once(`grids of ${name}`, async () => {
    const numbers = await readNumbers(name);
    const cells = rows * widths.length;
    const sharesEnd = numbers.length - 2 * cells;
    return {
      width: sharesEnd / rows,
      shares: numbers.subarray(0, sharesEnd),
      beside: numbers.subarray(sharesEnd, sharesEnd + cells),
      counts: numbers.subarray(sharesEnd + cells),
    };
  });

const reader = (grids, row) => (item) => {
  const cell = row * widths.length + item;
  if (row < 0 || !grids.counts[cell]) return null;
  const first = row * grids.width + starts[item];
  const shares = [...grids.shares.subarray(first, first + widths[item])];
  // The last option has what the others leave.
  shares.push(THOUSAND - shares.reduce((sum, share) => sum + share, 0));
  return {
    probabilities: shares.map((share) => share / THOUSAND),
    beside: grids.beside[cell] / THOUSAND,
    n: grids.counts[cell],
  };
};

// Each line of such a block begins with the number of its condition.
function linesOf(name, conditionNumber) {
  const start = `${conditionNumber} `;
  const lines = block(name).split("\n");
  return lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
}

export async function repliesTo(item, conditionNumber) {
  const index = answersIndex();
  if (index < 0) return [];
  const draws = await once(`replies ${index} ${conditionNumber}`, () =>
    Promise.all(linesOf(`replies-${index}`, conditionNumber).map(unpackJson)),
  );
  return draws.flatMap(rowsOf).filter((reply) => reply.question === item);
}

// The parts of a prompt are pairs of a name and a text.
export async function promptsFor(item, conditionNumber) {
  const { paragraphs, ...columns } = await readJson("prompts");
  const text = (numbers) => numbers.map((number) => paragraphs[number]).join("\n\n");
  const isWanted = (i) =>
    columns.condition[i] === conditionNumber &&
    columns.question[i] === item &&
    columns.elicitation[i] === selection.elicitation;
  return [...columns.condition.keys()].filter(isWanted).map((i) => ({
    form: forms[columns.form[i]],
    parts: [
      ["Instruction", text(columns.system[i])],
      ["Question", text(columns.user[i])],
      ["The reply was made to begin with", text(columns.reply_start[i])],
    ].filter(([, written]) => written),
  }));
}
