import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type pg from 'pg';

/** What the handlers of every framework do. */
export interface Work {
  order(id: string): Promise<object>;
  /** Calls the service itself, by `fetch` and by `node:http`. */
  callOut(url: string): Promise<object>;
  /** Some chunks and an end. */
  stream(): Readable;
  /** Chunks until the reader goes. */
  endless(): Readable;
  /** Fails after its first chunk. */
  brokenStream(): Readable;
}

const CHUNK = Buffer.alloc(256, 'x');

const agent = new Agent({ keepAlive: false });

/** @param pool Where there is one, an order is a few queries. */
export function createWork(pool: pg.Pool | undefined): Work {
  return {
    order: pool ? (id) => query(pool, id) : think,
    async callOut(url) {
      const byFetch = await fetch(`${url}/inner`);
      const [byHttp] = (await once(request(`${url}/inner`, { agent }).end(), 'response')) as [
        IncomingMessage,
      ];
      byHttp.resume();
      await Promise.all([byFetch.arrayBuffer(), once(byHttp, 'close')]);
      return { status: byFetch.status };
    },
    stream: () => Readable.from(chunks(4)),
    endless: () => Readable.from(chunks(Infinity)),
    brokenStream: () => Readable.from(chunks(1, new Error('the stream broke'))),
  };
}

/** Waits until the client has gone. */
export async function gone({ socket }: IncomingMessage): Promise<void> {
  if (!socket.destroyed) await once(socket, 'close');
}

async function think(id: string): Promise<object> {
  await nextTurn();
  return { id };
}

/** By promise, by callback on a client of one's own, as a named statement, and one that fails. */
async function query(pool: pg.Pool, id: string): Promise<object> {
  const number = Number(id) % 4;
  if (number === 0) return (await pool.query('SELECT $1::text AS id', [id])).rows[0] as object;
  if (number === 1) {
    const statement = { name: 'order', text: 'SELECT $1::text AS id', values: [id] };
    return (await pool.query(statement)).rows[0] as object;
  }
  if (number === 2) {
    const client = await pool.connect();
    return new Promise((resolve, reject) => {
      client.query('SELECT $1::text AS id', [id], (error: Error | null, result) => {
        client.release();
        if (error) reject(error);
        else resolve(result.rows[0] as object);
      });
    });
  }
  await pool.query('SELECT no_such_column').catch(() => undefined);
  return { id };
}

async function* chunks(count: number, failure?: Error): AsyncGenerator<Buffer> {
  for (let index = 0; index < count; index++) {
    yield CHUNK;
    await nextTurn();
  }
  if (failure) throw failure;
}
