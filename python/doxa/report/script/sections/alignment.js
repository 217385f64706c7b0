// The alignment of two answers to an item, as doxa.score defines it: 1 less the Wasserstein
// distance over the scale's length, or less the total variation where options have no order.

export function alignmentOf({ kind, positions }, people, model) {
  if (!people || !model) return null;
  const differences = people.probabilities.map((share, i) => share - model.probabilities[i]);
  if (kind === "nominal") {
    return 1 - differences.reduce((sum, difference) => sum + Math.abs(difference), 0) / 2;
  }
  let apart = 0;
  let distance = 0;
  for (let i = 0; i + 1 < positions.length; i += 1) {
    apart += differences[i];
    distance += Math.abs(apart) * (positions[i + 1] - positions[i]);
  }
  return 1 - distance / (positions.at(-1) - positions[0]);
}
