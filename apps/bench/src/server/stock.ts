import type * as api from '@opentelemetry/api';
import type * as exporter from '@opentelemetry/exporter-trace-otlp-proto';
import type * as instrumentation from '@opentelemetry/instrumentation';
import type * as resources from '@opentelemetry/resources';
import type * as sdk from '@opentelemetry/sdk-trace-node';

import type { Load, Setup } from './setup.ts';

/** What there is of upstream for each application, by the classes' names. */
const INSTRUMENTATIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  fastify: {},
  koa: { KoaInstrumentation: '@opentelemetry/instrumentation-koa' },
  express: { ExpressInstrumentation: '@opentelemetry/instrumentation-express' },
};
const OF_CALLS = {
  UndiciInstrumentation: '@opentelemetry/instrumentation-undici',
  PgInstrumentation: '@opentelemetry/instrumentation-pg',
};

/** OpenTelemetry's packages, as their documentation says: those that the application's libraries need. */
export function setUpStock(variant: string, framework: string, isChain: boolean, load: Load): Setup {
  const { NodeTracerProvider, BatchSpanProcessor } = load('@opentelemetry/sdk-trace-node') as typeof sdk;
  const { OTLPTraceExporter } = load('@opentelemetry/exporter-trace-otlp-proto') as typeof exporter;
  const { resourceFromAttributes } = load('@opentelemetry/resources') as typeof resources;
  const { registerInstrumentations } = load('@opentelemetry/instrumentation') as typeof instrumentation;
  const { trace } = load('@opentelemetry/api') as typeof api;

  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'bench' }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  const isHttpOnly = variant === 'stock-http-only';
  const classes = {
    HttpInstrumentation: '@opentelemetry/instrumentation-http',
    ...(!isHttpOnly && INSTRUMENTATIONS[framework]),
    ...(isChain && OF_CALLS),
  };
  registerInstrumentations({
    instrumentations: Object.entries(classes).map(([name, module]) => {
      const Instrumentation = (load(module) as Record<string, new () => instrumentation.Instrumentation>)[
        name
      ];
      if (Instrumentation === undefined) throw new Error(`${module} has no ${name}`);
      return new Instrumentation();
    }),
  });
  return {
    ...(!isHttpOnly && {
      async fastify(app) {
        const { FastifyOtelInstrumentation } = load('@fastify/otel') as {
          FastifyOtelInstrumentation: new () => {
            setTracerProvider(provider: unknown): void;
            plugin(): unknown;
          };
        };
        const otel = new FastifyOtelInstrumentation();
        otel.setTracerProvider(provider);
        await app.register(otel.plugin());
      },
    }),
    spans(count) {
      const tracer = trace.getTracer('bench');
      for (let index = 0; index < count; index++) tracer.startActiveSpan('step', (span) => span.end());
    },
    // It fails where there are more batches than its exporter sends at a time; what is lost is counted at the sink.
    flush: () => provider.forceFlush().catch(() => undefined),
  };
}
