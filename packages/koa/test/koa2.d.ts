// Koa 2 brings no types of its own under this alias; what the tests use of it is the same as in Koa 3.
declare module 'koa2' {
  export { default } from 'koa';
}

// Nor do the older routers.
declare module 'koa-router' {
  export { default } from '@koa/router';
}
declare module 'koa-router12' {
  export { default } from '@koa/router';
}
