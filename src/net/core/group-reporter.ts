import { Timer } from '../../base/timer-wheel.js';
import {
  ALLOW_NEW_SOURCES,
  BLOCK_OLD_SOURCES,
  CHANGE_TO_EXCLUDE,
  CHANGE_TO_INCLUDE,
  MODE_IS_EXCLUDE,
  MODE_IS_INCLUDE,
} from '../../wire/group-record.js';
import type { NetDevice } from './device.js';
import { type FilteredSource, GroupFilter, MCAST_EXCLUDE, MCAST_INCLUDE } from './source-filter.js';

/** A jiffy of a kernel with HZ=250, in microseconds. */
const JIFFY_US = 4000;
const US_PER_MS = 1000;
/** RFC 3376 8.2, 8.3: until a querier says otherwise. */
const QUERY_INTERVAL_MS = 125_000;
const QUERY_RESPONSE_INTERVAL_MS = 10_000;

/** A group that a device listens to, with what routers were told of it (struct ip_mc_list, ifmcaddr6). */
export class Membership<A> extends GroupFilter<A> {
  readonly device: NetDevice;
  /** How often this host joined it. */
  users = 1;
  readonly timer: Timer;
  /** This host was the last to report it: it says so when it leaves. */
  reporter = false;
  /** The link listens (its address is in the device's list). */
  loaded = false;
  /** Unsolicited reports of an older version that are still to come. */
  unsolicited = 0;
  /** The query that is to be answered asked for sources. */
  sourcesAsked = false;

  constructor(device: NetDevice, group: A, mode: number, same: (a: A, b: A) => boolean, fire: (membership: Membership<A>) => void) {
    super(group, mode, same);
    this.device = device;
    this.timer = new Timer(() => fire(this));
  }
}

/**
 * The host's side of IGMP and MLD on one device: what RFC 3376 and RFC 3810 (with the older versions beside them) have in common.
 * Families say how a message looks. Times in milliseconds. Linux: net/ipv4/igmp.c, net/ipv6/mcast.c
 */
export abstract class GroupReporter<A> {
  readonly device: NetDevice;
  /** Newest first, as Linux shows them. */
  groups: Membership<A>[] = [];
  /** Groups that were left, while reports still tell of it. */
  #left: GroupFilter<A>[] = [];
  /** Of the querier; 0: the namespace's. */
  queriedRobustness = 0;
  queryIntervalMs = QUERY_INTERVAL_MS;
  responseIntervalMs = QUERY_RESPONSE_INTERVAL_MS;
  maxDelayMs = 0;
  /** Change reports that are still to come. */
  #changeReports = 0;
  readonly #changeTimer: Timer;
  readonly #generalTimer: Timer;

  constructor(device: NetDevice) {
    this.device = device;
    this.#changeTimer = new Timer(() => this.#changeExpired());
    this.#generalTimer = new Timer(() => this.#reportAll());
  }

  // What a family says of itself.

  /** Reports are made of records (IGMPv3, MLDv2); false: an older version is spoken. */
  abstract speaksRecords(): boolean;
  abstract defaultRobustness(): number;
  /** Between the reports of a change that nobody asked for. */
  abstract unsolicitedIntervalMs(): number;
  /** Routers are told of this group at all. */
  abstract reports(group: A): boolean;
  /** A report of an older version. */
  protected abstract sendOldReport(group: A): void;
  /** A new group with an older version: its first report, and when the timer brings the next. */
  protected abstract startOldReports(membership: Membership<A>): void;
  protected abstract sendOldLeave(membership: Membership<A>): void;
  /** Puts a record into the report in hand; a report that is full is sent. */
  protected abstract addRecord(type: number, group: A, sources: readonly A[]): void;
  /** Sends the report in hand, if there is one. */
  protected abstract sendRecords(): void;
  protected abstract sameAddress(a: A, b: A): boolean;
  /** The link starts or ceases to listen to the group. */
  protected abstract listen(group: A, on: boolean): void;

  get robustness(): number {
    return this.queriedRobustness === 0 ? this.defaultRobustness() : this.queriedRobustness;
  }

  find(group: A): Membership<A> | null {
    for (let i = 0; i < this.groups.length; i++) if (this.sameAddress(this.groups[i]!.group, group)) return this.groups[i]!;
    return null;
  }

  /** One more user. Linux: __ip_mc_inc_group() */
  join(group: A, mode: number): Membership<A> {
    const known = this.find(group);
    if (known !== null) {
      known.users++;
      this.addSources(known, mode, [], true);
      return known;
    }
    const membership = new Membership<A>(
      this.device,
      group,
      mode,
      (a, b) => this.sameAddress(a, b),
      (member) => this.#groupExpired(member),
    );
    this.groups.unshift(membership);
    this.#takeBack(membership);
    this.added(membership);
    return membership;
  }

  /** One user less: the group, if it was the last; else null. Linux: __ip_mc_dec_group() */
  leave(group: A): Membership<A> | null {
    const membership = this.find(group);
    if (membership === null || --membership.users > 0) return null;
    this.groups.splice(this.groups.indexOf(membership), 1);
    this.dropped(membership);
    return membership;
  }

  addSources(membership: Membership<A>, mode: number, sources: readonly A[], whole: boolean): void {
    if (membership.add(mode, sources, whole, this.robustness)) this.#filterChanged(membership);
  }

  removeSources(membership: Membership<A>, mode: number, sources: readonly A[], whole: boolean): void {
    if (membership.remove(mode, sources, whole, this.robustness)) this.#filterChanged(membership);
  }

  /** The link listens, and routers hear of it. Linux: igmp_group_added(), igmp6_group_added() */
  added(membership: Membership<A>): void {
    if (!membership.loaded) {
      membership.loaded = true;
      this.listen(membership.group, true);
    }
    if (!this.reports(membership.group) || !this.device.up) return;
    if (!this.speaksRecords()) {
      this.startOldReports(membership);
      return;
    }
    // RFC 3376 5.1: a new filter that includes is told of by its sources.
    if (membership.mode === MCAST_EXCLUDE) membership.changes = this.robustness;
    this.interfaceChanged();
  }

  /** The link ceases to listen. Linux: igmp_group_dropped(), igmp6_group_dropped() */
  dropped(membership: Membership<A>): void {
    if (membership.loaded) {
      membership.loaded = false;
      this.listen(membership.group, false);
    }
    if (!this.reports(membership.group)) return;
    this.#timers.cancel(membership.timer);
    if (this.device.up) {
      if (this.speaksRecords()) {
        this.#bury(membership);
        this.interfaceChanged();
      } else this.sendOldLeave(membership);
    }
    membership.reporter = false;
    membership.unsolicited = 0;
  }

  /** NETDEV_UP: what was learned of queriers does not hold any more. */
  deviceUp(): void {
    this.queriedRobustness = 0;
    this.queryIntervalMs = QUERY_INTERVAL_MS;
    this.responseIntervalMs = QUERY_RESPONSE_INTERVAL_MS;
    for (const membership of [...this.groups]) {
      this.#takeBack(membership);
      this.added(membership);
    }
  }

  deviceDown(): void {
    for (const membership of [...this.groups]) this.dropped(membership);
    this.stop();
  }

  /** No timer is left. */
  stop(): void {
    this.cancelChanges();
    this.#timers.cancel(this.#generalTimer);
    for (const membership of this.groups) this.#timers.cancel(membership.timer);
  }

  /** Change reports end, and what they would have told of is forgotten: an older querier has spoken. */
  cancelChanges(): void {
    this.#changeReports = 0;
    this.#timers.cancel(this.#changeTimer);
    this.#left = [];
    for (const membership of this.groups) membership.forgetGone();
  }

  /** A filter has changed: reports tell of it, as often as robustness wants. Linux: igmp_ifc_event(), mld_ifc_event() */
  interfaceChanged(): void {
    if (!this.speaksRecords()) return;
    this.#changeReports = this.robustness;
    this.#startChange(0);
  }

  /** A general query of the newest version. Linux: igmp_gq_start_timer() */
  answerGeneralQuery(maxDelayMs: number): void {
    const at = this.#after(maxDelayMs);
    if (this.#generalTimer.armed && this.#generalTimer.expiresUs <= at) return;
    this.#timers.schedule(this.#generalTimer, at);
  }

  /** Routers and switches hear again, at once, of all groups: the device reaches them another way now. Linux: ip_mc_rejoin_groups() */
  rejoin(): void {
    if (this.speaksRecords()) this.#reportAll();
    else for (const { group } of this.groups) if (this.reports(group)) this.sendOldReport(group);
  }

  #reportAll(): void {
    for (const membership of this.groups) if (this.reports(membership.group)) this.#addState(membership, false);
    this.sendRecords();
  }

  /** A query about one group, or with an older version about all. `sources` null: about all of them. Linux: igmp_heard_query() */
  answerQuery(group: A | null, sources: readonly A[] | null, maxDelayMs: number): void {
    for (const membership of this.groups) {
      if (group !== null && !this.sameAddress(membership.group, group)) continue;
      if (!this.reports(membership.group)) continue;
      membership.sourcesAsked = sources !== null && (!membership.timer.armed || membership.sourcesAsked);
      if (membership.sourcesAsked && !markAsked(membership, sources ?? [])) continue;
      membership.unsolicited = 0;
      this.startTimerWithin(membership, maxDelayMs);
    }
  }

  /** Somebody else has reported the group. Linux: igmp_heard_report() */
  heardReport(group: A): void {
    const membership = this.find(group);
    if (membership === null || !this.reports(group)) return;
    this.#timers.cancel(membership.timer);
    membership.reporter = false;
    membership.unsolicited = 0;
    membership.sourcesAsked = false;
  }

  /** Milliseconds until the timer of a group fires; 0: it is not armed. */
  remainingMs(membership: Membership<A>): number {
    return membership.timer.armed ? Math.max(0, (membership.timer.expiresUs - this.device.stack.nowUs) / US_PER_MS) : 0;
  }

  /** Tells all groups at once, for the first time. Linux: mld_send_initial_cr() */
  sendInitialState(): void {
    if (!this.speaksRecords()) return;
    for (const membership of this.groups)
      if (this.reports(membership.group))
        this.#addRecords(membership, membership.counts[MCAST_EXCLUDE] !== 0 ? CHANGE_TO_EXCLUDE : ALLOW_NEW_SOURCES, true);
    this.sendRecords();
  }

  startTimer(membership: Membership<A>, maxDelayMs: number): void {
    this.#timers.schedule(membership.timer, this.#after(maxDelayMs));
  }

  /** As soon as it would have fired, or within `maxDelayMs` if that is sooner. Linux: igmp_mod_timer() */
  protected startTimerWithin(membership: Membership<A>, maxDelayMs: number): void {
    const { timer } = membership;
    if (timer.armed && timer.expiresUs - this.device.stack.nowUs < maxDelayMs * US_PER_MS) return;
    this.startTimer(membership, maxDelayMs);
  }

  get #timers() {
    return this.device.stack.timers;
  }

  #after(maxDelayMs: number): number {
    const { stack } = this.device;
    const jiffies = Math.max(1, Math.floor((maxDelayMs * US_PER_MS) / JIFFY_US));
    return stack.nowUs + ((stack.random.u32() % jiffies) + 2) * JIFFY_US;
  }

  #startChange(maxDelayMs: number): void {
    this.#timers.schedule(this.#changeTimer, this.#after(maxDelayMs));
  }

  #changeExpired(): void {
    this.#sendChanges();
    if (this.#changeReports > 0 && --this.#changeReports > 0) this.#startChange(this.unsolicitedIntervalMs());
  }

  #groupExpired(membership: Membership<A>): void {
    if (membership.unsolicited > 0 && --membership.unsolicited > 0) this.startTimer(membership, this.unsolicitedIntervalMs());
    membership.reporter = true;
    if (!this.speaksRecords()) {
      this.sendOldReport(membership.group);
      return;
    }
    this.#addState(membership, membership.sourcesAsked);
    this.sendRecords();
  }

  #filterChanged(membership: Membership<A>): void {
    if (this.reports(membership.group) && this.device.up) this.interfaceChanged();
  }

  /** What a group that is left leaves to be told. Linux: igmpv3_add_delrec() */
  #bury(membership: Membership<A>): void {
    const tomb = new GroupFilter<A>(membership.group, membership.mode, (a, b) => this.sameAddress(a, b));
    tomb.changes = this.robustness;
    if (membership.mode === MCAST_INCLUDE) {
      tomb.gone = membership.gone;
      tomb.sources = membership.sources;
      for (const source of tomb.sources) source.changes = this.robustness;
    }
    this.#left.unshift(tomb);
  }

  /** A group that was left comes again. Linux: igmpv3_del_delrec() */
  #takeBack(membership: Membership<A>): void {
    const index = this.#left.findIndex((tomb) => this.sameAddress(tomb.group, membership.group));
    if (index < 0) return;
    const [tomb] = this.#left.splice(index, 1);
    if (membership.mode !== MCAST_INCLUDE) {
      membership.changes = this.robustness;
      return;
    }
    membership.gone = tomb!.gone;
    for (const source of membership.sources) source.changes = this.robustness;
  }

  // Records. RFC 3376 4.2.12, 5.1, 5.2

  /** Current state, as a query asks for it. */
  #addState(membership: Membership<A>, onlyAsked: boolean): void {
    const type = membership.counts[MCAST_EXCLUDE] !== 0 ? MODE_IS_EXCLUDE : MODE_IS_INCLUDE;
    const sources = membership.sources.filter(
      (source) => (!onlyAsked || source.asked) && isState(membership, source, type === MODE_IS_INCLUDE),
    );
    for (const source of membership.sources) source.asked = false;
    membership.sourcesAsked = false;
    this.addRecord(
      type,
      membership.group,
      sources.map(({ address }) => address),
    );
  }

  /** What has changed since the routers heard of it. Linux: igmpv3_send_cr(), mld_send_cr() */
  #sendChanges(): void {
    for (const tomb of this.#left) {
      if (tomb.mode === MCAST_INCLUDE) this.#addLost(tomb);
      else if (tomb.changes > 0) this.addRecord(CHANGE_TO_INCLUDE, tomb.group, []);
      tomb.changes--;
    }
    this.#left = this.#left.filter((tomb) => tomb.changes > 0 || tomb.sources.length > 0);
    for (const membership of this.groups) if (this.reports(membership.group)) this.#addChanges(membership);
    this.sendRecords();
  }

  /** Sources of a group that is left, and that included. */
  #addLost(tomb: GroupFilter<A>): void {
    const lost = [...tomb.sources, ...tomb.gone].filter((source) => source.changes > 0);
    if (lost.length > 0)
      this.addRecord(
        BLOCK_OLD_SOURCES,
        tomb.group,
        lost.map(({ address }) => address),
      );
    tomb.sources = counted(tomb.sources);
    tomb.gone = counted(tomb.gone);
  }

  #addChanges(membership: Membership<A>): void {
    const excluding = membership.counts[MCAST_EXCLUDE] !== 0;
    // With a change of mode its record says all; those of sources would say it twice.
    const silent = membership.changes > 0;
    const news = membership.sources.filter((source) => source.changes > 0);
    const gone = membership.gone.filter((source) => source.changes > 0);
    if (!silent) {
      const addresses = (sources: readonly FilteredSource<A>[]) => sources.map(({ address }) => address);
      if (news.length > 0) this.addRecord(excluding ? BLOCK_OLD_SOURCES : ALLOW_NEW_SOURCES, membership.group, addresses(news));
      if (gone.length > 0) this.addRecord(excluding ? ALLOW_NEW_SOURCES : BLOCK_OLD_SOURCES, membership.group, addresses(gone));
    }
    for (const source of news) source.changes--;
    membership.gone = counted(membership.gone);
    if (membership.changes === 0) return;
    this.#addRecords(membership, membership.mode === MCAST_EXCLUDE ? CHANGE_TO_EXCLUDE : CHANGE_TO_INCLUDE, true);
    membership.changes--;
  }

  #addRecords(membership: Membership<A>, type: number, evenEmpty: boolean): void {
    const sources = membership.sources.filter((source) => {
      if (type !== CHANGE_TO_EXCLUDE) return source.counts[MCAST_INCLUDE] !== 0;
      return source.counts[MCAST_INCLUDE] === 0 && source.counts[MCAST_EXCLUDE] === membership.counts[MCAST_EXCLUDE];
    });
    if (sources.length === 0 && (!evenEmpty || type === ALLOW_NEW_SOURCES)) return;
    this.addRecord(
      type,
      membership.group,
      sources.map(({ address }) => address),
    );
  }
}

/** A source belongs to the current state. Linux: is_in() */
function isState<A>(filter: GroupFilter<A>, source: FilteredSource<A>, including: boolean): boolean {
  if (filter.mode === MCAST_INCLUDE) return true;
  if (source.counts[MCAST_INCLUDE] !== 0) return including;
  return source.counts[MCAST_EXCLUDE] === filter.counts[MCAST_EXCLUDE];
}

/** Marks what a query asks for; false: nothing of it concerns the host. Linux: igmp_marksources() */
function markAsked<A>(membership: Membership<A>, asked: readonly A[]): boolean {
  let marked = false;
  for (const address of asked) {
    const source = membership.find(address);
    if (membership.mode === MCAST_EXCLUDE) {
      // Excluded by all: the querier hears nothing, and is right to prune. Else it hears the whole filter.
      if (source !== null && !membership.accepts(address)) continue;
      marked = true;
      membership.sourcesAsked = false;
      continue;
    }
    if (source === null) continue;
    source.asked = true;
    marked = true;
  }
  return marked;
}

function counted<A>(sources: FilteredSource<A>[]): FilteredSource<A>[] {
  for (const source of sources) source.changes--;
  return sources.filter((source) => source.changes > 0);
}
