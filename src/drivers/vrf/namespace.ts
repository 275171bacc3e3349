import { RTPROT_KERNEL } from '../../netlink/rtnl/constants.js';
import { FR_ACT_TO_TBL } from '../../netlink/rtnl/rule.js';
import type { NetDevice } from '../../net/core/device.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { Stack } from '../../net/core/stack.js';
import { anyIpv4Rule } from '../../net/ipv4/fib/rules.js';
import { ipv4Routes } from '../../net/ipv4/routes.js';
import { anyIpv6Rule } from '../../net/ipv6/fib/rules.js';

/** Linux: FIB_RULE_PREF */
const RULE_PRIORITY = 1000;

/** What the VRFs of one namespace share (struct netns_vrf). */
export class VrfNamespace {
  /** VRFs by their tables, in the order in which they came. */
  readonly #byTable = new Map<number, NetDevice[]>();
  readonly #namespace: Namespace;
  #rulesAdded = false;
  #strict = false;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  /** net.vrf.strict_mode: a table is one VRF's alone. */
  get strict(): boolean {
    return this.#strict;
  }

  /** EBUSY where tables are shared already. Linux: vrf_strict_mode_change() */
  setStrict(strict: boolean, busy: () => never): void {
    if (strict && [...this.#byTable.values()].some((devices) => devices.length > 1)) busy();
    this.#strict = strict;
  }

  /** A VRF has come: EBUSY in strict mode for a table that is taken. Linux: vrf_map_register_dev() */
  add(device: NetDevice, busy: () => never): void {
    const devices = this.#byTable.get(device.l3Table) ?? [];
    if (this.#strict && devices.length > 0) busy();
    devices.push(device);
    this.#byTable.set(device.l3Table, devices);
    if (this.#rulesAdded) return;
    this.#rulesAdded = true;
    this.#addRules();
  }

  remove(device: NetDevice): void {
    const rest = (this.#byTable.get(device.l3Table) ?? []).filter((other) => other !== device);
    if (rest.length === 0) this.#byTable.delete(device.l3Table);
    else this.#byTable.set(device.l3Table, rest);
  }

  /** With the first VRF the rules come that ask the tables of VRFs, and stay. Linux: vrf_add_fib_rules() */
  #addRules(): void {
    const rule = { l3mdev: true, priority: RULE_PRIORITY, action: FR_ACT_TO_TBL, protocol: RTPROT_KERNEL } as const;
    ipv4Routes(this.#namespace).fib.rules.add({ ...anyIpv4Rule, ...rule }, false);
    this.#namespace.ipv6.fib.rules.add({ ...anyIpv6Rule, ...rule }, false);
  }
}

const namespaces = new WeakMap<Namespace, VrfNamespace>();
const loaded = new WeakSet<Stack>();

/** The part of a namespace that VRFs share; asked for by a VRF, it loads the module. */
export function vrfNamespace(namespace: Namespace): VrfNamespace {
  let found = namespaces.get(namespace);
  if (found === undefined) {
    found = new VrfNamespace(namespace);
    namespaces.set(namespace, found);
  }
  return found;
}

/** There has been a VRF: from then on the namespaces have net.vrf. */
export const vrfLoaded = (stack: Stack): boolean => loaded.has(stack);
export const loadVrf = (stack: Stack): void => {
  loaded.add(stack);
};
