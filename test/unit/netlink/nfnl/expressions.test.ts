import type { ValuesOf } from '../../../../src/netlink/attributes.js';
import { NLM_F_REQUEST } from '../../../../src/netlink/constants.js';
import { parseMessages } from '../../../../src/netlink/message.js';
import { type Data, NFT_JUMP, registerAtWord, registerWord } from '../../../../src/netlink/nfnl/data.js';
import { type ExpressionSchema, type WireExpression, wireExpression } from '../../../../src/netlink/nfnl/expression.js';
import { bitwise, NFT_BITWISE_LSHIFT } from '../../../../src/netlink/nfnl/expressions/bitwise.js';
import { cmp, NFT_CMP_GTE } from '../../../../src/netlink/nfnl/expressions/cmp.js';
import { counter } from '../../../../src/netlink/nfnl/expressions/counter.js';
import { ct, NFT_CT_SRC_IP } from '../../../../src/netlink/nfnl/expressions/ct.js';
import { dynset, NFT_DYNSET_OP_UPDATE } from '../../../../src/netlink/nfnl/expressions/dynset.js';
import { exthdr, NFT_EXTHDR_OP_TCPOPT } from '../../../../src/netlink/nfnl/expressions/exthdr.js';
import { fib, NFT_FIB_RESULT_OIF } from '../../../../src/netlink/nfnl/expressions/fib.js';
import { immediate } from '../../../../src/netlink/nfnl/expressions/immediate.js';
import { limit } from '../../../../src/netlink/nfnl/expressions/limit.js';
import { log } from '../../../../src/netlink/nfnl/expressions/log.js';
import { lookup } from '../../../../src/netlink/nfnl/expressions/lookup.js';
import { masq } from '../../../../src/netlink/nfnl/expressions/masq.js';
import { nat, NFT_NAT_DNAT } from '../../../../src/netlink/nfnl/expressions/nat.js';
import { notrack } from '../../../../src/netlink/nfnl/expressions/notrack.js';
import { payload } from '../../../../src/netlink/nfnl/expressions/payload.js';
import { queue } from '../../../../src/netlink/nfnl/expressions/queue.js';
import { expressionSchema, expressionSchemas } from '../../../../src/netlink/nfnl/expressions/registry.js';
import { chainMessage, NFT_MSG_NEWCHAIN, NFT_MSG_NEWRULE, ruleMessage } from '../../../../src/netlink/nfnl/nf-tables.js';
import { NFPROTO_INET, NFPROTO_IPV4 } from '../../../../src/netlink/nfnl/nfnetlink.js';
import { expressionNotation } from '../../../../src/netlink/nfnl/notation.js';
import { MessageWriter } from '../../../../src/netlink/writer.js';

const value = (...bytes: number[]): Data => ({ value: Uint8Array.from(bytes) });

// What nft 1.0.6 --debug=netlink shows of each.
// biome-ignore format: a table
const shown: readonly (readonly [string, WireExpression])[] = [
  ['payload load 4b @ network header + 12 => reg 1', of(payload, { dreg: 1, base: 1, offset: 12, len: 4 })],
  ['payload write reg 1 => 2b @ network header + 0 csum_type 1 csum_off 10 csum_flags 0x0',
    of(payload, { sreg: 1, base: 1, offset: 0, len: 2, csumType: 1, csumOffset: 10, csumFlags: 0 })],
  ['cmp gte reg 1 0x00000100', of(cmp, { sreg: 1, op: NFT_CMP_GTE, data: value(0, 1) })],
  ['cmp eq reg 1 0x33221100 0x00005544', of(cmp, { sreg: 1, op: 0, data: value(0, 0x11, 0x22, 0x33, 0x44, 0x55) })],
  ['bitwise reg 1 = ( reg 1 & 0x0000000f ) ^ 0x00000000', of(bitwise, { sreg: 1, dreg: 1, len: 1, mask: value(0xf), xor: value(0) })],
  ['bitwise reg 1 = ( reg 1 << 0x00000008 )', of(bitwise, { sreg: 1, dreg: 1, len: 4, op: NFT_BITWISE_LSHIFT, data: value(8, 0, 0, 0) })],
  ['immediate reg 0 jump -> b', of(immediate, { dreg: 0, data: { verdict: { code: NFT_JUMP, chain: 'b' } } })],
  ['immediate reg 0 drop', of(immediate, { dreg: 0, data: { verdict: { code: 0 } } })],
  ['lookup reg 1 set s 0x1', of(lookup, { sreg: 1, set: 's', flags: 1 })],
  ['dynset update reg_key 1 set x timeout 10000ms expr [ counter pkts 0 bytes 0 ]',
    of(dynset, { sregKey: 1, setName: 'x', op: NFT_DYNSET_OP_UPDATE, timeout: 10_000, expr: of(counter, { packets: 0, bytes: 0 }) })],
  ['ct load src_ip => reg 1 , dir original', of(ct, { dreg: 1, key: NFT_CT_SRC_IP, direction: 0 })],
  ['exthdr write tcpopt reg 1 => 2b @ 2 + 2', of(exthdr, { sreg: 1, type: 2, offset: 2, len: 2, op: NFT_EXTHDR_OP_TCPOPT })],
  ['exthdr reset tcpopt 8', of(exthdr, { type: 8, op: NFT_EXTHDR_OP_TCPOPT })],
  ['fib saddr . iif oif present => reg 1', of(fib, { dreg: 1, result: NFT_FIB_RESULT_OIF, flags: 1 | 8 | 32 })],
  ['limit rate 10485760/minute burst 0 type bytes flags 0x1', of(limit, { rate: 10_485_760, unit: 60, burst: 0, type: 1, flags: 1 })],
  ['log prefix hi  level 7', of(log, { prefix: 'hi ', level: 7 })],
  ['log group 2 snaplen 33 qthreshold 2', of(log, { group: 2, snaplen: 33, qthreshold: 2 })],
  ['nat dnat ip addr_min reg 1 proto_min reg 2 proto_max reg 3 flags 0x2',
    of(nat, { type: NFT_NAT_DNAT, family: NFPROTO_IPV4, regAddrMin: 1, regProtoMin: 2, regProtoMax: 3, flags: 2 })],
  ['masq', of(masq, {})],
  ['notrack', of(notrack, {})],
  ['queue num 1-3 bypass', of(queue, { num: 1, total: 3, flags: 1 })],
];

function of<S extends ExpressionSchema['attributes']['shape']>(schema: ExpressionSchema<S>, values: ValuesOf<S>): WireExpression {
  return wireExpression(schema, values);
}

test.each(shown)('%s', (text, expression) => {
  expect(expressionNotation(expression)).toBe(text);
});

test('expressions read back from a rule as they were written', () => {
  const writer = new MessageWriter();
  const expressions = shown.map(([, expression]) => expression);
  ruleMessage.build(
    writer,
    NFT_MSG_NEWRULE,
    NLM_F_REQUEST,
    1,
    0,
    { family: NFPROTO_INET },
    { table: 't', chain: 'c', handle: 7, expressions },
  );
  const { header, attributes } = ruleMessage.parse(parseMessages(writer.take(), true)[0]!);
  expect(header.family).toBe(NFPROTO_INET);
  expect(attributes.handle).toBe(7);
  expect(attributes.expressions?.map(expressionNotation)).toEqual(shown.map(([text]) => text));
});

test('an expression that nobody knows keeps its name and its bytes', () => {
  const written = new MessageWriter();
  const strange = wireExpression({ ...counter, name: 'strange' }, { packets: 1, bytes: 2 });
  ruleMessage.build(written, NFT_MSG_NEWRULE, NLM_F_REQUEST, 1, 0, {}, { expressions: [strange] });
  const { attributes } = ruleMessage.parse(parseMessages(written.take(), true)[0]!);
  const [back] = attributes.expressions ?? [];
  expect(expressionSchema('strange')).toBeUndefined();
  expect(expressionNotation(back!)).toBe('strange');
  expect(back!.data?.bytes).toHaveLength(24);
});

test('the priority of a hook is signed', () => {
  const writer = new MessageWriter();
  chainMessage.build(writer, NFT_MSG_NEWCHAIN, NLM_F_REQUEST, 1, 0, {}, { hook: { hooknum: 0, priority: -300, devs: ['a', 'b'] } });
  expect(chainMessage.parse(parseMessages(writer.take(), true)[0]!).attributes.hook).toEqual({
    hooknum: 0,
    priority: -300,
    devs: ['a', 'b'],
  });
});

test('a register of 16 bytes and the one of four that it begins with are the same place', () => {
  expect([1, 2, 3, 4].map(registerWord)).toEqual([8, 12, 16, 20].map(registerWord));
  expect(registerAtWord(registerWord(12))).toBe(2);
  expect(registerAtWord(registerWord(9))).toBe(9);
});

test('every kind is found by its name', () => {
  for (const schema of expressionSchemas) expect(expressionSchema(schema.name)).toBe(schema);
  expect(expressionSchemas).toHaveLength(39);
});
