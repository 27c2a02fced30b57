import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

import type { ImportResult } from './api.ts';
import { readCommandLine, USAGE, type ViewerCommand } from './command-line.ts';
import { openViewer, type OpenViewer } from './open-viewer.ts';
import { plural } from './plural.ts';
import { readLines } from './read-lines.ts';
import { importTraces } from './trace-file.ts';
import type { TraceStore } from './trace-store.ts';
import { treePrinter } from './tree-printer.ts';
import { version } from './version.ts';

const { stdout, stderr } = process;

/**
 * What the command `tracing-viewer` does, until a signal ends it.
 *
 * @param args The arguments, without Node and the program.
 * @returns The exit code.
 */
export async function runViewer(args: readonly string[]): Promise<number> {
  let command: ViewerCommand;
  try {
    command = readCommandLine(args);
  } catch (error) {
    stderr.write(`${messageOf(error)}\n\n${USAGE}`);
    return 2;
  }
  if (command.help || command.version) {
    stdout.write(command.help ? USAGE : `${version}\n`);
    return 0;
  }
  // Who reads what is written here may go; the page stays.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  let viewer: OpenViewer | undefined;
  try {
    viewer = await openViewer(command.options);
    // What is read from standard input goes to standard output, and nothing else does.
    const say = (text: string): void => void (command.stdin ? stderr : stdout).write(`${text}\n`);
    say(`tracing-viewer listening on ${viewer.url}: open it in a browser.`);
    say(`Services send to it by OTEL_EXPORTER_OTLP_ENDPOINT=${viewer.url}`);
    await serve(viewer, command, say, ended);
    return 0;
  } catch (error) {
    stderr.write(`${messageOf(error)}\n`);
    return 1;
  } finally {
    await viewer?.close();
  }
}

async function serve(
  { store }: OpenViewer,
  command: ViewerCommand,
  say: (text: string) => void,
  ended: Promise<unknown>,
): Promise<void> {
  let isEnding = false;
  const printer = command.tree ? treePrinter(store, (text) => stdout.write(text), stdout) : undefined;
  for (const file of command.open) {
    say(`${file}: ${reportOf(await openFile(file, store))}`);
  }
  if (command.stdin) {
    // The end of the input ends neither the viewer nor what it holds.
    readLines(process.stdin, stdout, store).catch((error: unknown) => {
      if (!isEnding) say(`standard input: ${messageOf(error)}`);
    });
  }
  await ended;
  // Whoever reads from what is destroyed here is told that it ended too early.
  isEnding = true;
  if (command.stdin) process.stdin.destroy();
  printer?.close();
}

async function openFile(file: string, store: TraceStore): Promise<ImportResult> {
  try {
    return importTraces(await readFile(file), store);
  } catch (cause) {
    throw new Error(`--open: ${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function reportOf({ traceIds, spans, logs, missingSpans, leftOut }: ImportResult): string {
  const read = [plural(traceIds.length, 'trace'), plural(spans, 'span'), plural(logs, 'log line')];
  const lost = [
    missingSpans > 0 &&
      `no room for ${plural(missingSpans, 'span')}: --max-traces, --max-spans, --max-mb make some`,
    leftOut,
  ];
  return [read.join(', '), ...lost.filter(Boolean)].join('; ');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
