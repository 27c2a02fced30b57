import Router from '@koa/router';
import { SpanKind, trace } from '@opentelemetry/api';
import { initTracing, koaTracing } from '@org/tracing-koa';
import Koa from 'koa';

initTracing({ serviceName: 'stock' });

const app = new Koa();
const router = new Router();
app.use(koaTracing());
// The defect to be found: middleware of the team's own, from the time before the plugin, makes SERVER spans too.
app.use((ctx, next) =>
  trace
    .getTracer('own-tracing')
    .startActiveSpan(`${ctx.method} ${ctx.path}`, { kind: SpanKind.SERVER }, async (span) => {
      try {
        await next();
      } finally {
        span.end();
      }
    }),
);
app.use(router.routes());

router.get('/stock/:sku', (ctx) => {
  ctx.body = { pieces: 12 };
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on port ${server.address().port}`);
});
