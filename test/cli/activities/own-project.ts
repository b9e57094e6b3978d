import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../../temporary-folder.ts';

/** The source of an activity. */
export const pointsSource = `import { defineActivity, z } from 'kait';

export default defineActivity({
  name: 'points.add',
  title: 'Add points',
  input: z.strictObject({ member: z.string().min(1).max(64), points: z.int().min(1) }),
  output: z.strictObject({ total: z.int() }),
  kind: 'network',
  timeout: '5s',
  run({ points }) {
    return { total: points };
  },
});
`;

/** A definition that calls it. `input` is what it passes. */
export const pointsDefinition = (input: object) =>
  JSON.stringify({
    name: 'add-points',
    on: { event: 'payment.succeeded' },
    steps: [{ id: 'points', call: 'points.add', with: input }],
    output: { total: '{{steps.points.total}}' },
  });

/** Makes a project of these files, for one test. */
export async function ownProject(files: Record<string, string>): Promise<{
  folder: string;
  definitions: string;
  write: (path: string, text: string) => Promise<void>;
}> {
  const folder = await temporaryFolder();
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  for (const [path, text] of Object.entries(files)) await write(path, text);
  return { folder, definitions: join(folder, 'definitions'), write };
}
