/** `](target)` of a link or a picture, which is neither an address nor a place on the same page. */
const RELATIVE = /(?<=\]\()(?![a-z]+:|#)[^)\s]+(?=\))/g;

/**
 * Markdown whose links lead to the repository, from wherever it is read: npm's page of a package knows nothing of the
 * folders around it.
 *
 * @param {string} markdown
 * @param {string} folder Where the file is in the repository: `packages/koa`.
 * @param {string} page The repository's, without a slash at the end.
 * @returns {string}
 */
export function withAbsoluteLinks(markdown, folder, page) {
  return markdown.replaceAll(RELATIVE, (target) => {
    const { pathname, hash } = new URL(target, `file:///${folder}/`);
    return `${page}/${pathname.endsWith('/') ? 'tree' : 'blob'}/HEAD${pathname}${hash}`;
  });
}
