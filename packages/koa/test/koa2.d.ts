// Koa 2 brings no types of its own under this alias; what the tests use of it is the same as in Koa 3.
declare module 'koa2' {
  export { default } from 'koa';
}
