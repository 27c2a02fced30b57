// A service that knows nothing of tracing. It passes on to NEXT_URL, if there is one.
import fastify from 'fastify';

const app = fastify();
app.addHook('onRequest', async (request) => {
  request.headers['asked'] = await ask();
});
app.get('/hello/:name', async ({ headers, params }) => {
  const { name } = /** @type {{ name: string }} */ (params);
  return `hello ${name}${String(headers['asked'])}`;
});
app.get('/health', async () => 'well');

const url = await app.listen({ host: '127.0.0.1', port: 0 });
console.log(`listening on ${url}`);

async function ask() {
  const { NEXT_URL } = process.env;
  return NEXT_URL ? `, ${await (await fetch(`${NEXT_URL}/hello/next`)).text()}` : '';
}
