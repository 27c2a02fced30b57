import { readFileSync } from 'node:fs';

/** A fenced block of a document. */
export interface DocumentedBlock {
  readonly language: string;
  readonly text: string;
  /** The file that the paragraph above it names, for a block that is to be written to one. */
  readonly file: string | undefined;
}

/** One block for each language. */
export type Blocks<Languages extends readonly string[]> = {
  readonly [Index in keyof Languages]: DocumentedBlock;
};

const FENCED = /(?<above>[^\n]*)\n\n```(?<language>\w+)\n(?<text>[^]*?)^```$/gm;

/**
 * The blocks of a part of a document, from this heading to the next.
 *
 * @param languages Of each, in their order.
 * @throws Error when it has others.
 */
export function blocksBelow<const Languages extends readonly string[]>(
  document: string,
  heading: string,
  languages: Languages,
): Blocks<Languages> {
  const page = readFileSync(new URL(`../../../${document}`, import.meta.url), 'utf8');
  const [, part = ''] = page.split(new RegExp(`^${heading}$`, 'm'));
  const blocks = [...(part.split(/^#+ /m, 1)[0] ?? '').matchAll(FENCED)].map(({ groups = {} }) => ({
    language: groups['language'] ?? '',
    text: groups['text'] ?? '',
    file: /`([\w.]+\.(?:[cm]?js|ts))`/.exec(groups['above'] ?? '')?.[1],
  }));
  const found = blocks.map(({ language }) => language).join();
  if (found !== languages.join())
    throw new Error(`${document}, ${heading}: expected blocks of ${languages.join()}, got ${found}`);
  return blocks as Blocks<Languages>;
}

/** Lines of drawn traces without what differs from run to run: ids, times, bars. */
export function withoutTimes(drawing: string): readonly string[] {
  return drawing
    .trim()
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/\b[\da-f]{32}\b/g, 'ID')
        .replace(/ +[\d.]+ (?:µs|ms|s)\b.*/, ' TIME')
        .trimEnd(),
    );
}
