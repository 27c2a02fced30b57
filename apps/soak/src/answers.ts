const HEAD_END = '\r\n\r\n';
const CHUNKED_END = '0\r\n\r\n';

/** Reads whole answers out of what a connection receives. The bodies of the service never look like an end of chunks. */
export class AnswerReader {
  #text = '';
  /** Bytes of the answer that is not whole yet. */
  get pending(): number {
    return this.#text.length;
  }

  /** Statuses of the answers that became whole by this. */
  read(chunk: Buffer): number[] {
    this.#text += chunk.toString('latin1');
    const statuses: number[] = [];
    for (;;) {
      const length = this.#lengthOfFirst();
      if (length === undefined || length > this.#text.length) return statuses;
      statuses.push(Number(this.#text.slice(9, 12)));
      this.#text = this.#text.slice(length);
    }
  }

  #lengthOfFirst(): number | undefined {
    const headEnd = this.#text.indexOf(HEAD_END);
    if (headEnd === -1) return undefined;
    const head = this.#text.slice(0, headEnd);
    const body = headEnd + HEAD_END.length;
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (length !== undefined) return body + Number(length);
    if (!/\r\ntransfer-encoding: chunked/i.test(head)) return body;
    if (this.#text.startsWith(CHUNKED_END, body)) return body + CHUNKED_END.length;
    const end = this.#text.indexOf(`\r\n${CHUNKED_END}`, body);
    return end === -1 ? undefined : end + 2 + CHUNKED_END.length;
  }
}
