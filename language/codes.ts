interface FindingKind {
  title: string;
  severity: 'error' | 'warning';
  explanation: string;
  /** A fragment that has the mistake. */
  example: string;
}

/**
 * What can be found in a definition. Codes are for ever: users search for them, and suppressions may name them. 10xx: the
 * text; 11xx: the form; 12xx: references; 13xx: expressions; 14xx: activities.
 */
export const findingKinds = {
  KAIT1001: {
    title: 'Not JSON',
    severity: 'error',
    explanation:
      'The text is not JSON. Comments are allowed; trailing commas are not, so that every JSONC tool reads the file.',
    example: '{ "name": "paid", }',
  },
  KAIT1002: {
    title: 'Too large',
    severity: 'error',
    explanation:
      'Every run carries its definition in its history, so a definition has at most 131,072 characters, 64 levels and 500 steps.',
    example: '[[[[[[[[[[…]]]]]]]]]]',
  },
  KAIT1003: {
    title: 'Duplicate key',
    severity: 'error',
    explanation: 'The same key stands twice in one object. JSON readers would silently take one of them.',
    example: '{ "id": "a", "id": "b" }',
  },
  KAIT1004: {
    title: 'Inexact number',
    severity: 'error',
    explanation: 'Numbers are IEEE 754 doubles; this one would become another number. Write it as a text.',
    example: '12345678901234567890',
  },
  KAIT1101: {
    title: 'Unknown property',
    severity: 'error',
    explanation: 'Nothing here has such a property, so it would have no effect.',
    example: '{ "id": "order", "call": "orders.create", "wiht": {} }',
  },
  KAIT1102: {
    title: 'Missing property',
    severity: 'error',
    explanation: 'The property is required here.',
    example: '{ "call": "orders.create" }',
  },
  KAIT1103: {
    title: 'Wrong type',
    severity: 'error',
    explanation: 'The value is of a type that is not allowed here.',
    example: '{ "steps": {} }',
  },
  KAIT1104: {
    title: 'Value out of range',
    severity: 'error',
    explanation: 'The value has the right type, but is too small, too large, or none of those that are allowed.',
    example: '{ "retry": { "attempts": 0 } }',
  },
  KAIT1105: {
    title: 'Empty list',
    severity: 'error',
    explanation: 'A list of steps or event types that is empty does nothing; leave it out.',
    example: '{ "id": "notify", "parallel": [] }',
  },
  KAIT1106: {
    title: 'Step without a verb',
    severity: 'error',
    explanation: 'A step does exactly one thing, named by its verb: call, emit, wait, set, parallel, or if with then.',
    example: '{ "id": "order" }',
  },
  KAIT1107: {
    title: 'Step with several verbs',
    severity: 'error',
    explanation: 'A step does exactly one thing. Make it two steps.',
    example: '{ "id": "order", "call": "orders.create", "wait": "5m" }',
  },
  KAIT1108: {
    title: 'Not available in this version',
    severity: 'error',
    explanation: 'The word belongs to the language, but this version of Kait does not carry it out yet.',
    example: '{ "id": "each", "forEach": "{{event.data.items}}" }',
  },
  KAIT1109: {
    title: 'Invalid name',
    severity: 'error',
    explanation:
      'Definitions are named in lower case with hyphens (payment-succeeded); steps and variables start with a letter and go on with letters, digits, - or _. At most 64 characters.',
    example: '{ "name": "Payment Succeeded" }',
  },
  KAIT1110: {
    title: 'Reserved name',
    severity: 'error',
    explanation: 'The name means something to JavaScript, which must not be confused with yours.',
    example: '{ "name": "constructor" }',
  },
  KAIT1111: {
    title: 'Invalid duration',
    severity: 'error',
    explanation: 'A duration is a whole number and a unit: 500ms, 30s, 5m, 24h or 7d. The longest is 365d.',
    example: '{ "id": "pause", "wait": "5 minutes" }',
  },
  KAIT1112: {
    title: 'Invalid event type',
    severity: 'error',
    explanation: 'Event types are words joined by dots, such as payment.succeeded or stripe:payment_intent.succeeded.',
    example: '{ "on": { "event": "payment succeeded" } }',
  },
  KAIT1113: {
    title: 'Event type looks misspelt',
    severity: 'warning',
    explanation: 'The event type is close to a canonical one, but not the same. No webhook may ever match it.',
    example: '{ "on": { "event": "payment.suceeded" } }',
  },
  KAIT1201: {
    title: 'Duplicate step id',
    severity: 'error',
    explanation: 'Ids are unique in the whole definition: outputs are steps.<id> wherever the step stands.',
    example: '[{ "id": "a", "wait": "1s" }, { "id": "a", "wait": "2s" }]',
  },
  KAIT1202: {
    title: 'Unknown step',
    severity: 'error',
    explanation: 'There is no step of that id.',
    example: '"{{steps.ordr.id}}"',
  },
  KAIT1203: {
    title: 'Step has not run yet',
    severity: 'error',
    explanation:
      'A step sees the outputs of those that end before it starts: not its own, not those of later steps or of another branch.',
    example: '[{ "id": "a", "set": { "x": "{{steps.b}}" } }, { "id": "b", "wait": "1s" }]',
  },
  KAIT1204: {
    title: 'Step runs in parallel',
    severity: 'error',
    explanation: 'Branches of a parallel step run at once, so one cannot rely on what another gives.',
    example: '{ "id": "p", "parallel": [{ "id": "a", … }, { "id": "b", "set": { "x": "{{steps.a}}" } }] }',
  },
  KAIT1205: {
    title: 'Step may have been skipped',
    severity: 'warning',
    explanation: 'Where the step was skipped its output is null, and a path into it fails the run. Give a default.',
    example: '"{{steps.cashback.id}}"',
  },
  KAIT1206: {
    title: 'Unknown root',
    severity: 'error',
    explanation:
      'Paths start with event, steps, status, vars or run; inside map, filter and the like at the current item.',
    example: '"{{payment.amount}}"',
  },
  KAIT1207: {
    title: 'Unknown path',
    severity: 'error',
    explanation: 'The canonical event, or the output of the step, has no such member. Below event.data anything goes.',
    example: '"{{event.payment.amout}}"',
  },
  KAIT1208: {
    title: 'Malformed template',
    severity: 'error',
    explanation: 'Between {{ and }} stands a dotted path and nothing else.',
    example: '"{{event.payment.amount"',
  },
  KAIT1209: {
    title: 'Not available here',
    severity: 'error',
    explanation:
      'A trigger sees nothing but event; item, index, error and signal exist only within the verbs that bring them.',
    example: '{ "on": { "event": "payment.succeeded", "if": { "var": "steps.order" } } }',
  },
  KAIT1210: {
    title: 'Unknown variable',
    severity: 'error',
    explanation: 'No step that ends before this one sets the variable.',
    example: '"{{vars.totl}}"',
  },
  KAIT1211: {
    title: 'Variable may not be set',
    severity: 'warning',
    explanation: 'The step that sets the variable may be skipped, and then the path fails the run. Give a default.',
    example: '"{{vars.discount}}"',
  },
  KAIT1301: {
    title: 'Unknown operator',
    severity: 'error',
    explanation:
      'The operators are those of JsonLogic without log, and floor, ceil, round, number, string and literal.',
    example: '{ "flor": 1.5 }',
  },
  KAIT1302: {
    title: 'Wrong number of arguments',
    severity: 'error',
    explanation: 'The operator takes another number of arguments.',
    example: '{ "==": [{ "var": "event.source" }] }',
  },
  KAIT1303: {
    title: 'Not an expression',
    severity: 'error',
    explanation: 'An expression is an object with exactly one key, its operator. Any other object would count as true.',
    example: '{ ">": [1, 2], "<": [1, 2] }',
  },
  KAIT1304: {
    title: 'Operator looks misspelt',
    severity: 'warning',
    explanation:
      'In a template, an object whose only key is no operator is data. This one looks as if it was meant as an expression.',
    example: '{ "flor": [{ "var": "event.payment.amount" }] }',
  },
  KAIT1305: {
    title: 'Condition is constant',
    severity: 'warning',
    explanation: 'The condition reads nothing of the run, so it always has the same result.',
    example: '{ "if": "event.payment.amount", … }',
  },
  KAIT1306: {
    title: 'Braces in an expression',
    severity: 'error',
    explanation: 'Within an expression a text is a text; paths are read by var.',
    example: '{ ">": ["{{event.payment.amount}}", 0] }',
  },
  KAIT1401: {
    title: 'Unknown activity',
    severity: 'error',
    explanation: 'This installation has no activity of that name.',
    example: '{ "id": "order", "call": "order.create" }',
  },
  KAIT1402: {
    title: 'Missing input',
    severity: 'error',
    explanation: 'The activity requires the input.',
    example: '{ "id": "order", "call": "orders.create", "with": {} }',
  },
  KAIT1403: {
    title: 'Unknown input',
    severity: 'error',
    explanation: 'The activity has no such input.',
    example: '{ "id": "mail", "call": "mail.send", "with": { "recipient": "a@example.com" } }',
  },
  KAIT1404: {
    title: 'Wrong input',
    severity: 'error',
    explanation: 'The activity does not take such a value.',
    example: '{ "id": "order", "call": "orders.create", "with": { "amount": "{{event.payment.currency}}", … } }',
  },
} as const satisfies Record<string, FindingKind>;

export type FindingCode = keyof typeof findingKinds;
