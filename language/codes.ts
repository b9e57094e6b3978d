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
    explanation:
      'A step does exactly one thing, named by its verb, such as call, wait or forEach; if is one with then only. docs/LANGUAGE-REFERENCE.md lists them.',
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
    example: '{ "name": "paid", "key": "{{event.entity}}" }',
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
  KAIT1114: {
    title: 'Nothing to undo',
    severity: 'error',
    explanation:
      'An undo takes back the effect of a call, an http request or an emit; other steps have none. It does exactly one such thing itself.',
    example: '{ "id": "pause", "wait": "5m", "undo": { "call": "orders.cancel" } }',
  },
  KAIT1115: {
    title: 'Wait without a limit',
    severity: 'error',
    explanation:
      'What a step waits for may never come, and then its run would stay open for ever. There is no default, since only the author knows how long is too long.',
    example: '{ "id": "refund", "waitFor": "payment.refunded" }',
  },
  KAIT1116: {
    title: 'Unbounded loop',
    severity: 'error',
    explanation: 'A condition that never becomes false would repeat the steps for ever.',
    example: '{ "id": "poll", "while": { "var": "vars.open" }, "do": […] }',
  },
  KAIT1117: {
    title: 'No undo to carry out',
    severity: 'error',
    explanation: 'The definition says that failures are undone, and no step says how.',
    example: '{ "onFail": "undo", "steps": [{ "id": "order", "call": "orders.create" }] }',
  },
  KAIT1118: {
    title: 'Limits contradict each other',
    severity: 'error',
    explanation:
      'A limit is longer or shorter than the one that it belongs to, so one of them can never have an effect. Defaults count: an attempt has 30s.',
    example: '{ "timeout": "1m", "deadline": "30s" }',
  },
  KAIT1119: {
    title: 'Unreachable',
    severity: 'error',
    explanation:
      'No run ever gets here: a step before ends it in any case, or a case or handler before leaves nothing to this one.',
    example: '[{ "id": "end", "stop": "done" }, { "id": "mail", "call": "mail.send" }]',
  },
  KAIT1120: {
    title: 'Impossible request',
    severity: 'error',
    explanation:
      'HTTP has no such request: a GET has no body, a URL starts with its scheme, and some headers belong to the connection.',
    example: '{ "id": "ask", "http": "https://shop.example", "method": "GET", "body": {} }',
  },
  KAIT1121: {
    title: 'Name has a meaning already',
    severity: 'error',
    explanation: 'The name of an item would hide a root of paths, or the item of a loop around it.',
    example: '{ "forEach": { "in": "{{event.data.lines}}", "as": "event" } }',
  },
  KAIT1122: {
    title: 'Try without a handler',
    severity: 'error',
    explanation: 'A try needs a catch or a finally; without them it changes nothing.',
    example: '{ "id": "pay", "try": […] }',
  },
  KAIT1123: {
    title: 'Takes any event',
    severity: 'warning',
    explanation: 'The wait names only a type, so it takes the next event of that type, also one about another payment.',
    example: '{ "id": "refund", "waitFor": "payment.refunded", "timeout": "24h" }',
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
      'A step sees the outputs of those that end before it starts: not its own, not those of later steps or of a branch that is not taken when its own is.',
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
  KAIT1212: {
    title: 'Step inside a loop',
    severity: 'error',
    explanation:
      "The outputs of the steps inside a loop end with each item or iteration. What is needed later is kept by the loop's collect, or by a set inside it.",
    example: '"{{steps.pay.id}}" after a forEach that holds the step pay',
  },
  KAIT1301: {
    title: 'Unknown operator',
    severity: 'error',
    explanation:
      'The operators are those of JsonLogic without log, and those of Kait; docs/LANGUAGE-REFERENCE.md lists them all.',
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
  KAIT1307: {
    title: 'Secret where history keeps it',
    severity: 'error',
    explanation:
      'Whatever a template gives is kept in history, logs and the Web UI. Secrets stand only where an activity looks them up: in the headers of a request. Their names start with KAIT_SECRET_.',
    example: '{ "body": { "key": { "secret": "KAIT_SECRET_SHOP" } } }',
  },
  KAIT1308: {
    title: 'Comparison of mixed types',
    severity: 'error',
    explanation:
      'Values of these types are never in order, or never equal, so the comparison fails the run or has the same outcome for every event. The match of a waitFor compares as well.',
    example: '{ ">=": [{ "var": "event.payment.amount" }, "1000000"] }',
  },
  KAIT1309: {
    title: 'Path starts at the item',
    severity: 'warning',
    explanation: 'Inside map, filter, all, some and none, paths start at the current item and not at the roots.',
    example: '{ "map": [{ "var": "event.data.lines" }, { "var": "event.payment.currency" }] }',
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
  KAIT1405: {
    title: 'Unknown definition',
    severity: 'error',
    explanation: 'No definition of that name is served beside this one.',
    example: '{ "id": "greet", "run": "gret" }',
  },
  KAIT1406: {
    title: 'Unknown variable of a definition',
    severity: 'error',
    explanation: 'A run step may set only the variables that the other definition declares in its vars.',
    example: '{ "id": "greet", "run": "greet", "with": { "nmae": "Ana" } }',
  },
  KAIT1407: {
    title: 'Runs itself',
    severity: 'error',
    explanation: 'Each run would start another, without end; also by way of other definitions.',
    example: '{ "name": "loop", "steps": [{ "id": "again", "run": "loop" }] }',
  },
} as const satisfies Record<string, FindingKind>;

export type FindingCode = keyof typeof findingKinds;
