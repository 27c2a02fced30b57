// A service that knows nothing of tracing, and asks a database.
import { createServer } from 'node:http';

import { Pool } from 'pg';

const pool = new Pool({ connectionString: process.env.PG_URL });
const server = createServer((request, response) => {
  pool.query("SELECT 'hello' AS text").then(({ rows }) => response.end(rows[0].text));
});
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
