export { hold, type HoldOptions, type PropertyReport } from './hold.ts';
export { garbled, hasControl, holdsText, hostileText, secretWord } from './texts.ts';
export { hostileRecipe, made, type Recipe } from './values.ts';
export { holdServer, hostileOptions, type Said, type SeenSpans, type TriedServer } from './server.ts';
