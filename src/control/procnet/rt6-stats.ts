import type { Namespace } from '../../net/core/namespace.js';
import type { In6 } from '../../wire/ipv6.js';
import { hex } from './hex.js';
import type { ProcNetView } from './view.js';

/** How many leading bits two prefixes have in common. */
function commonBits(a: In6, b: In6): number {
  for (let i = 0; i < 4; i++) if (a[i] !== b[i]) return 32 * i + Math.clz32(a[i]! ^ b[i]!);
  return 128;
}

/** Nodes where two prefixes part and none has its end, of a table's nodes in the order of their addresses; the root is always there. */
function branches(nodes: readonly { readonly prefix: In6; readonly bits: number }[]): number {
  const ends = new Set(nodes.map(({ prefix, bits }) => key(prefix, bits)));
  const found = new Set<string>();
  for (let i = 1; i < nodes.length; i++) {
    const before = nodes[i - 1]!;
    const node = nodes[i]!;
    const bits = Math.min(commonBits(before.prefix, node.prefix), before.bits, node.bits);
    const place = key(node.prefix, bits);
    if (bits > 0 && !ends.has(place)) found.add(place);
  }
  return found.size;
}

const key = (prefix: In6, bits: number): string =>
  `${[...prefix]
    .map((word, i) => (bits >= 32 * (i + 1) ? word : bits <= 32 * i ? 0 : (word & (-1 << (32 * (i + 1) - bits))) >>> 0))
    .join(':')}/${bits}`;

const compare = (a: In6, b: In6): number => {
  for (let i = 0; i < 4; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
};

/** Nodes of the tries, those that hold routes, and routes. */
function counts({ ipv6 }: Namespace): [nodes: number, holding: number, routes: number] {
  let nodes = 0;
  let holding = 0;
  let routes = 0;
  for (const table of ipv6.fib.tables()) {
    const infos = ipv6.fib.routes(table.id);
    const places = new Map(
      infos.map((info) => [key(info.destination, info.prefixLength), { prefix: info.destination, bits: info.prefixLength }]),
    );
    const below = [...places.values()].filter(({ bits }) => bits > 0).sort((a, b) => compare(a.prefix, b.prefix) || a.bits - b.bits);
    nodes += below.length + branches(below);
    holding += places.size;
    routes += infos.length;
  }
  return [nodes, holding, routes];
}

/** /proc/net/rt6_stats; of routes that were cached or given up nothing is counted. Linux: rt6_stats_seq_show() */
export const rt6Stats: ProcNetView = {
  path: 'rt6_stats',
  there: ({ ipv6 }) => ipv6 !== undefined,
  text(namespace) {
    const [nodes, holding, routes] = counts(namespace);
    return `${[nodes, holding, 0, routes, 0, 0, 0].map((value) => hex(value, 4)).join(' ')}\n`;
  },
};
