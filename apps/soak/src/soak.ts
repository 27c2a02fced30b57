import { performance } from 'node:perf_hooks';

import { startPostgres } from '@org/postgres';

import { type Child, startChild } from './child.ts';
import type { Leak } from './leaks.ts';
import { type LoadCount, noLoad, sendLoad } from './load.ts';
import type { Measurement, MeasureRequest } from './measurement.ts';
import { RequestMix } from './requests.ts';

/** What is soaked, by the names of the packages. */
export const PLUGINS = ['fastify', 'koa', 'express', 'pg'] as const;

/** The name of a plugin. */
export type Plugin = (typeof PLUGINS)[number];

/** One soak. */
export interface SoakOptions {
  readonly plugin: Plugin;
  /** Requests that are measured; those before, by which everything gets warm, come on top. */
  readonly requests: number;
  /** Looks at the process while it rests, evenly spread. Default 20. */
  readonly checkpoints?: number;
  /** Requests at the same time. Default 50. */
  readonly clients?: number;
  /** Requests before those that are measured. Default: a tenth, 10 000 at least, in which V8 and the pools settle. */
  readonly warmUp?: number;
  /** Milliseconds that the process gets to come to rest, after which what is there has been left over. Default 10 s. */
  readonly restMillis?: number;
  /** Whether the plugin makes a span of each layer too. Default false. */
  readonly layers?: boolean;
  /** A fault that is put into the service, to see that it is found. */
  readonly leak?: Leak;
  /** Called at each checkpoint. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
}

/** A look at the resting process. */
export interface Checkpoint extends Measurement {
  /** Requests until then. */
  readonly sent: number;
}

/** What was seen. */
export interface Soak {
  readonly plugin: Plugin;
  readonly counts: Readonly<LoadCount>;
  /** Of load; the looks between are left out. */
  readonly seconds: number;
  /** After the requests that make warm, before those that count. */
  readonly start: Measurement;
  readonly checkpoints: readonly Checkpoint[];
}

/**
 * Runs a server of the plugin in a process of its own, whose spans go to a collector in another, and sends it the
 * requests of `requests.ts`.
 */
export async function soak(options: SoakOptions): Promise<Soak> {
  const {
    plugin,
    requests,
    checkpoints: count = 20,
    clients = 50,
    layers = false,
    leak,
    onCheckpoint,
  } = options;
  const { warmUp = Math.max(10_000, Math.round(requests / 10)), restMillis = 10_000 } = options;
  await using database = plugin === 'pg' ? await startPostgres() : undefined;
  await using sink = await startChild('sink.js', {});
  await using server = await startChild('server.js', {
    PLUGIN: plugin,
    SINK_URL: `http://127.0.0.1:${sink.port}`,
    REST_MILLIS: String(restMillis),
    ...(database && { DATABASE_URL: database.url }),
    ...(layers && { LAYERS: 'yes' }),
    ...(leak && { LEAK: leak }),
  });

  const { port } = server;
  const mix = new RequestMix(port);
  await sendLoad(mix, { port, clients, requests: warmUp }, noLoad());
  const start = await measure(server, sink);
  const counts = noLoad();
  const checkpoints: Checkpoint[] = [];
  let millis = 0;
  for (let number = 1; number <= count; number++) {
    const began = performance.now();
    const until = Math.round((requests * number) / count);
    await sendLoad(mix, { port, clients, requests: until - counts.requests }, counts);
    millis += performance.now() - began;
    const measured = await measure(server, sink, start);
    const checkpoint = { sent: counts.requests, ...measured };
    checkpoints.push(checkpoint);
    onCheckpoint?.(checkpoint);
  }
  return { plugin, counts, seconds: millis / 1000, start, checkpoints };
}

/** Connections to the collector come and go with the exports: none is counted. */
async function measure(server: Child, sink: Child, start?: Measurement): Promise<Measurement> {
  await sink.ask({ close: true });
  const question: MeasureRequest = { measure: true, start };
  return (await server.ask(question)) as Measurement;
}
