// The data that came with the page, in compressed blocks of text.

const results = new Map();

export function once(name, read) {
  if (!results.has(name)) results.set(name, read());
  return results.get(name);
}

export const hasBlock = (name) => document.getElementById(`block-${name}`) !== null;
export const block = (name) => document.getElementById(`block-${name}`).textContent;

async function unpack(text) {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export const unpackJson = async (text) => JSON.parse(new TextDecoder().decode(await unpack(text)));

export const readJson = (name) => once(name, () => unpackJson(block(name)));

// Written as all first bytes, then all second ones, and so on: they compress better that way.
export const readNumbers = (name) =>
  once(name, async () => {
    const bytes = await unpack(block(name));
    const n = bytes.length / 4;
    const byte = (place, i) => bytes[place * n + i] << (8 * place);
    return Uint32Array.from(
      { length: n },
      (_, i) => byte(0, i) | byte(1, i) | byte(2, i) | byte(3, i),
    );
  });

// What a share of 1 is in the numbers of a block.
export const THOUSAND = 1000;

export const data = await readJson("data");

// Columns to rows: [{column: value, …}, …].
export function rowsOf(columns) {
  const names = Object.keys(columns);
  return (columns[names[0]] ?? []).map((_, i) =>
    Object.fromEntries(names.map((name) => [name, columns[name][i]])),
  );
}
