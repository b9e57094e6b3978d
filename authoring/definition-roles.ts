/**
 * The meaning of a part of a definition, by its position: a `with` beside a `call` holds data, even if its keys look like verbs.
 * For tools that work on the text or the JSON rather than on the types.
 */
export type Role =
  | 'definition'
  | 'trigger'
  | 'runLimits'
  | 'rate'
  | 'defaults'
  | 'retry'
  | 'steps'
  | 'step'
  | 'action'
  | 'loop'
  | 'cases'
  | 'case'
  | 'handlers'
  | 'handler'
  | 'logic'
  | 'fields'
  | 'template'
  | 'data';

interface RoleDescription {
  /** The canonical order of an object's keys. Other keys follow in the order in which they are written. */
  keys?: readonly string[];
  /** The roles of an object's members. Default {@link others}. */
  members?: Readonly<Record<string, Role>>;
  /** Default `data`. */
  others?: Role;
  /** The role of a list's items. Default `data`. */
  items?: Role;
}

const limits = ['timeout', 'deadline', 'heartbeat', 'retry'];

/** Identity, guard, verb, parameters and limits come first; keys that hold other steps come last. */
const stepKeys = [
  ...['id', 'title', 'if'],
  ...[
    'call',
    'http',
    'method',
    'emit',
    'tenant',
    'await',
    'wait',
    'waitFor',
    'source',
    'match',
    'where',
    'lookBack',
    'approve',
    'details',
    'by',
    'reason',
    'mail',
    'remind',
    'run',
    'detach',
  ],
  ...[
    'set',
    'stop',
    'fail',
    'type',
    'with',
    'headers',
    'query',
    'body',
    'form',
    'expect',
    'keepHeaders',
    'forEach',
    'while',
    'max',
    'join',
  ],
  ...limits,
  ...[
    'undo',
    'undoWhen',
    'undoOnTimeout',
    'onExhausted',
    'onReject',
    'onTimeout',
    'parallel',
    'switch',
    'default',
    'then',
    'else',
    'try',
    'catch',
    'finally',
    'do',
  ],
];

const parameters: Readonly<Record<string, Role>> = {
  with: 'fields',
  headers: 'fields',
  query: 'fields',
  body: 'template',
  form: 'fields',
  retry: 'retry',
};

const stepMembers: Readonly<Record<string, Role>> = {
  ...parameters,
  if: 'logic',
  match: 'fields',
  where: 'logic',
  set: 'fields',
  while: 'logic',
  undo: 'action',
  forEach: 'loop',
  switch: 'cases',
  catch: 'handlers',
  onExhausted: 'steps',
  onReject: 'steps',
  onTimeout: 'steps',
  parallel: 'steps',
  default: 'steps',
  then: 'steps',
  else: 'steps',
  try: 'steps',
  finally: 'steps',
  do: 'steps',
};

const roles: Readonly<Record<Role, RoleDescription>> = {
  definition: {
    keys: [
      '$schema',
      'name',
      'title',
      'on',
      'key',
      'hold',
      'limits',
      'onPoison',
      'defaults',
      'deadline',
      'onTimeout',
      'onFail',
      'vars',
      'steps',
      'output',
      'afterUndo',
    ],
    members: {
      on: 'trigger',
      key: 'template',
      limits: 'runLimits',
      defaults: 'defaults',
      vars: 'fields',
      steps: 'steps',
      output: 'template',
      onTimeout: 'steps',
      afterUndo: 'steps',
    },
  },
  trigger: { keys: ['event', 'schedule', 'timezone', 'catchUp', 'manual', 'source', 'if'], members: { if: 'logic' } },
  runLimits: { keys: ['perKey', 'debounce', 'rate', 'concurrent'], members: { rate: 'rate' } },
  rate: { keys: ['max', 'per'] },
  defaults: { keys: limits, members: { retry: 'retry' } },
  retry: { keys: ['attempts', 'first', 'factor', 'max', 'except'] },
  steps: { items: 'step' },
  step: { keys: stepKeys, members: stepMembers },
  action: { keys: stepKeys, members: parameters },
  loop: {
    keys: ['in', 'as', 'concurrency', 'join', 'collect', 'onItemError'],
    members: { in: 'template', collect: 'template', onItemError: 'steps' },
  },
  cases: { items: 'case' },
  case: { keys: ['when', 'do'], members: { when: 'logic', do: 'steps' } },
  handlers: { items: 'handler' },
  handler: { keys: ['errors', 'do'], members: { do: 'steps' } },
  logic: {},
  fields: { others: 'template' },
  template: { others: 'template', items: 'template' },
  data: {},
};

export function roleOfMember(role: Role, key: string): Role {
  const { members = {}, others = 'data' } = roles[role];
  return (Object.hasOwn(members, key) ? members[key] : undefined) ?? others;
}

export function roleOfItems(role: Role): Role {
  return roles[role].items ?? 'data';
}

/** The position of a key in the canonical order of its object; Infinity for keys that have none. */
export function rankOf(role: Role, key: string): number {
  const position = (roles[role].keys ?? []).indexOf(key);
  return position === -1 ? Infinity : position;
}
