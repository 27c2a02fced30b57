import { spawn } from 'node:child_process';

/** Programs that open an address as a person's desktop does; the address comes last. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  linux: ['xdg-open'],
  // `start` is a word of the shell; what it is given first, it takes for a title.
  win32: ['cmd', '/c', 'start', ''],
};

/** Opens an address in the browser, where a person sits at a terminal of a desktop. Nothing else depends on it. */
export function openBrowser(url: string, { isTTY }: NodeJS.WriteStream): void {
  const { platform, env } = process;
  const [program, ...args] = OPENERS[platform] ?? [];
  const hasDesktop = platform !== 'linux' || Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
  if (program === undefined || !isTTY || !hasDesktop || env['CI']) return;
  spawn(program, [...args, url], { stdio: 'ignore', detached: true })
    // The address stands in the terminal as well.
    .on('error', () => {})
    .unref();
}
