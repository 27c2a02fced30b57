import { installPeers, PEERS } from './modules.ts';
import { requestCost, type Traffic } from './request-cost.ts';
import { inRounds } from './rounds.ts';
import type { BenchSettings, Scenario } from './scenario.ts';
import { startService } from './service.ts';
import { setupsNamed } from './setups.ts';
import { startSurroundings } from './surroundings.ts';

/** Frameworks that have both a plugin of the kit and an instrumentation of upstream. */
export const FRAMEWORKS = { fastify: 'Fastify', koa: 'Koa', express: 'Express' } as const;

type Framework = keyof typeof FRAMEWORKS;

const GET_SETUPS = [
  'untraced',
  'floor',
  'kit',
  'kit-unsampled',
  'kit-excluded',
  'kit-layers',
  'stock',
  'stock-http-only',
  'auto',
  'dd-trace',
  'sentry',
];
const POST_SETUPS = ['untraced', 'floor', 'kit', 'stock', 'auto', 'dd-trace', 'sentry'];

/** 1 KiB of JSON. */
const BODY = JSON.stringify(
  Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`field-${index + 10}`, 'x'.repeat(34)])),
).padEnd(1024);

const CONNECTIONS = 10;

/** `GET /hello/:name`. */
export function getScenario(framework: Framework): Scenario {
  return {
    name: `${framework}-get`,
    run: (settings) =>
      measure(settings, {
        framework,
        name: `${framework}-get`,
        title: `${FRAMEWORKS[framework]}, GET`,
        what: '`GET /hello/:name`, answered with a line of JSON',
        setups: GET_SETUPS,
        rounds: settings.quick ? 2 : 5,
        traffic: { path: '/hello/world', ...counts(settings) },
      }),
  };
}

/** `POST /items` with 1 KiB of JSON. */
export function postScenario(framework: Framework): Scenario {
  return {
    name: `${framework}-post`,
    run: (settings) =>
      measure(settings, {
        framework,
        name: `${framework}-post`,
        title: `${FRAMEWORKS[framework]}, POST`,
        what: '`POST /items` with 1 KiB of JSON, which is parsed',
        setups: POST_SETUPS,
        rounds: settings.quick ? 1 : 3,
        traffic: { path: '/items', body: BODY, ...counts(settings) },
      }),
  };
}

function counts({ quick }: BenchSettings): Omit<Traffic, 'path'> {
  return { warmUp: quick ? 4000 : 10_000, requests: quick ? 6000 : 20_000, connections: CONNECTIONS };
}

interface HttpMeasurement {
  readonly framework: Framework;
  readonly name: string;
  readonly title: string;
  readonly what: string;
  readonly setups: readonly string[];
  readonly rounds: number;
  readonly traffic: Traffic;
}

async function measure(
  { node, say }: BenchSettings,
  { framework, name, title, what, setups, rounds, traffic }: HttpMeasurement,
): ReturnType<Scenario['run']> {
  installPeers(say);
  await using surroundings = await startSurroundings(PEERS);
  const { sinkPort } = surroundings;
  const measurements = await inRounds(setupsNamed(setups), rounds, async (setup) => {
    await using service = await startService({ node, modules: PEERS, sinkPort, framework, setup });
    return await requestCost([service], surroundings, traffic, setup.share);
  });
  const { requests, warmUp, connections } = traffic;
  return {
    name,
    title,
    text: `${what}; ${requests} requests over ${connections} connections after ${warmUp} to warm up, a quarter of them for Sentry; ${rounds} rounds.`,
    unit: 'µs',
    beyondUntraced: true,
    measurements,
  };
}
