/** A node of any tree. */
interface Branch<N> {
  readonly children?: readonly N[];
}

/** The nodes of a tree from top to bottom, however deep it is: those below a node where `goesBelow` returns true. */
export function* walk<N extends Branch<N>>(
  roots: readonly N[],
  goesBelow: (node: N) => boolean = () => true,
): Generator<N> {
  const waiting = roots.toReversed();
  while (waiting.length > 0) {
    const node = waiting.pop() as N;
    yield node;
    const children = goesBelow(node) ? (node.children ?? []) : [];
    // One by one: as arguments of one call, the engine takes some ten thousands.
    for (let index = children.length - 1; index >= 0; index -= 1) waiting.push(children[index] as N);
  }
}

/**
 * Another tree of the same form, however deep it is.
 *
 * @param make Makes a node of one that is given, with the list of its children, which is filled afterwards.
 */
export function mapTree<N extends Branch<N>, M>(
  roots: readonly N[],
  make: (node: N, children: M[]) => M,
): M[] {
  const made: M[] = [];
  const waiting = [{ nodes: roots, into: made }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const node of next.nodes) {
      const children: M[] = [];
      next.into.push(make(node, children));
      if (node.children?.length) waiting.push({ nodes: node.children, into: children });
    }
  }
  return made;
}
