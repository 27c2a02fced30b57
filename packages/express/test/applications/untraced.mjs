// A service that knows nothing of tracing. It passes on to NEXT_URL, if there is one.
import express from 'express';

const app = express();
app.use(async (request, response, next) => {
  response.locals.asked = await ask();
  next();
});
const router = express.Router();
router.get('/:name', (request, response) =>
  response.send(`hello ${request.params.name}${response.locals.asked}`),
);
app.use('/hello', router);
app.get('/health', (request, response) => response.send('well'));
const server = app.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`listening on http://127.0.0.1:${port}`);
});

async function ask() {
  const { NEXT_URL } = process.env;
  return NEXT_URL ? `, ${await (await fetch(`${NEXT_URL}/hello/next`)).text()}` : '';
}
