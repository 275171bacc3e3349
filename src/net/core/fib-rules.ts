import { EAGAIN, EEXIST, ENOENT, EPERM, ESRCH } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { FIB_RULE_INVERT, FIB_RULE_PERMANENT, FR_ACT_GOTO, FR_ACT_NOP } from '../../netlink/rtnl/rule.js';
import type { Flow } from './flow.js';
import type { Namespace } from './namespace.js';
import { Notifier } from './notifier.js';

/** No limit (suppress_prefixlength, suppress_ifgroup), and no device of that name (detached). */
export const NONE = -1;

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** One rule of policy routing, what all families have of it (struct fib_rule). 0 or '' in a selector: any. */
export interface FibRule {
  readonly priority: number;
  /** FR_ACT_* */
  readonly action: number;
  /** FIB_RULE_PERMANENT, FIB_RULE_INVERT */
  readonly flags: number;
  /** 0: none, as for a rule that asks the table of the l3mdev. */
  readonly tableId: number;
  /** RTPROT_* */
  readonly protocol: number;
  readonly iifname: string;
  readonly oifname: string;
  readonly mark: number;
  readonly markMask: number;
  readonly tunnelId: number;
  readonly l3mdev: boolean;
  readonly uidRange: Range | null;
  readonly ipProtocol: number;
  readonly sourcePorts: Range | null;
  readonly destinationPorts: Range | null;
  /** Priority to go on with. */
  readonly target: number;
  /** Routes with prefixes no longer than that are passed over; NONE: none are. */
  readonly suppressPrefixLength: number;
  readonly suppressGroup: number;
  readonly sourceLength: number;
  readonly destinationLength: number;
  readonly tos: number;
  /** Realms; 0: none. */
  readonly realms: number;
}

export const anyRule: FibRule = {
  priority: 0,
  action: 0,
  flags: 0,
  tableId: 0,
  protocol: 0,
  iifname: '',
  oifname: '',
  mark: 0,
  markMask: 0,
  tunnelId: 0,
  l3mdev: false,
  uidRange: null,
  ipProtocol: 0,
  sourcePorts: null,
  destinationPorts: null,
  target: 0,
  suppressPrefixLength: NONE,
  suppressGroup: NONE,
  sourceLength: 0,
  destinationLength: 0,
  tos: 0,
  realms: 0,
};

/** What a family adds (struct fib_rules_ops). */
export interface RuleFamily<R extends FibRule, Result> {
  /** Do addresses and type of service of the flow fit? `flags` are those of the lookup. */
  matches(rule: R, flow: Flow, flags: number): boolean;
  /** 0 and `result`, or a negative errno; -EAGAIN: the next rule is asked. */
  act(rule: R, tableId: number, flow: Flow, result: Result, flags: number): number;
  /** A route was found that the rule does not want (suppress_prefixlength, suppress_ifgroup). */
  suppresses(rule: R, result: Result): boolean;
  sameAddresses(a: R, b: R): boolean;
  /** What was looked up so far is obsolete. */
  flush(): void;
}

/** A rule in the list, with what is known of the devices it names. */
class Listed<R extends FibRule> {
  readonly rule: R;
  iif = 0;
  oif = 0;
  /** Where a goto leads; null: there is no such rule (yet). */
  target: Listed<R> | null = null;

  constructor(rule: R) {
    this.rule = rule;
  }
}

export interface RuleState<R extends FibRule> {
  readonly rule: R;
  readonly iifDetached: boolean;
  readonly oifDetached: boolean;
  readonly unresolved: boolean;
}

/** The rules of one family in a namespace, in the order in which they are asked: Linux's net/core/fib_rules.c. */
export class FibRuleList<R extends FibRule, Result> {
  readonly events = new Notifier<{ readonly type: 'new' | 'delete'; readonly state: RuleState<R> }>();
  /** Nobody has added or removed a rule yet: then a lookup asks the tables without the rules. */
  onlyDefaults = true;
  /** Some rule asks for protocol or ports: then these are read from packets before. Linux: fib_rules_require_fldissect */
  asksPorts = false;
  readonly #family: RuleFamily<R, Result>;
  readonly #namespace: Namespace;
  #rules: Listed<R>[];

  constructor(namespace: Namespace, family: RuleFamily<R, Result>, defaults: readonly R[]) {
    this.#namespace = namespace;
    this.#family = family;
    this.#rules = defaults.map((rule) => new Listed(rule));
    namespace.deviceEvents.subscribe(({ type, device }) => {
      if (type === 'register' || type === 'rename') this.#attach(device.name, device.ifindex);
      if (type === 'rename' || type === 'unregister') this.#detach(device.ifindex, type === 'rename' ? device.name : '');
    });
  }

  get list(): readonly RuleState<R>[] {
    return this.#rules.map(stateOf);
  }

  /** Before all rules but the first. Linux: fib_default_rule_pref() */
  defaultPriority(): number {
    const second = this.#rules[1];
    return second === undefined || second.rule.priority === 0 ? 0 : second.rule.priority - 1;
  }

  /** EEXIST where `exclusive` and the same stands there already. Linux: fib_nl_newrule() */
  add(rule: R, exclusive: boolean): void {
    if (exclusive && this.#rules.some(({ rule: other }) => sameRule(other, rule) && this.#family.sameAddresses(other, rule))) fail(EEXIST);
    const listed = new Listed(rule);
    listed.iif = this.#indexOf(rule.iifname);
    listed.oif = this.#indexOf(rule.oifname);
    if (rule.action === FR_ACT_GOTO) listed.target = this.#rules.find((other) => other.rule.priority === rule.target) ?? null;
    const after = this.#rules.findIndex((other) => other.rule.priority > rule.priority);
    this.#rules = this.#rules.toSpliced(after < 0 ? this.#rules.length : after, 0, listed);
    for (const other of this.#rules)
      if (other.rule.action === FR_ACT_GOTO && other.target === null && other.rule.target === rule.priority) other.target = listed;
    this.#changed('new', listed);
  }

  /** The first rule that `wanted` fits. ENOENT, EPERM. Linux: fib_nl_delrule() */
  delete(wanted: (rule: R) => boolean): void {
    const listed = this.#rules.find((other) => wanted(other.rule)) ?? fail(ENOENT);
    if ((listed.rule.flags & FIB_RULE_PERMANENT) !== 0) fail(EPERM);
    this.#rules = this.#rules.filter((other) => other !== listed);
    // Who jumped there jumps to the next of the same priority.
    const heir = this.#rules.find((other) => other.rule.priority === listed.rule.priority) ?? null;
    for (const other of this.#rules) if (other.target === listed) other.target = heir;
    this.#changed('delete', listed);
  }

  /** The first rule whose table has a route decides: 0, or a negative errno; -ESRCH: none does. Linux: fib_rules_lookup() */
  lookup(flow: Flow, result: Result, flags: number): number {
    const rules = this.#rules;
    for (let i = 0; i < rules.length; i++) {
      let listed = rules[i]!;
      if (!this.#matches(listed, flow, flags)) continue;
      let jumped = true;
      while (listed.rule.action === FR_ACT_GOTO) {
        if (listed.target === null) {
          jumped = false;
          break;
        }
        listed = listed.target;
        i = rules.indexOf(listed);
        if (!this.#matches(listed, flow, flags)) {
          jumped = false;
          break;
        }
      }
      const { rule } = listed;
      if (!jumped || rule.action === FR_ACT_NOP) continue;
      const error = this.#family.act(rule, rule.l3mdev ? l3Table(this.#namespace, flow) : rule.tableId, flow, result, flags);
      if (error === 0 && this.#family.suppresses(rule, result)) continue;
      if (error !== -EAGAIN) return error;
    }
    return -ESRCH;
  }

  /** Linux: fib_rule_match() */
  #matches(listed: Listed<R>, flow: Flow, flags: number): boolean {
    const { rule } = listed;
    return this.#fits(listed, rule, flow, flags) !== ((rule.flags & FIB_RULE_INVERT) !== 0);
  }

  #fits(listed: Listed<R>, rule: R, flow: Flow, flags: number): boolean {
    if (listed.iif !== 0) {
      const iif = flow.iif === 0 ? this.#namespace.loopback.ifindex : flow.iif;
      if (listed.iif !== iif) return false;
    }
    if (listed.oif !== 0 && listed.oif !== flow.oif) return false;
    if (((rule.mark ^ flow.mark) & rule.markMask) !== 0) return false;
    // No packet has the key of a tunnel with it here.
    if (rule.tunnelId !== 0) return false;
    if (rule.l3mdev && l3Table(this.#namespace, flow) === 0) return false;
    if (rule.uidRange !== null && (flow.uid < rule.uidRange.start || flow.uid > rule.uidRange.end)) return false;
    if (!this.#family.matches(rule, flow, flags)) return false;
    if (rule.ipProtocol !== 0 && rule.ipProtocol !== flow.protocol) return false;
    return inRange(rule.sourcePorts, flow.sourcePort) && inRange(rule.destinationPorts, flow.destinationPort);
  }

  #indexOf(name: string): number {
    return name === '' ? 0 : (this.#namespace.deviceByName(name)?.ifindex ?? NONE);
  }

  #attach(name: string, ifindex: number): void {
    for (const listed of this.#rules) {
      if (listed.iif === NONE && listed.rule.iifname === name) listed.iif = ifindex;
      if (listed.oif === NONE && listed.rule.oifname === name) listed.oif = ifindex;
    }
  }

  #detach(ifindex: number, name: string): void {
    for (const listed of this.#rules) {
      if (listed.iif === ifindex && listed.rule.iifname !== name) listed.iif = NONE;
      if (listed.oif === ifindex && listed.rule.oifname !== name) listed.oif = NONE;
    }
  }

  #changed(type: 'new' | 'delete', listed: Listed<R>): void {
    this.onlyDefaults = false;
    this.asksPorts = this.#rules.some(({ rule }) => rule.ipProtocol !== 0 || rule.sourcePorts !== null || rule.destinationPorts !== null);
    this.#family.flush();
    this.events.notify({ type, state: stateOf(listed) });
  }
}

function stateOf<R extends FibRule>({ rule, iif, oif, target }: Listed<R>): RuleState<R> {
  return {
    rule,
    iifDetached: iif === NONE,
    oifDetached: oif === NONE,
    unresolved: rule.action === FR_ACT_GOTO && target === null,
  };
}

function inRange(range: Range | null, value: number): boolean {
  return range === null || (value >= range.start && value <= range.end);
}

const sameRange = (a: Range | null, b: Range | null): boolean => a === b || (a?.start === b?.start && a?.end === b?.end);

/** Linux: rule_exists(), without what the family compares. */
function sameRule(a: FibRule, b: FibRule): boolean {
  return (
    a.action === b.action &&
    a.tableId === b.tableId &&
    a.priority === b.priority &&
    a.iifname === b.iifname &&
    a.oifname === b.oifname &&
    a.mark === b.mark &&
    a.markMask === b.markMask &&
    a.suppressGroup === b.suppressGroup &&
    a.suppressPrefixLength === b.suppressPrefixLength &&
    a.tunnelId === b.tunnelId &&
    a.l3mdev === b.l3mdev &&
    a.protocol === b.protocol &&
    sameRange(a.uidRange, b.uidRange) &&
    a.ipProtocol === b.ipProtocol &&
    sameRange(a.sourcePorts, b.sourcePorts) &&
    sameRange(a.destinationPorts, b.destinationPorts)
  );
}

/** Whether a request to delete means `rule`: what it does not say is any. Linux: rule_find(), without addresses and realms. */
export function ruleFits(wanted: FibRule, priorityGiven: boolean, rule: FibRule): boolean {
  const given = (value: number, none: number, other: number) => value === none || value === other;
  const name = (value: string, other: string) => value === '' || value === other;
  const range = (value: Range | null, other: Range | null) => value === null || sameRange(value, other);
  return (
    given(wanted.action, 0, rule.action) &&
    given(wanted.tableId, 0, rule.tableId) &&
    (!priorityGiven || wanted.priority === rule.priority) &&
    name(wanted.iifname, rule.iifname) &&
    name(wanted.oifname, rule.oifname) &&
    given(wanted.mark, 0, rule.mark) &&
    given(wanted.suppressGroup, NONE, rule.suppressGroup) &&
    given(wanted.suppressPrefixLength, NONE, rule.suppressPrefixLength) &&
    given(wanted.markMask, 0, rule.markMask) &&
    given(wanted.tunnelId, 0, rule.tunnelId) &&
    (!wanted.l3mdev || rule.l3mdev) &&
    range(wanted.uidRange, rule.uidRange) &&
    given(wanted.ipProtocol, 0, rule.ipProtocol) &&
    given(wanted.protocol, 0, rule.protocol) &&
    range(wanted.sourcePorts, rule.sourcePorts) &&
    range(wanted.destinationPorts, rule.destinationPorts)
  );
}

/** The table of the VRF that the flow leaves or entered by; 0: none. Linux: l3mdev_fib_rule_match() */
function l3Table(namespace: Namespace, flow: Flow): number {
  const domain = flow.l3Domain === 0 ? undefined : namespace.deviceByIndex(flow.l3Domain);
  return domain === undefined ? 0 : domain.l3Table;
}
