// Spanning tree: IEEE 802.1D, 802.1w (rapid), 802.1s (multiple), 802.1aq (shortest path bridging).
import type { Dissector } from '../dissector.js';
import { bits, fixed, hex, hex0x, type Words, word } from '../words.js';

const RAPID = 2;
const MULTIPLE = 3;
const SHORTEST_PATH = 4;
const CONFIGURATION = 0x00;
const RAPID_BPDU = 0x02;
const HEADER = 36;
const LEAST_MULTIPLE = 102;

const versionWords: Words = { 0: '802.1d', 2: '802.1w', 3: '802.1s', 4: '802.1aq' };
const typeWords: Words = { 0x00: 'Config', 0x02: 'Rapid STP', 0x80: 'Topology Change' };
const roleWords: Words = { 0: 'Unknown', 1: 'Alternate', 2: 'Root', 3: 'Designated' };
const flagBits = [
  [0x01, 'Topology change'],
  [0x02, 'Proposal'],
  [0x10, 'Learn'],
  [0x20, 'Forward'],
  [0x40, 'Agreement'],
  [0x80, 'Topology change ACK'],
] as const;

/** "8000.00:11:22:33:44:55" */
const bridgeId = (d: Dissector, at: number) => `${d.hexOf(at, 2)}.${d.hexOf(at + 2, 6, ':')}`;
/** Seconds of a field in 1/256 s. */
const seconds = (d: Dissector, at: number) => `${fixed(d.be16(at) / 256, 2)}s`;
const role = (flags: number) => roleWords[(flags >>> 2) & 3]!;
const digest = (d: Dissector, at: number, words: number) => Array.from({ length: words }, (_, i) => hex(d.be32(at + i * 4), 8)).join('');

const timers = (d: Dissector, at: number) =>
  `\n\tmessage-age ${seconds(d, at + 27)}, max-age ${seconds(d, at + 29)}, hello-time ${seconds(d, at + 31)}, forwarding-delay ${seconds(d, at + 33)}`;

export function stp(d: Dissector, at: number, length: number): void {
  d.protocol = 'stp';
  if (length < 4) return d.invalid();
  if (d.be16(at) !== 0) return d.put(`unknown STP version, length ${length}`);
  const version = d.u8(at + 2);
  d.put(`STP ${word(versionWords, version, (n) => `Unknown STP protocol (${hex0x(n, 2)})`)}`);
  if (versionWords[version] === undefined) return;
  const type = d.u8(at + 3);
  d.put(`, ${word(typeWords, type, (n) => `Unknown BPDU Type (${hex0x(n, 2)})`)}`);
  if (type === CONFIGURATION) return length < HEADER - 1 ? d.invalid() : configuration(d, at, length);
  if (type !== RAPID_BPDU) return;
  if (version === RAPID) return length < HEADER ? d.invalid() : configuration(d, at, length);
  if (version !== MULTIPLE && version !== SHORTEST_PATH) return;
  if (length < LEAST_MULTIPLE || d.u8(at + 35) !== 0) return d.invalid();
  const multiple = d.be16(at + HEADER) + 2;
  if (length < HEADER + multiple) return d.invalid();
  multipleTrees(d, at, length);
  if (version !== SHORTEST_PATH) return;
  const LEAST_SHORTEST_PATH = 87;
  const shortest = d.be16(at + HEADER + multiple) + 2;
  if (length < HEADER + multiple + shortest || shortest < LEAST_SHORTEST_PATH) return d.invalid();
  shortestPath(d, at + HEADER + multiple);
}

function configuration(d: Dissector, at: number, length: number): void {
  const flags = d.u8(at + 4);
  d.put(`, Flags [${bits(flagBits, flags)}]`);
  d.put(`, bridge-id ${bridgeId(d, at + 17)}.${hex(d.be16(at + 25), 4)}, length ${length}`);
  if (d.options.verbose === 0) return;
  d.put(`${timers(d, at)}\n\troot-id ${bridgeId(d, at + 5)}, root-pathcost ${d.be32(at + 13)}`);
  if (d.u8(at + 2) === RAPID) d.put(`, port-role ${role(flags)}`);
}

function multipleTrees(d: Dissector, at: number, length: number): void {
  const flags = d.u8(at + 4);
  d.put(`, CIST Flags [${bits(flagBits, flags)}], length ${length}`);
  if (d.options.verbose === 0) return;
  d.put(`\n\tport-role ${role(flags)}, CIST root-id ${bridgeId(d, at + 5)}, CIST ext-pathcost ${d.be32(at + 13)}`);
  d.put(`\n\tCIST regional-root-id ${bridgeId(d, at + 17)}, CIST port-id ${hex(d.be16(at + 25), 4)},${timers(d, at)}`);
  const thirdLength = d.be16(at + HEADER);
  d.put(`\n\tv3len ${thirdLength}, MCID Name `);
  d.charsToZero(at + 39, 32);
  d.put(`, rev ${d.be16(at + 71)},\n\t\tdigest ${digest(d, at + 73, 4)}, CIST int-root-pathcost ${d.be32(at + 89)},`);
  d.put(`\n\tCIST bridge-id ${bridgeId(d, at + 93)}, CIST remaining-hops ${d.u8(at + 101)}`);
  const CONFIGURATION_BYTES = 64;
  const INSTANCE = 16;
  let instance = at + LEAST_MULTIPLE;
  for (let left = thirdLength - CONFIGURATION_BYTES; left >= INSTANCE; left -= INSTANCE, instance += INSTANCE) {
    const instanceFlags = d.u8(instance);
    d.put(`\n\tMSTI ${d.be16(instance + 1) & 0xfff}, Flags [${bits(flagBits, instanceFlags)}], port-role ${role(instanceFlags)}`);
    d.put(`\n\t\tMSTI regional-root-id ${bridgeId(d, instance + 1)}, pathcost ${d.be32(instance + 9)}`);
    d.put(`\n\t\tMSTI bridge-prio ${d.u8(instance + 13) >>> 4}, port-prio ${d.u8(instance + 14) >>> 4}, hops ${d.u8(instance + 15)}`);
  }
}

function shortestPath(d: Dissector, at: number): void {
  if (d.options.verbose === 0) return;
  d.put(`\n\tv4len ${d.be16(at)}, AUXMCID Name `);
  d.charsToZero(at + 3, 32);
  d.put(`, Rev ${d.be16(at + 35)},\n\t\tdigest ${digest(d, at + 37, 4)}`);
  const agreement = at + 53;
  const flags = d.u8(agreement);
  const format = d.u8(agreement + 2);
  const convention = d.u8(agreement + 3);
  d.put(`\n\tAgreement num ${flags >>> 6}, Discarded Agreement num ${(flags >>> 4) & 3}, Agreement valid-flag ${(flags >>> 3) & 1},`);
  d.put(`\n\tRestricted role-flag: ${(flags >>> 2) & 1}, Format id ${format >>> 4} cap ${format}, `);
  d.put(`Convention id ${convention >>> 4} cap ${convention},\n\tEdge count ${d.be16(agreement + 4)}, `);
  d.put(`Agreement digest ${digest(d, agreement + 14, 5)}`);
}
