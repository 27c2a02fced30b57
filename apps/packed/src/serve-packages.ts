// `npm run registry`: packs the packages as they are built, and serves them to npm on this machine until a signal comes.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { packPackages } from './pack-packages.ts';
import { startTarballRegistry } from './tarball-registry.ts';

const USAGE = 'Usage: npm run registry [-- --port <number>]';

const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
const folder = mkdtempSync(join(tmpdir(), 'tracing-packages-'));
try {
  await serve();
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  console.error(
    `${code === 'EADDRINUSE' ? 'The port is in use: name another by --port.' : message}\n${USAGE}`,
  );
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

async function serve(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '4874' } } });
  const tarballs = packPackages(folder);
  await using registry = await startTarballRegistry(tarballs, Number(values.port));
  console.log(`${Object.keys(tarballs).join(', ')}
are at ${registry.url} until Ctrl-C. In the folder of your application:

  npm config set --location=project @org:registry=${registry.url}

npm, npx and pnpm find them by their names then, and everything else where they always do. After another build remove
node_modules and the lock file there: the version is the same. npm config delete --location=project @org:registry ends it.`);
  await ended;
}
