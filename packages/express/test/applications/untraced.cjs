// A service that knows nothing of tracing, of any version. It passes on to NEXT_URL, if there is one.
const express = require(process.env.LIBRARY ?? 'express');

const app = express();
app.set('strict routing', true);
app.use((request, response, next) => {
  ask().then((asked) => {
    request.asked = asked;
    next();
  }, next);
});
const router = express.Router();
router.get('/:name', (request, response) => response.send(`hello ${request.params.name}${request.asked}`));
app.use('/hello', router);
app.get('/health', (request, response) => response.send('well'));
app.get('/strict/', (request, response) => response.send('with its slash'));
const server = app.listen(0, '127.0.0.1', () =>
  console.log(`listening on http://127.0.0.1:${server.address().port}`),
);

async function ask() {
  const { NEXT_URL } = process.env;
  return NEXT_URL ? `, ${await (await fetch(`${NEXT_URL}/hello/next`)).text()}` : '';
}
