import { PGlite } from '@electric-sql/pglite';
const t0 = performance.now();
const db = await PGlite.create({ dataDir: '/tmp/sp/data' });
console.log('open', performance.now() - t0);
await db.exec(
  `create table if not exists events(id bigint generated always as identity primary key, source text not null, event_id text not null, body bytea, envelope json, unique(source,event_id))`,
);
const q = `insert into events(source,event_id,body,envelope) select r.source,r.event_id,decode(r.body,'hex'),r.envelope from json_to_recordset($1::json) as r(source text,event_id text,body text,envelope json) on conflict (source,event_id) do nothing returning id, event_id`;
let n = 0;
const body = Buffer.alloc(1900, 'x').toString('hex');
for (const g of [1, 16, 32, 64]) {
  const t = performance.now();
  let c = 0;
  while (performance.now() - t < 1500) {
    const rows = [];
    for (let i = 0; i < g; i++)
      rows.push({ source: 's', event_id: 'e' + process.pid + '-' + n++, body, envelope: { a: 1, b: 'x'.repeat(400) } });
    const r = await db.query(q, [JSON.stringify(rows)]);
    c += r.rows.length;
  }
  console.log(g, Math.round(c / 1.5), 'rows/s');
}
import { readdirSync } from 'node:fs';
console.log(readdirSync('/tmp/sp/data').join(' '));
try {
  const b = await PGlite.create({ dataDir: '/tmp/sp/data' });
  console.log('second open in process', (await b.query('select 1')).rows);
} catch (e) {
  console.log('second', String(e).slice(0, 200));
}
