import { evaluationLimits } from '../language/budget.ts';
import { sourceLimits } from '../language/check/parse-source.ts';
import { formatDuration, maxDurationMs } from '../language/time.ts';
import { operatorDocs, type OperatorDoc } from '../language/operators/operator-docs.ts';
import { describeArity, operators, type OperatorName } from '../language/operators/operators.ts';
import { runLimits } from '../language/verbs.ts';
import type { scopeRoots } from '../language/scope.ts';

type Root = (typeof scopeRoots)[number];

/** The roots of paths. */
const roots: Record<Root, [form: string, meaning: string]> = {
  event: ['event', "[The event](#the-event) that started the run; `event.data` is the gateway's own body."],
  steps: ['steps.<id>', 'The output of a step that has ended. Null if it was skipped, timed out or failed.'],
  status: ['status.<id>', '`done`, `skipped`, `failed`, `timedOut` or `canceled`.'],
  vars: ['vars.<name>', "The values that the definition's `vars` and `set` steps assigned."],
  settings: [
    'settings.<name>',
    'A setting of the project (`definitions/settings.json`), with the value that it had when the run started.',
  ],
  run: ['run', '`run.id` is the workflow id, `run.definition` the name of the definition.'],
  item: ['item', 'In a loop: the current item. `as` gives it another name as well.'],
  index: ['index', 'In a loop: the position of the item or the iteration, from 0.'],
  error: [
    'error',
    'In a `catch`, `onItemError` or `afterUndo`: `type`, `message`, `step`, and, if an `http` step got an answer, `status`, `body` and `headers`; otherwise these three are null. A body of more than 4,096 characters is cut and becomes a text. In `afterUndo` also `notUndone`: the steps whose effects may still stand, because their `undo` failed or there was none for a step in doubt.',
  ],
  signal: ['signal', 'In the `where` of a `waitFor`: the event that arrived.'],
  step: [
    'step',
    'In an `undo`: `step.idempotencyKey`, by which the receiver knows the effect (for HTTP, the header `Idempotency-Key` that was sent), and `step.inDoubt`.',
  ],
};

/** Paths, templates, conditions and durations. */
export function pathsSection(): string[] {
  return [
    '## Paths, templates and conditions',
    '',
    '| root | meaning |',
    '| --- | --- |',
    ...Object.values(roots).map(([form, meaning]) => `| \`${form}\` | ${meaning} |`),
    '',
    "A **template** is JSON. A string may contain `{{path}}`; a path that stands alone keeps the value's type. An object whose only key",
    'is an operator is evaluated, unless it reads nothing: `{"number": "4111"}` is data. `{"literal": x}` is x unchanged. Everything else is',
    'data.',
    '',
    "A **path** is keys joined by dots: `event.data.items.0.sku`. Put a key that contains a dot or a space in brackets: `event.data['shop.id'].name`.",
    'Double a quote in such a key.',
    '',
    'A **URL** (`http`) is a text in which each value is encoded for its place: `/` and `..` of an order id stay one part of the path, `&`',
    "one parameter's value. Null, a list, an object, an empty part of the path, `.` and `..` as a part, and more than 2,048 characters fail the",
    'step. `{"raw": "https://files.example/{{event.data.path}}"}` inserts values as they are, dots and slashes included. In both, scheme, host and',
    'port are plain text or come from a setting: `"http": "{{settings.shopUrl}}/orders"`. They may also come from',
    'a variable to which `vars` assigns plain text and which no step sets.',
    '',
    'A **secret** is named, and only the worker looks it up, so that history, logs and the simulator never see its value. Use it in the',
    'headers, the `body` and the `form` of an `http` step. It is sent only to the hosts that `definitions/secrets.json` names for it:',
    '',
    '| form | gives |',
    '| --- | --- |',
    '| `{"secret": "KAIT_SECRET_SHOP"}` | the value |',
    '| `{"concat": ["Bearer ", {"secret": "KAIT_SECRET_SHOP"}]}` | text and secrets, joined; the texts are templates |',
    '| `{"base64": {"concat": ["shop:", {"secret": "KAIT_SECRET_SHOP"}]}}` | base64 of it, for `Basic` |',
    '| `{"hmac": {"key": {"secret": "KAIT_SECRET_SHOP"}, "of": "{{event.id}}", "hash": "sha256", "encoding": "hex"}}` | an HMAC. `of` is a template; in a header its default is the body as it is sent. `hash` is `sha1`, `sha256` (default) or `sha512`; `encoding` is `hex` (default), `base64` or `base64url` |',
    '',
    'These forms are not operators: anywhere else, and inside expressions, a secret is an error. If the receiver echoes the secret, Kait masks it.',
    '',
    'The output of an `http` step is `{ status, body, headers }`. `headers` has lower-case names and keeps `allow`, `content-location`,',
    '`content-type`, `etag`, `last-modified`, `link`, `location`, `request-id`, `retry-after`, `x-correlation-id` and `x-request-id`, if',
    'the answer has them, and those that `keepHeaders` names. Cookies are never kept, and a header of more than 2,048 characters is left out.',
    'Read them with a default: `{"var": ["steps.pay.headers.location", null]}`.',
    '',
    'A **condition** is an expression: an object with one operator. It reads paths with `var`. A path that finds nothing is an error,',
    'unless you give a default: `{"var": ["steps.refund.id", null]}`.',
    '',
    `A **duration** is a whole number and a unit: \`500ms\`, \`30s\`, \`5m\`, \`24h\`, \`7d\`; at most \`${formatDuration(maxDurationMs)}\`.`,
    '',
  ];
}

/** Every operator, with an example that the tests evaluate. */
export function operatorsSection(): string[] {
  const documented = Object.entries(operatorDocs) as [OperatorName, OperatorDoc][]; // The keys of a constant.
  const groups = [...new Set(documented.map(([, { group }]) => group))];
  return [
    '## Operators',
    '',
    'A single argument needs no list. Apart from `==`, `!=` and `jsonlogic`, no operator converts types silently: `"5" > 3` is an error.',
    'Inside `map` and similar operators, paths start at the item.',
    '',
    '<a id="outer-values"></a>**Outer values.** Inside the second argument of `map`, `filter`, `all`, `some`, `none` and `reduce`, paths start',
    'at the item, as in JsonLogic, and see nothing else. To compare an item with something outside, name it with a last argument',
    '(the third; the fourth of `reduce`). Then paths start at the roots as everywhere, and the item is a root of that name. `reduce` also',
    'has `accumulator`. Names of enclosing operators stay visible. JsonLogic has no such argument: json-logic-js ignores it.',
    '',
    '```json',
    '{ "filter": [{ "var": "event.data.lines" }, { "===": [{ "var": "line.currency" }, { "var": "event.payment.currency" }] }, "line"] }',
    '```',
    '',
    '**No operator loses digits.** Whole numbers are exact up to 9007199254740991 (2^53 - 1). A larger number in a webhook or in the answer',
    'of an `http` step arrives as a text of the same digits. Compare it with other texts (`===`, `in`), pass it on, or print it with `cat` or',
    '`formatMoney`. Arithmetic beyond 2^53 - 1, `number` of such a text, and `==` of such a text and a number fail the step.',
    '',
    ...groups.flatMap((group) => [
      `### ${group}`,
      '',
      '| operator | arguments | meaning | example | result |',
      '| --- | --- | --- | --- | --- |',
      ...documented.filter(([, doc]) => doc.group === group).map(([name, doc]) => operatorRow(name, doc)),
      '',
    ]),
  ];
}

function operatorRow(name: OperatorName, { description, example }: OperatorDoc): string {
  const given = example.data === undefined ? '' : ` with ${code(JSON.stringify(example.data))}`;
  const shown = `${code(JSON.stringify(example.logic))}${given}`;
  const takes = describeArity(operators[name]);
  return `| ${code(name)} | ${takes} | ${description} | ${shown} | ${code(JSON.stringify(example.value))} |`;
}

/** A bar would end the table's cell. */
function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

/** The limits of definitions and expressions. */
export function limitsSection(): string[] {
  const limits: [what: string, most: number][] = [
    [
      'operations in one expression or template; an operator over much data counts as many',
      evaluationLimits.operations,
    ],
    ['levels of nesting', evaluationLimits.depth],
    ['characters of a text that an operator makes', evaluationLimits.textLength],
    ['items of a list that an operator makes', evaluationLimits.arrayLength],
    ['characters of JSON that an expression or template gives', evaluationLimits.resultLength],
    ['steps in a definition', sourceLimits.steps],
    ['characters of a definition', sourceLimits.characters],
    ['items of a `forEach`', runLimits.items],
    ['items of a `forEach` at once', runLimits.itemsAtOnce],
    ['iterations of a `while`', runLimits.iterations],
    ['events that a run keeps for a later `waitFor`', runLimits.keptEvents],
    ['bytes of those events together, as JSON', runLimits.keptEventBytes],
  ];
  return [
    '## Limits',
    '',
    '| limit | at most |',
    '| --- | --- |',
    ...limits.map(([what, most]) => `| ${what} | ${most.toLocaleString('en')} |`),
    '',
    'A run whose history gets long continues as a new one with the same id, between steps or between items.',
    '',
  ];
}
