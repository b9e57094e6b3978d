import { readInbound, secretsOnly, verifyInbound } from '../server/gateway/gateways.ts';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { builtInActivities } from '../../activities/built-in-activities.ts';
import { addCommands } from '../../cli/add-commands.ts';
import { demoReport } from '../../cli/demo/demo-report.ts';
import { renderDocs } from '../../docs/write-docs.ts';
import { errorTable } from '../../errors.ts';
import { checkDefinition } from '../../language/check.ts';
import { readJsonText } from '../../language/json-file.ts';
import { loadPresets, parsePreset } from '../../server/gateway/presets.ts';
import { signRequest } from '../../server/gateway/verify.ts';
import { createSourcesSchema } from '../../server/gateway/source-schema.ts';
import { noEnvironment } from '../../server/gateway/sources.ts';
const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFile(root + file, 'utf8');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/GUIDE.md',
  'docs/CONSOLE.md',
  'docs/DEPLOY.md',
  'docs/OPERATIONS.md',
  'docs/EXTENDING.md',
  'docs/BENCHMARKS.md',
];
/** The guide's chapter on a project of one's own has a test of its own. */
const ofProject = /^## 1\. Your own project$.*?(?=^## 2\.)/ms;
const prose = (await Promise.all(pages.map(read))).join('\n').replace(ofProject, '');

async function codeBlocks(file: string, language: string): Promise<string[]> {
  const pattern = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms');
  return [...(await read(file)).matchAll(pattern)].map(([, code]) => code!);
}

it.each(Object.entries(await renderDocs()))('%s is what "npm run docs" writes', async (file, text) => {
  expect(await read(file)).toBe(text);
});

it('names only npm scripts that exist', async () => {
  const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };
  const named = [...prose.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => script!);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((script) => !(script in scripts))).toEqual([]);
});

it('names only commands of kait that exist', () => {
  const program = new Command('kait');
  addCommands(program, { exitCode: 0 });
  const commands = program.commands.map((command) => command.name());
  const named = [...prose.matchAll(/(?:kait --|npx kait) ([a-z]+(?:-[a-z]+)*)/g)].map(([, command]) => command!);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((command) => !commands.includes(command))).toEqual([]);
});

it('stays within nine kilobytes', async () => {
  expect(Buffer.byteLength(await read('README.md'))).toBeLessThanOrEqual(9 * 1024);
});

it('shows the demo as it prints', async () => {
  const step = {
    startedAt: null,
    endedAt: null,
    error: null,
    items: null,
    undone: null,
    inDoubt: false,
    status: 'done',
  } as const;
  const [order, money] = [{ id: 'ord_6985275e949a415ae1ad53733e140a22' }, { currency: 'IDR' }];
  const run = {
    source: 'stripe',
    eventId: 'pi_demo_ea682807:succeeded',
    duplicates: 4,
    workflowId: 'kait-7f3qa2/payment-succeeded/stripe/pi_demo_ea682807:succeeded',
    status: 'COMPLETED',
    steps: [
      { ...step, id: 'order', what: 'orders.create' },
      { ...step, id: 'cashback', what: 'cashback.grant' },
      { ...step, id: 'notify', what: 'parallel' },
      { ...step, id: 'receipt', what: 'mail.send' },
      { ...step, id: 'webhook', what: 'emit order.created' },
    ],
    url: 'http://127.0.0.1:8233/namespaces/default/workflows/kait-7f3qa2%2Fpayment-succeeded%2Fstripe%2Fpi_demo_ea682807:succeeded',
    orders: [{ ...order, ...money, reference: 'ORDER-ea682807', amount: 2_500_000 }],
    cashback: [{ ...money, amount: 125_000 }],
    mails: [{ recipient: 'sari@example.id', subject: 'Your receipt for order ORDER-ea682807', state: 'sent' }],
    webhooks: [{ id: 'msg_a286985b0952f2a0', type: 'order.created', data: { orderId: order.id }, verified: true }],
  };
  const answers = { stripe: [200, 200, 200, 200, 200], forged: 401, midtrans: 200, xendit: 200 };
  const [command, ...lines] = (await codeBlocks('README.md', 'console'))[0]!.trimEnd().split('\n');
  const shown = lines.slice(0, -1).map((line) => line.replace(/…$/, ''));
  const printed = demoReport(answers, [run], '.kait');
  expect(command).toBe('$ npm run demo -- --once');
  expect(shown.filter((line) => !printed.includes(line))).toEqual([]);
});

it('shows a first definition that has no mistakes', async () => {
  const [text] = await codeBlocks('README.md', 'jsonc');
  const { findings, definition } = checkDefinition({
    text: text!,
    file: 'payment-failed.json',
    activities: builtInActivities,
  });
  expect(findings).toEqual([]);
  expect(definition?.name).toBe('payment-failed');
});

it('shows a definition without a finding on the design page', async () => {
  const text = (await codeBlocks('docs/DESIGN.md', 'jsonc')).at(-1);
  expect(checkDefinition({ text: text!, file: 'fulfil-order.json', activities: builtInActivities }).findings).toEqual(
    [],
  );
});

it('shows sources that have no mistakes', async () => {
  const [text] = await codeBlocks('docs/OPERATIONS.md', 'jsonc');
  const presets = await loadPresets(`${root}definitions/gateways`);
  const { mistakes } = readJsonText(createSourcesSchema(presets, noEnvironment), text!, 'sources.json');
  expect(mistakes).toEqual([]);
});

it('shows an invented gateway that verifies, reads and rejects', async () => {
  const [text] = await codeBlocks('docs/EXTENDING.md', 'jsonc');
  const { preset, mistakes } = parsePreset('warung_pay.json', text!);
  expect(mistakes).toEqual([]);
  const body = JSON.stringify({
    event_id: 'w-1',
    kind: 'paid',
    at: '2026-01-01T00:00:00Z',
    payment: { id: 'p-1', reference: 'ORDER-1', total: '25000.50' },
  });
  const now = Date.parse('2026-01-01T00:00:10Z');
  const headers = { 'content-type': 'application/json', 'x-warung-time': String(now / 1000) };
  const url = '/in/warung';
  const signed = await signRequest(preset!, { headers, body, url }, { secret: 'secret', settings: {} }, now);
  const request = { method: 'POST', url, ...signed };
  expect(await verifyInbound(preset!, request, secretsOnly('secret'), now)).toEqual({ ok: true });
  expect(await verifyInbound(preset!, request, secretsOnly('another'), now)).toMatchObject({ ok: false });
  expect(readInbound(preset!, { name: 'warung', settings: {} }, request, new Date(now))).toMatchObject([
    { event: { id: 'w-1', type: 'payment.succeeded', payment: { amount: 2_500_050, currency: 'IDR' } } },
  ]);
});

it('has a table of error codes in which each is used', () => {
  const files = execFileSync('git', ['ls-files', '*.ts', '--', ':!test', ':!errors.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  const sources = execFileSync('cat', files.trim().split('\n'), { cwd: root, encoding: 'utf8', maxBuffer: 1e8 });
  expect(Object.keys(errorTable).filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
});

it.each([...pages, 'CHANGELOG.md', 'SECURITY.md', 'docs/DESIGN.md', 'docs/CONFIGURATION.md', 'docs/GATEWAYS.md'])(
  'leads every link of %s to something that exists',
  async (page) => {
    const links = [...(await read(page)).matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)];
    const broken = await Promise.all(
      links.map(async ([, path, anchor]) => {
        const target = path === '' ? page : join(dirname(page), path!);
        if (!existsSync(root + target)) return target;
        return anchor === '' || (await anchorsOf(target)).includes(anchor!) ? [] : `${target}#${anchor}`;
      }),
    );
    expect(broken.flat()).toEqual([]);
  },
);

/** By a project, and by a run of the benchmark. */
const madeLater = ['migrations/', 'bench-results/'];

it('names only source files and folders that exist', async () => {
  const named = `${prose}${await read('docs/DESIGN.md')}`.matchAll(/`((?:[\w-]+\/)+(?:[\w.-]+\.ts)?)`/g);
  const paths = [...new Set([...named].map(([, path]) => path!))].filter((path) => !madeLater.includes(path));
  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter((path) => !existsSync(root + path))).toEqual([]);
});

/** As code hosts derive them from headings. */
async function anchorsOf(page: string): Promise<string[]> {
  const text = await read(page);
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id!)];
}
