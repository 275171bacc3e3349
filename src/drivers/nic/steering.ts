import { EINVAL, ENOENT, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { FlowSpec } from '../../netlink/genl/ethtool/ioctl.js';
import type { FlowRule, RssSettings } from '../../net/core/ethtool-ops.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import { ETH_P_IP, ETH_P_IPV6, HEADER } from '../../wire/ethernet.js';
import { Toeplitz } from './toeplitz.js';

/** Entries of the indirection table, bytes of the key: what virtio-net NICs have at most. */
const ENTRIES = 128;
const KEY_BYTES = 40;
/** ETH_RSS_HASH_TOP */
const TOEPLITZ = 1;
const RULES = 1024;

// RXH_*: which fields are hashed.
const RXH_IP_SRC = 1 << 4;
const RXH_IP_DST = 1 << 5;
const RXH_L4_B_0_1 = 1 << 6;
const RXH_L4_B_2_3 = 1 << 7;
const ADDRESSES = RXH_IP_SRC | RXH_IP_DST;
const PORTS = RXH_L4_B_0_1 | RXH_L4_B_2_3;

const TCP = 6;
const UDP = 17;
/** Flow types of linux/ethtool.h: TCP_V4_FLOW and its kin, and the IP protocols that are theirs. */
const flowTypes: ReadonlyMap<number, { readonly ipv6: boolean; readonly protocol: number; readonly ports: boolean }> = new Map([
  [1, { ipv6: false, protocol: TCP, ports: true }],
  [2, { ipv6: false, protocol: UDP, ports: true }],
  [5, { ipv6: true, protocol: TCP, ports: true }],
  [6, { ipv6: true, protocol: UDP, ports: true }],
  [13, { ipv6: false, protocol: 0, ports: false }],
  [14, { ipv6: true, protocol: 0, ports: false }],
]);
const FLOW_FLAGS = 0xe000_0000;
/** RX_CLS_FLOW_DISC: the rule's packets are dropped. */
export const DROP = -1;

interface Compiled {
  readonly rule: FlowRule;
  readonly ipv6: boolean;
  readonly protocol: number;
  /** Offsets behind the IP header's or the transport header's start, values and masks of the bytes that count. */
  readonly network: readonly (readonly [at: number, value: number, mask: number])[];
  readonly transport: readonly (readonly [at: number, value: number, mask: number])[];
  /** A queue, or DROP. */
  readonly queue: number;
}

/** Which of a NIC's queues a received frame goes to: by the rules, else by its hash. */
export class Steering {
  queues = 1;
  rss: RssSettings;
  #hash: Toeplitz;
  #rules: readonly Compiled[] = [];
  /** Hashed fields by flow type. */
  readonly #fields = new Map<number, number>();
  /** Rules count at all (rx-ntuple-filter), and hashes do (rx-hashing). */
  useRules = true;

  constructor(random: () => number) {
    const key = Uint8Array.from({ length: KEY_BYTES }, () => random() & 0xff);
    this.rss = { indirection: new Uint32Array(ENTRIES), key, hashFunction: TOEPLITZ, configured: false };
    this.#hash = new Toeplitz(key);
    for (const type of flowTypes.keys()) this.#fields.set(type, ADDRESSES | PORTS);
  }

  setQueues(count: number): void {
    this.queues = count;
    if (!this.rss.configured) this.rss = { ...this.rss, indirection: this.rss.indirection.map((_, i) => i % count) };
  }

  /** EOPNOTSUPP: another function than Toeplitz. */
  setRss(settings: RssSettings): void {
    if (settings.hashFunction !== TOEPLITZ) fail(EOPNOTSUPP);
    if (settings.key !== this.rss.key) this.#hash = new Toeplitz(settings.key);
    this.rss = settings;
  }

  fieldsOf(type: number): number {
    return this.#fields.get(type) ?? fail(EINVAL);
  }

  /** Addresses always count; ports both or none. EINVAL. */
  setFields(type: number, fields: number): void {
    const known = flowTypes.get(type) ?? fail(EINVAL);
    if ((fields & ADDRESSES) !== ADDRESSES || (fields & ~(ADDRESSES | PORTS)) !== 0) fail(EINVAL);
    const ports = fields & PORTS;
    if ((ports !== 0 && ports !== PORTS) || (ports !== 0 && !known.ports)) fail(EINVAL);
    this.#fields.set(type, fields);
  }

  readonly capacity = RULES;

  list(): readonly FlowRule[] {
    return this.#rules.map(({ rule }) => rule);
  }

  /** EINVAL: what it asks for cannot be matched, or goes to a queue that is not there. */
  insert(rule: FlowRule): void {
    const compiled = compile(rule, this.queues);
    const others = this.#rules.filter((entry) => entry.rule.location !== rule.location);
    this.#rules = [...others, compiled].sort((a, b) => a.rule.location - b.rule.location);
  }

  delete(location: number): void {
    const rest = this.#rules.filter(({ rule }) => rule.location !== location);
    if (rest.length === this.#rules.length) fail(ENOENT);
    this.#rules = rest;
  }

  /** The queue of a frame whose Ethernet header is at `skb.data`, or DROP. */
  queueOf(skb: PacketBuffer): number {
    if (this.queues === 1 && this.#rules.length === 0) return 0;
    const { view, bytes } = skb;
    const network = skb.data + HEADER;
    const protocol = skb.tail - skb.data < HEADER ? 0 : view.getUint16(skb.data + 12);
    if (protocol === ETH_P_IP && skb.tail - network >= 20) return this.#queueOf4(bytes, view, network, skb.tail);
    if (protocol === ETH_P_IPV6 && skb.tail - network >= 40) return this.#queueOf6(bytes, view, network, skb.tail);
    return 0;
  }

  #queueOf4(bytes: Uint8Array, view: DataView, network: number, tail: number): number {
    const transport = network + ((bytes[network]! & 0x0f) << 2);
    const fragment = (view.getUint16(network + 6) & 0x3fff) !== 0;
    const protocol = bytes[network + 9]!;
    const ports = !fragment && transport + 4 <= tail && (protocol === TCP || protocol === UDP);
    if (this.useRules && this.#rules.length > 0) {
      const queue = this.#byRule(bytes, network, transport, tail, false, protocol, ports);
      if (queue !== null) return queue;
    }
    if (this.queues === 1) return 0;
    let hash = this.#hash.add(0, bytes, network + 12, 8, 0);
    if (ports && (this.fieldsOf(protocol === TCP ? 1 : 2) & PORTS) !== 0) hash = this.#hash.add(hash, bytes, transport, 4, 8);
    return this.rss.indirection[(hash >>> 0) % ENTRIES]!;
  }

  #queueOf6(bytes: Uint8Array, view: DataView, network: number, tail: number): number {
    const transport = network + 40;
    const protocol = view.getUint8(network + 6);
    const ports = transport + 4 <= tail && (protocol === TCP || protocol === UDP);
    if (this.useRules && this.#rules.length > 0) {
      const queue = this.#byRule(bytes, network, transport, tail, true, protocol, ports);
      if (queue !== null) return queue;
    }
    if (this.queues === 1) return 0;
    let hash = this.#hash.add(0, bytes, network + 8, 32, 0);
    if (ports && (this.fieldsOf(protocol === TCP ? 5 : 6) & PORTS) !== 0) hash = this.#hash.add(hash, bytes, transport, 4, 32);
    return this.rss.indirection[(hash >>> 0) % ENTRIES]!;
  }

  #byRule(
    bytes: Uint8Array,
    network: number,
    transport: number,
    tail: number,
    ipv6: boolean,
    protocol: number,
    ports: boolean,
  ): number | null {
    for (const rule of this.#rules) {
      if (rule.ipv6 !== ipv6 || (rule.protocol !== 0 && rule.protocol !== protocol)) continue;
      if (rule.transport.length > 0 && (!ports || transport + 4 > tail)) continue;
      if (matches(bytes, network, rule.network) && matches(bytes, transport, rule.transport))
        // Of fewer channels than when the rule came, the first.
        return rule.queue < this.queues ? rule.queue : 0;
    }
    return null;
  }
}

function matches(bytes: Uint8Array, start: number, fields: Compiled['network']): boolean {
  for (const [at, value, mask] of fields) if ((bytes[start + at]! & mask) !== value) return false;
  return true;
}

/** Reads struct ethtool_rx_flow_spec. */
function compile(rule: FlowRule, queues: number): Compiled {
  const { specification: spec } = rule;
  const view = new DataView(spec.buffer, spec.byteOffset, spec.byteLength);
  const flow = view.getUint32(FlowSpec.type, true);
  const type = flowTypes.get(flow & 0xff);
  if (type === undefined || (flow & FLOW_FLAGS) !== 0) return fail(EINVAL);
  const { ipv6, protocol, ports } = type;
  const network: [number, number, number][] = [];
  const transport: [number, number, number][] = [];
  const addressBytes = ipv6 ? 16 : 4;
  const take = (list: [number, number, number][], from: number, count: number, at: number) => {
    for (let i = 0; i < count; i++) {
      const mask = spec[FlowSpec.mask + from + i]!;
      if (mask !== 0) list.push([at + i, spec[FlowSpec.fields + from + i]! & mask, mask]);
    }
  };
  take(network, 0, addressBytes, ipv6 ? 8 : 12);
  take(network, addressBytes, addressBytes, ipv6 ? 24 : 16);
  let proto = protocol;
  if (ports) {
    take(transport, addressBytes * 2, 4, 0);
    if (!ipv6) take(network, 12, 1, 1);
  } else {
    // struct ethtool_usrip4_spec, ethtool_usrip6_spec: the first bytes behind the header are not looked at here.
    const at = ipv6 ? 37 : 14;
    if (view.getUint32(FlowSpec.mask + (ipv6 ? 32 : 8), true) !== 0) fail(EINVAL);
    if (spec[FlowSpec.mask + at] === 0xff) proto = spec[FlowSpec.fields + at]!;
    else if (spec[FlowSpec.mask + at] !== 0) fail(EINVAL);
    if (!ipv6) take(network, 12, 1, 1);
  }
  const high = view.getUint32(FlowSpec.cookie + 4, true);
  const low = view.getUint32(FlowSpec.cookie, true);
  if (high === 0xffff_ffff && low === 0xffff_ffff) return { rule, ipv6, protocol: proto, network, transport, queue: DROP };
  if (high !== 0 || low >= queues) fail(EINVAL);
  return { rule, ipv6, protocol: proto, network, transport, queue: low };
}
