import { Trie, TrieLeaf, type TrieNode } from '../../../../src/control/procnet/fib-trie-shape.js';
import { formatIpv4, parseIpv4 } from '../../../../src/wire/ipv4-address.js';

const address = (text: string): number => parseIpv4(text)!;

/** Nodes as "prefix bits", leaves as their addresses, in order. */
function* shape(member: TrieLeaf<never> | TrieNode<never> | null): IterableIterator<string> {
  if (member === null) return;
  if (member instanceof TrieLeaf) {
    yield formatIpv4(member.key);
    return;
  }
  yield `${formatIpv4(member.key)}/${32 - member.pos - member.bits} ${member.bits}`;
  for (const child of member.children) yield* shape(child);
}

function built(...keys: readonly string[]): string[] {
  const trie = new Trie<never>();
  for (const key of keys) trie.leaf(address(key));
  return [...shape(trie.root)];
}

test('one key is a leaf, two hang below a node of the first bit in which they differ', () => {
  expect(built('10.0.0.0')).toEqual(['10.0.0.0']);
  expect(built('10.0.0.0', '10.0.0.1')).toEqual(['10.0.0.0/31 1', '10.0.0.0', '10.0.0.1']);
});

test('a root doubles once three tenths of twice its children would be in use', () => {
  expect(built('0.0.0.0', '127.0.0.0')).toEqual(['0.0.0.0/1 2', '0.0.0.0', '127.0.0.0']);
});

test('the loopback network has the shape that Linux 6.1 shows', () => {
  expect(built('127.0.0.0', '127.0.0.1', '127.255.255.255')).toEqual([
    '127.0.0.0/8 2',
    '127.0.0.0/31 1',
    '127.0.0.0',
    '127.0.0.1',
    '127.255.255.255',
  ]);
});

test('whatever the order of a thousand keys, each is found where it was put', () => {
  const trie = new Trie<number>();
  const keys = Array.from({ length: 1000 }, (_, i) => Math.imul(i + 1, 0x9e37_79b1) >>> 0);
  for (const key of keys) trie.leaf(key).entries.push(key);
  for (const key of keys) expect(trie.leaf(key).entries).toEqual([key]);
});
