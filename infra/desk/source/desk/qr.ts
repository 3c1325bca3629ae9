/**
 * A text as a QR code (ISO/IEC 18004): byte mode, error correction L, versions 1 to 20, which is up to 858 bytes. The widget
 * has a smaller one of its own, which is not enough for a sealed mail link.
 */

/** By version: check bytes of a block, and blocks (table 9, level L). */
const CHECKS = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28];
const BLOCKS = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8];
const LEVEL_L = 1;
const MASK = 0;

type Square = (boolean | null)[][];
type Paint = (x: number, y: number, dark: boolean) => void;

/** Rows from the top, true for dark, without the light border. Raises RangeError when the text is too long. */
export function qrCode(text: string): boolean[][] {
  const data = new TextEncoder().encode(text);
  const version = BLOCKS.findIndex((_, index) => data.length + headBytes(index + 1) <= capacity(index + 1)) + 1;
  if (!version) throw new RangeError("too long for a QR code");
  const square = patterns(version);
  fill(square, codewords(data, version));
  return square.map((row) => row.map((dark) => dark === true));
}

const sideOf = (version: number): number => version * 4 + 17;
/** Mode (4 bits) and length (8 or 16 bits), rounded up to whole bytes. */
const headBytes = (version: number): number => (version < 10 ? 2 : 3);

function capacity(version: number): number {
  const alignments = version === 1 ? 0 : Math.floor(version / 7) + 2;
  let bits = (16 * version + 128) * version + 64;
  if (alignments) bits -= (25 * alignments - 10) * alignments - 55;
  if (version >= 7) bits -= 36;
  return (bits >> 3) - (CHECKS[version - 1] ?? 0) * (BLOCKS[version - 1] ?? 0);
}

/** Data with its head and padding, cut into blocks, each with its check bytes, interleaved. */
function codewords(data: Uint8Array, version: number): number[] {
  const head = version < 10 ? [4] : [4, data.length >> 12, (data.length >> 8) & 15];
  const halves = [...head, (data.length >> 4) & 15, data.length & 15];
  for (const byte of data) halves.push(byte >> 4, byte & 15);
  halves.push(0);
  const bytes: number[] = [];
  for (let at = 0; at < halves.length; at += 2) bytes.push(((halves[at] ?? 0) << 4) | (halves[at + 1] ?? 0));
  const wanted = capacity(version);
  for (let pad = 0xec; bytes.length < wanted; pad ^= 0xfd) bytes.push(pad);

  const count = BLOCKS[version - 1] ?? 1;
  const short = Math.floor(wanted / count);
  const divisor = generator(CHECKS[version - 1] ?? 0);
  const blocks: number[][] = [];
  for (let index = 0, at = 0; index < count; index += 1) {
    const length = short + (index >= count - (wanted % count) ? 1 : 0);
    blocks.push(bytes.slice(at, at + length));
    at += length;
  }
  return [...interleaved(blocks), ...interleaved(blocks.map((block) => remainder(block, divisor)))];
}

function interleaved(blocks: number[][]): number[] {
  const longest = Math.max(...blocks.map((block) => block.length));
  const rounds = Array.from({ length: longest }, (_, at) => blocks.flatMap((block) => block.slice(at, at + 1)));
  return rounds.flat();
}

/** In the field of 256 elements, modulo x^8 + x^4 + x^3 + x^2 + 1. */
function times(one: number, other: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    product ^= ((other >> bit) & 1) * one;
  }
  return product;
}

function generator(degree: number): number[] {
  const result = new Array<number>(degree).fill(0);
  result[degree - 1] = 1;
  for (let step = 0, root = 1; step < degree; step += 1, root = times(root, 2)) {
    for (let at = 0; at < degree; at += 1) result[at] = times(result[at] ?? 0, root) ^ (result[at + 1] ?? 0);
  }
  return result;
}

function remainder(data: number[], divisor: number[]): number[] {
  const result = divisor.map(() => 0);
  for (const byte of data) {
    const factor = byte ^ (result.shift() ?? 0);
    result.push(0);
    divisor.forEach((value, at) => {
      result[at] = (result[at] ?? 0) ^ times(value, factor);
    });
  }
  return result;
}

/** Everything that is not data; null where data goes. */
function patterns(version: number): Square {
  const side = sideOf(version);
  const square: Square = Array.from({ length: side }, () => new Array<boolean | null>(side).fill(null));
  const paint: Paint = (x, y, dark) => {
    const row = square[y];
    if (row && x >= 0 && x < side) row[x] = dark;
  };
  const rings = (x: number, y: number, radius: number, light: number[]): void => {
    for (let dy = -radius; dy <= radius; dy += 1) {
      for (let dx = -radius; dx <= radius; dx += 1) paint(x + dx, y + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
    }
  };
  for (let at = 0; at < side; at += 1) {
    paint(6, at, at % 2 === 0);
    paint(at, 6, at % 2 === 0);
  }
  rings(3, 3, 4, [2, 4]);
  rings(side - 4, 3, 4, [2, 4]);
  rings(3, side - 4, 4, [2, 4]);
  const places = alignments(version);
  const last = places.length - 1;
  for (const [column, x] of places.entries()) {
    for (const [row, y] of places.entries()) {
      const finder = (column === 0 && (row === 0 || row === last)) || (column === last && row === 0);
      if (!finder) rings(x, y, 2, [1]);
    }
  }
  paintFormat(paint, side);
  if (version >= 7) paintVersion(paint, side, version);
  return square;
}

function alignments(version: number): number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, index) => sideOf(version) - 7 - index * step).reverse()];
}

function paintFormat(paint: Paint, side: number): void {
  const data = (LEVEL_L << 3) | MASK;
  let rest = data;
  for (let step = 0; step < 10; step += 1) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  const bits = ((data << 10) | rest) ^ 0x5412;
  const dark = (at: number): boolean => ((bits >> at) & 1) === 1;
  for (let at = 0; at <= 5; at += 1) paint(8, at, dark(at));
  paint(8, 7, dark(6));
  paint(8, 8, dark(7));
  paint(7, 8, dark(8));
  for (let at = 9; at < 15; at += 1) paint(14 - at, 8, dark(at));
  for (let at = 0; at < 8; at += 1) paint(side - 1 - at, 8, dark(at));
  for (let at = 8; at < 15; at += 1) paint(8, side - 15 + at, dark(at));
  paint(8, side - 8, true);
}

function paintVersion(paint: Paint, side: number, version: number): void {
  let rest = version;
  for (let step = 0; step < 12; step += 1) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
  const bits = (version << 12) | rest;
  for (let at = 0; at < 18; at += 1) {
    const dark = ((bits >> at) & 1) === 1;
    paint(side - 11 + (at % 3), Math.floor(at / 3), dark);
    paint(Math.floor(at / 3), side - 11 + (at % 3), dark);
  }
}

/** Two columns at a time from the right, up and down in turn, under mask 0. */
function fill(square: Square, words: number[]): void {
  const side = square.length;
  let at = 0;
  for (let right = side - 1; right >= 1; right -= right === 8 ? 3 : 2) {
    const upward = ((right + 1) & 2) === 0;
    for (let step = 0; step < side; step += 1) {
      const y = upward ? side - 1 - step : step;
      for (const x of [right, right - 1]) {
        const row = square[y];
        if (!row || row[x] !== null) continue;
        const bit = ((words[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
        row[x] = (bit === 1) !== ((x + y) % 2 === 0);
        at += 1;
      }
    }
  }
}
