import { connect, type Socket } from 'node:net';

import { AnswerReader } from './answers.ts';
import type { Abort, Turn } from './requests.ts';

/** What came of a turn. */
export interface Outcome {
  /** Of each request, in their order; 0 for one whose connection was cut, none for those that the client aborted. */
  readonly statuses: readonly number[];
  readonly aborted: number;
}

/** A client that keeps its connection as long as it can. */
export class Client {
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** @throws Error where the server cannot be reached. */
  async send({ bytes, requests, abort }: Turn): Promise<Outcome> {
    const socket = (this.#socket ??= await this.#open());
    const reader = new AnswerReader();
    const statuses: number[] = [];
    return new Promise((resolve) => {
      const settle = (outcome: Outcome): void => {
        clearTimeout(timer);
        socket.off('data', onData).off('close', onClose);
        resolve(outcome);
      };
      const leave = ({ reset }: Abort): void => {
        this.#socket = undefined;
        if (reset) socket.resetAndDestroy();
        else socket.destroy();
        settle({ statuses, aborted: requests - statuses.length });
      };
      const onData = (chunk: Buffer): void => {
        statuses.push(...reader.read(chunk));
        if (abort?.afterBytes !== undefined && reader.pending >= abort.afterBytes) leave(abort);
        else if (statuses.length === requests) settle({ statuses, aborted: 0 });
      };
      const onClose = (): void => {
        while (statuses.length < requests) statuses.push(0);
        settle({ statuses, aborted: 0 });
      };
      let timer: NodeJS.Timeout | undefined;
      socket.on('data', onData).on('close', onClose);
      socket.write(bytes);
      if (abort?.afterMillis !== undefined) timer = setTimeout(leave, abort.afterMillis, abort);
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        // `close` follows, and says it to whoever waits.
        socket.on('error', () => undefined);
        socket.on('close', () => {
          if (this.#socket === socket) this.#socket = undefined;
        });
        resolve(socket);
      });
    });
  }
}
