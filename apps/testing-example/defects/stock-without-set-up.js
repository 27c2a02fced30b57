// The defect to be found: nothing makes spans here.
import { createServer } from 'node:http';

const server = createServer((_request, response) => response.end('{"pieces":12}'));
server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on port ${server.address().port}`);
});
