/** The source of an activity that multiplies by a number in its code. */
export const multiply = (factor: number) => `import { defineActivity, z } from 'kait';

export default defineActivity({
  name: 'multiply',
  title: 'Multiply',
  input: z.strictObject({ value: z.int() }),
  output: z.strictObject({ product: z.int() }),
  kind: 'network',
  run: ({ value }) => ({ product: value * ${factor} }),
});
`;
