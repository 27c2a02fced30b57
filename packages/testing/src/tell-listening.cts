// node --require tell-listening.cjs server.js: writes to its file descriptor 3 where it listens, a line of JSON a server.
// It is required and not imported: any --import makes Node 20 read the program itself by another loader.
const { subscribe } = require('node:diagnostics_channel') as {
  subscribe(channel: string, listener: (message: unknown) => void): void;
};
const { writeSync } = require('node:fs') as { writeSync(file: number, text: string): void };
const { isMainThread } = require('node:worker_threads') as { isMainThread: boolean };

// The processes that it starts have its options and its variables, and another file there.
const isAsked = isMainThread && process.env['TRACING_TESTING_TELLS'] !== undefined;
delete process.env['TRACING_TESTING_TELLS'];

if (isAsked) {
  // Node tells of each server once it listens: from then on, the kernel takes connections for it.
  subscribe('tracing:net.server.listen:asyncEnd', (message) => {
    const { server } = message as { server: { address(): unknown } };
    try {
      writeSync(
        3,
        `${JSON.stringify({ address: server.address(), secure: 'setSecureContext' in server })}\n`,
      );
    } catch {
      // Nobody reads any more.
    }
  });
}
