import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const ROUNDS = 20;

/**
 * Whether nothing holds the object of `make` any more, once what it was made for is over.
 *
 * @param make Makes the object, uses it and lets it go; only the object that it returns is looked at.
 */
export async function isCollected(make: () => Promise<object>): Promise<boolean> {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const reference = new WeakRef(await make());
  for (let round = 0; round < ROUNDS && reference.deref() !== undefined; round++) {
    // A reference that was read is held until the turn is over.
    await new Promise(setImmediate);
    collectGarbage();
  }
  return reference.deref() === undefined;
}
