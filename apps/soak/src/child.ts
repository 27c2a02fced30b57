import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process of ours that listens. It ends with this one. */
export interface Child extends AsyncDisposable {
  readonly port: number;
  /** @throws Error where the process ends before it has answered. */
  ask(question: object): Promise<unknown>;
}

/**
 * Starts a module of this package as it is built, with garbage collection on demand. Its stderr is ours.
 *
 * @param env Added to the environment, of which `OTEL_*` is left out.
 */
export async function startChild(module: string, env: Readonly<Record<string, string>>): Promise<Child> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:OTEL_|NODE_)/.test(name));
  const child = fork(fileURLToPath(new URL(`../dist/${module}`, import.meta.url)), {
    execArgv: ['--expose-gc'],
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');

  async function answer(): Promise<unknown> {
    const over = exited.then(([code, signal]: unknown[]) => {
      throw new Error(`${module} ended (${String(code ?? signal)}) while it was needed`);
    });
    const [message] = (await Promise.race([once(child, 'message'), over])) as [unknown];
    return message;
  }

  const { port } = (await answer()) as { port: number };
  return {
    port,
    ask(question) {
      const answered = answer();
      child.send(question);
      return answered;
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
