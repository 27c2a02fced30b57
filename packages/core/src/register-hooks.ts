export { type PluginRegistration, registerPlugin } from './register/register-plugin.ts';
export { type LoadedLibrary, whenLoaded } from './register/loaded-library.ts';
export { isSupported } from './register/supported-version.ts';
export { callSafely } from './register/call-safely.ts';
export { noteLibrary } from './register/met-libraries.ts';
