/** What an option may hold. An object lists the options below it; an array holds the form of each item. */
export type Form = Leaf | { readonly [option: string]: Form } | readonly [Form] | MapOf;

/** `empty` is an option that has to be left empty. */
export type Leaf = 'text' | 'whole' | 'number' | 'flag' | 'duration' | 'empty';

/** A mapping whose keys the user chooses. */
export class MapOf {
  readonly form: Form;

  constructor(form: Form) {
    this.form = form;
  }
}

const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;

const TESTS: Readonly<Record<Leaf, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string' && value !== '',
  whole: (value) => Number.isSafeInteger(value),
  number: (value) => typeof value === 'number',
  flag: (value) => typeof value === 'boolean',
  duration: (value) => typeof value === 'string' && DURATION.test(value),
  empty: (value) => value === null,
};

/** Whether the collector takes the value for the leaf. What comes from the environment is not known here. */
export function fits(value: unknown, leaf: Leaf): boolean {
  if (typeof value === 'string' && value.includes('${env:')) return leaf !== 'empty';
  return TESTS[leaf](value);
}
