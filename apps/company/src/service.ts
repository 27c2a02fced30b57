// A traced service that somebody else's instrumentations share. It is told by the environment:
// FRAMEWORK; MODULES=cjs|esm; TRACING=none, for no initTracing; DATABASE_URL, where queries are wanted;
// FIRST and LAST, what others set up before and after: instrumentations, sdk (with a provider) or provider (alone);
// KOA_TRACING, another copy of that package; GIVEN=yes, to hand their instrumentations to initTracing.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

import type * as koaPackage from '@org/tracing-koa';
import type * as pgPackage from '@org/tracing-pg';
import type pg from 'pg';

import { frameworks, type Order } from './frameworks.ts';
import { isCommonJs, load, loadDefault, requireAgain } from './load.ts';
import { makeInstrumentations, registerOthers, startOtherSdk } from './others.ts';

const { FRAMEWORK = '', FIRST, LAST, GIVEN, TRACING, DATABASE_URL } = process.env;
const serve = frameworks[FRAMEWORK];
if (!serve) throw new TypeError(`no framework "${FRAMEWORK}"`);

const flushes: (() => Promise<void>)[] = [];

function join(others: string | undefined): void {
  if (others === 'instrumentations') registerOthers(FRAMEWORK);
  if (others === 'sdk') flushes.push(startOtherSdk(makeInstrumentations(FRAMEWORK)));
  if (others === 'provider') flushes.push(startOtherSdk([]));
}

join(FIRST);
if (TRACING !== 'none') {
  const { initTracing } = await import('@org/tracing-core');
  initTracing({ instrumentations: GIVEN === undefined ? [] : makeInstrumentations(FRAMEWORK) });
  const again = await load<typeof koaPackage>(process.env['KOA_TRACING'] ?? '@org/tracing-koa');
  again.initTracing();
}

const { default: http } = await import('node:http');
const database = DATABASE_URL === undefined ? undefined : await connect(DATABASE_URL);
let url = '';
const server = await serve(
  {
    async order(id) {
      const byFetch = await (await fetch(`${url}/stock/fetch`)).json();
      const [response] = (await once(http.get(`${url}/stock/http`), 'response')) as [IncomingMessage];
      const byHttp = await json(response);
      await database?.query('SELECT $1::text AS id', [id]);
      return [byFetch, byHttp];
    },
    stock: (headers) => headers['traceparent'] ?? [],
  },
  pluginOrder(),
);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
join(LAST);
// Others patch what is loaded after them; it is all loaded, and looked up once more by some module.
if (LAST !== undefined && isCommonJs) requireAgain(['http', 'pg', FRAMEWORK]);
process.stdout.write(`listening on ${url}\n`);

await once(process, 'SIGTERM');
server.close();
server.closeAllConnections();
await database?.end();
await Promise.all(flushes.map((flush) => flush()));

function pluginOrder(): Order {
  if (FIRST === 'instrumentations') return 'first';
  return LAST === 'instrumentations' ? 'last' : 'never';
}

async function connect(connectionString: string): Promise<pg.Client> {
  const module = await loadDefault<typeof pg>('pg');
  const { tracePg } = await load<typeof pgPackage>('@org/tracing-pg');
  tracePg(module);
  const client = new module.Client({ connectionString });
  await client.connect();
  return client;
}
