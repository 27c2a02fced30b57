// A service that knows nothing of tracing: it passes each request on to NEXT_URL, its path and nothing else.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => {
  void fetch(`${process.env['NEXT_URL']}${request.url}`).then(async (answer) =>
    response.writeHead(answer.status).end(await answer.text()),
  );
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);

await once(process, 'SIGTERM');
server.close();
