// Runs the service in a thread of its own, which has the options of this process.
import { Worker } from 'node:worker_threads';

const thread = new Worker(new URL('untraced.mjs', import.meta.url));
thread.on('error', (error) => {
  throw error;
});
