import type { Burst } from '../receiving/run-round.ts';
import { rounded, type Report } from '../report.ts';
import { median } from '../statistics.ts';
import { signingGateways, type SigningGateway } from './signing-gateways.ts';

export const connections = 64;

export interface SchemeRound extends Burst {
  gateway: SigningGateway['name'];
}

export function schemesReport(rounds: SchemeRound[]): Report {
  const of = (gateway: SigningGateway['name']) => rounds.filter((round) => round.gateway === gateway);
  const hmac = of('mollie');
  return {
    title: '(e) Accepted webhooks a second, by how they are signed',
    notes: [
      `One \`kait server\` with PostgreSQL and a source for each gateway, ${connections} connections; else as (a).`,
      'Samples of the presets, each with an event id of its own, signed before the first one leaves. Stripe’s is 1.9 kB long, the others 0.4 to 0.7 kB.',
      'Medians over the rounds; ratios are to HMAC in the same turn.',
    ],
    headings: [
      'scheme',
      'gateway',
      'webhooks',
      'per second',
      'of HMAC',
      'by CPU time',
      'p50 ms',
      'p99 ms',
      'CPU ms per webhook: server',
      'PostgreSQL',
    ],
    rows: signingGateways.map((gateway) => rowOf(gateway, of(gateway.name), hmac)),
    targets: [{ what: 'RSA, of HMAC', measured: ratioOf(of('wise'), hmac), unit: '', atLeast: 0.7 }],
  };
}

function rowOf({ scheme, name }: SigningGateway, rounds: SchemeRound[], hmac: SchemeRound[]): (string | number)[] {
  const each = (of: (round: SchemeRound) => number) => rounded(median(rounds.map(of)));
  return [
    scheme,
    name,
    rounds.reduce((sum, { accepted }) => sum + accepted, 0),
    each(({ perSecond }) => perSecond),
    rounded(ratioOf(rounds, hmac)),
    rounded(cpuMsOf(hmac) / cpuMsOf(rounds)),
    each(({ p50Ms }) => p50Ms),
    each(({ p99Ms }) => p99Ms),
    each(({ serverCpuSeconds, accepted }) => (serverCpuSeconds / accepted) * 1_000),
    each(({ databaseCpuSeconds, accepted }) => (databaseCpuSeconds / accepted) * 1_000),
  ];
}

/** Each round against HMAC's of the same turn. */
function ratioOf(rounds: SchemeRound[], hmac: SchemeRound[]): number {
  return median(rounds.map(({ perSecond }, index) => perSecond / (hmac[index]?.perSecond ?? NaN)));
}

/** Of one webhook, all processes. */
function cpuMsOf(rounds: SchemeRound[]): number {
  const costs = rounds.map((round) => (round.serverCpuSeconds + round.databaseCpuSeconds) / round.accepted);
  return median(costs) * 1_000;
}
