import { fork } from 'node:child_process';
import { once } from 'node:events';

/** A process of ours that answers one question after the other over IPC. It ends with this one. */
export interface Child extends AsyncDisposable {
  /** What it said first. */
  readonly hello: unknown;
  /** @throws Error where the process ends before it has answered, or answers with a failure. */
  ask(question: object): Promise<unknown>;
}

/** How a process is started. */
export interface ChildOptions {
  /** Its Node; this process's own where it is not given. */
  readonly node?: string;
  readonly args?: readonly string[];
  readonly execArgv?: readonly string[];
  readonly cwd?: string;
  /** Added to the environment, of which whatever could set up a tracer is left out. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a module, and waits for its first message. Its stderr is ours. */
export async function startChild(module: string, options: ChildOptions = {}): Promise<Child> {
  const { node = process.execPath, args = [], execArgv = [], cwd, env } = options;
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:OTEL|NODE|DD|SENTRY)_/.test(name));
  const child = fork(module, args, {
    execPath: node,
    execArgv: [...execArgv],
    ...(cwd !== undefined && { cwd }),
    env: { ...Object.fromEntries(inherited), NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');

  async function answer(): Promise<unknown> {
    const over = exited.then(([code, signal]: unknown[]) => {
      throw new Error(`${[module, ...args].join(' ')} ended (${String(code ?? signal)}) while it was needed`);
    });
    const [message] = (await Promise.race([once(child, 'message'), over])) as [unknown];
    if (typeof message === 'object' && message !== null && 'failure' in message) {
      throw new Error(`${[module, ...args].join(' ')}: ${String(message.failure)}`);
    }
    return message;
  }

  async function end(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    // A tracer that is to finish its work first would hold the bench up.
    child.kill('SIGKILL');
    await exited;
  }

  try {
    const hello = await answer();
    return {
      hello,
      ask(question) {
        const answered = answer();
        child.send(question);
        return answered;
      },
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}
