import { graphDefinition } from '../../authoring/graph-definition.ts';
import { activityRules } from '../activities/activity-rules.ts';
import { readDefinition } from '../open-definition.ts';

/** `kait graph`: writes a definition as a Mermaid flowchart. Resolves to the exit code: 1 if it cannot be read or has mistakes. */
export async function graph(file: string, write: (text: string) => void): Promise<number> {
  const read = await readDefinition(file, 'graph', write);
  if (read === null) return 1;
  write(graphDefinition(read.definition, activityRules(read.catalogue)).trimEnd());
  return 0;
}
