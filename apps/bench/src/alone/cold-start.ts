import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a program used by its end, in milliseconds. */
export interface ColdStart {
  /** CPU time of all threads. */
  readonly cpu: number;
  /** Since the process was started, as Node knows it. */
  readonly wall: number;
}

/** What is run. */
export interface ColdProgram {
  readonly node: string;
  /** Where its modules are looked for. */
  readonly cwd: string;
  readonly form: 'commonjs' | 'module';
  readonly source: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Appended to the program. It ends at once, whatever the tracer has begun. */
const TELL = `
const { user, system } = process.cpuUsage();
process.stdout.write(JSON.stringify({ cpu: (user + system) / 1000, wall: performance.now() }), () => process.exit());
`;

/** Runs a program in a process of its own, with an environment in which nothing sets up a tracer or a compile cache. */
export async function coldStart({ node, cwd, form, source, env }: ColdProgram): Promise<ColdStart> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:OTEL|NODE|DD|SENTRY)_/.test(name));
  const args = [`--input-type=${form}`, '--eval', source + TELL];
  const { stdout } = await run(node, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
  });
  return JSON.parse(stdout) as ColdStart;
}
