import { Timer } from '../../../base/timer-wheel.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import { ETH_P_IP, ETH_P_IPV6 } from '../../../wire/ethernet.js';
import * as ip from '../../../wire/ipv4.js';
import * as ip6 from '../../../wire/ipv6.js';
import * as tcp from '../../../wire/tcp.js';
import * as udp from '../../../wire/udp.js';
import type { NetDevice } from '../../core/device.js';
import type { Dst } from '../../core/dst.js';
import { Flow } from '../../core/flow.js';
import { type Hook, NF_ACCEPT, NF_STOLEN } from '../../core/hooks.js';
import type { Namespace } from '../../core/namespace.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import { ipFinishOutput } from '../../ipv4/output.js';
import { ip6FinishOutput } from '../../ipv6/output.js';
import { IP_CT_ESTABLISHED, IP_CT_ESTABLISHED_REPLY, IPS_CONFIRMED, IPS_OFFLOAD, PROTOCOL, STATE, TCP_SENT } from '../conntrack/layout.js';
import { Tuple } from '../conntrack/tuple.js';
import { DESTINATION, SOURCE } from '../nat/range.js';

const US = 1_000_000;
const GC_US = US;
/** While the flow table looks after a connection, tracking does not end it. */
const DAY_SECONDS = 86_400;

/** A connection that takes the short way: where each of its directions leads (struct flow_offload). */
interface OffloadedFlow {
  readonly table: object;
  /** By direction: the route, and the device that packets of it come in by. */
  readonly routes: readonly [Dst, Dst];
  readonly inputs: readonly [number, number];
  /** Its packets are counted (NFT_FLOWTABLE_COUNTER). */
  readonly counts: boolean;
  expiresUs: number;
}

const tuple = new Tuple();
const way = new Flow();

/** net.netfilter.nf_flowtable_*, seconds. */
export class FlowSettings {
  tcpTimeout = 30;
  udpTimeout = 30;
}

/**
 * The software fast path of a namespace's flowtables: packets of connections that rules gave to one go from the device they come in by to
 * the one they leave by, past hooks, rules and routing. Linux: nf_flow_table_core.c, nf_flow_table_ip.c
 */
export class Flows {
  readonly namespace: Namespace;
  readonly settings = new FlowSettings();
  /** By the connection's number. */
  readonly #flows = new Map<number, OffloadedFlow>();
  readonly #timer = new Timer(() => this.#collect());

  constructor(namespace: Namespace) {
    this.namespace = namespace;
    namespace.deviceEvents.subscribe(({ type, device }) => {
      if (type === 'down' || type === 'unregister') this.#deviceGone(device);
    });
  }

  get size(): number {
    return this.#flows.size;
  }

  /** What stands on the ingress of a flowtable's devices. */
  hook(table: object, priority: number): Hook {
    return { priority, run: (skb, _hook, input) => this.#receive(table, skb, input!) };
  }

  /** A connection takes the short way from now on; false: it cannot, or does so already. Linux: nft_flow_offload_eval() */
  add(table: object, counts: boolean, id: number, direction: number, own: Dst, input: NetDevice): boolean {
    const { conntrack, ipv4, ipv6, stack } = this.namespace;
    const entry = conntrack.table;
    if ((entry.status(id) & (IPS_CONFIRMED | IPS_OFFLOAD)) !== IPS_CONFIRMED || own.error !== 0 || own.device === null) return false;
    entry.readTuple(id, direction, tuple);
    way.reset();
    way.anySource = true;
    const four = tuple.family === NFPROTO_IPV4;
    if (four) way.destination = tuple.source[0]!;
    else {
      way.source6.fill(0);
      way.destination6.set(tuple.source);
    }
    const back: Dst = four ? ipv4.route(way) : ipv6.routes.output(way);
    if (back.error !== 0 || back.device === null) return false;
    entry.setStatus(id, IPS_OFFLOAD);
    const out = own.device;
    const flow: OffloadedFlow = {
      table,
      routes: direction === 0 ? [own, back] : [back, own],
      inputs: direction === 0 ? [input.ifindex, out.ifindex] : [out.ifindex, input.ifindex],
      counts,
      expiresUs: stack.nowUs + this.#seconds(id) * US,
    };
    this.#flows.set(id, flow);
    // Tracking sees no more of its packets.
    entry.hold(id);
    conntrack.setTimeout(id, DAY_SECONDS);
    if (!this.#timer.armed) stack.timers.schedule(this.#timer, stack.nowUs + GC_US);
    return true;
  }

  /** Connections of a flowtable that goes take the ordinary way again. */
  removeOf(table: object): void {
    for (const [id, flow] of this.#flows) if (flow.table === table) this.#teardown(id);
  }

  destroy(): void {
    for (const id of [...this.#flows.keys()]) this.#teardown(id);
    this.namespace.stack.timers.cancel(this.#timer);
  }

  /** Linux: nf_flow_offload_ip_hook(), nf_flow_offload_ipv6_hook() */
  #receive(table: object, skb: PacketBuffer, input: NetDevice): number {
    if (this.#flows.size === 0 || skb.vlanTci >= 0) return NF_ACCEPT;
    const four = skb.protocol === ETH_P_IP;
    if (!four && skb.protocol !== ETH_P_IPV6) return NF_ACCEPT;
    const at = skb.networkHeader;
    const v = skb.view;
    if (!this.#isSimple(four, skb, at)) return NF_ACCEPT;
    if (!tuple.read(four ? NFPROTO_IPV4 : NFPROTO_IPV6, v, at, skb.tail)) return NF_ACCEPT;
    const { protocol, transportAt } = tuple;
    if (protocol !== tcp.PROTOCOL && protocol !== udp.PROTOCOL) return NF_ACCEPT;
    const { conntrack, ipv4, ipv6, stack } = this.namespace;
    const found = conntrack.table.find(this.namespace.id, 0, tuple);
    if (found === 0) return NF_ACCEPT;
    const id = found >> 1;
    const direction = found & 1;
    const flow = this.#flows.get(id);
    if (flow === undefined || flow.table !== table || flow.inputs[direction] !== input.ifindex) return NF_ACCEPT;
    if (protocol === tcp.PROTOCOL) {
      if (transportAt + tcp.HEADER > skb.tail) return NF_ACCEPT;
      if ((tcp.flags(v, transportAt) & (tcp.FIN | tcp.RST)) !== 0) {
        this.#teardown(id);
        return NF_ACCEPT;
      }
    }
    const dst = flow.routes[direction]!;
    const device = dst.device!;
    const stale = four ? !ipv4.valid(ipv4.asRoute(dst)) : !ipv6.valid(ipv6.asRoute(dst));
    if (stale) {
      this.#teardown(id);
      return NF_ACCEPT;
    }
    const length = skb.tail - at;
    if (skb.gsoSize === 0 && length > device.mtu) return NF_ACCEPT;
    const headroom = at < device.hardHeaderBytes;
    if (headroom || (skb.shared && !stack.pool.makeWritable(skb))) return NF_ACCEPT;
    // Trailing bytes that the link padded go, as IP's receive does it.
    if (four) skb.tail = at + v.getUint16(at + 2);
    flow.expiresUs = stack.nowUs + (protocol === tcp.PROTOCOL ? this.settings.tcpTimeout : this.settings.udpTimeout) * US;
    if (flow.counts) conntrack.account(id, direction, skb);
    skb.transportHeader = transportAt;
    const info = direction === 0 ? IP_CT_ESTABLISHED : IP_CT_ESTABLISHED_REPLY;
    conntrack.nat.apply(skb, id, info, DESTINATION);
    conntrack.nat.apply(skb, id, info, SOURCE);
    decreaseHops(four, skb);
    skb.data = at;
    skb.cb0 = 0;
    skb.cb1 = 0;
    skb.cb2 = four ? 0 : 6;
    skb.cb3 = four ? 0 : ip6.HEADER;
    skb.dst = dst;
    skb.device = device;
    skb.socket = null;
    if (four) ipFinishOutput(ipv4, skb);
    else ip6FinishOutput(ipv6, skb);
    return NF_STOLEN;
  }

  /** Whole, without options, and with hops left. */
  #isSimple(four: boolean, skb: PacketBuffer, at: number): boolean {
    const v = skb.view;
    if (four) {
      if (at + ip.HEADER > skb.tail || v.getUint8(at) !== 0x45 || at + v.getUint16(at + 2) > skb.tail) return false;
      return (ip.fragment(v, at) & (ip.MF | ip.OFFSET_MASK)) === 0 && v.getUint8(at + 8) > 1;
    }
    if (at + ip6.HEADER > skb.tail || v.getUint8(at) >>> 4 !== 6) return false;
    const next = ip6.nextHeader(v, at);
    return (next === tcp.PROTOCOL || next === udp.PROTOCOL) && v.getUint8(at + 7) > 1;
  }

  #seconds(id: number): number {
    const protocol = this.namespace.conntrack.table.get(id, PROTOCOL) & 0xff;
    return protocol === tcp.PROTOCOL ? this.settings.tcpTimeout : this.settings.udpTimeout;
  }

  /** The connection takes the ordinary way again: tracking begins to look at its windows anew. Linux: flow_offload_teardown(), flow_offload_fixup_ct() */
  #teardown(id: number): void {
    if (!this.#flows.delete(id)) return;
    const { conntrack } = this.namespace;
    const { table, settings } = conntrack;
    const w = table.words(id);
    const base = table.base(id);
    w[base]! &= ~IPS_OFFLOAD;
    if ((w[base]! & IPS_CONFIRMED) !== 0) {
      const isTcp = (w[base + PROTOCOL]! & 0xff) === tcp.PROTOCOL;
      if (isTcp) {
        w[base + TCP_SENT + 2] = 0;
        w[base + TCP_SENT + 6] = 0;
      }
      const seconds = isTcp ? settings.tcpTimeouts[w[base + STATE]!]! : settings.udpTimeoutStream;
      conntrack.setTimeout(id, Math.max(seconds - (isTcp ? this.settings.tcpTimeout : this.settings.udpTimeout), 0));
    }
    table.release(id);
  }

  #deviceGone(device: NetDevice): void {
    for (const [id, flow] of this.#flows) if (flow.inputs.includes(device.ifindex)) this.#teardown(id);
  }

  #collect(): void {
    const { stack, conntrack } = this.namespace;
    for (const [id, flow] of this.#flows)
      if (flow.expiresUs <= stack.nowUs || (conntrack.table.status(id) & IPS_CONFIRMED) === 0) this.#teardown(id);
    if (this.#flows.size > 0) stack.timers.schedule(this.#timer, stack.nowUs + GC_US);
  }
}

function decreaseHops(four: boolean, skb: PacketBuffer): void {
  const at = skb.networkHeader;
  const v = skb.view;
  if (!four) {
    v.setUint8(at + 7, v.getUint8(at + 7) - 1);
    return;
  }
  v.setUint16(at + 8, v.getUint16(at + 8) - 0x100);
  // RFC 1141: the TTL is the high byte of its word.
  const check = v.getUint16(at + 10) + 0x100;
  v.setUint16(at + 10, (check & 0xffff) + (check >= 0xffff ? 1 : 0));
}
