import type { Family } from './ast.js';

/** Names of priorities, by family and hook. */
const ip: Readonly<Record<string, number>> = { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 };
const bridge: Readonly<Record<string, number>> = { dstnat: -300, filter: -200, out: 100, srcnat: 300 };

function baseOf(name: string, family: Family, hook: string): number | undefined {
  if (family === 'bridge') {
    const value = bridge[name];
    if (name === 'dstnat' && hook !== 'prerouting') return undefined;
    if (name === 'out' && hook !== 'output') return undefined;
    if (name === 'srcnat' && hook !== 'postrouting') return undefined;
    return value;
  }
  if (family === 'arp' || family === 'netdev' || hook === 'ingress' || hook === 'egress') return name === 'filter' ? 0 : undefined;
  if (name === 'dstnat' && hook !== 'prerouting' && hook !== 'output') return undefined;
  if (name === 'srcnat' && hook !== 'postrouting') return undefined;
  if (name === 'dstnat' && hook === 'output') return undefined;
  return ip[name];
}

/** A number, or a name with or without what is added; undefined for what is none here. */
export function priorityValue(text: string, family: Family, hook: string): number | undefined {
  if (/^-?[0-9]+$/.test(text)) return Number(text);
  const match = /^([a-z]+)(?: ([+-]) ([0-9]+))?$/.exec(text);
  if (match === null) return undefined;
  const base = baseOf(match[1]!, family, hook);
  if (base === undefined) return undefined;
  return match[2] === undefined ? base : base + Number(match[3]) * (match[2] === '-' ? -1 : 1);
}

const NEAR = 10;

/** The name with the least distance of at most ten, "filter + 10"; else the number. */
export function priorityText(value: number, family: Family, hook: string, numeric: boolean): string {
  if (numeric) return String(value);
  for (const name of Object.keys(family === 'bridge' ? bridge : ip)) {
    const base = baseOf(name, family, hook);
    if (base === undefined) continue;
    const offset = value - base;
    if (Math.abs(offset) > NEAR) continue;
    if (offset === 0) return name;
    return `${name} ${offset > 0 ? '+' : '-'} ${Math.abs(offset)}`;
  }
  return String(value);
}
