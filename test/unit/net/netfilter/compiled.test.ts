import fc from 'fast-check';
import { createInstance } from '../../../../src/library/index.js';
import type { Instance } from '../../../../src/instance/instance.js';
import { type WireExpression, wireExpression } from '../../../../src/netlink/nfnl/expression.js';
import { bitwise } from '../../../../src/netlink/nfnl/expressions/bitwise.js';
import { byteorder } from '../../../../src/netlink/nfnl/expressions/byteorder.js';
import { lookup } from '../../../../src/netlink/nfnl/expressions/lookup.js';
import { meta } from '../../../../src/netlink/nfnl/expressions/meta.js';
import { range } from '../../../../src/netlink/nfnl/expressions/range.js';
import { NFPROTO_IPV4 } from '../../../../src/netlink/nfnl/nfnetlink.js';
import { compileChain } from '../../../../src/net/netfilter/nf_tables/compile.js';
import { Program } from '../../../../src/net/netfilter/nf_tables/machine.js';
import { evaluate } from '../../../../src/net/netfilter/nf_tables/evaluate.js';
import { ETH_P_IP } from '../../../../src/wire/ethernet.js';
import '../../../support/seed.js';
import * as support from '../../../support/nft-batch.js';
import { ipv4, udp } from '../packets.js';

const { NftClient, accept, counts, drop, equals, jump, load, verdict } = support;

const few = fc.integer({ min: 0, max: 3 });
const address = few.map((last) => `10.0.0.${last}`);

/** What a rule may look at, and how it judges it: each leaves register 1 alone afterwards. */
const matches: fc.Arbitrary<WireExpression[]> = fc.oneof(
  fc
    .tuple(fc.constantFrom(12, 16), address, fc.constantFrom(0, 1, 2, 3, 4, 5))
    .map(([at, value, op]): WireExpression[] => [load(1, at, 4), equals(support.ip(value), op)]),
  fc
    .tuple(fc.constantFrom(0, 2), few, fc.constantFrom(0, 1, 2, 3, 4, 5))
    .map(([at, value, op]): WireExpression[] => [load(2, at, 2), equals(support.be(value, 2), op)]),
  fc
    .tuple(few, few)
    .map(([low, high]) => [
      load(2, 2, 2),
      wireExpression(range, { sreg: 1, op: 0, fromData: { value: support.be(low, 2) }, toData: { value: support.be(high, 2) } }),
    ]),
  fc.tuple(fc.integer({ min: 0, max: 32 }), address).map(([bits, value]): WireExpression[] => {
    const mask = support.be(bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0, 4);
    const net = support.ip(value).map((byte, i) => byte & mask[i]!);
    return [
      load(1, 12, 4),
      wireExpression(bitwise, { sreg: 1, dreg: 1, len: 4, op: 0, mask: { value: mask }, xor: { value: support.be(0, 4) } }),
      equals(net),
    ];
  }),
  fc.constantFrom(6, 17, 1).map((number) => support.protocol(number)),
  few.map((mark): WireExpression[] => [
    wireExpression(meta, { key: 3, dreg: 1 }),
    wireExpression(byteorder, { sreg: 1, dreg: 1, op: 1, len: 4, size: 4 }),
    equals(support.be(mark, 4), 5),
  ]),
  fc
    .constantFrom(0, 1)
    .map((flags): WireExpression[] => [load(1, 12, 4), wireExpression(lookup, { set: 's', sreg: 1, ...(flags === 0 ? {} : { flags }) })]),
  fc.constant<WireExpression[]>([load(1, 12, 8), equals(support.be(0, 8), 1)]),
  fc.constant<WireExpression[]>([load(2, 60, 4), equals(support.be(0, 4), 1)]),
);

const ends: fc.Arbitrary<WireExpression[]> = fc.constantFrom(
  [accept],
  [drop],
  [counts],
  [counts, accept],
  [verdict(-5)],
  [jump('x')],
  [verdict(-4, 'y')],
  [load(1, 12, 4), wireExpression(lookup, { set: 'v', sreg: 1, dreg: 0 })],
);

const rule = fc.tuple(fc.array(matches, { maxLength: 3 }), ends).map(([found, end]) => [...found.flat(), ...end]);
/** x may not jump on, and y is behind x: no loops. */
const leaf = fc
  .tuple(fc.array(matches, { maxLength: 2 }), fc.constantFrom([accept], [drop], [counts], [verdict(-5)]))
  .map(([found, end]) => [...found.flat(), ...end]);

const packets = fc.record({
  from: address,
  to: address,
  sport: few,
  dport: few,
  mark: few,
  fragment: fc.constantFrom(0, 0, 0, 10),
  short: fc.boolean(),
});

type Sent = typeof packets extends fc.Arbitrary<infer T> ? T : never;

type Way = 'compiled' | 'machine' | 'interpreted';

function verdictOf(instance: Instance, packet: Sent, way: Way) {
  const { stack } = instance;
  const tables = instance.namespace().nfTables;
  const chain = tables.findTable(NFPROTO_IPV4, 't')!.chains.get('f')!;
  const datagram = udp(packet.from, packet.sport, packet.to, packet.dport, new Uint8Array(packet.short ? 0 : 40));
  const bytes = ipv4({ from: packet.from, to: packet.to, protocol: 17, fragment: packet.fragment }, datagram);
  const skb = stack.pool.allocate(bytes.length)!;
  const at = skb.put(bytes.length);
  skb.bytes.set(bytes, at);
  skb.networkHeader = at;
  skb.protocol = ETH_P_IP;
  skb.mark = packet.mark;
  const info = tables.takePacket();
  info.set(skb, NFPROTO_IPV4, 1, null, null);
  const ways = {
    compiled: () => compileChain(chain)!(info),
    machine: () => Program.of(chain)!.run(info),
    interpreted: () => evaluate(chain, info, 0),
  };
  const result = ways[way]();
  tables.releasePacket();
  stack.consume(skb);
  return result;
}

test('compiled rules and those on the bytecode machine decide as interpreted ones do', async () => {
  const instance = await createInstance({ clock: 'virtual' });
  const nft = new NftClient(instance.transport());
  await fc.assert(
    fc.asyncProperty(
      fc.array(rule, { minLength: 1, maxLength: 6 }),
      fc.array(leaf, { maxLength: 3 }),
      fc.array(leaf, { maxLength: 3 }),
      fc.array(packets, { minLength: 1, maxLength: 8 }),
      async (first, x, y, sent) => {
        const errors = await nft.batch((b) => {
          b.deleteTable()
            .table('t')
            .chain('t', 'f')
            .chain('t', 'x')
            .chain('t', 'y')
            .set('t', 's', { keyType: 7, keyLen: 4, flags: 0 })
            .elements('t', 's', [{ key: { value: support.ip('10.0.0.1') } }])
            .set('t', 'v', { keyType: 7, keyLen: 4, dataType: 0xffff_ff00, flags: 8 })
            .elements('t', 'v', [
              { key: { value: support.ip('10.0.0.1') }, data: { verdict: { code: 1 } } },
              { key: { value: support.ip('10.0.0.2') }, data: { verdict: { code: 0xffff_fffd, chain: 'x' } } },
              { key: { value: support.ip('10.0.0.3') }, data: { verdict: { code: 0xffff_fffc, chain: 'y' } } },
            ]);
          for (const one of first) b.rule('t', 'f', one);
          for (const one of x) b.rule('t', 'x', one);
          for (const one of y) b.rule('t', 'y', one);
        });
        expect(errors).toEqual([]);
        for (const packet of sent) {
          const expected = verdictOf(instance, packet, 'interpreted');
          expect(verdictOf(instance, packet, 'compiled')).toBe(expected);
          expect(verdictOf(instance, packet, 'machine')).toBe(expected);
        }
        const before = await nft.counters();
        // All three have counted the same.
        for (const { packets: counted } of before) expect(counted % 3).toBe(0);
      },
    ),
    { numRuns: 150 },
  );
  instance.close();
});
