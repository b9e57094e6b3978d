type Rgb = readonly [number, number, number];

const white: Rgb = [255, 255, 255];
const black: Rgb = [16, 19, 28];
/** The grounds that texts in this colour stand on: `--surface-2` in both themes, the one with the least contrast. */
const grounds = { light: [233, 236, 240], dark: [36, 43, 52] } as const satisfies Record<string, Rgb>;
/** WCAG 2.2, 1.4.3. */
const least = 4.5;

/**
 * The tokens that an accent colour replaces, by their names. Wherever it would have too little contrast, it is made darker in the light theme and lighter in
 * the dark one. Empty if it is no colour such as `#3b4fd8`.
 */
export function accentTokens(hex: string): Record<string, string> {
  const [, red, green, blue] = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex) ?? [];
  if (red === undefined || green === undefined || blue === undefined) return {};
  const given: Rgb = [Number.parseInt(red, 16), Number.parseInt(green, 16), Number.parseInt(blue, 16)];
  const light = readable(given, grounds.light, black);
  const dark = readable(given, grounds.dark, white);
  const both = (one: Rgb, other: Rgb) => `light-dark(${text(one)}, ${text(other)})`;
  return {
    '--accent': both(light, dark),
    '--accent-hover': both(mix(light, black, 0.2), mix(dark, white, 0.2)),
    '--on-accent': both(white, black),
    '--link': both(light, dark),
    '--focus': both(light, dark),
  };
}

/** The relative luminances' ratio, as WCAG defines it. */
export function contrast(one: Rgb, other: Rgb): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function readable(colour: Rgb, ground: Rgb, towards: Rgb): Rgb {
  const steps = Array.from({ length: 21 }, (_, index) => mix(colour, towards, index / 20));
  return steps.find((each) => contrast(each, ground) >= least) ?? towards;
}

function mix(one: Rgb, other: Rgb, share: number): Rgb {
  const at = (index: 0 | 1 | 2) => Math.round(one[index] + (other[index] - one[index]) * share);
  return [at(0), at(1), at(2)];
}

function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function text(colour: Rgb): string {
  return `#${colour.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
