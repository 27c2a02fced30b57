/** Version of this package, the same as in its package.json (a test holds the two together). */
export const version = '0.0.0';
