/** Version of this package, the same as in its package.json. */
export const version = '0.0.0';
