/** What iproute2 paints, each in its colour on a light and on a dark background. */
export type ColorRole = 'interface' | 'mac' | 'inet' | 'inet6' | 'up' | 'down';

// biome-ignore format: a table
const ansi: Readonly<Record<ColorRole, number>> = { interface: 36, mac: 33, inet: 35, inet6: 34, up: 32, down: 31 };

export type ColorMode = 'always' | 'auto' | 'never';

/** Paints text by ANSI sequences; `null` of painterFor() means no colours at all. */
export type Painter = (text: string, role: ColorRole) => string;

/** COLORFGBG ("15;0") names a dark background by 0-6 or 8 behind its last semicolon: the colours are bold there. */
export function painterFor(mode: ColorMode, isTerminal: boolean, colorFgBg: string | undefined): Painter | null {
  if (mode === 'never' || (mode === 'auto' && !isTerminal)) return null;
  const dark = colorFgBg !== undefined && /;[0-68]$/.test(colorFgBg);
  return (text, role) => `\x1b[${dark ? '1;' : ''}${ansi[role]}m${text}\x1b[0m`;
}

/** The colour of addresses of a family: AF_INET and AF_INET6 have one. */
export const familyColor = (family: number): ColorRole | undefined => (family === 2 ? 'inet' : family === 10 ? 'inet6' : undefined);

/** The colour of an operational state: UP and DOWN have one. */
export const stateColor = (state: string): ColorRole | undefined => (state === 'UP' ? 'up' : state === 'DOWN' ? 'down' : undefined);
