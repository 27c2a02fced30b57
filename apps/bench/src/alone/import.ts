import { installPeers, OWN, PEERS } from '../modules.ts';
import { inRounds } from '../rounds.ts';
import type { Measurement, Scenario, ScenarioResult } from '../scenario.ts';
import { setupNamed } from '../setups.ts';
import { coldStart } from './cold-start.ts';

interface ImportChoice {
  readonly name: string;
  readonly note?: string;
  readonly cwd: string;
  readonly form: 'commonjs' | 'module';
  readonly modules: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Upstream's packages for a service of Fastify that calls others and a database. */
const STOCK = [
  '@opentelemetry/api',
  '@opentelemetry/sdk-trace-node',
  '@opentelemetry/resources',
  '@opentelemetry/exporter-trace-otlp-proto',
  '@opentelemetry/instrumentation',
  '@opentelemetry/instrumentation-http',
  '@opentelemetry/instrumentation-undici',
  '@opentelemetry/instrumentation-pg',
  '@fastify/otel',
];

const CHOICES: readonly ImportChoice[] = [
  peer('untraced', []),
  kit('kit', ['core'], 'core alone: set-up, exporter, outgoing HTTP and logs'),
  kit('kit-fastify', ['fastify']),
  kit('kit-koa', ['koa'], 'with koa itself, which the application has too'),
  kit('kit-express', ['express']),
  kit('kit-pg', ['pg']),
  kit('kit-service', ['fastify', 'pg'], 'as the packages of stock'),
  { ...kit('kit-esm', ['core'], 'core alone, imported as ESM'), form: 'module' },
  { ...kit('kit-service-esm', ['fastify', 'pg'], 'imported as ESM'), form: 'module' },
  peer('stock', STOCK, 'SDK, exporter, and instrumentations of http, Fastify, undici and pg'),
  peer(
    'stock-sdk-node',
    ['@opentelemetry/sdk-node', ...STOCK.slice(4)],
    'the same with @opentelemetry/sdk-node',
  ),
  peer('auto', ['@opentelemetry/auto-instrumentations-node']),
  peer('dd-trace', ['dd-trace'], 'loads most of itself when it is started'),
  { ...peer('dd-trace-init', ['dd-trace/init'], 'started'), env: setupNamed('dd-trace').env ?? {} },
  peer('sentry', ['@sentry/node']),
];

/** What it costs to load a tracer, beyond an empty program. */
export const importScenario: Scenario = {
  name: 'import',
  async run({ node, quick, say }) {
    installPeers(say);
    const wall = new Map<string, number[]>();
    // The first round reads the files into the system's cache, and does not count.
    const cpu = await inRounds(CHOICES, quick ? 6 : 21, async ({ name }) => {
      const started = await coldStart({ node, ...program(name) });
      wall.set(name, [...(wall.get(name) ?? []), started.wall]);
      return started.cpu;
    });
    const text =
      'A new process that loads the packages and ends, files in the cache of the system, no compile cache of Node; CommonJS where nothing else is said.';
    return [
      {
        name: 'import-cpu',
        title: 'Cold import: CPU time',
        text,
        unit: 'ms',
        beyondUntraced: true,
        measurements: cpu.map(afterFirst),
      },
      {
        name: 'import-wall',
        title: 'Cold import: wall time',
        text: `${text} From the start of the process; other work of the machine is in it.`,
        unit: 'ms',
        beyondUntraced: true,
        measurements: cpu.map((measured) =>
          afterFirst({ ...measured, values: wall.get(measured.setup) ?? [] }),
        ),
      },
    ] satisfies readonly ScenarioResult[];
  },
};

function afterFirst(measured: Measurement): Measurement {
  return { ...measured, values: measured.values.slice(1) };
}

function program(name: string): Omit<Parameters<typeof coldStart>[0], 'node'> {
  const choice = CHOICES.find((one) => one.name === name);
  if (choice === undefined) throw new Error(`nothing to import is called "${name}"`);
  const { cwd, form, modules, env = {} } = choice;
  const load = (module: string): string =>
    form === 'module' ? `import '${module}';` : `require('${module}');`;
  return { cwd, form, source: modules.map(load).join('\n'), env };
}

function peer(name: string, modules: readonly string[], note?: string): ImportChoice {
  return { name, cwd: PEERS, form: 'commonjs', modules, ...(note !== undefined && { note }) };
}

function kit(name: string, packages: readonly string[], note?: string): ImportChoice {
  return {
    ...peer(
      name,
      packages.map((one) => `@org/tracing-${one}`),
      note,
    ),
    cwd: OWN,
  };
}
