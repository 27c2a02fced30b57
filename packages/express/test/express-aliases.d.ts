// The other versions under test have no types under their aliases; what the tests use is the same in all.
declare module 'express4' {
  export { default } from 'express';
}
declare module 'express50' {
  export { default } from 'express';
}
declare module 'express52' {
  export { default } from 'express';
}
declare module 'express417' {
  export { default } from 'express';
}
