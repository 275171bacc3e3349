import { ENOENT } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { NF_INET_INGRESS, NF_NETDEV_EGRESS, NF_NETDEV_INGRESS, NFT_TABLE_F_DORMANT } from '../../../netlink/nfnl/nf-tables.js';
import { NFPROTO_ARP, NFPROTO_BRIDGE, NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_NETDEV } from '../../../netlink/nfnl/nfnetlink.js';
import { ARP_IN, type Hook, HookList, type Hooks } from '../../core/hooks.js';
import type { NetDevice } from '../../core/device.js';
import type { Namespace } from '../../core/namespace.js';
import { Notifier } from '../../core/notifier.js';
import type { Chain } from './chain.js';
import { ChainHook } from './chain-hook.js';
import { Flows } from '../flow-offload/flows.js';
import { LogGroups } from '../log/groups.js';
import { Queues } from '../queue/queues.js';
import { PacketInfo } from './packet-info.js';
import type { Flowtable } from './flowtable.js';
import type { Table } from './table.js';
import type { TraceStep } from './trace.js';

/** nf_tables of one namespace (struct nftables_pernet). */
export class NfTables {
  readonly namespace: Namespace;
  /** In the order in which they were made. */
  readonly tables: Table[] = [];
  /** Goes up with each transaction (base_seq); never 0. */
  generation = 1;
  /** A batch did not hold together: rules are looked at one by one, so that the one to blame is told of. Linux: NFT_VALIDATE_DO */
  validating = false;
  /** Told of each step of a packet whose way is told of; null: nobody listens. */
  onTrace: ((packet: PacketInfo, step: TraceStep) => void) | null = null;
  /** Programs that decide about packets, and those that are told of some (`log group`). */
  readonly queues: Queues;
  readonly logs = new LogGroups();
  readonly flows: Flows;
  /** Chains that went because their last device did. */
  readonly chainEvents = new Notifier<Chain>();
  #tableHandles = 0;
  /** One a packet in hand; packets made while another is in hand take the next. */
  readonly #packets: PacketInfo[] = [];
  #inHand = 0;

  constructor(namespace: Namespace) {
    this.namespace = namespace;
    this.queues = new Queues(namespace);
    this.flows = new Flows(namespace);
    namespace.deviceEvents.subscribe((event) => {
      if (event.type === 'unregister') this.#deviceGone(event.device);
    });
  }

  nextTableHandle(): number {
    return ++this.#tableHandles;
  }

  findTable(family: number, name: string): Table | undefined {
    return this.tables.find((table) => table.family === family && table.name === name);
  }

  takePacket(): PacketInfo {
    let packet = this.#packets[this.#inHand++];
    if (packet === undefined) {
      packet = new PacketInfo();
      packet.tables = this;
      this.#packets.push(packet);
    }
    return packet;
  }

  releasePacket(): void {
    this.#inHand--;
  }

  /** Lets packets into a base chain. ENOENT: a device of its is not there. Linux: nf_tables_register_hook() */
  hookChain(chain: Chain): void {
    const { base, table } = chain;
    if (base === null || base.unhook !== null || (table.flags & NFT_TABLE_F_DORMANT) !== 0) return;
    const undo: (() => void)[] = [];
    for (const [place, hook] of this.#places(chain)) undo.push(place(hook));
    base.unhook = () => {
      base.unhook = null;
      for (const leave of undo) leave();
    };
  }

  /** Connections of a flowtable go past the hooks at its devices from now on. Linux: nft_register_flowtable_net_hooks() */
  hookFlowtable(flowtable: Flowtable): void {
    this.unhookFlowtable(flowtable);
    if ((flowtable.table.flags & NFT_TABLE_F_DORMANT) !== 0) return;
    const hook = this.flows.hook(flowtable, flowtable.priority);
    for (const name of flowtable.devices) {
      const device = this.namespace.deviceByName(name);
      if (device !== undefined) flowtable.unhook.push(registerAtDevice(device, NF_NETDEV_INGRESS, hook));
    }
  }

  unhookFlowtable(flowtable: Flowtable): void {
    for (const leave of flowtable.unhook.splice(0)) leave();
  }

  #places(chain: Chain): [(hook: Hook) => () => void, ChainHook][] {
    const { base, table } = chain;
    if (base === null) return [];
    const { namespace } = this;
    const at = (hooks: Hooks, family: number): [(hook: Hook) => () => void, ChainHook] => [
      (hook) => this.#register(chain, hooks, hook),
      new ChainHook(this, chain, family),
    ];
    switch (table.family) {
      case NFPROTO_IPV4:
        return [at(namespace.ipv4.hooks, NFPROTO_IPV4)];
      case NFPROTO_IPV6:
        return [at(namespace.ipv6.hooks, NFPROTO_IPV6)];
      case NFPROTO_INET:
        if (base.hook === NF_INET_INGRESS) return this.#deviceList(chain, NFPROTO_INET, NF_NETDEV_INGRESS);
        return [at(namespace.ipv4.hooks, NFPROTO_IPV4), at(namespace.ipv6.hooks, NFPROTO_IPV6)];
      case NFPROTO_BRIDGE:
        return [at(namespace.bridgeHooks, NFPROTO_BRIDGE)];
      case NFPROTO_ARP: {
        const list = base.hook === ARP_IN ? namespace.arpInput : namespace.arpOutput;
        return [[(hook) => list.register(hook), new ChainHook(this, chain, NFPROTO_ARP)]];
      }
      default:
        return this.#deviceList(chain, NFPROTO_NETDEV, base.hook === NF_NETDEV_EGRESS ? NF_NETDEV_EGRESS : NF_NETDEV_INGRESS);
    }
  }

  /** NAT's chains are asked once a connection, by NAT's own hooks. */
  #register(chain: Chain, hooks: Hooks, hook: Hook): () => void {
    const base = chain.base!;
    if (base.type === 'nat') return this.namespace.conntrack.nat.register(hooks === this.namespace.ipv4.hooks, base.hook, hook);
    return hooks.register(base.hook, hook);
  }

  #deviceList(chain: Chain, family: number, direction: number): [(hook: Hook) => () => void, ChainHook][] {
    return chain.base!.devices.map((name) => {
      const device = this.namespace.deviceByName(name) ?? fail(ENOENT);
      return [(hook) => registerAtDevice(device, direction, hook), new ChainHook(this, chain, family)];
    });
  }

  /** Linux: nf_tables_netdev_event() */
  #deviceGone(device: NetDevice): void {
    for (const table of this.tables) {
      for (const flowtable of table.flowtables.values()) flowtable.devices = flowtable.devices.filter((name) => name !== device.name);
      for (const chain of [...table.chains.values()]) {
        const { base } = chain;
        const at = base === null ? -1 : base.devices.indexOf(device.name);
        if (base === null || at < 0) continue;
        base.unhook?.();
        base.devices.splice(at, 1);
        if (base.devices.length > 0) this.hookChain(chain);
        else this.chainEvents.notify(chain);
      }
    }
  }
}

function registerAtDevice(device: NetDevice, direction: number, hook: Hook): () => void {
  const egress = direction === NF_NETDEV_EGRESS;
  const list = (egress ? device.egressHooks : device.ingressHooks) ?? new HookList();
  const set = (to: HookList | null) => {
    if (egress) device.egressHooks = to;
    else device.ingressHooks = to;
  };
  set(list);
  const leave = list.register(hook);
  return () => {
    leave();
    if (list.members.length === 0) set(null);
  };
}
