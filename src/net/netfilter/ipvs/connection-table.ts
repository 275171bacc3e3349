import { hashStep } from '../../../base/hash.js';
import {
  CLIENT,
  DESTINATION,
  EXPIRES,
  FLAGS,
  HASH,
  HASH_NEXT,
  KIND,
  PORTS,
  SERVER,
  TIMER_NEXT,
  TIMER_PREVIOUS,
  TIMER_SLOT,
  USED,
  VIRTUAL,
  WORDS,
} from './layout.js';
import { IP_VS_CONN_F_HASHED, IP_VS_CONN_F_NO_CPORT, IP_VS_CONN_F_TEMPLATE } from '../../../netlink/genl/ip-vs.js';

/** Words of how many connections lie in one piece of memory. */
const PAGE_BITS = 10;
const PAGE = 1 << PAGE_BITS;
const PAGE_MASK = PAGE - 1;
/** Buckets to begin with; there are more as connections are. */
const TABLE_SIZE = 4096;
/** Slots of time, and how many milliseconds each has: what ends later is looked at in the last of them, and put further. */
const SLOTS = 4096;
const SLOT_MASK = SLOTS - 1;
export const SLOT_MS = 250;

/** What a connection is found by (struct ip_vs_conn_param): client, and the address it speaks to. Kept and filled anew. */
export class ConnectionKey {
  family = 0;
  protocol = 0;
  readonly client = new Uint32Array(4);
  readonly virtual = new Uint32Array(4);
  clientPort = 0;
  virtualPort = 0;

  set(family: number, protocol: number, client: Uint32Array, clientPort: number, virtual: Uint32Array, virtualPort: number): this {
    this.family = family;
    this.protocol = protocol;
    for (let i = 0; i < 4; i++) {
      this.client[i] = client[i]!;
      this.virtual[i] = virtual[i]!;
    }
    this.clientPort = clientPort;
    this.virtualPort = virtualPort;
    return this;
  }
}

/**
 * Connections of one namespace: records in typed arrays that never move, chained by the client's address and port - so that a packet
 * of either direction finds its own - and by the slot of time in which each is looked at. A connection is a number from 1 on.
 * Linux: ip_vs_conn_tab
 */
export class ConnectionTable {
  readonly #seed: number;
  readonly #pages: Int32Array[] = [];
  readonly #free: number[] = [];
  #next = 1;
  #heads = new Int32Array(TABLE_SIZE);
  #mask = TABLE_SIZE - 1;
  readonly #slots = new Int32Array(SLOTS);
  readonly #occupied = new Int32Array(SLOTS / 32);
  /** Those in the index whose client's port is not known yet (ip_vs_conn_no_cport_cnt). */
  #anyClientPort = 0;
  /** Connections in the index, templates among them. */
  count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Bytes that all records and the index take. */
  get bytes(): number {
    return this.#pages.length * PAGE * WORDS * 4 + this.#heads.length * 4 + this.#slots.length * 4;
  }

  words(id: number): Int32Array {
    return this.#pages[id >> PAGE_BITS]!;
  }

  base(id: number): number {
    return (id & PAGE_MASK) * WORDS;
  }

  get(id: number, field: number): number {
    return this.#pages[id >> PAGE_BITS]![(id & PAGE_MASK) * WORDS + field]!;
  }

  set(id: number, field: number, value: number): void {
    this.#pages[id >> PAGE_BITS]![(id & PAGE_MASK) * WORDS + field] = value;
  }

  addFlags(id: number, bits: number): void {
    this.#pages[id >> PAGE_BITS]![(id & PAGE_MASK) * WORDS + FLAGS]! |= bits;
  }

  clearFlags(id: number, bits: number): void {
    this.#pages[id >> PAGE_BITS]![(id & PAGE_MASK) * WORDS + FLAGS]! &= ~bits;
  }

  family(id: number): number {
    return this.get(id, KIND) & 0xff;
  }

  serverFamily(id: number): number {
    return (this.get(id, KIND) >>> 8) & 0xff;
  }

  protocol(id: number): number {
    return (this.get(id, KIND) >>> 16) & 0xff;
  }

  state(id: number): number {
    return (this.get(id, SERVER) >>> 8) & 0xff;
  }

  setState(id: number, state: number): void {
    this.set(id, SERVER, (this.get(id, SERVER) & ~0xff00) | (state << 8));
  }

  /** The state that backups were told of last. */
  toldState(id: number): number {
    return this.get(id, SERVER) & 0xff;
  }

  setToldState(id: number, state: number): void {
    this.set(id, SERVER, (this.get(id, SERVER) & ~0xff) | state);
  }

  clientPort(id: number): number {
    return this.get(id, PORTS) >>> 16;
  }

  virtualPort(id: number): number {
    return this.get(id, PORTS) & 0xffff;
  }

  serverPort(id: number): number {
    return this.get(id, SERVER) >>> 16;
  }

  readAddress(id: number, field: number, into: Uint32Array): Uint32Array {
    const words = this.words(id);
    const at = this.base(id) + field;
    for (let i = 0; i < 4; i++) into[i] = words[at + i]!;
    return into;
  }

  /** A new connection that is in no list yet, all zero but for its addresses. */
  allocate(key: ConnectionKey, serverFamily: number, server: Uint32Array, serverPort: number): number {
    const id = this.#free.pop() ?? this.#next++;
    if (id >> PAGE_BITS === this.#pages.length) this.#pages.push(new Int32Array(PAGE * WORDS));
    const words = this.words(id);
    const base = this.base(id);
    words.fill(0, base, base + WORDS);
    words[base + USED] = 1;
    words[base + TIMER_SLOT] = -1;
    words[base + KIND] = key.family | (serverFamily << 8) | (key.protocol << 16);
    words[base + PORTS] = (key.clientPort << 16) | key.virtualPort;
    words[base + SERVER] = serverPort << 16;
    for (let i = 0; i < 4; i++) {
      words[base + CLIENT + i] = key.client[i]!;
      words[base + VIRTUAL + i] = key.virtual[i]!;
      words[base + DESTINATION + i] = server[i]!;
    }
    return id;
  }

  /** It is in no list any more, and its number is another's from now on. */
  release(id: number): void {
    this.set(id, USED, 0);
    this.#free.push(id);
  }

  insert(id: number): void {
    const words = this.words(id);
    const base = this.base(id);
    const hash = this.#hash(
      words[base + KIND]! & 0xff,
      (words[base + KIND]! >>> 16) & 0xff,
      words[base + CLIENT]!,
      words[base + CLIENT + 1]!,
      words[base + CLIENT + 2]!,
      words[base + CLIENT + 3]!,
      words[base + PORTS]! >>> 16,
    );
    words[base + HASH] = hash;
    const slot = hash & this.#mask;
    words[base + HASH_NEXT] = this.#heads[slot]!;
    if ((words[base + FLAGS]! & IP_VS_CONN_F_NO_CPORT) !== 0) this.#anyClientPort++;
    words[base + FLAGS]! |= IP_VS_CONN_F_HASHED;
    this.#heads[slot] = id;
    if (++this.count > this.#heads.length) this.#grow();
  }

  /** False: it was not there. */
  remove(id: number): boolean {
    if ((this.get(id, FLAGS) & IP_VS_CONN_F_HASHED) === 0) return false;
    const slot = this.get(id, HASH) & this.#mask;
    let previous = 0;
    for (let at = this.#heads[slot]!; at !== id; at = this.get(at, HASH_NEXT)) previous = at;
    if (previous === 0) this.#heads[slot] = this.get(id, HASH_NEXT);
    else this.set(previous, HASH_NEXT, this.get(id, HASH_NEXT));
    this.clearFlags(id, IP_VS_CONN_F_HASHED);
    if ((this.get(id, FLAGS) & IP_VS_CONN_F_NO_CPORT) !== 0) this.#anyClientPort--;
    this.count--;
    return true;
  }

  /** The connection of a packet that comes from the client; 0: none. Linux: ip_vs_conn_in_get() */
  findIn(key: ConnectionKey): number {
    const id = this.#find(key, VIRTUAL, true, 0);
    if (id !== 0 || this.#anyClientPort === 0) return id;
    const port = key.clientPort;
    key.clientPort = 0;
    const waiting = this.#find(key, VIRTUAL, true, 0);
    key.clientPort = port;
    return waiting;
  }

  /** A connection that waited for a client of any port has got one. Linux: ip_vs_conn_fill_cport() */
  fillClientPort(id: number, port: number): void {
    this.remove(id);
    this.set(id, PORTS, (port << 16) | this.virtualPort(id));
    this.clearFlags(id, IP_VS_CONN_F_NO_CPORT);
    this.insert(id);
  }

  /** The template; 0: none. Linux: ip_vs_ct_in_get() */
  findTemplate(key: ConnectionKey): number {
    return this.#find(key, VIRTUAL, true, IP_VS_CONN_F_TEMPLATE);
  }

  /** The connection of a packet from the server: `client` is whom it goes to, `virtual` who sends it. Linux: ip_vs_conn_out_get() */
  findOut(key: ConnectionKey): number {
    return this.#find(key, DESTINATION, false, 0);
  }

  #find(key: ConnectionKey, field: number, incoming: boolean, template: number): number {
    const { client, virtual, clientPort, virtualPort } = key;
    const kind = key.family | (key.protocol << 16);
    const hash = this.#hash(key.family, key.protocol, client[0]!, client[1]!, client[2]!, client[3]!, clientPort);
    for (let id = this.#heads[hash & this.#mask]!; id !== 0; ) {
      const words = this.#pages[id >> PAGE_BITS]!;
      const base = (id & PAGE_MASK) * WORDS;
      if (
        words[base + HASH] === hash &&
        (words[base + KIND]! & 0xff00ff) === kind &&
        (words[base + FLAGS]! & IP_VS_CONN_F_TEMPLATE) === template &&
        words[base + PORTS]! >>> 16 === clientPort &&
        (incoming ? words[base + PORTS]! & 0xffff : words[base + SERVER]! >>> 16) === virtualPort &&
        same(words, base + CLIENT, client) &&
        same(words, base + field, virtual)
      )
        return id;
      id = words[base + HASH_NEXT]!;
    }
    return 0;
  }

  /** Numbers of all that are in the index, in its order. Those that go meanwhile must be the one in hand. */
  *ids(): Iterable<number> {
    for (let slot = 0; slot < this.#heads.length; slot++) {
      for (let id = this.#heads[slot]!; id !== 0; ) {
        const next = this.get(id, HASH_NEXT);
        yield id;
        id = next;
      }
    }
  }

  /** It is looked at when EXPIRES has come: in so many slots of time from now; 0: in the one where it lies. Linux: mod_timer() */
  schedule(id: number, nowMs: number): number {
    const words = this.words(id);
    const base = this.base(id);
    const expires = words[base + EXPIRES]!;
    const slot = words[base + TIMER_SLOT]!;
    const left = (expires - nowMs) | 0;
    const now = Math.floor(nowMs / SLOT_MS);
    const distance = Math.min(Math.max(Math.ceil((nowMs + Math.max(left, 0)) / SLOT_MS) - now, 1), SLOT_MASK);
    if (slot >= 0) {
      // That it is looked at too early costs less than to move it with each packet.
      if (((slot - now) & SLOT_MASK) <= distance && ((slot - now) & SLOT_MASK) > 0) return 0;
      this.unschedule(id);
    }
    const wanted = (now + distance) & SLOT_MASK;
    const head = this.#slots[wanted]!;
    words[base + TIMER_SLOT] = wanted;
    words[base + TIMER_NEXT] = head;
    words[base + TIMER_PREVIOUS] = 0;
    if (head !== 0) this.set(head, TIMER_PREVIOUS, id);
    this.#slots[wanted] = id;
    this.#occupied[wanted >>> 5]! |= 1 << (wanted & 31);
    return distance;
  }

  unschedule(id: number): void {
    const words = this.words(id);
    const base = this.base(id);
    const slot = words[base + TIMER_SLOT]!;
    if (slot < 0) return;
    const next = words[base + TIMER_NEXT]!;
    const previous = words[base + TIMER_PREVIOUS]!;
    if (previous !== 0) this.set(previous, TIMER_NEXT, next);
    else {
      this.#slots[slot] = next;
      if (next === 0) this.#occupied[slot >>> 5]! &= ~(1 << (slot & 31));
    }
    if (next !== 0) this.set(next, TIMER_PREVIOUS, previous);
    words[base + TIMER_SLOT] = -1;
  }

  /** The first that is to be looked at in the slot numbered `tick` (milliseconds / SLOT_MS); 0: none. */
  dueIn(tick: number): number {
    return this.#slots[tick & SLOT_MASK]!;
  }

  /** How many slots behind `tick` the next one is that holds anything; 0: none does. */
  nextDue(tick: number): number {
    for (let step = 1; step <= SLOTS; ) {
      const slot = (tick + step) & SLOT_MASK;
      const word = this.#occupied[slot >>> 5]! >>> (slot & 31);
      if (word === 0) {
        step += 32 - (slot & 31);
        continue;
      }
      return step + (31 - Math.clz32(word & -word));
    }
    return 0;
  }

  #hash(family: number, protocol: number, a: number, b: number, c: number, d: number, port: number): number {
    let hash = hashStep(this.#seed, (protocol << 24) | port);
    hash = hashStep(hash, a);
    if (family !== 2) {
      hash = hashStep(hash, b);
      hash = hashStep(hash, c);
      hash = hashStep(hash, d);
    }
    return hash;
  }

  #grow(): void {
    const old = this.#heads;
    this.#heads = new Int32Array(old.length * 2);
    this.#mask = this.#heads.length - 1;
    for (let slot = 0; slot < old.length; slot++) {
      for (let id = old[slot]!; id !== 0; ) {
        const next = this.get(id, HASH_NEXT);
        const to = this.get(id, HASH) & this.#mask;
        this.set(id, HASH_NEXT, this.#heads[to]!);
        this.#heads[to] = id;
        id = next;
      }
    }
  }
}

function same(words: Int32Array, at: number, address: Uint32Array): boolean {
  return (
    words[at]! >>> 0 === address[0]! &&
    words[at + 1]! >>> 0 === address[1]! &&
    words[at + 2]! >>> 0 === address[2]! &&
    words[at + 3]! >>> 0 === address[3]!
  );
}
