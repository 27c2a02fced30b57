import { BroadcastChannel, isMainThread, threadId, type Worker } from 'node:worker_threads';

import { say } from './say.ts';

/** What threads of one process tell each other. */
type Message =
  | { readonly say: 'hasten' | 'who' }
  | { readonly say: 'flush'; readonly timeoutMillis: number }
  | { readonly say: 'flushed' | 'flushing' | 'gone' | 'here'; readonly thread: number };

/** Milliseconds in which a thread that is not busy has begun. */
const BEGIN_MILLIS = 500;

/** Part of the time that the others get, so that one that runs out of it can still say what it lost. */
const PART_OF_THREADS = 0.9;

/** The threads of this process that have tracing of their own. */
export interface TracedThreads {
  /** Has them send what they have, which only the main thread can ask for: signals reach it alone. Never rejects. */
  flush(timeoutMillis: number): Promise<void>;
  /** Has them send spans as soon as they end. */
  hasten(): void;
  /** Leaves them. */
  leave(): void;
}

/** What the main thread asks of another. */
export interface Asked {
  flush(timeoutMillis: number): Promise<void>;
  hasten(): void;
}

/** Joins the threads. @param asked What this one does when the main thread is told to end. */
export function joinThreads(asked: Asked): TracedThreads {
  const channel = new BroadcastChannel('@org/tracing');
  channel.unref();
  const tell = (message: Message): void => {
    try {
      channel.postMessage(message);
    } catch {
      // This thread has left.
    }
  };
  return isMainThread ? asMain(channel, tell) : asWorker(channel, tell, asked);
}

function asMain(channel: BroadcastChannel, tell: (message: Message) => void): TracedThreads {
  const known = new Set<number>();
  /** Threads that have not answered, while a flush runs. */
  const silent = new Set<number>();
  const busy = new Set<number>();
  let settled = (): void => undefined;
  function done(thread: number): void {
    silent.delete(thread);
    busy.delete(thread);
    if (busy.size === 0) settled();
  }
  function gone(thread: number): void {
    known.delete(thread);
    done(thread);
  }
  // One that is terminated says nothing.
  function watch(worker: Worker): void {
    const thread = worker.threadId;
    worker.once('exit', () => gone(thread));
  }
  process.on('worker', watch);
  listen(channel, (message) => {
    if (message.say === 'here') known.add(message.thread);
    else if (message.say === 'flushing') silent.delete(message.thread);
    else if (message.say === 'flushed') done(message.thread);
    else if (message.say === 'gone') gone(message.thread);
  });
  tell({ say: 'who' });
  return {
    async flush(timeoutMillis) {
      if (known.size === 0) return;
      for (const thread of known) {
        silent.add(thread);
        busy.add(thread);
      }
      const timers: NodeJS.Timeout[] = [];
      await new Promise<void>((resolve) => {
        settled = resolve;
        timers.push(setTimeout(resolve, timeoutMillis));
        timers.push(
          setTimeout(() => {
            for (const thread of silent) busy.delete(thread);
            if (busy.size === 0) resolve();
          }, BEGIN_MILLIS),
        );
        tell({ say: 'flush', timeoutMillis: timeoutMillis * PART_OF_THREADS });
      });
      for (const timer of timers) clearTimeout(timer);
      const late = new Set([...silent, ...busy]).size;
      if (late > 0) say('warn', `${late} worker thread(s) did not send their spans in time`);
      silent.clear();
      busy.clear();
    },
    hasten: () => tell({ say: 'hasten' }),
    leave() {
      process.removeListener('worker', watch);
      channel.close();
    },
  };
}

function asWorker(channel: BroadcastChannel, tell: (message: Message) => void, asked: Asked): TracedThreads {
  const tellMain = (what: 'flushed' | 'flushing' | 'gone' | 'here'): void =>
    tell({ say: what, thread: threadId });
  listen(channel, (message) => {
    if (message.say === 'who') tellMain('here');
    // Tracing that was started anew in this thread, before it had left.
    if (message.say === 'gone' && message.thread === threadId) tellMain('here');
    if (message.say === 'hasten') asked.hasten();
    if (message.say !== 'flush') return;
    tellMain('flushing');
    void asked.flush(message.timeoutMillis).then(() => tellMain('flushed'));
  });
  const leave = (): void => {
    process.removeListener('exit', leave);
    tellMain('gone');
    channel.close();
  };
  process.once('exit', leave);
  tellMain('here');
  return { flush: async () => undefined, hasten: () => undefined, leave };
}

function listen(channel: BroadcastChannel, hear: (message: Message) => void): void {
  channel.addEventListener('message', (event) => hear((event as unknown as { data: Message }).data));
}
