import { z } from 'zod';
import { verified, type Scheme } from './scheme.ts';

export const noneSchema = z
  .strictObject({ scheme: z.literal('none') })
  .describe(
    'Nothing is signed: the request is a notice at most, and the preset must say how to ask the gateway (`fetch`).',
  );

export function compileNone(): Scheme {
  return { scope: 'request', verify: () => verified, sign: (draft) => draft };
}
