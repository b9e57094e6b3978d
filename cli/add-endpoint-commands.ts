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
    .option('--tenant <tenant>', 'whose endpoint it is: it gets only what is emitted for this tenant')
    .action(async (url: string, options: EndpointOptions & { events: string[]; tenant?: string }) =>
      print(await (await import('./commands/endpoints/change.ts')).addEndpoint(await openApi(), url, options)),
    );
  guarded(withSettings(endpoints.command('edit <id>')))
    .description('change an endpoint; what no option names stays')
    .option('--url <url>', 'where to send the webhooks', httpUrl)
    .option('--events <patterns...>', `event types: order.created, 'order.*' or '*'`)
    .option('--remove-header <names...>', 'custom headers that are no longer sent')
    .addHelpText('after', '\nThe value "default" takes an option back to its default: --rate default.')
    .action(async (id: string, options: EndpointOptions & IfVersion & { url?: string }) =>
      print(await (await import('./commands/endpoints/change.ts')).editEndpoint(await openApi(), id, options)),
    );
  for (const [verb, description] of [
    ['pause', 'send an endpoint nothing for now; its deliveries are parked'],
    ['resume', 'send an endpoint its webhooks again, what is parked first; also after it was disabled'],
  ] as const) {
    guarded(endpoints.command(`${verb} <id>`))
      .description(description)
      .action(async (id: string, options: IfVersion) => {
        const { setEndpointState } = await import('./commands/endpoints/operate.ts');
        print(await setEndpointState(await openApi(), id, verb, options));
      });
  }
  guarded(endpoints.command('rotate <id>'))
    .description('make new signing keys; the old ones sign beside them for a while')
    .option('--overlap <duration>', 'how long: 0s to 30d; default 24h')
    .option(
      '--secrets <file>',
      'JSON {"secret": "whsec_…"} with a key that the receiver has already; - reads standard input',
    )
    .action(async (id: string, options: IfVersion & { overlap?: string; secrets?: string }) =>
      print(await (await import('./commands/endpoints/change.ts')).rotateEndpoint(await openApi(), id, options)),
    );
  endpoints
    .command('test <id>')
    .description('send the message kait.test to an endpoint, and show what it answers')
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
    .description('make a token for one tenant: its own endpoints and deliveries, and nothing else')
    .requiredOption('--tenant <tenant>', 'whose endpoints')
    .option('--expires <duration>', 'how long it is valid: 1h, at most 30d; default 1h')
    .action(async (options: { tenant: string; expires?: string }) =>
      print(await (await import('./commands/portal.ts')).makePortalLink(await openApi(), options)),
    );
  portal
    .command('revoke')
    .description('make all tokens of a tenant invalid')
    .requiredOption('--tenant <tenant>', 'whose tokens')
    .action(async (options: { tenant: string }) =>
      print(await (await import('./commands/portal.ts')).revokePortalLinks(await openApi(), options)),
    );
}

/** A command that changes an endpoint. */
function guarded(command: Command): Command {
  return command.option(
    '--if-version <n>',
    'change nothing if the endpoint has another version by now than "show" has shown',
    wholeNumber(1, 999_999_999),
  );
}

/** What `add` and `edit` can say about an endpoint. */
function withSettings(command: Command): Command {
  return command
    .option('--description <text>', 'for people')
    .option(
      '--header <name: value>',
      'sent with each request, such as "x-team: shop"; keys belong into --secrets',
      headerLines,
    )
    .option(
      '--secrets <file>',
      'JSON with some of "headers", "auth", "clientCertificate" and "secret", which nobody sees again; - reads standard input',
    )
    .option('--client-cert <file>', 'PEM: the certificate that Kait shows to the receiver (mTLS)')
    .option('--client-key <file>', 'PEM: its private key, without a passphrase')
    .option('--client-ca <file>', 'PEM: the authority of the receiver’s own certificate, if it is a private one')
    .option('--signature <versions>', 'v1, v1a or v1,v1a of Standard Webhooks; or JSON {"hmac": {"header": …}}')
    .option('--time-limit <duration>', 'of one request; default 15s')
    .option('--schedule <durations>', 'the pause before each attempt: 0s,5s,5m,1h')
    .option('--rate <n>', 'the most requests per second, such as 10 or 0.5')
    .option('--concurrency <n>', 'the most requests at once; default 10')
    .option('--order-by <path>', 'one after the other: data.orderId, or "all"; "none" in any order')
    .option('--filter <JSON or file>', 'a condition on type, data, tenant and timestamp')
    .option('--transform <JSON or file>', 'a template of the body: {"body": …, "contentType": …}')
    .option('--permanent <statuses...>', 'answers after which no further attempt is made, such as 404 422')
    .option('--disable-after <duration>', 'of failures only, or "never"; default 5d');
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
