/** A list of the console: its page, what the page asks for, and what shows that it is there. */
export interface ListPage {
  path: string;
  /** The request that takes longest. */
  api: string;
  /** A selector of the rows. */
  rows: string;
}

const rows = 'main [data-row]';

export const listPages: readonly ListPage[] = [
  { path: '/', api: '/status', rows: 'main h2' },
  { path: '/events', api: '/events?limit=50', rows },
  { path: '/events?state=failed', api: '/events?limit=50&state=failed', rows },
  { path: '/events?source=midtrans', api: '/events?limit=50&source=midtrans', rows },
  { path: '/events?order=INV-30000', api: '/events?limit=50&order=INV-30000', rows },
  { path: '/runs', api: '/runs?limit=50', rows },
  { path: '/runs?state=completed', api: '/runs?limit=50&state=completed', rows },
  { path: '/runs?definition=remind', api: '/runs?limit=50&definition=remind', rows },
  { path: '/runs?source=stripe', api: '/runs?limit=50&source=stripe', rows },
  { path: '/deliveries', api: '/deliveries?limit=30', rows },
  { path: '/deliveries?state=exhausted', api: '/deliveries?limit=30&state=exhausted', rows },
  { path: '/deliveries?type=order.*', api: '/deliveries?limit=30&type=order.*', rows },
  { path: '/approvals', api: '/approvals?limit=20', rows: 'main .card h2' },
  { path: '/sources', api: '/sources', rows },
  { path: '/endpoints', api: '/endpoints', rows },
  { path: '/definitions', api: '/definitions', rows },
  { path: '/definitions/payment-succeeded', api: '/definitions/payment-succeeded/versions', rows: 'main .version' },
  { path: '/find?q=INV-30000', api: '/find?text=INV-30000', rows: 'main .chapter' },
  { path: '/find?q=a7@b.example', api: '/find?text=a7@b.example', rows: 'main .chapter' },
];
