/** The parts of docs/performance.md that are measured. */
export const SECTIONS = ['targets', 'chart', 'results', 'versions'] as const;

/** Name of such a part. */
export type Section = (typeof SECTIONS)[number];

/** Puts a measured part in the place of the one before; all around it is written by hand. */
export function replaceSection(document: string, section: Section, content: string): string {
  const begin = `<!-- ${section}: written by pnpm bench -->`;
  const end = `<!-- end of ${section} -->`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the document has no "${begin}" … "${end}"`);
  return `${document.slice(0, from + begin.length)}\n\n${content}\n\n${document.slice(to)}`;
}
