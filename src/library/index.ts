import { setImmediate as nextTurn } from 'node:timers/promises';
import { SeededRandom } from '../base/random.js';
import { HostClock, HostRandom } from '../host/clock.js';
import { Instance } from '../instance/instance.js';
import { RealTime } from '../instance/real-time.js';
import type { HostLoop } from '../instance/time.js';
import { VirtualTime } from '../instance/virtual-time.js';
import { findCommand, loadCommands } from './commands.js';
import { type Dgram, dgramOf } from './dgram.js';
import { type Net, netOf } from './net.js';

export type { Instance } from '../instance/instance.js';
export type { ShellResult, ShellRun } from '../instance/shell/run.js';

export interface CreateOptions {
  /** 'virtual' (the default): time jumps while calls wait, and stands still between them. 'real': the time of the host. */
  readonly clock?: 'virtual' | 'real';
  /** Of all random choices under virtual time; the same seed gives the same trace. 1 unless given. */
  readonly seed?: number;
  /** Throws where a packet is freed twice, and poisons freed packets. */
  readonly debugPool?: boolean;
}

/** The instance's clock, as its stack sees it. */
export interface InstanceClock {
  /** Microseconds since the instance began (under virtual time), or since some moment of the host's. */
  nowUs(): number;
  /** Moves virtual time by `ms`, through all timers on the way, and lets run what they set off. Real time cannot be moved. */
  advance(ms: number): Promise<void>;
}

/** An instance in this process, with what only a composition root can add. */
export interface TapstackInstance extends Instance {
  readonly clock: InstanceClock;
  /** `tapstack/net` on this stack: the shapes of Node's `net`, in the initial namespace. */
  readonly net: Net;
  /** The same in a namespace by its name. */
  netIn(namespace: string): Net;
  /** `tapstack/dgram` on this stack: the shapes of Node's `dgram`, in the initial namespace. */
  readonly dgram: Dgram;
  /** The same in a namespace by its name. */
  dgramIn(namespace: string): Dgram;
}

const host: HostLoop = {
  nextTurn: () => nextTurn(),
  setTimer(us, fire) {
    const timer = setTimeout(fire, us / 1000);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A whole network stack inside this process: `await (await createInstance()).sh('ip link add br0 type dummy')`. */
export async function createInstance(options: CreateOptions = {}): Promise<TapstackInstance> {
  await loadCommands();
  const virtual = (options.clock ?? 'virtual') === 'virtual' ? new VirtualTime(host) : undefined;
  const instance = new Instance({
    time: virtual ?? new RealTime(new HostClock(), host),
    random: virtual === undefined ? new HostRandom() : new SeededRandom(options.seed ?? 1),
    command: findCommand,
    ...(options.debugPool === undefined ? {} : { debugPool: options.debugPool }),
  });
  return Object.assign(instance, {
    clock: {
      nowUs: () => instance.time.clock.monotonicUs(),
      advance: (ms: number) => virtual?.advance(ms) ?? Promise.reject(new Error('real time cannot be moved')),
    },
    net: netOf(instance.transport()),
    netIn: (namespace: string) => netOf(instance.transport(instance.namespace(namespace).id)),
    dgram: dgramOf(instance.transport()),
    dgramIn: (namespace: string) => dgramOf(instance.transport(instance.namespace(namespace).id)),
  });
}
