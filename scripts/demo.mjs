// `npm run demo`: one request through the sample services, by apps/demo.
import './check-node.mjs';
import { runApp } from './run-app.mjs';

await runApp('apps/demo/dist/main.js', ['@org/demo']);
