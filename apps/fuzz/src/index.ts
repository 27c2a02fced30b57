export { hold, type HoldOptions, type PropertyReport } from './hold.ts';
export { garbled, hasControl, holdsText, hostileText, secretWord } from './texts.ts';
