/*
 * Who may answer an `approve` step, and when it is decided. Pure: the run, the worker, the server and the simulator ask the same.
 */

/** What a step asks of those who answer it, with its templates filled in. JSON. */
export interface ApprovalRules {
  /** How many people have to approve. A single no rejects. */
  min: number;
  /** Whoever has one of these roles may answer. With `people` both empty: anybody. */
  roles: string[];
  /** These may answer, whatever roles they have. */
  people: string[];
  /** Who must not answer, because they asked for it. Null: no such rule. */
  notBy: string | null;
  needsReason: boolean;
}

/** Whom to mail, and what. Null: what Kait chooses. */
export interface ApprovalMail {
  to: string[] | null;
  subject: string | null;
  text: string | null;
}

/** `ended`: the run ended otherwise. */
export type ApprovalState = 'open' | 'approved' | 'rejected' | 'timed-out' | 'ended';

/** How an answer reached the run. */
export type ApprovalWay = 'api' | 'cli' | 'mail' | 'temporal';

/** A person as `people.json` knows them. */
export interface Person {
  id: string;
  /** For people to read. */
  name: string | null;
  mail: string | null;
  roles: readonly string[];
}

/** Why an answer does not count. */
export type Refusal =
  /** The step does not wait: it was decided, gave up, has not begun, or its run is over. */
  | 'not-waiting'
  /** The person has answered before. */
  | 'already-decided'
  | 'is-requester'
  /** The person is not among those who may. */
  | 'not-permitted'
  | 'reason-missing'
  /** The link was used before. */
  | 'link-used'
  /** What proves where the answer came from is wrong. */
  | 'forged';

/** A person's answer. */
export interface GivenAnswer {
  by: string;
  approved: boolean;
  reason?: string | null | undefined;
}

/** How many answers of a step may be under way at once, and the limits of `by`. */
export const approvalLimits = { underWay: 50, min: 20, roles: 20, people: 50, details: 20, reminders: 30 } as const;

/**
 * What tells people apart: their id in one spelling. Letters of either case, composed or not, and blanks around or doubled make no other
 * person.
 */
export function personKey(id: string): string {
  return id.normalize('NFC').trim().replace(/\s+/gu, ' ').toLowerCase().normalize('NFC');
}

/** Why an answer does not count, as far as that can be said without `people.json`. `before`: who has answered. */
export function refusalOf(rules: ApprovalRules, answer: GivenAnswer, before: readonly string[]): Refusal | null {
  const key = personKey(answer.by);
  if (before.some((each) => personKey(each) === key)) return 'already-decided';
  if (rules.notBy !== null && personKey(rules.notBy) === key) return 'is-requester';
  const isNamed = rules.people.some((each) => personKey(each) === key);
  if (!isNamed && rules.roles.length === 0 && rules.people.length > 0) return 'not-permitted';
  if (rules.needsReason && (answer.reason ?? '').trim() === '') return 'reason-missing';
  return null;
}

/**
 * Why the person does not count, as `people.json` knows them; undefined if it does not. Nobody has a role without the file. The requester
 * is recognized by the mail address, too.
 */
export function refusalByRole(rules: ApprovalRules, by: string, person: Person | undefined): Refusal | null {
  const { notBy, roles, people } = rules;
  const own = [by, person?.id, person?.mail].flatMap((each) => (each === null || each === undefined ? [] : [each]));
  if (notBy !== null && own.some((each) => personKey(each) === personKey(notBy))) return 'is-requester';
  if (roles.length === 0 && people.length === 0) return null;
  if (people.some((each) => personKey(each) === personKey(by))) return null;
  return person?.roles.some((role) => roles.includes(role)) === true ? null : 'not-permitted';
}

/** Whether the answers that counted decide the step. Null: it goes on waiting. */
export function outcomeOf(
  rules: Pick<ApprovalRules, 'min'>,
  answers: readonly { approved: boolean }[],
): boolean | null {
  if (answers.some(({ approved }) => !approved)) return false;
  return answers.length >= rules.min ? true : null;
}

/** What a refusal means, for whoever gave the answer. */
export const refusalTexts: Readonly<Record<Refusal, string>> = {
  'not-waiting': 'The step does not wait for an answer: it was decided, gave up, or its run is over.',
  'already-decided': 'This person has answered already. The first answer counts.',
  'is-requester': 'Whoever asked for it must not answer.',
  'not-permitted':
    'This person may not answer: the definition names who may, and definitions/people.json who has which role.',
  'reason-missing': 'This step needs a reason.',
  'link-used': 'The link was used already.',
  forged: 'The answer says that it came from Kait, but that is not true.',
};
