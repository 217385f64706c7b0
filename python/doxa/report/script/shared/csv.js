// Tables as CSV, for spreadsheets.

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const FORMULA = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

// An apostrophe stands before text that a spreadsheet would take for a formula, as in the files
// that doxa writes.
const safe = (text) => (FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text);
const quoted = (text) => `"${safe(text).replaceAll('"', '""')}"`;

// The mark at the start tells spreadsheets that this is UTF-8.
export const csvOf = (lines) =>
  "\ufeff" + lines.map((line) => line.map(quoted).join(",")).join("\r\n");
