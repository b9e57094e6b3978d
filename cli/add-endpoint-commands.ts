import { type Command, Option } from 'commander';
import type { ApiClient } from './api-client.ts';
import type { EndpointOptions } from './commands/endpoints/endpoint-options.ts';
import type { IfVersion } from './commands/endpoints/if-version.ts';
import type { ListOptions } from './commands/endpoints/look.ts';
import { headerLines, httpUrl, wholeNumber } from './option-parsers.ts';
import { print } from './terminal.ts';

/** Finds the running Kait. */
export type OpenApi = (options?: { timeoutMs?: number }) => Promise<ApiClient>;

/** Longer than the server waits for the outcome of a test. */
const testTimeoutMs = 40_000;

/** `kait endpoints` and `kait secrets`. */
export function addEndpointCommands(program: Command, openApi: OpenApi, outcome: { exitCode: number }): void {
  const endpoints = program.command('endpoints').description('manage where outbound webhooks go');
  endpoints
    .command('list', { isDefault: true })
    .description('show the endpoints, oldest first')
    .addOption(new Option('--limit <n>', 'how many, at most 500').argParser(wholeNumber(1, 500)).default(100))
    .option('--cursor <cursor>', 'the next page, as the end of the last one says')
    .option('--tenant <tenant>', 'only those of this tenant')
    .addOption(new Option('--state <state>', 'only those in this state').choices(['enabled', 'paused', 'disabled']))
    .action(async (options: ListOptions) =>
      print(await (await import('./commands/endpoints/look.ts')).showEndpoints(await openApi(), options)),
    );
  endpoints
    .command('show <id>')
    .description('show everything about an endpoint but its secrets')
    .option('--json', 'as JSON')
    .action(async (id: string, options: { json?: boolean }) =>
      print(await (await import('./commands/endpoints/look.ts')).showEndpoint(await openApi(), id, options)),
    );
  withSettings(endpoints.command('add').argument('<url>', 'where to send the webhooks', httpUrl))
    .description('subscribe a URL to outbound events, and show what its receiver needs')
    .requiredOption('--events <patterns...>', `event types: order.created, 'order.*' or '*'`)
    .option('--tenant <tenant>', 'the owner of the endpoint: it gets only what is emitted for this tenant')
    .action(async (url: string, options: EndpointOptions & { events: string[]; tenant?: string }) =>
      print(await (await import('./commands/endpoints/change.ts')).addEndpoint(await openApi(), url, options)),
    );
  guarded(withSettings(endpoints.command('edit <id>')))
    .description('change an endpoint; anything without an option stays as it is')
    .option('--url <url>', 'where to send the webhooks', httpUrl)
    .option('--events <patterns...>', `event types: order.created, 'order.*' or '*'`)
    .option('--remove-header <names...>', 'custom headers that are no longer sent')
    .addHelpText('after', '\nThe value "default" resets an option: --rate default.')
    .action(async (id: string, options: EndpointOptions & IfVersion & { url?: string }) =>
      print(await (await import('./commands/endpoints/change.ts')).editEndpoint(await openApi(), id, options)),
    );
  for (const [verb, description] of [
    ['pause', 'stop sending to an endpoint; its deliveries are parked'],
    ['resume', 'send to an endpoint again, parked deliveries first; also after Kait has disabled it'],
  ] as const) {
    guarded(endpoints.command(`${verb} <id>`))
      .description(description)
      .action(async (id: string, options: IfVersion) => {
        const { setEndpointState } = await import('./commands/endpoints/operate.ts');
        print(await setEndpointState(await openApi(), id, verb, options));
      });
  }
  guarded(endpoints.command('rotate <id>'))
    .description('make new signing keys; the old ones stay valid for a while')
    .option('--overlap <duration>', 'how long both are used: 0s to 30d; default 24h')
    .option(
      '--secrets <file>',
      'JSON {"secret": "whsec_…"} with a key that the receiver already has; - reads standard input',
    )
    .action(async (id: string, options: IfVersion & { overlap?: string; secrets?: string }) =>
      print(await (await import('./commands/endpoints/change.ts')).rotateEndpoint(await openApi(), id, options)),
    );
  endpoints
    .command('test <id>')
    .description('send the message kait.test to an endpoint, and show its answer')
    .action(async (id: string) => {
      const { testEndpoint } = await import('./commands/endpoints/operate.ts');
      const { text, delivered } = await testEndpoint(await openApi({ timeoutMs: testTimeoutMs }), id);
      print(text);
      if (!delivered) outcome.exitCode = 1;
    });
  guarded(endpoints.command('remove <id>'))
    .description('remove an endpoint; its unfinished deliveries end as refused')
    .action(async (id: string, options: IfVersion) =>
      print(await (await import('./commands/endpoints/operate.ts')).removeEndpoint(await openApi(), id, options)),
    );
  addSecretsCommands(program, openApi);
  addPortalCommands(program, openApi);
}

function addPortalCommands(program: Command, openApi: OpenApi): void {
  const portal = program.command('portal').description('let your customers manage their own endpoints');
  portal
    .command('link')
    .description('make a token for a tenant, valid only for its own endpoints and deliveries')
    .requiredOption('--tenant <tenant>', 'the tenant')
    .option('--expires <duration>', 'how long it is valid, at most 30d; default 1h')
    .action(async (options: { tenant: string; expires?: string }) =>
      print(await (await import('./commands/portal.ts')).makePortalLink(await openApi(), options)),
    );
  portal
    .command('revoke')
    .description('make all tokens of a tenant invalid')
    .requiredOption('--tenant <tenant>', 'the tenant')
    .action(async (options: { tenant: string }) =>
      print(await (await import('./commands/portal.ts')).revokePortalLinks(await openApi(), options)),
    );
}

/** A command that changes an endpoint. */
function guarded(command: Command): Command {
  return command.option(
    '--if-version <n>',
    'change nothing unless the endpoint still has this version, as "show" shows it',
    wholeNumber(1, 999_999_999),
  );
}

/** What `add` and `edit` can say about an endpoint. */
function withSettings(command: Command): Command {
  return command
    .option('--description <text>', 'a note for people')
    .option(
      '--header <name: value>',
      'a header to send with each request, such as "x-team: shop"; put keys into --secrets',
      headerLines,
    )
    .option(
      '--secrets <file>',
      'JSON with "headers", "auth", "clientCertificate" or "secret", which are never shown again; - reads standard input',
    )
    .option('--client-cert <file>', 'PEM: the certificate that Kait shows to the receiver (mTLS)')
    .option('--client-key <file>', 'PEM: its private key, without a passphrase')
    .option('--client-ca <file>', 'PEM: the private authority that signed the receiver’s certificate')
    .option('--signature <versions>', 'v1, v1a or v1,v1a of Standard Webhooks; or JSON {"hmac": {"header": …}}')
    .option('--time-limit <duration>', 'the time limit of a request; default 15s')
    .option('--schedule <durations>', 'the pause before each attempt: 0s,5s,5m,1h')
    .option('--rate <n>', 'the most requests per second, such as 10 or 0.5')
    .option('--concurrency <n>', 'the most requests at once; default 10')
    .option('--order-by <path>', 'send one after the other by data.orderId, or "all"; "none": in any order')
    .option('--filter <JSON or file>', 'a condition on type, data, tenant and timestamp')
    .option('--transform <JSON or file>', 'a template of the body: {"body": …, "contentType": …}')
    .option('--permanent <statuses...>', 'statuses after which Kait does not retry, such as 404 422')
    .option(
      '--disable-after <duration>',
      'disable the endpoint after only failures for this long, or "never"; default 5d',
    );
}

function addSecretsCommands(program: Command, openApi: OpenApi): void {
  const secrets = program.command('secrets').description('manage the key that encrypts the secrets of endpoints');
  secrets
    .command('new-key')
    .description('print a new key for KAIT_SECRETS_KEY; put it in front of the old one')
    .action(async () => print((await import('./commands/secrets.ts')).newKey()));
  secrets
    .command('rotate-key')
    .description('encrypt everything with the key in front; "kait up" makes a new one by itself')
    .action(async () => print(await (await import('./commands/secrets.ts')).rotateKey(await openApi())));
}
