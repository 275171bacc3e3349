import * as ad from '../../../src/bpf/ancillary.js';
import { Filter } from '../../../src/bpf/filter.js';
import { BytesInput, type FilterInput } from '../../../src/bpf/input.js';
import * as bpf from '../../../src/bpf/instruction.js';
import { stackInput } from './programs.js';

const returnA = bpf.statement(bpf.RET | bpf.A, 0);
const run = (input: FilterInput, ...program: bpf.Instruction[]) => new Filter([...program, returnA]).run(input);
const load = (k: number, size = bpf.W) => bpf.statement(bpf.LD | size | bpf.ABS, k);
const bytes = Uint8Array.from({ length: 60 }, (_, n) => n);

test('an absolute load from SKF_AD_OFF asks the packet', () => {
  expect(run(stackInput(bytes), load(ad.SKF_AD_OFF + ad.AD_MARK))).toBe(20000);
  expect(run(stackInput(bytes), load(ad.SKF_AD_OFF + ad.AD_VLAN_TAG_PRESENT, bpf.B))).toBe(48000);
});

test('what a packet has not ends the filter with 0', () => {
  expect(run(stackInput(bytes), load(ad.SKF_AD_OFF + ad.AD_IFINDEX), bpf.statement(bpf.LD | bpf.IMM, 1))).toBe(0);
});

test('loads count from the network header and from the link-layer header', () => {
  expect(run(stackInput(bytes), load(ad.SKF_NET_OFF + 2, bpf.H))).toBe(0x1011);
  expect(run(stackInput(bytes), load(ad.SKF_LL_OFF + 2, bpf.H))).toBe(0x0203);
  expect(run(new BytesInput(bytes), load(ad.SKF_NET_OFF, bpf.B), bpf.statement(bpf.LD | bpf.IMM, 1))).toBe(0);
});

test('a load beyond what was captured ends the filter with 0, and the length is that of the whole packet', () => {
  const cut = new BytesInput(bytes, 1500);
  expect(run(cut, load(57), bpf.statement(bpf.LD | bpf.IMM, 1))).toBe(0);
  expect(run(cut, load(56))).toBe(0x38393a3b);
  expect(run(cut, bpf.statement(bpf.LD | bpf.W | bpf.LEN, 0))).toBe(1500);
});

test('A is xored with X by an extension', () => {
  const program = [bpf.statement(bpf.LDX | bpf.IMM, 0xff), bpf.statement(bpf.LD | bpf.IMM, 0xf00f), load(ad.SKF_AD_OFF + ad.AD_ALU_XOR_X)];
  expect(run(new BytesInput(bytes), ...program)).toBe(0xf0f0);
});

describe('attributes of a netlink message', () => {
  // At 4: type 1, 8 bytes; at 12: type 2, 12 bytes, and in it at 16: type 7, 8 bytes.
  const message = Uint8Array.of(0, 0, 0, 0, 8, 0, 1, 0, 9, 9, 9, 9, 12, 0, 2, 0x80, 8, 0, 7, 0, 5, 5, 5, 5);
  const find = (extension: number, from: number, type: number) =>
    run(
      new BytesInput(message),
      bpf.statement(bpf.LDX | bpf.IMM, type),
      bpf.statement(bpf.LD | bpf.IMM, from),
      load(ad.SKF_AD_OFF + extension),
    );

  test('are found by type, with flags of the type left aside', () => {
    expect(find(ad.AD_NLATTR, 4, 1)).toBe(4);
    expect(find(ad.AD_NLATTR, 4, 2)).toBe(12);
    expect(find(ad.AD_NLATTR, 4, 3)).toBe(0);
  });

  test('are found inside another', () => expect(find(ad.AD_NLATTR_NEST, 12, 7)).toBe(16));

  test('are not found outside the message', () => {
    expect(find(ad.AD_NLATTR, 21, 1)).toBe(0);
    expect(find(ad.AD_NLATTR, 0xffffffff, 1)).toBe(0);
    expect(find(ad.AD_NLATTR_NEST, 22, 7)).toBe(0);
  });
});
