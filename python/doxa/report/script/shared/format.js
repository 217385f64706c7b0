// Numbers and words as readers see them.

export const known = (value) => value !== null && value !== undefined;

// What rounds to zero has no sign.
export function fixed(value, digits) {
  if (!known(value)) return "–";
  const text = value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1");
  return text.replaceAll("-", "−");
}

export const signed = (value, digits) =>
  (known(value) && value >= 0 ? "+" : "") + fixed(value, digits);

export function percent(value) {
  if (!known(value)) return "–";
  return `${(100 * value).toFixed(value > 0 && value < 0.00995 ? 1 : 0)}%`;
}

export const pValue = (value) => (known(value) && value < 0.001 ? "<0.001" : fixed(value, 3));

// The forms of `with_interval` in words.py.
function withBounds(value, low, high, write, writeBound) {
  if (!known(value)) return "–";
  if (!known(low) || !known(high)) return write(value);
  return `${write(value)} [${writeBound(low)}, ${writeBound(high)}]`;
}

const toThousandths = (value) => fixed(value, 3);
const toHundredths = (value) => fixed(value, 2);
const signedToThousandths = (value) => signed(value, 3);

export const withInterval = (value, low, high) =>
  withBounds(value, low, high, toThousandths, toHundredths);

export const changeWithInterval = (value, low, high) =>
  withBounds(value, low, high, signedToThousandths, signedToThousandths);

export const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);
