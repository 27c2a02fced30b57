// A service that knows nothing of tracing, of any version. It passes on to NEXT_URL, if there is one.
const { fastify } = /** @type {typeof import('fastify')} */ (require(process.env.LIBRARY ?? 'fastify'));

const app = fastify();
app.addHook('onRequest', async (request) => {
  request.headers['asked'] = await ask();
});
app.get('/hello/:name', async ({ headers, params }) => {
  const { name } = /** @type {{ name: string }} */ (params);
  return `hello ${name}${String(headers['asked'])}`;
});
app.get('/health', async () => 'well');

void app.listen({ host: '127.0.0.1', port: 0 }).then((url) => console.log(`listening on ${url}`));

async function ask() {
  const { NEXT_URL } = process.env;
  return NEXT_URL ? `, ${await (await fetch(`${NEXT_URL}/hello/next`)).text()}` : '';
}
