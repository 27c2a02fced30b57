// The other versions bring no types of their own under their aliases; what the tests use is the same in all.
declare module 'koa2' {
  export { default } from 'koa';
}

declare module 'koa23' {
  export { default } from 'koa';
}
declare module 'koa30' {
  export { default } from 'koa';
}

// Nor do the older routers.
declare module 'koa-router' {
  export { default } from '@koa/router';
}
declare module 'koa-router12' {
  export { default } from '@koa/router';
}
