import { z } from 'zod';
import { accepted, type Scheme } from './scheme.ts';

export const noneSchema = z
  .strictObject({ scheme: z.literal('none') })
  .describe(
    'Nothing is signed: the request is a hint at most, and the preset must say how to ask the gateway (`fetch`).',
  );

export function compileNone(): Scheme {
  return { scope: 'request', verify: () => accepted, sign: (draft) => draft };
}
