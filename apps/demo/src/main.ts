import { type DemoArguments, readArguments, USAGE } from './arguments.ts';
import { demo } from './demo.ts';
import { view } from './view.ts';

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function readOrExit(): DemoArguments {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${message(error)}\n\n${USAGE}`);
    return process.exit(2);
  }
}

const options = readOrExit();
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interrupt.abort());

try {
  await (options.view ? view : demo)(options, process.stdout, interrupt.signal);
} catch (error) {
  if (!interrupt.signal.aborted) process.stderr.write(`\n${message(error)}\n`);
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
}
