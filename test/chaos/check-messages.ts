import { expectOneEach } from './expect-one-each.ts';
import type { ArrivedMail, ArrivedWebhook, Facts, Kill, SentEvent } from './facts.ts';

/** One mail for each event on record and sent; at the mail server at least one, and repeats only as a kill excuses them. */
export function checkMails({ mails, arrivedMails, kills }: Facts, owed: SentEvent[]): string[] {
  const recipients = owed.map(({ recipient }) => recipient);
  return [
    ...expectOneEach(
      'mail on record',
      mails.map(({ recipient }) => recipient),
      recipients,
    ),
    ...mails.filter(({ state }) => state !== 'sent').map(({ recipient, state }) => `${recipient}: mail left ${state}`),
    ...mails.filter(({ claimed }) => claimed).map(({ recipient }) => `${recipient}: a claim on the mail is left`),
    ...checkArrivals('mail', recipients, arrivedMails.map(arrivalOfMail), kills),
  ];
}

/** As for mails; in addition, at most one success may be on record, or Kait has sent again what it knew to have arrived. */
export function checkDeliveries({ deliveries, arrivedWebhooks, kills }: Facts, owed: SentEvent[]): string[] {
  const references = owed.map(({ reference }) => reference);
  return [
    ...expectOneEach(
      'delivery on record',
      deliveries.map(({ reference }) => reference),
      references,
    ),
    ...deliveries
      .filter(({ state }) => state !== 'delivered')
      .map(({ reference, state }) => `${reference}: delivery left ${state}`),
    ...deliveries
      .filter(({ recordedSuccesses }) => recordedSuccesses !== 1)
      .map(({ reference, recordedSuccesses }) => `${reference}: ${recordedSuccesses} successful attempts on record`),
    ...arrivedWebhooks.filter(({ verified }) => !verified).map(({ reference }) => `${reference}: signature is wrong`),
    ...checkArrivals('webhook', references, arrivedWebhooks.map(arrivalOfWebhook), kills),
  ];
}

/** Something at a receiver. `id` is what the receiver knows repeats by, `about` what it belongs to. */
interface Arrival {
  id: string;
  about: string;
  atMs: number;
}

function arrivalOfMail({ messageId, recipient, atMs }: ArrivedMail): Arrival {
  return { id: messageId, about: recipient, atMs };
}

function arrivalOfWebhook({ webhookId, reference, atMs }: ArrivedWebhook): Arrival {
  return { id: webhookId, about: reference, atMs };
}

function checkArrivals(what: string, wanted: string[], arrivals: Arrival[], kills: Kill[]): string[] {
  const byAbout = new Map<string, Arrival[]>();
  const byId = new Map<string, Set<string>>();
  for (const arrival of arrivals) {
    byAbout.set(arrival.about, [...(byAbout.get(arrival.about) ?? []), arrival]);
    byId.set(arrival.id, (byId.get(arrival.id) ?? new Set()).add(arrival.about));
  }
  return [
    ...expectOneEach(`${what} at the receiver`, [...byAbout.keys()], wanted),
    ...[...byId].filter(([, abouts]) => abouts.size > 1).map(([id]) => `${id}: the id of more than one ${what}`),
    ...[...byAbout].flatMap(([about, same]) => checkRepeats(`${about}: ${what}`, same, kills)),
  ];
}

function checkRepeats(name: string, same: Arrival[], kills: Kill[]): string[] {
  const ids = new Set(same.map(({ id }) => id));
  const inOrder = same.toSorted((one, other) => one.atMs - other.atMs);
  const unexcused = inOrder.slice(1).filter((repeat, index) => {
    const earlier = inOrder[index];
    return earlier !== undefined && !kills.some((kill) => excuses(kill, earlier, repeat));
  });
  return [
    ...(ids.size > 1 ? [`${name} arrived under ${ids.size} ids: ${[...ids].join(', ')}`] : []),
    ...unexcused.map(() => `${name} arrived again although no kill preceded its record`),
  ];
}

/** These processes send and record; a kill of another keeps nothing from being recorded. */
const sendingProcesses = ['worker', 'kait'];
/** From the acceptance to the record, on a busy machine. */
const recordLimitMs = 2_000;
/** What a killed process had written may be read, and counted as accepted, a little after its death. */
const afterDeathMs = 500;

/** Whether a kill may have kept the earlier arrival from being recorded. */
export function excuses(kill: Kill, earlier: { atMs: number }, repeat: { atMs: number }): boolean {
  if (!sendingProcesses.includes(kill.victim) || kill.atMs > repeat.atMs) return false;
  return kill.atMs >= earlier.atMs - afterDeathMs && kill.atMs <= earlier.atMs + recordLimitMs;
}
