import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { catalogue } from '../../activities/catalogue.ts';
import { workflowJsonSchema } from '../../language/json-schema.ts';
import { testFileJsonSchema } from '../../simulator/definition-tests/test-file-schema.ts';
import { gatewayJsonSchemas } from '../../server/gateway/json-schemas.ts';

const schemasFolder = fileURLToPath(new URL('../../schemas', import.meta.url));

/** The JSON Schemas with which editors check definitions, tests, presets and sources, by file name. */
function jsonSchemas(): Record<string, string> {
  return {
    'workflow.schema.json': workflowJsonSchema(catalogue),
    'workflow-test.schema.json': testFileJsonSchema(),
    ...gatewayJsonSchemas(),
  };
}

/** `kait schemas`: writes the JSON Schemas into `schemas/`. */
export async function writeSchemas(): Promise<void> {
  await mkdir(schemasFolder, { recursive: true });
  await Promise.all(Object.entries(jsonSchemas()).map(([name, text]) => writeFile(join(schemasFolder, name), text)));
}
