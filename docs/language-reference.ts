import { catalogue } from '../activities/catalogue.ts';
import { failureTypes } from '../activities/failure-types.ts';
import { evaluationLimits } from '../language/budget.ts';
import type { JsonShape } from '../language/check/json-shape.ts';
import { shapeOf } from '../language/check/json-shape.ts';
import { workflowJsonSchema } from '../language/json-schema.ts';
import { operatorDocs } from '../language/operators/operator-docs.ts';
import { verbs } from '../language/verbs.ts';

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
    ...propertyTable(triggerOf(schema), []),
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

interface EditorSchema extends JsonShape {
  definitions: Record<string, JsonShape>;
}

const commonNames = ['id', 'title', 'if'];

function common({ definitions }: EditorSchema): JsonShape {
  const { properties = {}, required = [] } = definitions['step-call'] ?? {};
  return {
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => commonNames.includes(name))),
    required,
  };
}

function verbSection(verb: string, { definitions }: EditorSchema): string[] {
  const shape = definitions[`step-${verb}`] ?? {};
  const { forEach } = shape.properties ?? {};
  return [
    `### \`${verb}\``,
    '',
    ...propertyTable(shape, verb === 'if' ? ['id', 'title'] : commonNames),
    ...(verb === 'forEach' && forEach !== undefined ? ['Within `forEach`:', '', ...propertyTable(forEach, [])] : []),
  ];
}

function triggerOf({ properties = {} }: JsonShape): JsonShape {
  return properties.on?.anyOf?.find((each) => each.properties !== undefined) ?? {};
}

function propertyTable({ properties = {}, required = [] }: JsonShape, leftOut: string[]): string[] {
  const rows = Object.entries(properties)
    .filter(([name]) => !leftOut.includes(name) && name !== '$schema')
    .sort(([one], [other]) => Number(isLimit(one)) - Number(isLimit(other)))
    .map(([name, shape]) => {
      return `| \`${name}\` | ${typeText(shape)} | ${required.includes(name) ? 'yes' : ''} | ${meaningOf(shape)} |`;
    });
  return ['| property | form | required | meaning |', '| --- | --- | --- | --- |', ...rows, ''];
}

/** What every action has stands behind what is its own. */
function isLimit(name: string): boolean {
  return ['timeout', 'deadline', 'heartbeat', 'retry', 'undo'].includes(name);
}

/** Angle brackets would be taken for HTML. */
function meaningOf({ description = '' }: JsonShape): string {
  return description.replaceAll('<', '&lt;');
}

/** In the words of the language: what a schema leaves open, it names by reference. */
function typeText(shape: JsonShape & { allOf?: { $ref?: string }[]; pattern?: string }): string {
  const reference = shape.allOf?.[0]?.$ref?.split('/').at(-1);
  if (reference !== undefined) return reference === 'logic' ? 'condition' : reference;
  if (shape.enum !== undefined) return shape.enum.map((value) => `\`${String(value)}\``).join(' ');
  if (shape.const !== undefined) return `\`${JSON.stringify(shape.const)}\``;
  if (shape.anyOf !== undefined) return [...new Set(shape.anyOf.map(typeText))].join(' or ');
  if (shape.pattern?.includes('ms|s|m|h|d') === true) return 'duration';
  if (shape.type === 'array') return isStepList(shape) ? 'steps' : `list of ${typeText(shape.items ?? {})}`;
  if (shape.type === 'object') return shape.properties === undefined ? 'object of templates' : 'object';
  return (
    { string: 'text', integer: 'whole number', number: 'number', boolean: 'true or false' }[String(shape.type)] ?? 'any'
  );
}

function isStepList({ items }: JsonShape & { items?: { $ref?: string } }): boolean {
  return items?.$ref?.endsWith('/step') === true;
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

function pathsSection(): string[] {
  return [
    '## Paths, templates and conditions',
    '',
    '| root | what it is |',
    '| --- | --- |',
    "| `event` | The canonical event that started the run; `event.data` is the gateway's own body. |",
    '| `steps.<id>` | The output of a step that has ended. Null where it was skipped, timed out or failed. |',
    '| `status.<id>` | `done`, `skipped`, `failed`, `timedOut` or `canceled`. |',
    "| `vars.<name>` | What the definition's `vars` and `set` steps assigned. |",
    '| `item`, `index` | In a loop: the current item and its position. `as` gives the item a name of its own. |',
    '| `error` | In a `catch` or `onItemError`: `type`, `message` and `step`. |',
    '| `signal` | In the `where` of a `waitFor`: the event that came. |',
    "| `run` | `run.id` is the workflow's id, `run.definition` the definition's name. |",
    '',
    "A **template** is JSON. A text may hold `{{path}}`; alone it keeps the value's type. An object whose only key is an operator is",
    'evaluated; `{"literal": x}` is x as it stands; all else is data.',
    '',
    'A **condition** is an expression: an object with one operator. Paths in it are read by `var`. A path that finds nothing is an',
    'error, unless a default stands beside it: `{"var": ["steps.refund.id", null]}`.',
    '',
    '**Durations** are a whole number and a unit: `500ms`, `30s`, `5m`, `24h`, `7d`; at most `365d`.',
    '',
  ];
}

function operatorsSection(): string[] {
  const groups = [...new Set(Object.values(operatorDocs).map(({ group }) => group))];
  return [
    '## Operators',
    '',
    'A single argument need not be in a list. Nothing is converted silently: `"5" > 3` is an error.',
    '',
    ...groups.flatMap((group) => [
      `### ${group}`,
      '',
      '| operator | meaning | example | gives |',
      '| --- | --- | --- | --- |',
      ...Object.entries(operatorDocs)
        .filter(([, doc]) => doc.group === group)
        .map(([name, { description, example }]) => {
          const data = example.data === undefined ? '' : ` with ${code(example.data)}`;
          return `| ${code(name, true)} | ${description} | ${code(example.logic)}${data} | ${code(example.value)} |`;
        }),
      '',
    ]),
  ];
}

/** A bar would end the table's cell. */
function code(value: unknown, asIs = false): string {
  const text = asIs ? String(value) : JSON.stringify(value);
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function limitsSection(): string[] {
  return [
    '## Limits',
    '',
    '| what | at most |',
    '| --- | --- |',
    `| operations in one expression or template | ${evaluationLimits.operations} |`,
    `| levels of nesting | ${evaluationLimits.depth} |`,
    `| characters of a text that an operator makes | ${evaluationLimits.textLength} |`,
    `| items of a list that an operator makes | ${evaluationLimits.arrayLength} |`,
    `| characters of JSON that a template gives | ${evaluationLimits.resultLength} |`,
    '| steps in a definition | 500 |',
    '| characters of a definition | 131072 |',
    '| items of a `forEach` | 100000 |',
    '| items of a `forEach` at once | 100 |',
    '| iterations of a `while` | 10000 |',
    '| events that a run keeps for a later `waitFor` | 200 |',
    '',
    'A run whose history gets long goes on as a new one between steps and between items, with the same id.',
    '',
  ];
}

function errorTypesSection(): string[] {
  const own = [
    ['ExpressionFailed', 'A path finds nothing, or an operator got what it does not take.'],
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
