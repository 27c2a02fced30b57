// `npm run registry`: serves the packages of this repository to npm and pnpm on this machine, by apps/packed.
import './check-node.mjs';
import { runApp } from './run-app.mjs';

await runApp('apps/packed/dist/serve-packages.js', ['@org/packed', './packages/*']);
