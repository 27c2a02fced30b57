// A service that is set up in its own code. It passes on to NEXT_URL, if there is one.
import { Router } from '@koa/router';
import { initTracing, koaTracing } from '@org/tracing-koa';
import Koa from 'koa';

initTracing({ serviceName: 'named in code' });

const router = new Router();
router.get('/hello/:name', (context) => {
  context.body = `hello ${context.params.name}${context.state.asked}`;
});
router.get('/health', (context) => {
  context.body = 'well';
});

const app = new Koa();
app.use(koaTracing());
app.use(async (context, next) => {
  context.state.asked = await ask();
  await next();
});
app.use(router.routes());
const server = app.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`listening on http://127.0.0.1:${port}`);
});

async function ask() {
  const { NEXT_URL } = process.env;
  return NEXT_URL ? `, ${await (await fetch(`${NEXT_URL}/hello/next`)).text()}` : '';
}
