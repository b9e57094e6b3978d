import { describe, expect, it } from 'vitest';
import { accentTokens, contrast } from '../../console/app/accent.ts';

describe('an accent colour', () => {
  it.each(['#3b4fd8', '#ffcc00', '#ffffff', '#000000', '#ff0000', '#7f7f7f'])('%s is readable everywhere', (hex) => {
    const { '--link': link = '', '--accent': accent = '' } = accentTokens(hex);
    const [light, dark] = [...link.matchAll(/#(..)(..)(..)/g)].map(([, ...parts]) =>
      parts.map((part) => Number.parseInt(part, 16)),
    ) as [number, number, number][];
    expect(accent).toBe(link);
    expect(contrast(light!, [233, 236, 240])).toBeGreaterThanOrEqual(4.5);
    expect(contrast(light!, [255, 255, 255])).toBeGreaterThanOrEqual(4.5);
    expect(contrast(dark!, [36, 43, 52])).toBeGreaterThanOrEqual(4.5);
    expect(contrast(dark!, [16, 19, 28])).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['red', '#fff', 'url(x)', '#12345g', ''])('%s is none', (hex) => {
    expect(accentTokens(hex)).toEqual({});
  });
});
