import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A certificate for 127.0.0.1 and its key, in PEM. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Path of the certificate that a service is told to trust. */
export const KNOWN_PATH: string = pathOf('known.pem');

/** The one that the services trust. */
export const KNOWN: Certificate = read('known');

/** One that nobody trusts. */
export const STRANGER: Certificate = read('stranger');

function read(name: string): Certificate {
  return { cert: readFileSync(pathOf(`${name}.pem`)), key: readFileSync(pathOf(`${name}-key.pem`)) };
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../fixtures/tls/${file}`, import.meta.url));
}
