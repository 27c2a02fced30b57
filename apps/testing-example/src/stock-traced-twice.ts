import { SpanKind, trace } from '@opentelemetry/api';
import { configureLogging, initTracing, koaTracing } from '@org/tracing-koa';
import type { Middleware } from 'koa';
import log from 'loglevel';

import { listen } from './listen.ts';
import { stockApp } from './stock-app.ts';

initTracing({ serviceName: 'stock' });
configureLogging(log);

// The defect to be found: middleware of the team's own, from the time before the plugin, makes SERVER spans too.
const ownTracing: Middleware = (ctx, next) =>
  trace
    .getTracer('own-tracing')
    .startActiveSpan(`${ctx.method} ${ctx.path}`, { kind: SpanKind.SERVER }, async (span) => {
      try {
        await next();
      } finally {
        span.end();
      }
    });

await listen(stockApp(koaTracing(), ownTracing));
