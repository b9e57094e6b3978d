import { catalogue } from '../activities/catalogue.ts';
import { failureTypes } from '../activities/failure-types.ts';
import { shapeOf } from '../language/check/json-shape.ts';
import { workflowJsonSchema } from '../language/json-schema.ts';
import { verbs } from '../language/verbs.ts';
import { limitsSection, operatorsSection, pathsSection } from './expression-reference.ts';
import { objectWithin, propertyTable, propertyTables, type EditorShape } from './property-table.ts';

/** `docs/LANGUAGE-REFERENCE.md`, from the schemas and tables by which definitions are checked and run. */
export function languageReference(): string {
  const schema = JSON.parse(workflowJsonSchema(catalogue)) as EditorSchema;
  return [
    '# Language reference',
    '',
    'Written by `npm run docs` from the schema and the tables in `language/` and `activities/`. The [guide](GUIDE.md) teaches',
    'the language by an example.',
    '',
    '## The definition',
    '',
    ...propertyTable(schema, []),
    '### `on`',
    '',
    ...propertyTable(objectWithin(schema.properties?.on ?? {}) ?? {}, []),
    '## Steps',
    '',
    'A step has exactly one verb. All have:',
    '',
    ...propertyTable(common(schema), []),
    ...verbs.flatMap((verb) => verbSection(verb, schema)),
    ...retrySection(schema),
    ...undoSection(),
    ...pathsSection(),
    ...operatorsSection(),
    ...limitsSection(),
    ...errorTypesSection(),
    ...activitiesSection(),
  ].join('\n');
}

interface EditorSchema extends EditorShape {
  definitions: Record<string, EditorShape>;
}

const commonNames = ['id', 'title', 'if'];

function common({ definitions }: EditorSchema): EditorShape {
  const { properties = {}, required = [] } = definitions['step-call'] ?? {};
  return {
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => commonNames.includes(name))),
    required,
  };
}

function verbSection(verb: string, { definitions }: EditorSchema): string[] {
  const shape = definitions[`step-${verb}`] ?? {};
  return [`### \`${verb}\``, '', ...propertyTables(shape, verb === 'if' ? ['id', 'title'] : commonNames)];
}

function retrySection({ definitions }: EditorSchema): string[] {
  return ['### `retry`', '', ...propertyTable(definitions['step-call']?.properties?.retry ?? {}, [])];
}

function undoSection(): string[] {
  return [
    '### `undo`',
    '',
    'Beside a `call`, `http` or `emit`: one of these three, with its own limits and retries. Its templates are filled in when the',
    "step completes, so that it sees the step's own output. When the run fails or is canceled, completed steps are undone in",
    "reverse order; one that cannot be undone does not keep the others from it, and the run's failure names it.",
    '',
  ];
}

function errorTypesSection(): string[] {
  const own = [
    ['ExpressionFailed', 'A path finds nothing, or an operator got what it does not take.'],
    ['DefinitionUnknown', 'A `run` names a definition that the run was started without.'],
    ['TimedOut', 'A wait, or an attempt, has taken too long.'],
    ['Rejected', 'Somebody answered an `approve` with no.'],
    ['TooManyIterations', 'A `while` still holds after `max`.'],
    ['AllFailed', 'Of a `"join": "first"`, nothing succeeded.'],
    ['TooLarge', 'A list or the run itself is larger than Temporal can carry.'],
    ['Failed', 'A `fail` step without a `type`.'],
  ];
  return [
    '## Error types',
    '',
    'For `catch` and `retry.except`, beside the types that your own `fail` steps give.',
    '',
    '| type | meaning | tried again |',
    '| --- | --- | --- |',
    ...own.map(([type, meaning]) => `| \`${type}\` | ${meaning} | |`),
    ...Object.entries(failureTypes).map(
      ([type, { kind, meaning }]) => `| \`${type}\` | ${meaning} | ${kind === 'transient' ? 'yes' : ''} |`,
    ),
    '',
  ];
}

function activitiesSection(): string[] {
  return [
    '## Activities',
    '',
    ...Object.entries(catalogue).flatMap(([name, { title, input, output }]) => [
      `### \`${name}\``,
      '',
      `${title}. The output has: ${Object.keys(shapeOf(output).properties ?? {})
        .map((key) => `\`${key}\``)
        .join(', ')}.`,
      '',
      ...propertyTable(shapeOf(input, 'input'), []),
    ]),
  ];
}
