import type { Ipvs } from './ipvs.js';
import type { IpvsSettings } from './settings.js';

const PAGE = 4096;
/** How often memory is looked at, and entries are dropped. Linux: DEFENSE_TIMER_PERIOD */
const PERIOD_MS = 1000;

/** What a strategy is set to: off; on as long as memory is short, of which AUTO_ON says that it is; always on. */
const AUTO = 1;
const AUTO_ON = 2;
const ALWAYS = 3;

type Strategy = 'dropEntry' | 'dropPacket' | 'secureTcp';

/** Defence against floods of connections while memory is short (drop_entry, drop_packet, secure_tcp). Linux: update_defense_level() */
export class Defence {
  readonly #ipvs: Ipvs;
  readonly #settings: IpvsSettings;
  /** Of so many new connections one is not taken; 0: all are. */
  #dropRate = 0;
  #dropCounter = 0;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(ipvs: Ipvs) {
    this.#ipvs = ipvs;
    this.#settings = ipvs.settings;
  }

  /** TCP's states change as if under attack. */
  get securesTcp(): boolean {
    return this.#settings.secureTcp >= AUTO_ON;
  }

  /** A strategy is set: what the automatic ones are follows from memory at once. */
  set(strategy: Strategy, mode: number): void {
    this.#settings[strategy] = mode;
    this.#look();
  }

  /** A new connection comes: true: it is not taken. Linux: ip_vs_todrop() */
  drops(): boolean {
    const { dropEntry, dropPacket, secureTcp } = this.#settings;
    if (dropEntry === 0 && dropPacket === 0 && secureTcp === 0) return false;
    const now = this.#ipvs.nowMs();
    if (now - this.#lookedMs >= PERIOD_MS) {
      this.#look();
      this.#lookedMs = now;
      if (this.#settings.dropEntry >= AUTO_ON) this.#ipvs.connections.dropSome();
    }
    if (this.#dropRate === 0 || --this.#dropCounter > 0) return false;
    this.#dropCounter = this.#dropRate;
    return true;
  }

  #look(): void {
    const { amemthresh, amDroprate } = this.#settings;
    const pages = Math.floor(this.#ipvs.namespace.stack.availableBytes() / PAGE);
    const short = pages < amemthresh;
    for (const strategy of ['dropEntry', 'dropPacket', 'secureTcp'] as const)
      if (this.#settings[strategy] === AUTO || this.#settings[strategy] === AUTO_ON) this.#settings[strategy] = short ? AUTO_ON : AUTO;
    const rate =
      this.#settings.dropPacket === ALWAYS
        ? amDroprate
        : this.#settings.dropPacket === AUTO_ON
          ? Math.floor(amemthresh / (amemthresh - pages))
          : 0;
    if (rate !== this.#dropRate) this.#dropCounter = rate;
    this.#dropRate = rate;
  }
}
