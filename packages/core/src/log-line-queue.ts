const ROOM_AT_LEAST = 1024;

/** Lines that wait for their turn, first in, first out. A line that was taken is not kept. */
export class LineQueue {
  private waiting: string[] = [];
  private next = 0;

  get isEmpty(): boolean {
    return this.next === this.waiting.length;
  }

  push(line: string): void {
    this.waiting.push(line);
  }

  /** The line that waits longest; undefined where none does. */
  take(): string | undefined {
    const line = this.waiting[this.next];
    if (line === undefined) return undefined;
    // A reader who is slow but steady never empties the queue.
    this.waiting[this.next] = '';
    this.next += 1;
    if (this.isEmpty || (this.next > ROOM_AT_LEAST && this.next * 2 > this.waiting.length)) {
      this.waiting = this.waiting.slice(this.next);
      this.next = 0;
    }
    return line;
  }
}
