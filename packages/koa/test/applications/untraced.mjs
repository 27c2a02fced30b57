// A service that knows nothing of tracing. It passes on to NEXT_URL, if there is one.
import { Router } from '@koa/router';
import Koa from 'koa';

const router = new Router();
router.get('/hello/:name', (context) => {
  context.body = `hello ${context.params.name}${context.state.asked}`;
});
router.get('/health', (context) => {
  context.body = 'well';
});

const app = new Koa();
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
