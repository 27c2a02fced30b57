/** What an application takes from a module: its default export, or some by name. */
interface Import {
  readonly from: string;
  readonly take: string;
}

/** One library with the few lines that serve `GET /hello/:name` under tracing. */
interface Sample {
  /** Modules of the library itself. */
  readonly library: readonly Import[];
  /** Our modules. */
  readonly tracing: readonly Import[];
  /** Defines `serve(announce)`; `callOut()` makes an outgoing call with fetch and one with node:http. */
  readonly body: string;
}

export type Library = 'fastify' | 'koa' | 'express' | 'pg';
export type ImportOrder = 'first' | 'last';

const SAMPLES: Readonly<Record<Library, Sample>> = {
  fastify: {
    library: [{ from: 'fastify', take: 'fastify' }],
    tracing: [{ from: '@org/tracing-fastify', take: '{ fastifyTracing, initTracing }' }],
    body: `
initTracing({ serviceName: 'sample' });

function serve(announce) {
  const app = fastify();
  app.register(fastifyTracing);
  app.get('/hello/:name', async (request) => {
    await callOut();
    return 'hello ' + request.params.name;
  });
  app.listen({ host: '127.0.0.1', port: 0 }).then(() => announce(app.server));
}`,
  },
  koa: {
    library: [
      { from: 'koa', take: 'Koa' },
      { from: '@koa/router', take: '{ Router }' },
    ],
    tracing: [{ from: '@org/tracing-koa', take: '{ koaTracing, initTracing }' }],
    body: `
initTracing({ serviceName: 'sample' });

function serve(announce) {
  const app = new Koa();
  const router = new Router();
  router.get('/hello/:name', async (context) => {
    await callOut();
    context.body = 'hello ' + context.params.name;
  });
  app.use(koaTracing()).use(router.routes());
  const server = app.listen(0, '127.0.0.1', () => announce(server));
}`,
  },
  express: {
    library: [{ from: 'express', take: 'express' }],
    tracing: [{ from: '@org/tracing-express', take: '{ expressTracing, initTracing }' }],
    body: `
initTracing({ serviceName: 'sample' });

function serve(announce) {
  const app = express();
  app.use(expressTracing());
  app.get('/hello/:name', async (request, response) => {
    await callOut();
    response.send('hello ' + request.params.name);
  });
  const server = app.listen(0, '127.0.0.1', () => announce(server));
}`,
  },
  pg: {
    library: [{ from: 'pg', take: 'pg' }],
    tracing: [
      { from: '@org/tracing-core', take: '{ initTracing, withSpan }' },
      { from: '@org/tracing-pg', take: '{ tracePg }' },
    ],
    body: `
initTracing({ serviceName: 'sample' });
tracePg(pg);

function serve(announce) {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
  const server = http.createServer(async (request, response) => {
    const { rows } = await withSpan('look up', () => pool.query("SELECT 'hello ' || $1 AS text", ['world']));
    response.end(rows[0].text);
  });
  server.listen(0, '127.0.0.1', () => announce(server));
}`,
  },
};

const CALL_OUT = `
async function callOut() {
  await (await fetch(process.env.NEXT_URL)).text();
  await new Promise((resolve, reject) => {
    REQUEST(process.env.NEXT_URL, (response) => response.resume().on('end', resolve)).on('error', reject).end();
  });
}`;

const CALL_OUT_IN_OWN_SPAN = `${CALL_OUT.replace('callOut', 'callOutPlainly')}

async function callOut() {
  await trace.getTracer('application').startActiveSpan('own span', async (span) => {
    await callOutPlainly();
    span.end();
  });
}`;

const SERVE = `
serve((server) => console.log('listening on http://127.0.0.1:' + server.address().port));
`;

/** How the source of a sample service is to be written. */
export interface SampleOptions {
  readonly library: Library;
  readonly format: 'esm' | 'cjs';
  /** Whether the library is imported before our packages or after them. */
  readonly order: ImportOrder;
  /** Makes a span around the outgoing calls with the application's own `@opentelemetry/api`. */
  readonly ownSpan?: boolean;
  /** Leaves all of tracing to `--import`. */
  readonly untraced?: boolean;
}

/** What a sample has of tracing in its code. */
const TRACING =
  /^initTracing\(.*\n|^ *app\.register\(fastifyTracing\);\n|^ *app\.use\(expressTracing\(\)\);\n|\.use\(koaTracing\(\)\)/gm;

/** The source of a service that serves `GET /hello/:name` with this library. node:http is imported first of all. */
export function sampleService({
  library,
  format,
  order,
  ownSpan = false,
  untraced = false,
}: SampleOptions): string {
  const { library: theirs, ...sample } = SAMPLES[library];
  const tracing = untraced ? [] : sample.tracing;
  const body = untraced ? sample.body.replaceAll(TRACING, '') : sample.body;
  const api = ownSpan ? [{ from: '@opentelemetry/api', take: '{ trace }' }] : [];
  const imports = [...(order === 'first' ? [...theirs, ...tracing] : [...tracing, ...theirs]), ...api];
  const lines = [body, ownSpan ? CALL_OUT_IN_OWN_SPAN : CALL_OUT, SERVE];
  if (format === 'cjs') {
    const required = [{ from: 'node:http', take: 'http' }, ...imports];
    return [
      ...required.map(({ from, take }) => `const ${take} = require('${from}');`),
      // What CommonJS has destructured earlier is out of reach (a documented limit).
      ...lines.map((line) => line.replace('REQUEST', 'http.request')),
    ].join('\n');
  }
  const imported = [{ from: 'node:http', take: 'http, { request }' }, ...imports];
  return [
    ...imported.map(({ from, take }) => `import ${take} from '${from}';`),
    ...lines.map((line) => line.replace('REQUEST', 'request')),
  ].join('\n');
}
