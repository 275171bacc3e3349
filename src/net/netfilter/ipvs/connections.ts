import { Timer } from '../../../base/timer-wheel.js';
import {
  IP_VS_CONN_F_FWD_MASK,
  IP_VS_CONN_F_INACTIVE,
  IP_VS_CONN_F_NFCT,
  IP_VS_CONN_F_NOOUTPUT,
  IP_VS_CONN_F_ONE_PACKET,
  IP_VS_CONN_F_SYNC,
  IP_VS_CONN_F_TEMPLATE,
} from '../../../netlink/genl/ip-vs.js';
import { bindApplication } from './apps/bind.js';
import { Calls } from './calls.js';
import { type ConnectionKey, ConnectionTable, SLOT_MS } from './connection-table.js';
import { dropConntrackOf } from './conntrack.js';
import type { Destination } from './destination.js';
import type { Ipvs } from './ipvs.js';
import { APPLICATION, CONTROL, CONTROLLED, DEST, EXPIRES, FLAGS, FWMARK, SYNCED, TIMEOUT } from './layout.js';
import { TEMPLATE_ASSURED } from './layout.js';

/** A connection that nothing was said about yet is kept so long. Linux: ip_vs_conn_new() */
const FIRST_TIMEOUT_MS = 3000;
/** A template that is over while connections belong to it waits so long for their end. */
const TEMPLATE_AGAIN_MS = 60_000;
const UDP = 17;

/** How connections of one namespace begin, change and end (ip_vs_conn.c). */
export class Connections {
  readonly table: ConnectionTable;
  readonly calls = new Calls();
  readonly #ipvs: Ipvs;
  readonly #timer: Timer;
  /** The slot of time up to which all were looked at. */
  #tick: number;
  /** The slot that the timer waits for. */
  #dueTick = 0;

  constructor(ipvs: Ipvs) {
    this.#ipvs = ipvs;
    this.table = new ConnectionTable(ipvs.namespace.stack.random.u32());
    this.#timer = new Timer(() => this.#expireDue());
    this.#tick = Math.floor(ipvs.nowMs() / SLOT_MS);
  }

  /** A new connection to a server; `flags` beside those of the server. It lives on by put(). Linux: ip_vs_conn_new() */
  create(
    key: ConnectionKey,
    server: Destination | null,
    serverFamily: number,
    address: Uint32Array,
    port: number,
    flags: number,
    fwmark: number,
  ): number {
    const { table } = this;
    const id = table.allocate(key, serverFamily, address, port);
    table.set(id, FLAGS, flags);
    table.set(id, FWMARK, fwmark);
    table.set(id, TIMEOUT, FIRST_TIMEOUT_MS);
    table.set(id, SYNCED, this.#ipvs.nowMs() & ~3);
    if (server !== null) this.bind(id, server);
    if (this.#ipvs.settings.conntrack !== 0) table.addFlags(id, IP_VS_CONN_F_NFCT);
    bindApplication(this.#ipvs, id);
    // One packet's is never looked for again.
    if ((table.get(id, FLAGS) & IP_VS_CONN_F_ONE_PACKET) === 0) table.insert(id);
    return id;
  }

  /** Linux: ip_vs_bind_dest() */
  bind(id: number, server: Destination): void {
    const { table } = this;
    let flags = table.get(id, FLAGS);
    let own = server.connectionFlags;
    if (table.protocol(id) !== UDP) own &= ~IP_VS_CONN_F_ONE_PACKET;
    if ((flags & IP_VS_CONN_F_SYNC) !== 0) {
      if ((flags & IP_VS_CONN_F_TEMPLATE) === 0) own &= ~IP_VS_CONN_F_INACTIVE;
      flags &= ~(IP_VS_CONN_F_FWD_MASK | IP_VS_CONN_F_NOOUTPUT);
    }
    flags |= own;
    table.set(id, FLAGS, flags);
    table.set(id, DEST, server.id);
    server.references++;
    if ((flags & IP_VS_CONN_F_TEMPLATE) !== 0) server.persistConns++;
    else if ((flags & IP_VS_CONN_F_INACTIVE) !== 0) server.inactConns++;
    else server.activeConns++;
    server.grown();
  }

  /** Linux: ip_vs_unbind_dest() */
  #unbind(id: number): void {
    const { table } = this;
    const server = this.#ipvs.destinationOf(id);
    if (server === null) return;
    const flags = table.get(id, FLAGS);
    if ((flags & IP_VS_CONN_F_TEMPLATE) !== 0) server.persistConns--;
    else if ((flags & IP_VS_CONN_F_INACTIVE) !== 0) server.inactConns--;
    else server.activeConns--;
    server.shrunk();
    table.set(id, DEST, 0);
    server.references--;
    if (!server.available && server.references === 0) this.#ipvs.forget(server);
  }

  /** Counts it among its server's active or inactive connections. */
  setActive(id: number, active: boolean): void {
    const { table } = this;
    const inactive = (table.get(id, FLAGS) & IP_VS_CONN_F_INACTIVE) !== 0;
    if (inactive === !active) return;
    const server = this.#ipvs.destinationOf(id);
    if (server === null) return;
    if (active) {
      server.activeConns++;
      server.inactConns--;
      table.clearFlags(id, IP_VS_CONN_F_INACTIVE);
    } else {
      server.activeConns--;
      server.inactConns++;
      table.addFlags(id, IP_VS_CONN_F_INACTIVE);
    }
  }

  setTimeout(id: number, ms: number): void {
    this.table.set(id, TIMEOUT, ms);
  }

  /** A connection belongs to a template. Linux: ip_vs_control_add() */
  control(id: number, template: number): void {
    const { table } = this;
    table.set(id, CONTROL, template);
    table.set(template, CONTROLLED, table.get(template, CONTROLLED) + 1);
  }

  /** The template's connection is answered: it is one that counts. Linux: ip_vs_control_assure_ct() */
  assureTemplate(id: number): void {
    const { table } = this;
    const template = table.get(id, CONTROL);
    if (template !== 0 && (table.get(template, FLAGS) & IP_VS_CONN_F_TEMPLATE) !== 0) table.setState(template, TEMPLATE_ASSURED);
  }

  /** A packet has passed: from now on its timeout runs. Linux: ip_vs_conn_put() */
  put(id: number): void {
    const { table } = this;
    if ((table.get(id, FLAGS) & IP_VS_CONN_F_ONE_PACKET) !== 0) {
      this.#end(id);
      return;
    }
    const now = this.#ipvs.nowMs();
    table.set(id, EXPIRES, (now + table.get(id, TIMEOUT)) | 0);
    this.#schedule(id, now);
  }

  secondsLeft(id: number): number {
    return Math.max(0, Math.floor(((this.table.get(id, EXPIRES) - this.#ipvs.nowMs()) | 0) / 1000));
  }

  /** It is over, now; a template with connections stays until they are. Linux: ip_vs_conn_expire() */
  expire(id: number): void {
    const { table } = this;
    if (table.get(id, CONTROLLED) > 0) {
      table.set(id, TIMEOUT, TEMPLATE_AGAIN_MS);
      this.put(id);
      return;
    }
    this.#end(id);
  }

  /** Linux: ip_vs_conn_flush() */
  flush(): void {
    for (const id of [...this.table.ids()]) this.#end(id);
    this.#ipvs.namespace.stack.timers.cancel(this.#timer);
  }

  /** How many an application looks at at one virtual port. */
  usersOfApplication(number: number, port: number): number {
    const { table } = this;
    let users = 0;
    for (const id of table.ids()) if ((table.get(id, APPLICATION) & 0xff) === number && table.virtualPort(id) === port) users++;
    return users;
  }

  /** Ends some that do not matter much, by chance, as memory is short (drop_entry). Linux: ip_vs_random_dropentry() */
  dropSome(): void {
    const { table } = this;
    const { random } = this.#ipvs.namespace.stack;
    let left = Math.ceil(table.count / 32);
    for (const id of table.ids()) {
      if (left <= 0) return;
      if ((random.u32() & 31) !== 0) continue;
      left--;
      if (table.get(id, CONTROL) !== 0 || table.get(id, CONTROLLED) > 0) continue;
      // Those that have said something and been answered stay.
      if (table.protocol(id) === 6 && table.state(id) !== 2 && table.state(id) !== 3) continue;
      this.#end(id);
    }
  }

  #end(id: number): void {
    const { table } = this;
    table.unschedule(id);
    table.remove(id);
    const template = table.get(id, CONTROL);
    if (template !== 0) table.set(template, CONTROLLED, table.get(template, CONTROLLED) - 1);
    if ((table.get(id, FLAGS) & IP_VS_CONN_F_NFCT) !== 0) dropConntrackOf(this.#ipvs, id);
    this.#unbind(id);
    this.calls.forget(id);
    table.release(id);
  }

  #schedule(id: number, now: number): void {
    const distance = this.table.schedule(id, now);
    if (distance === 0) return;
    const tick = Math.floor(now / SLOT_MS);
    // Nothing lies before the slot that the timer waits for.
    if (!this.#timer.armed || this.#dueTick > tick) this.#tick = tick;
    if (!this.#timer.armed || tick + distance < this.#dueTick) this.#arm(tick + distance);
  }

  #arm(tick: number): void {
    this.#dueTick = tick;
    this.#ipvs.namespace.stack.timers.schedule(this.#timer, tick * SLOT_MS * 1000);
  }

  #expireDue(): void {
    const { table } = this;
    const now = this.#ipvs.nowMs();
    const until = Math.floor(now / SLOT_MS);
    for (;;) {
      const step = table.nextDue(this.#tick);
      if (step === 0 || this.#tick + step > until) break;
      this.#tick += step;
      // One that is kept longer goes into a slot that comes later.
      for (let id = table.dueIn(this.#tick); id !== 0; id = table.dueIn(this.#tick)) {
        table.unschedule(id);
        if (((table.get(id, EXPIRES) - now) | 0) > 0) table.schedule(id, now);
        else this.expire(id);
      }
    }
    this.#tick = until;
    const step = table.nextDue(until);
    if (step !== 0) this.#arm(until + step);
  }
}
