import { type Command, Option } from 'commander';
import type { ApiClient } from './api-client.ts';
import type { DeliveriesOptions } from './commands/deliveries.ts';
import type { ReplayOptions } from './commands/replays.ts';
import type { ShowDeliveryOptions } from './commands/show-delivery.ts';
import { asList, past, whyOption } from './list-options.ts';
import type { ListOptions } from './next-page.ts';
import type { TimeOptions } from './shown-time.ts';
import { print } from './terminal.ts';

/** An action that asks the running Kait, and prints the answer. */
type Asking = <Arguments extends unknown[]>(
  ask: (api: ApiClient, ...args: Arguments) => Promise<string>,
) => (...args: Arguments) => Promise<void>;

const deliveryStates = ['pending', 'started', 'parked', 'delivered', 'exhausted', 'refused'];

/** `kait deliveries`. */
export function addDeliveryCommands(program: Command, asking: Asking): void {
  const deliveries = program
    .command('deliveries')
    .description('show the deliveries of outbound webhooks, and send them again');
  asList(withDeliveryFilter(deliveries.command('list', { isDefault: true })), 'deliveries')
    .description('show the newest deliveries')
    .addOption(new Option('--state <state>', 'only deliveries in this state').choices(deliveryStates))
    .option('--order <number>', 'only those about this order')
    .option('--run <workflow id>', 'only those of this run')
    .action(
      asking(async (api, options: DeliveriesOptions) =>
        (await import('./commands/deliveries.ts')).showDeliveries(api, options),
      ),
    );
  deliveries
    .command('show <id>')
    .description('show a delivery, its requests, and what the receiver answered')
    .option('--utc', 'times in UTC')
    .option('--json', 'as the API answers it')
    .action(
      asking(async (api, id: string, options: ShowDeliveryOptions) =>
        (await import('./commands/show-delivery.ts')).showDelivery(api, id, options),
      ),
    );
  deliveries
    .command('retry <id>')
    .description('send a delivery again that was exhausted, refused or parked, with a new round of its schedule')
    .option('--again', 'also if it was delivered')
    .action(
      asking(async (api, id: string, options: { again?: boolean }) =>
        (await import('./commands/deliveries.ts')).retryDelivery(api, id, options),
      ),
    );
  addReplays(deliveries, asking);
}

function addReplays(deliveries: Command, asking: Asking): void {
  withDeliveryFilter(deliveries.command('replay'))
    .description('send many webhooks again: by default those that were exhausted or refused, the oldest first')
    .addOption(
      new Option('--state <states...>', 'only deliveries that have ended this way').choices([
        'exhausted',
        'refused',
        'delivered',
      ]),
    )
    .option('--missing', 'with --endpoint: webhooks that the endpoint would get now, but has no delivery of')
    .option('--dry-run', 'only count them')
    .option('--wait', 'show the progress until all are handed over')
    .option('--reason <text>', 'why, for the audit')
    .action(
      asking(async (api, options: ReplayOptions) =>
        (await import('./commands/replays.ts')).startReplay(api, options, print),
      ),
    );
  const replays = deliveries.command('replays').description('show, pause and cancel replays');
  asList(replays.command('list', { isDefault: true }), 'replays')
    .description('show what was sent again, newest first')
    .action(
      asking(async (api, options: ListOptions) => (await import('./commands/replays.ts')).showReplays(api, options)),
    );
  replays
    .command('show <id>')
    .description('show how far a replay is')
    .option('--utc', 'times in UTC')
    .option('--json', 'as the API answers it')
    .action(
      asking(async (api, id: string, options: TimeOptions & { json?: boolean }) =>
        (await import('./commands/replays.ts')).showReplay(api, id, options),
      ),
    );
  for (const [verb, description] of [
    ['pause', 'send nothing more for now'],
    ['resume', 'go on'],
    ['cancel', 'send nothing more; what was sent again stays so'],
  ] as const) {
    replays
      .command(`${verb} <id>`)
      .description(description)
      .addOption(whyOption())
      .action(
        asking(async (api, id: string, options: { reason: string }) =>
          (await import('./commands/replays.ts')).steerReplay(api, id, verb, options),
        ),
      );
  }
}

function withDeliveryFilter(command: Command): Command {
  return command
    .option('--endpoint <id>', 'only those to this endpoint')
    .option('--type <type>', "only webhooks of this type: order.created, or 'order.*' for all below order")
    .option('--since <time>', 'only webhooks emitted then or later: 2026-11-25T01:00:00Z, or how long ago: 2h', past)
    .option('--until <time>', 'only webhooks emitted before: 2026-11-25T01:00:00Z, or how long ago: 2h', past);
}
