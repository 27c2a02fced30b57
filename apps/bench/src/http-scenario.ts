import type { ContestSize, Traffic } from './contest.ts';
import { installPeers, PEERS } from './modules.ts';
import { requestCosts, sizeText } from './request-costs.ts';
import type { BenchSettings, Scenario, ScenarioResult } from './scenario.ts';
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

const QUICK: ContestSize = {
  generations: 2,
  warmUp: 6000,
  rounds: 1,
  requests: 6000,
  inTurns: false,
};
const FULL: ContestSize = { ...QUICK, generations: 3, warmUp: 12_000, rounds: 2, requests: 8000 };

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
        size: settings.quick ? QUICK : FULL,
        traffic: { path: '/hello/world', connections: CONNECTIONS, awake: true },
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
        size: settings.quick ? QUICK : { ...FULL, generations: 2 },
        traffic: { path: '/items', body: BODY, connections: CONNECTIONS, awake: true },
      }),
  };
}

interface HttpMeasurement {
  readonly framework: Framework;
  readonly name: string;
  readonly title: string;
  readonly what: string;
  readonly setups: readonly string[];
  readonly size: ContestSize;
  readonly traffic: Traffic;
}

async function measure(
  { node, say }: BenchSettings,
  { framework, name, title, what, setups, size, traffic }: HttpMeasurement,
): Promise<ScenarioResult> {
  installPeers(say);
  await using surroundings = await startSurroundings(PEERS);
  return {
    name,
    title,
    text: `${what}, over ${traffic.connections} connections; ${sizeText(size)}`,
    unit: 'µs',
    beyondUntraced: true,
    measurements: await requestCosts({ node, framework }, setups, size, traffic, surroundings),
  };
}
