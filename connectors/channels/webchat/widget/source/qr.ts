// QR codes (ISO/IEC 18004) for what is put into one here: addresses of at most 134 bytes. Error correction level L, the
// first six sizes, and always the same mask: readers take any, and choosing the best of eight is not worth its bytes.

/** Bytes of data, and check bytes of a block, by size (tables 7 and 9). The sixth has two blocks. */
const DATA = [19, 34, 55, 80, 108, 136];
const CHECKS = [7, 10, 15, 20, 26, 18];
/** Level L and mask 0, with their check bits (table C.1). */
const FORMAT = 0b111011111000100;

type Modules = (boolean | undefined)[][];

/** Rows of dark (true) and light modules, without the light border of four; undefined: the text is too long. */
export function qrCode(text: string): Modules | undefined {
  const content = [...new TextEncoder().encode(text)];
  const version = DATA.findIndex((room) => content.length <= room - 2);
  if (version < 0) return undefined;
  const size = version * 4 + 21;
  const dark: Modules = Array.from({ length: size }, () => Array.from({ length: size }));
  drawPatterns(dark, size, version > 0);
  drawData(dark, size, codewords(content, version));
  return dark;
}

/** The mode, the length, the content and the end, four bits out of step with bytes; then filled up, and checked. */
function codewords(content: number[], version: number): number[] {
  const data: number[] = [];
  let half = 4;
  for (const byte of [content.length, ...content, 0]) {
    data.push(((half << 4) | (byte >> 4)) & 255);
    half = byte & 15;
  }
  for (let pad = 0xec; data.length < DATA[version]!; pad ^= 0xec ^ 0x11) data.push(pad);
  if (version < 5) return [...data, ...checksOf(data, CHECKS[version]!)];
  const blocks = [data.slice(0, 68), data.slice(68)];
  const inTurn = ([one, other]: number[][]): number[] => one!.flatMap((byte, at) => [byte, other![at]!]);
  return [...inTurn(blocks), ...inTurn(blocks.map((block) => checksOf(block, CHECKS[version]!)))];
}

/** Multiplication in the field of 256 elements that the codes are made in. */
function times(one: number, other: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) product = (product << 1) ^ ((product >> 7) * 0x11d) ^ (((other >> bit) & 1) * one);
  return product;
}

/** What is left of the data after division by the polynomial with the roots 1, 2, 4 and so on. */
function checksOf(data: number[], length: number): number[] {
  let divisor = [1];
  for (let step = 0, root = 1; step < length; step += 1, root = times(root, 2)) {
    divisor = [...divisor, 0].map((value, at) => value ^ times(divisor[at - 1] ?? 0, root));
  }
  const rest = [...data, ...divisor.slice(1).fill(0)];
  for (const at of data.keys()) {
    const factor = rest[at]!;
    divisor.forEach((value, step) => (rest[at + step]! ^= times(value, factor)));
  }
  return rest.slice(data.length);
}

function drawPatterns(dark: Modules, size: number, isAligned: boolean): void {
  const set = (x: number, y: number, value: boolean): void => {
    if (dark[y] && x >= 0 && x < size) dark[y][x] = value;
  };
  const square = (x: number, y: number, reach: number, light: number[]): void => {
    for (let dx = -reach; dx <= reach; dx += 1) {
      for (let dy = -reach; dy <= reach; dy += 1) {
        set(x + dx, y + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  };
  for (let at = 0; at < size; at += 1) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  square(3, 3, 4, [2, 4]);
  square(size - 4, 3, 4, [2, 4]);
  square(3, size - 4, 4, [2, 4]);
  if (isAligned) square(size - 7, size - 7, 2, [1]);
  for (let bit = 0; bit < 15; bit += 1) {
    const value = ((FORMAT >> bit) & 1) === 1;
    set(8, bit < 6 ? bit : bit < 8 ? bit + 1 : size - 15 + bit, value);
    set(bit < 8 ? size - 1 - bit : bit < 9 ? 7 : 14 - bit, 8, value);
  }
  set(8, size - 8, true);
}

/** Upwards and downwards in columns of two, from the right, around what is there; masked like a chessboard. */
function drawData(dark: Modules, size: number, bytes: number[]): void {
  let bit = 0;
  for (let right = size - 1; right > 0; right -= right === 8 ? 3 : 2) {
    for (let step = 0; step < size; step += 1) {
      const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (dark[y]![x] !== undefined) continue;
        dark[y]![x] = ((((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) ^ (x + y + 1)) & 1) === 1;
        bit += 1;
      }
    }
  }
}
