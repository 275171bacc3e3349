import type { Namespace } from '../../net/core/namespace.js';
import type { FibRoute } from '../../net/ipv4/fib/fib.js';
import type { FibTable } from '../../net/ipv4/fib/table.js';
import { ipv4Routes } from '../../net/ipv4/routes.js';
import { RT_TABLE_LOCAL, RT_TABLE_MAIN } from '../../netlink/rtnl/constants.js';
import { formatIpv4 } from '../../wire/ipv4-address.js';
import { Trie, TrieLeaf, type TrieNode } from './fib-trie-shape.js';
import type { ProcNetView } from './view.js';

const SCOPES: Readonly<Record<number, string>> = { 0: 'universe', 200: 'site', 253: 'link', 254: 'host', 255: 'nowhere' };
const TYPES = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
];

/** A table as it is shown: its name and its trie. */
interface Shown {
  readonly name: string;
  readonly trie: Trie<FibRoute>;
}

const nameOf = ({ id }: { readonly id: number }): string => (id === RT_TABLE_MAIN ? 'Main' : id === RT_TABLE_LOCAL ? 'Local' : `Id ${id}`);

/** Tables in the order of Linux's hash. Until there is a rule of the user's, `local` and `main` are one trie, shown twice (fib_trie_alias). */
function tablesOf(namespace: Namespace): Shown[] {
  const { fib } = ipv4Routes(namespace);
  const tables = fib.tables();
  const isShared = ({ id }: FibTable): boolean => fib.rules.onlyDefaults && (id === RT_TABLE_MAIN || id === RT_TABLE_LOCAL);
  const trieOf = (chosen: readonly FibTable[]): Trie<FibRoute> => {
    const routes: FibRoute[] = [];
    for (const table of chosen)
      fib.walk(table, (route) => {
        routes.push(route);
        return true;
      });
    routes.sort((a, b) => a.destination - b.destination || b.prefixLength - a.prefixLength);
    const trie = new Trie<FibRoute>();
    for (const route of routes) trie.leaf(route.destination).entries.push(route);
    return trie;
  };
  const common = trieOf(tables.filter(isShared));
  return tables
    .map((table) => ({ name: nameOf(table), trie: isShared(table) ? common : trieOf([table]) }))
    .filter(({ trie }) => trie.root !== null);
}

const indent = (depth: number): string => '   '.repeat(depth);

function* lines(member: TrieLeaf<FibRoute> | TrieNode<FibRoute>, depth: number): IterableIterator<string> {
  if (member instanceof TrieLeaf) {
    yield `${indent(depth)}  |-- ${formatIpv4(member.key)}\n`;
    for (const { prefixLength, info, type, tos } of member.entries)
      yield `${indent(depth + 1)}  /${prefixLength} ${SCOPES[info.scope] ?? `scope=${info.scope}`} ${TYPES[type] ?? `type ${type}`}${tos === 0 ? '' : ` tos=${tos}`}\n`;
    return;
  }
  const { key, pos, bits, full, empty, children } = member;
  yield `${indent(depth)}  +-- ${formatIpv4(key)}/${32 - pos - bits} ${bits} ${full} ${empty}\n`;
  for (const child of children) if (child !== null) yield* lines(child, depth + 1);
}

/** /proc/net/fib_trie. Linux: fib_trie_seq_show() */
export const fibTrie: ProcNetView = {
  path: 'fib_trie',
  text: (namespace) =>
    tablesOf(namespace)
      .map(({ name, trie }) => `${name}:\n${[...lines(trie.root!, 0)].join('')}`)
      .join(''),
};

// Bytes of Linux's structures on x86-64.
const LEAF_BYTES = 48;
const ALIAS_BYTES = 56;
const NODE_BYTES = 40;
const POINTER_BYTES = 8;

/** What a walk over a trie counts. Linux: trie_collect_stats() */
class Statistics {
  leaves = 0;
  prefixes = 0;
  nodes = 0;
  depths = 0;
  deepest = 0;
  nulls = 0;
  pointers = 0;
  readonly sizes: number[] = [];

  take(member: TrieLeaf<FibRoute> | TrieNode<FibRoute>, depth: number): void {
    if (member instanceof TrieLeaf) {
      this.leaves++;
      this.depths += depth;
      this.deepest = Math.max(this.deepest, depth);
      this.prefixes += member.entries.length;
      return;
    }
    this.nodes++;
    this.sizes[member.bits] = (this.sizes[member.bits] ?? 0) + 1;
    this.nulls += member.empty;
    this.pointers += member.children.length;
    for (const child of member.children) if (child !== null) this.take(child, depth + 1);
  }

  text(): string {
    const average = this.leaves === 0 ? 0 : Math.floor((this.depths * 100) / this.leaves);
    const bytes = LEAF_BYTES * this.leaves + ALIAS_BYTES * this.prefixes + NODE_BYTES * this.nodes + POINTER_BYTES * this.pointers;
    const sizes = this.sizes.map((count, bits) => `  ${bits}: ${count}`).join('');
    return [
      `\tAver depth:     ${Math.floor(average / 100)}.${String(average % 100).padStart(2, '0')}`,
      `\tMax depth:      ${this.deepest}`,
      `\tLeaves:         ${this.leaves}`,
      `\tPrefixes:       ${this.prefixes}`,
      `\tInternal nodes: ${this.nodes}`,
      `\t${sizes}`,
      `\tPointers: ${this.pointers}`,
      `Null ptrs: ${this.nulls}`,
      `Total size: ${Math.ceil(bytes / 1024)}  kB`,
      '',
    ].join('\n');
  }
}

/** Lookups do not go through this trie, so what they would meet in it stays at zero. */
const COUNTERS =
  '\nCounters:\n---------\ngets = 0\nbacktracks = 0\nsemantic match passed = 0\nsemantic match miss = 0\nnull node hit= 0\nskipped node resize = 0\n\n';

/** /proc/net/fib_triestat. Linux: fib_triestat_seq_show() */
export const fibTrieStat: ProcNetView = {
  path: 'fib_triestat',
  text(namespace) {
    let text = `Basic info: size of leaf: ${LEAF_BYTES} bytes, size of tnode: ${NODE_BYTES} bytes.\n`;
    for (const { name, trie } of tablesOf(namespace)) {
      const statistics = new Statistics();
      if (trie.root !== null) statistics.take(trie.root, 0);
      text += `${name}:\n${statistics.text()}${COUNTERS}`;
    }
    return text;
  },
};
