/** The message with which an assertion fails. */
export function failureOf(assertion: () => void): string {
  return errorOf(assertion).message;
}

/** What an assertion throws. */
export function errorOf(assertion: () => void): Error {
  try {
    assertion();
  } catch (error) {
    return error as Error;
  }
  throw new Error('the assertion holds');
}
