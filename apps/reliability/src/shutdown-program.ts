// A program that makes spans, and ends as it is told: by PLACE, END and TRACING (`on` or `off`) in its environment,
// and by a line on stdin or a signal. Where somebody else is in that place, it says at last how that one ended.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

import type * as corePackage from '@org/tracing-core';

import { type End, type Place, signalOf, SPAN_COUNT } from './program-ends.ts';

const place = process.env['PLACE'] as Place;
const end = process.env['END'] as End;

const isWorker = cluster.isWorker || !isMainThread;
if (place === 'process' || isWorker) await work();
else if (place === 'cluster worker') await watchCluster();
else await watchThread();

/** Without tracing the packages are not even loaded. */
async function loadCore(): Promise<typeof corePackage | undefined> {
  return process.env['TRACING'] === 'on' ? import('@org/tracing-core') : undefined;
}

async function work(): Promise<void> {
  const core = await loadCore();
  const tracing = core?.initTracing({ flushOnCrash: end.endsWith('-flushed') });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const finish = (): void => {
    server.close();
    process.stdin.destroy();
    // The process's own would be an exit at once.
    cluster.worker?.disconnect();
    parentPort?.close();
  };

  const signal = signalOf(end);
  if (end.startsWith('handler-') && signal !== undefined) {
    process.on(signal, () => {
      if (end === 'handler-closes') finish();
      else if (end === 'handler-exits') process.exit(0);
      else void Promise.resolve(tracing?.shutdown()).then(() => process.exit(0));
    });
  }
  for (let made = 0; made < SPAN_COUNT; made += 1) core?.withSpan('work', () => undefined);

  const onTold = (): void => {
    if (end.startsWith('exit')) process.exit(3);
    if (end.startsWith('throw')) throw new Error('the end of the program');
    finish();
  };
  if (cluster.isWorker) process.on('message', onTold).send?.('ready');
  else if (isMainThread) {
    process.stdin.once('data', onTold);
    process.stdout.write('ready\n');
  } else parentPort?.on('message', onTold).postMessage('ready', []);
}

async function watchCluster(): Promise<void> {
  cluster.setupPrimary({ exec: fileURLToPath(import.meta.url) });
  const worker = cluster.fork();
  await once(worker, 'message');
  process.stdout.write('ready\n');
  process.stdin.once('data', () => {
    const signal = signalOf(end);
    if (signal === undefined) worker.send('end');
    else worker.process.kill(signal);
  });
  const [code, signal] = (await once(worker, 'exit')) as [number | null, string | null];
  process.stdin.destroy();
  process.stdout.write(`ended ${signal ?? code}\n`);
}

async function watchThread(): Promise<void> {
  if (end !== 'sigterm-alone') (await loadCore())?.initTracing();
  const worker = new Worker(new URL(import.meta.url));
  // Its exception would be ours otherwise.
  worker.on('error', () => undefined);
  await once(worker, 'message');
  process.stdout.write('ready\n');
  process.stdin.once('data', () => {
    if (end === 'terminate') void worker.terminate();
    else worker.postMessage('end', []);
  });
  const [code] = (await once(worker, 'exit')) as [number];
  process.stdin.destroy();
  process.stdout.write(`ended ${code}\n`);
}
