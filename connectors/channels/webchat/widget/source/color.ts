// The one colour of the page's choice, and what can be read on it: black or white (WCAG 2.2, relative luminance).

/** `hex` is #rrggbb. */
export function palette(hex: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  // Above 0.179 black has the higher contrast, and either has at least 4.5 to 1.
  const isLight = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179;
  return `:host{--accent:${hex};--on-accent:${isLight ? "#000" : "#fff"}}`;
}
