interface FindingKind {
  title: string;
  severity: 'error' | 'warning';
  /** What is wrong and why it matters, then what to do. */
  explanation: string;
  /** A fragment with the mistake. */
  example: string;
}

/**
 * Everything that the checker can find in a definition. A code never changes its meaning: users search for codes. 10xx: the
 * text; 11xx: the form; 12xx: references; 13xx: expressions; 14xx: activities; 15xx: secrets; 16xx: settings; 17xx: activities of the
 * project; 18xx: mails; 19xx: event types.
 */
export const findingKinds = {
  KAIT1001: {
    title: 'Not JSON',
    severity: 'error',
    explanation:
      'The text is not JSON. Comments are allowed. Trailing commas are not, so that every JSONC tool can read the file.',
    example: '{ "name": "paid", }',
  },
  KAIT1002: {
    title: 'Too large',
    severity: 'error',
    explanation:
      'A definition can have at most 131,072 characters, 64 levels of nesting and 500 steps, because every run carries it in its history. Split it: several definitions may react to the same event.',
    example: '[[[[[[[[[[…]]]]]]]]]]',
  },
  KAIT1003: {
    title: 'Duplicate key',
    severity: 'error',
    explanation: 'An object has the same key twice. Most JSON readers would silently keep one of the two. Remove one.',
    example: '{ "id": "a", "id": "b" }',
  },
  KAIT1004: {
    title: 'Inexact number',
    severity: 'error',
    explanation: 'Numbers are IEEE 754 doubles, and a double cannot hold this number exactly. Write it as text.',
    example: '12345678901234567890',
  },
  KAIT1005: {
    title: 'Unreadable file',
    severity: 'error',
    explanation:
      'The file cannot be read: it may be a folder, a link to nothing, too large, not UTF-8, or not readable by the user that Kait runs as. Correct or remove it.',
    example: 'workflows/shop.json → ../elsewhere/shop.json',
  },
  KAIT1101: {
    title: 'Unknown property',
    severity: 'error',
    explanation: 'This property does not exist here, so it would have no effect. Check the spelling.',
    example: '{ "id": "order", "call": "orders.create", "wiht": {} }',
  },
  KAIT1102: {
    title: 'Missing property',
    severity: 'error',
    explanation: 'A required property is missing. Add it.',
    example: '{ "call": "orders.create" }',
  },
  KAIT1103: {
    title: 'Wrong type',
    severity: 'error',
    explanation: 'The value has a type that is not allowed here.',
    example: '{ "steps": {} }',
  },
  KAIT1104: {
    title: 'Value out of range',
    severity: 'error',
    explanation: 'The value has the right type, but it is too small, too large or not among the allowed values.',
    example: '{ "retry": { "attempts": 0 } }',
  },
  KAIT1105: {
    title: 'Empty list',
    severity: 'error',
    explanation: 'An empty list of steps or event types does nothing. Add an item or remove the property.',
    example: '{ "id": "notify", "parallel": [] }',
  },
  KAIT1106: {
    title: 'Step without a verb',
    severity: 'error',
    explanation:
      'A step does exactly one thing, named by its verb, such as call, wait or forEach. if is a verb only together with then. docs/LANGUAGE-REFERENCE.md lists all verbs.',
    example: '{ "id": "order" }',
  },
  KAIT1107: {
    title: 'Step with several verbs',
    severity: 'error',
    explanation: 'A step does exactly one thing, but this one has several verbs. Make it several steps.',
    example: '{ "id": "order", "call": "orders.create", "wait": "5m" }',
  },
  KAIT1108: {
    title: 'Needs a key',
    severity: 'error',
    explanation:
      'hold, onPoison, limits.perKey and limits.debounce apply to runs with the same key. Without a key, every run is independent. Add key, or remove the property.',
    example: '{ "name": "paid", "hold": "run" }',
  },
  KAIT1109: {
    title: 'Invalid name',
    severity: 'error',
    explanation:
      'Names of definitions are lower-case words joined by hyphens (payment-succeeded). Ids of steps and names of variables start with a letter, followed by letters, digits, - or _. A name can have at most 64 characters.',
    example: '{ "name": "Payment Succeeded" }',
  },
  KAIT1110: {
    title: 'Reserved name',
    severity: 'error',
    explanation: 'The name has a special meaning in JavaScript and could be confused with yours. Choose another one.',
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
    explanation:
      'Event types and error types are words joined by dots, such as payment.succeeded or stripe:payment_intent.succeeded.',
    example: '{ "on": { "event": "payment succeeded" } }',
  },
  KAIT1113: {
    title: 'Event type looks misspelled',
    severity: 'warning',
    explanation:
      'The event type is close to a canonical one but does not equal it, so webhooks may never match it. Check the spelling.',
    example: '{ "on": { "event": "payment.suceeded" } }',
  },
  KAIT1114: {
    title: 'Nothing to undo',
    severity: 'error',
    explanation:
      'An undo takes back the effect of a call, an http request or an emit. Other steps have no effect to undo, and the steps of afterUndo run after everything has been undone. The undo itself is exactly one call, http or emit.',
    example: '{ "id": "pause", "wait": "5m", "undo": { "call": "orders.cancel" } }',
  },
  KAIT1115: {
    title: 'Wait without a limit',
    severity: 'error',
    explanation:
      'The event or answer may never arrive, and the run would stay open forever. Add a timeout. It has no default, because only you know how long is too long.',
    example: '{ "id": "refund", "waitFor": "payment.refunded" }',
  },
  KAIT1116: {
    title: 'Unbounded loop',
    severity: 'error',
    explanation: 'If the condition never becomes false, the loop would never end. Add max.',
    example: '{ "id": "poll", "while": { "var": "vars.open" }, "do": […] }',
  },
  KAIT1117: {
    title: 'No undo to run',
    severity: 'error',
    explanation:
      'onFail is undo, or undoOnTimeout is true, but none of the steps it covers has an undo, so nothing would be undone. Add one, or remove that property.',
    example: '{ "onFail": "undo", "steps": [{ "id": "order", "call": "orders.create" }] }',
  },
  KAIT1118: {
    title: 'Limits without effect',
    severity: 'error',
    explanation:
      'Two limits contradict each other, so one of them can never take effect, or a limit is 0. Defaults count too: an attempt has 30s unless the step or the definition sets another limit.',
    example: '{ "timeout": "1m", "deadline": "30s" }',
  },
  KAIT1119: {
    title: 'Unreachable',
    severity: 'error',
    explanation:
      'No run ever gets here: an earlier step always ends the run, or an earlier case or handler always matches. Remove the steps, or move them first.',
    example: '[{ "id": "end", "stop": "done" }, { "id": "mail", "call": "mail.send" }]',
  },
  KAIT1120: {
    title: 'Impossible request',
    severity: 'error',
    explanation:
      'HTTP does not allow this request: a GET has no body, a URL starts with its scheme, and some headers belong to the connection.',
    example: '{ "id": "ask", "http": "https://shop.example", "method": "GET", "body": {} }',
  },
  KAIT1121: {
    title: 'Name already in use',
    severity: 'error',
    explanation: 'The name would hide a root of paths or the item of an enclosing loop. Choose another one.',
    example: '{ "forEach": { "in": "{{event.data.lines}}", "as": "event" } }',
  },
  KAIT1122: {
    title: 'Try without a handler',
    severity: 'error',
    explanation: 'A try without a catch or a finally changes nothing. Add one of them, or remove the try.',
    example: '{ "id": "pay", "try": […] }',
  },
  KAIT1123: {
    title: 'Wait matches any event',
    severity: 'warning',
    explanation:
      'The wait names only an event type, so it takes the next event of that type, even one about another payment. Add match or where.',
    example: '{ "id": "refund", "waitFor": "payment.refunded", "timeout": "24h" }',
  },
  KAIT1124: {
    title: 'Host that is not plain text',
    severity: 'error',
    explanation:
      'The scheme, host and port of a URL decide who receives the request and its secrets, so no event may choose them. Write them as plain text, or as a setting, such as "{{settings.shopUrl}}/orders". A variable also works if "vars" sets it to plain text and no step changes it.',
    example: '{ "id": "ask", "http": "https://{{event.data.host}}/orders" }',
  },
  KAIT1125: {
    title: 'Header given twice',
    severity: 'error',
    explanation:
      'The header names differ only in letter case. HTTP ignores case, so only one of them would be sent. Remove one.',
    example: '{ "headers": { "Authorization": "a", "authorization": "b" } }',
  },
  KAIT1126: {
    title: 'Content type of another body',
    severity: 'warning',
    explanation:
      'The header does not match the body: an object or a list is sent as JSON, a text unchanged, and form as application/x-www-form-urlencoded. Remove the header, or change the body.',
    example: '{ "headers": { "content-type": "application/x-www-form-urlencoded" }, "body": { "a": 1 } }',
  },
  KAIT1128: {
    title: 'Contradictory turns',
    severity: 'error',
    explanation:
      'Two properties that decide when runs start, or what happens to a failed one, exclude each other: runs that only other definitions start take no turns, and onPoison park cannot be combined with onFail.',
    example: '{ "onFail": "undo", "key": "{{event.entity}}", "onPoison": "park" }',
  },
  KAIT1130: {
    title: 'Deadline that never counts',
    severity: 'warning',
    explanation:
      'The deadline of the enclosing steps, or of the run, always ends no later than this one. Shorten this one, or remove it.',
    example: '{ "id": "all", "deadline": "1h", "do": [{ "id": "pay", "deadline": "2h", "do": […] }] }',
  },
  KAIT1131: {
    title: 'No deadline to react to',
    severity: 'error',
    explanation:
      'onTimeout and undoOnTimeout say what happens at the deadline of a group or a run, but no deadline is set. Add deadline, or remove them.',
    example: '{ "id": "all", "do": […], "onTimeout": "continue" }',
  },
  KAIT1132: {
    title: 'Quorum out of reach',
    severity: 'error',
    explanation:
      'The step needs more successes than it has branches, so it always fails. Lower count, or add branches.',
    example: '{ "id": "offers", "join": { "count": 3 }, "parallel": [{ … }, { … }] }',
  },
  KAIT1133: {
    title: 'Contradictory question',
    severity: 'error',
    explanation:
      'An approve step asks for something impossible: it excludes the requester but names none, needs more answers than there are people who may answer, mails nobody, or sets a reminder without a mail or after the time limit.',
    example: '{ "id": "ok", "approve": "Refund?", "by": { "notRequester": true }, "timeout": "1d" }',
  },
  KAIT1134: {
    title: 'Nothing to wait for',
    severity: 'error',
    explanation:
      'An emit step with "onTimeout" has to wait for its deliveries; otherwise it cannot time out. Add "await": "delivered", or remove "onTimeout".',
    example: '{ "id": "tell", "emit": "order.created", "onTimeout": "continue" }',
  },
  KAIT1135: {
    title: 'Unclear what to wait for',
    severity: 'error',
    explanation:
      'An emit step waits either for its deliveries, {"delivered": "2d"}, or for the first answer of a receiver, {"ack": "24h"}. An answer implies a delivery.',
    example: '{ "id": "tell", "emit": "order.created", "await": { "ack": "24h", "delivered": "2d" } }',
  },
  KAIT1136: {
    title: 'Undo that waits',
    severity: 'error',
    explanation:
      'An undo that emits records its webhook and continues, so that a receiver that is down does not block the rest of the undo. To wait for deliveries or for an answer, or to react if they fail, use a step in "afterUndo" or in a catch.',
    example: '{ "id": "tell", "emit": "order.created", "undo": { "emit": "order.canceled", "await": "delivered" } }',
  },
  KAIT1140: {
    title: 'Schedule that cannot be used',
    severity: 'error',
    explanation:
      'A schedule has five fields: minute, hour, day of the month, month and day of the week, each with *, numbers, ranges, steps and lists; or it is @hourly, @daily, @weekly, @monthly or @yearly. It cannot limit both the day of the month and the day of the week: crontab reads that as either, Temporal as both. If you mean either, write two schedules.',
    example: '{ "on": { "schedule": "0 8 1 * 1" } }',
  },
  KAIT1141: {
    title: 'Unknown time zone',
    severity: 'error',
    explanation:
      'The time zone of a schedule is a name from the IANA database, spelled with the same letter case, such as Asia/Jakarta. Abbreviations such as WIB and offsets such as +07:00 are not accepted.',
    example: '{ "on": { "schedule": "0 8 * * *", "timezone": "WIB" } }',
  },
  KAIT1142: {
    title: 'Input schema that cannot be used',
    severity: 'error',
    explanation:
      'A definition that people start describes its input in a subset of JSON Schema, the same one that activities in other languages use. The input is an object whose members are all listed, so that a misspelled one is caught. docs/EXTENDING.md lists what is supported.',
    example: '{ "on": { "manual": { "type": "object", "properties": { "orderId": { "type": "text" } } } } }',
  },
  KAIT1143: {
    title: 'Wait without a source',
    severity: 'error',
    explanation:
      'A waitFor without "source" waits for events from the source that started its run. Scheduled runs and runs that people start were started by an event that Kait made, and no other event of that source reaches a waiting run. Name the sources that send the event.',
    example: '{ "id": "paid", "waitFor": "payment.succeeded", "timeout": "1d" }',
  },
  KAIT1144: {
    title: 'Event that only Kait can make',
    severity: 'error',
    explanation:
      'Events whose type begins with "kait:", or whose source is "kait", belong to schedules and to runs that people start. They start only the definition they were made for, whose "on" has "schedule" or "manual".',
    example: '{ "on": { "event": "kait:schedule" } }',
  },
  KAIT1201: {
    title: 'Duplicate step id',
    severity: 'error',
    explanation:
      'Two steps have the same id. Ids are unique in the whole definition, because steps.<id> refers to them from anywhere. Rename one.',
    example: '[{ "id": "a", "wait": "1s" }, { "id": "a", "wait": "2s" }]',
  },
  KAIT1202: {
    title: 'Unknown step',
    severity: 'error',
    explanation: 'No step has this id. Check the spelling.',
    example: '"{{steps.ordr.id}}"',
  },
  KAIT1203: {
    title: 'Step has not run yet',
    severity: 'error',
    explanation:
      'A step sees only the outputs of steps that end before it starts. It does not see its own output, or those of later steps or of a branch that excludes its own.',
    example: '[{ "id": "a", "set": { "x": "{{steps.b}}" } }, { "id": "b", "wait": "1s" }]',
  },
  KAIT1204: {
    title: 'Step runs in parallel',
    severity: 'error',
    explanation:
      'The branches of a parallel step run at the same time, so one cannot use the output of another. Use it after the parallel step.',
    example: '{ "id": "p", "parallel": [{ "id": "a", … }, { "id": "b", "set": { "x": "{{steps.a}}" } }] }',
  },
  KAIT1205: {
    title: 'Step may have been skipped',
    severity: 'warning',
    explanation: 'The output of a skipped step is null, and a path into null fails the run. Add a default.',
    example: '"{{steps.cashback.id}}"',
  },
  KAIT1206: {
    title: 'Unknown root',
    severity: 'error',
    explanation:
      'Paths start with event, steps, status, vars, settings or run. Inside map, filter and similar operators they start at the current item.',
    example: '"{{payment.amount}}"',
  },
  KAIT1207: {
    title: 'Unknown path',
    severity: 'error',
    explanation:
      'The canonical event, or the output of the step, has no such member. Check the spelling. Below event.data, any path is accepted.',
    example: '"{{event.payment.amout}}"',
  },
  KAIT1208: {
    title: 'Malformed template',
    severity: 'error',
    explanation:
      'Between {{ and }} there must be a dotted path and nothing else. To write braces as plain text, use literal.',
    example: '"{{event.payment.amount"',
  },
  KAIT1209: {
    title: 'Not available here',
    severity: 'error',
    explanation:
      'A trigger sees only event and settings. item, index, error and signal exist only inside the verbs that provide them.',
    example: '{ "on": { "event": "payment.succeeded", "if": { "var": "steps.order" } } }',
  },
  KAIT1210: {
    title: 'Unknown variable',
    severity: 'error',
    explanation: 'No earlier step sets this variable. Set it first, or declare it in vars.',
    example: '"{{vars.totl}}"',
  },
  KAIT1211: {
    title: 'Variable may not be set',
    severity: 'warning',
    explanation: 'The step that sets the variable may be skipped, and then the path fails the run. Add a default.',
    example: '"{{vars.discount}}"',
  },
  KAIT1212: {
    title: 'Step inside a loop',
    severity: 'error',
    explanation:
      "The output of a step inside a loop exists only during its item or iteration. Keep what you need with the loop's collect, or with a set inside the loop.",
    example: '"{{steps.pay.id}}" after a forEach that holds the step pay',
  },
  KAIT1301: {
    title: 'Unknown operator',
    severity: 'error',
    explanation:
      'No such operator exists. Kait supports the operators of JsonLogic, except log, and adds its own. docs/LANGUAGE-REFERENCE.md lists them. A jsonlogic rule can use only those of JsonLogic.',
    example: '{ "flor": 1.5 }',
  },
  KAIT1302: {
    title: 'Wrong number of arguments',
    severity: 'error',
    explanation: 'The operator takes a different number of arguments.',
    example: '{ "==": [{ "var": "event.source" }] }',
  },
  KAIT1303: {
    title: 'Not an expression',
    severity: 'error',
    explanation:
      'An expression is an object with exactly one key, its operator. Any other object would always count as true. Combine conditions with and; put data into literal.',
    example: '{ ">": [1, 2], "<": [1, 2] }',
  },
  KAIT1304: {
    title: 'Operator looks misspelled',
    severity: 'warning',
    explanation:
      'In a template, an object whose only key is not an operator is plain data. This one looks like an expression with a misspelled operator.',
    example: '{ "flor": [{ "var": "event.payment.amount" }] }',
  },
  KAIT1305: {
    title: 'Condition is constant',
    severity: 'warning',
    explanation: 'The condition reads nothing from the run, so its result is always the same. Use var to read a value.',
    example: '{ "if": "event.payment.amount", … }',
  },
  KAIT1306: {
    title: 'Braces in an expression',
    severity: 'error',
    explanation: 'In an expression, braces are plain text. Use var to read a path.',
    example: '{ ">": ["{{event.payment.amount}}", 0] }',
  },
  KAIT1307: {
    title: 'Secret that would be kept in the history',
    severity: 'error',
    explanation:
      'Values in templates end up in the history, the logs and the Web UI. Put secrets only into the headers, the body or the form of an http step, where the activity looks them up: {"secret": "KAIT_SECRET_…"}, {"concat": ["Bearer ", {"secret": …}]}, {"base64": …} of these, and {"hmac": {"key": {"secret": …}, "of": "…"}}. The names of secrets start with KAIT_SECRET_.',
    example: '{ "query": { "key": { "secret": "KAIT_SECRET_SHOP" } } }',
  },
  KAIT1308: {
    title: 'Comparison of mixed types',
    severity: 'error',
    explanation:
      'Values of these types are never equal or cannot be ordered, so the comparison fails the run or has the same result for every event. The match of a waitFor compares too.',
    example: '{ ">=": [{ "var": "event.payment.amount" }, "1000000"] }',
  },
  KAIT1309: {
    title: 'Path does not start at a root',
    severity: 'warning',
    explanation:
      'Inside map, filter, all, some and none, paths start at the current item, not at the roots. To read both, name the item: { "filter": [list, condition, "line"] }. Then paths start at the roots, and the item is line.',
    example: '{ "map": [{ "var": "event.data.lines" }, { "var": "event.payment.currency" }] }',
  },
  KAIT1310: {
    title: 'Expression that reads nothing',
    severity: 'warning',
    explanation:
      'In a template, an object whose only key is an operator is evaluated. This one reads nothing from the run, so it is probably meant as data. Put data into literal; write a constant as its value.',
    example: '{ "body": { "range": { "max": [5, 10] } } }',
  },
  KAIT1311: {
    title: 'Path in a text may be null',
    severity: 'warning',
    explanation:
      'Within a longer text, a path must lead to a text, a number or a boolean. This one is null for some events, and the step would then fail. Use coalesce, or test the path in the if of the step.',
    example: '"Order {{event.payment.orderId}} is paid."',
  },
  KAIT1312: {
    title: 'Operand of the wrong type',
    severity: 'error',
    explanation: 'The operator never takes a value of this type at this place, so the expression fails in every run.',
    example: '{ "+": [{ "var": "event.payment.amount" }, "100"] }',
  },
  KAIT1401: {
    title: 'Unknown activity',
    severity: 'error',
    explanation: 'This installation has no activity with this name. Check the spelling.',
    example: '{ "id": "order", "call": "order.create" }',
  },
  KAIT1402: {
    title: 'Missing input',
    severity: 'error',
    explanation: 'The activity requires this input. Add it to with.',
    example: '{ "id": "order", "call": "orders.create", "with": {} }',
  },
  KAIT1403: {
    title: 'Unknown input',
    severity: 'error',
    explanation: 'The activity has no such input. Check the spelling.',
    example: '{ "id": "mail", "call": "mail.send", "with": { "recipient": "a@example.com" } }',
  },
  KAIT1404: {
    title: 'Wrong input',
    severity: 'error',
    explanation: 'The activity does not accept this value as its input.',
    example: '{ "id": "order", "call": "orders.create", "with": { "amount": "{{event.payment.currency}}", … } }',
  },
  KAIT1405: {
    title: 'Unknown definition',
    severity: 'error',
    explanation: 'No loaded definition has this name. Check the spelling.',
    example: '{ "id": "greet", "run": "gret" }',
  },
  KAIT1406: {
    title: 'Unknown variable of a definition',
    severity: 'error',
    explanation: 'A run step can set only the variables that the other definition declares in vars.',
    example: '{ "id": "greet", "run": "greet", "with": { "nmae": "Ana" } }',
  },
  KAIT1407: {
    title: 'Runs itself',
    severity: 'error',
    explanation:
      'The definition runs itself, directly or through other definitions, so each run would start another one without end.',
    example: '{ "name": "loop", "steps": [{ "id": "again", "run": "loop" }] }',
  },
  KAIT1408: {
    title: "A stranger's input may fail a paid run",
    severity: 'warning',
    explanation:
      'After money has moved, this step may fail on data that a stranger typed: a mistyped address, a missing name, text where a number belongs. The failure ends the run, so the paid order is left unfinished or undone. Put the step into a parallel with "join": "settle", into a try with a catch, or give a default. Runs with "onFail": "park" are not affected.',
    example: '{ "id": "receipt", "call": "mail.send", "with": { "to": "{{event.payment.customer.email}}", … } }',
  },
  KAIT1501: {
    title: 'Secret for another host',
    severity: 'error',
    explanation:
      'A secret is sent only to the hosts that definitions/secrets.json names for it: the same name, the same port, and https unless the host is localhost. Otherwise a mistake in a URL, or somebody else’s definition, could send it anywhere. The worker checks the same before each request.',
    example:
      '{ "http": "https://api.shop.exmaple/", "headers": { "authorization": { "secret": "KAIT_SECRET_SHOP" } } }',
  },
  KAIT1502: {
    title: 'Secret without an entry',
    severity: 'error',
    explanation:
      'definitions/secrets.json says where each secret may be sent. This one has no entry, so it is sent nowhere. Add one with the hosts that need it.',
    example: '{ "headers": { "authorization": { "secret": "KAIT_SECRET_SHOP" } } }',
  },
  KAIT1503: {
    title: 'Secret of other definitions',
    severity: 'error',
    explanation:
      'The secret’s entry in definitions/secrets.json lists the definitions that may use it, and this one is not among them. A definition that another one runs must be listed itself.',
    example: '"KAIT_SECRET_SHOP": { "hosts": ["api.shop.example"], "definitions": ["refund"] }',
  },
  KAIT1504: {
    title: 'Not a host',
    severity: 'error',
    explanation:
      'Each host in definitions/secrets.json is a name or an address without path, user or query, and may have a port. A leading *. stands for every name below a domain of at least three parts. A leading http:// permits plain http.',
    example: '"KAIT_SECRET_SHOP": { "hosts": ["https://api.shop.example/v1"] }',
  },
  KAIT1505: {
    title: 'Entry that nothing uses',
    severity: 'warning',
    explanation:
      'An entry of definitions/secrets.json names a secret that no definition in the folder uses, or a definition that does not exist. It may be misspelled, or left over.',
    example: '"KAIT_SECRET_SHPO": { "hosts": ["api.shop.example"] }',
  },
  KAIT1601: {
    title: 'Unknown setting',
    severity: 'error',
    explanation:
      'Neither definitions/settings.json nor Kait declares a setting with this name. Check the spelling, or declare it.',
    example: '{ "http": "{{settings.shopUlr}}/orders" }',
  },
  KAIT1602: {
    title: 'Settings that cannot be read',
    severity: 'error',
    explanation:
      'definitions/settings.json has a mistake, so the values of the settings are unknown, and a definition that reads one cannot run. Correct the file.',
    example: '{ "http": "{{settings.shopUrl}}/orders" }',
  },
  KAIT1603: {
    title: 'Setting of another type',
    severity: 'error',
    explanation:
      'The value of a setting does not match its type. The types are text, number, integer, boolean, url and list (of texts). A url begins with http:// or https:// and has neither a user nor a query, so that a path can follow it.',
    example: '"shopUrl": { "type": "url", "default": "shop.example.com" }',
  },
  KAIT1604: {
    title: 'Secret among the settings',
    severity: 'error',
    explanation:
      'Runs carry the values of settings in their history, where people can read them. This value looks like a secret. Put it into an environment variable named KAIT_SECRET_…, and use it as {"secret": "KAIT_SECRET_…"} in a header. If it was ever committed, replace it: treat it as exposed.',
    example: '"shopKey": { "type": "text", "default": "sk_live_51H…" }',
  },
  KAIT1605: {
    title: 'Setting named like a secret',
    severity: 'warning',
    explanation:
      'The name suggests that the value is a secret, but runs carry the values of settings in their history. Secrets belong in environment variables named KAIT_SECRET_…. If the value is not secret, choose another name.',
    example: '"shopToken": { "type": "text" }',
  },
  KAIT1606: {
    title: 'Two settings, one variable',
    severity: 'error',
    explanation:
      'Two settings share one environment variable, because their names differ only in letter case. Rename one of them.',
    example: '"shopUrl": { "type": "url" }, "shopURL": { "type": "url" }',
  },
  KAIT1701: {
    title: 'Activity that cannot be used',
    severity: 'error',
    explanation:
      'A file in activities/ cannot be compiled or loaded, has no activity as its default export, or declares an activity that cannot work. The message gives the reason. Until it is corrected, definitions cannot call it.',
    example: "export default { name: 'points.add' };",
  },
  KAIT1711: {
    title: 'JSON Schema that cannot be used',
    severity: 'error',
    explanation:
      'An activity in another language describes its input and output in a subset of JSON Schema, without references to other files and with patterns that match without backtracking. Anything unsupported is refused, so that nobody relies on a check that never runs. docs/EXTENDING.md lists what is supported.',
    example: '{ "input": { "type": "object", "$ref": "https://shop.example/points.json" } }',
  },
  KAIT1712: {
    title: 'Task queue that cannot be used',
    severity: 'error',
    explanation:
      'The worker of an activity in another language polls its own task queue. It cannot use the task queues of Kait’s workers, or names that Temporal reserves.',
    example: '{ "name": "points.add", "taskQueue": "kait-7f3qa2" }',
  },
  KAIT1713: {
    title: 'Effect that cannot be undone',
    severity: 'error',
    explanation:
      'The activity declares "undoable": false: its effect cannot be undone, so the step cannot have an undo. To handle a failure after it, use a try with a catch.',
    example: '{ "id": "sms", "call": "sms.send", "with": { … }, "undo": { "call": "sms.recall" } }',
  },
  KAIT1801: {
    title: 'Placeholder that can never be filled',
    severity: 'error',
    explanation:
      'In a mail, {{…}} holds a path into the event or the values of the step, or money or date with a path. This one has another form, or a path that no event has. A mail sees the event without its data, so pass what it needs as values.',
    example: '{ "subject": "Thank you", "text": "We have received {{event.payment.amout}}." }',
  },
  KAIT1802: {
    title: 'Mail lacks a value that it needs',
    severity: 'error',
    explanation:
      'The mail template has a placeholder for a value that this step does not pass, without a default, so the step would fail. Add the value, or a default after a bar: {{values.name | friend}}.',
    example: '{ "call": "mail.send", "with": { "to": "ana@shop.example", "template": "reminder" } }',
  },
  KAIT1803: {
    title: 'Unknown locale or time zone',
    severity: 'error',
    explanation:
      'The locale of a mail is a language with a region, such as id-ID; its time zone is a name from the IANA database, such as Asia/Jakarta.',
    example: '{ "subject": "Terima kasih", "text": "…", "locale": "indonesia" }',
  },
  KAIT1901: {
    title: 'Event type that cannot be used',
    severity: 'error',
    explanation:
      'A file in definitions/event-types describes the data of an outbound webhook: with a JSON Schema ("data"), an example, or both. If both are given, the example must match the schema.',
    example: '{ "data": { "type": "object", "properties": { "orderId": { "type": "text" } } } }',
  },
  KAIT1902: {
    title: 'Unknown event type',
    severity: 'warning',
    explanation:
      'The step emits a type that no file in definitions/event-types describes and that looks misspelled. Endpoints that subscribe to the intended type do not get it. Correct it, or describe it.',
    example: '{ "id": "tell", "emit": "order.craeted" }',
  },
  KAIT1903: {
    title: 'Deprecated event type',
    severity: 'warning',
    explanation:
      'The step emits a type that its file marks as "deprecated": receivers are told to use another one. Emit the new type as well, until nobody subscribes to the old one.',
    example: '{ "id": "tell", "emit": "order.made" }',
  },
  KAIT1904: {
    title: 'Event type that is not described',
    severity: 'error',
    explanation:
      'definitions/event-types.json says "strict": true, so steps may emit only types that a file in definitions/event-types describes. Add such a file, or correct the type.',
    example: '{ "id": "tell", "emit": "order.lost" }',
  },
} as const satisfies Record<string, FindingKind>;

export type FindingCode = keyof typeof findingKinds;
