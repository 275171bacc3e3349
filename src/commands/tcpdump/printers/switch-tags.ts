// Tags that switch chips put into frames for the CPU port: Marvell's DSA and EDSA, Broadcom's.
import type { Dissector } from '../dissector.js';
import { ethertypeWords } from '../ethertypes.js';
import { hex, hex0x, type Words, word } from '../words.js';
import { ethernet, type SwitchTag } from './ethernet.js';
import type { LinkPrinter } from './registry-types.js';

const modeWords: Words = {
  0: 'To CPU',
  1: 'From CPU',
  2: 'To Sniffer',
  3: 'Forward',
};

const codeWords: Words = {
  0: 'BPDU (MGMT) Trap',
  1: 'Frame2Reg',
  2: 'IGMP/MLD Trap',
  3: 'Policy Trap',
  4: 'ARP Mirror',
  5: 'Policy Mirror',
};

const egressWords: Words = {
  0: 'None',
  1: 'Untag',
  2: 'Header',
  3: 'Reserved',
};

const reasonWords: Words = {
  1: 'mirror',
  2: 'MAC learning',
  4: 'switching',
  8: 'prot term',
  16: 'prot snoop',
  32: 'exception',
};

const TO_CPU = 0;
const FROM_CPU = 1;
const TO_SNIFFER = 2;
const FORWARD = 3;

function marvell(d: Dissector, at: number): void {
  const [one, two, three] = [d.u8(at), d.u8(at + 1), d.u8(at + 2)];
  const mode = one >>> 6;
  const device = one & 0x1f;
  const port = two >>> 3;
  const second = (two & 0x04) !== 0;
  const tagged = (one & 0x20) !== 0;
  const vlan = ((three & 0x0f) << 8) | d.u8(at + 3);
  if (!d.options.linkLayer) {
    if (mode === FORWARD) d.put(`Forward ${second ? 'trunk' : 'port'} ${device}.${port}, `);
    else if (mode === FROM_CPU) d.put(`CPU > port ${device}.${port}, `);
    else if (mode === TO_CPU) d.put(`port ${device}.${port} > CPU, `);
    else d.put(`port ${device}.${port} > ${second ? 'Rx' : 'Tx'} Sniffer, `);
    return d.put(`VLAN ${vlan}${tagged ? 't' : 'u'}, `);
  }
  d.put(`mode ${word(modeWords, mode, () => 'unknown')}, `);
  if (mode === FORWARD) d.put(`dev ${device}, ${second ? 'trunk' : 'port'} ${port}, `);
  else d.put(`${mode === FROM_CPU ? 'target' : 'source'} dev ${device}, port ${port}, `);
  if (mode === TO_CPU) d.put(`code ${word(codeWords, (((two & 0x06) >>> 1) << 1) | ((three & 0x10) >>> 4), () => 'reserved')}, `);
  if (mode === TO_SNIFFER) d.put(`${second ? 'ingress' : 'egress'} sniff, `);
  d.put(`${tagged ? 'tagged' : 'untagged'}, ${(two & 1) === 0 ? '' : 'CFI, '}VID ${vlan}, FPri ${three >>> 5}, `);
}

const dsaTag: SwitchTag = {
  length: 4,
  print(d, at) {
    d.put(d.options.linkLayer ? 'Marvell DSA ' : 'DSA ');
    marvell(d, at);
  },
};

const edsaTag: SwitchTag = {
  length: 8,
  print(d, at) {
    const type = d.be16(at);
    if (d.options.linkLayer) {
      d.put(`Marvell EDSA ethertype ${hex0x(type, 4)} (${word(ethertypeWords, type, () => 'Unknown')}), `);
      d.put(`rsvd ${d.u8(at + 2)} ${d.u8(at + 3)}, `);
    } else d.put(`EDSA ${hex0x(type, 4)}, `);
    marvell(d, at + 4);
  },
};

const broadcomTag: SwitchTag = {
  length: 4,
  print(d, at) {
    const [one, two, three, four] = [d.u8(at), d.u8(at + 1), d.u8(at + 2), d.u8(at + 3)];
    d.put(`BRCM tag OP: ${one === 0 ? 'EG' : 'IG'}`);
    if ((one & 0x20) !== 0) {
      d.put(`, TC: ${(two >>> 2) & 7}, TE: ${word(egressWords, two & 3, () => 'unknown')}, TS: ${two >>> 7}`);
      d.put(`, DST map: 0x${hex(((three << 8) | four) & 0x1ff, 4)}, `);
    } else {
      d.put(`, CID: ${two}, RC: ${word(reasonWords, three, () => 'reserved')}, TC: ${four >>> 5}, port: ${four & 0x1f}, `);
    }
  },
};

const tagged = (type: number, protocol: string, tag: SwitchTag): LinkPrinter => ({
  types: [type],
  print(d, at, length, captured) {
    d.protocol = protocol;
    return ethernet(d, at, length, captured, tag);
  },
});

/** The tag lies before the frame. */
const prepended: LinkPrinter = {
  types: [282],
  print(d, at, length, captured) {
    d.protocol = 'brcm-tag-prepend';
    const { length: size } = broadcomTag;
    d.need(at, size);
    if (d.options.linkLayer) broadcomTag.print(d, at);
    return size + ethernet(d, at + size, length - size, captured - size);
  },
};

export const switchTagLinks: readonly LinkPrinter[] = [
  tagged(281, 'brcm-tag', broadcomTag),
  prepended,
  tagged(284, 'dsa', dsaTag),
  tagged(285, 'edsa', edsaTag),
];
