import { z } from 'zod';
import { verified, type Scheme } from './scheme.ts';

export const noneSchema = z
  .strictObject({ scheme: z.literal('none') })
  .describe('Nothing is signed. The request is only a notice, so the preset needs `fetch` to ask the gateway.');

export function compileNone(): Scheme {
  return { scope: 'request', verify: () => verified, sign: (draft) => draft };
}
