import { ENOENT } from '../../../../src/base/errno.js';
import { NetError } from '../../../../src/base/net-error.js';
import type { CommandIo } from '../../../../src/client/command.js';
import { command } from '../../../../src/commands/ping/index.js';
import { controller } from '../../../../src/control/genl/controller.js';
import { genericNetlink } from '../../../../src/control/genl/generic-netlink.js';
import { NamespaceNames } from '../../../../src/control/namespace-names.js';
import { NetlinkServer } from '../../../../src/control/netlink-kernel.js';
import { tapstackFamily } from '../../../../src/control/tapstack/family.js';
import { socketCommands } from '../../../../src/control/tapstack/sockets.js';
import { InMemoryTransport } from '../../../../src/instance/in-memory-transport.js';
import type { InstanceTime } from '../../../../src/instance/time.js';
import type { Namespace } from '../../../../src/net/core/namespace.js';
import type { World } from '../../net/kit.js';

type Signal = 'SIGINT' | 'SIGQUIT' | 'SIGUSR1' | 'SIGTERM';

export interface PingResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PingOptions {
  readonly uid?: number;
  readonly hosts?: string;
  /** Signals by the millisecond of the ping's life in which they come. */
  readonly signals?: readonly (readonly [atMs: number, signal: Signal])[];
}

/** Runs `ping` in a namespace of a world, whose clock jumps to what comes next whenever all wait. */
export async function ping(
  world: Pick<World, 'stack' | 'clock' | 'settle'>,
  namespace: Namespace,
  line: string,
  options: PingOptions = {},
): Promise<PingResult> {
  const { stack, clock } = world;
  const uid = options.uid ?? 0;
  const names = new NamespaceNames(stack);
  names.hold(namespace);
  const server = new NetlinkServer(stack, names);
  server.register(genericNetlink(server, [controller, tapstackFamily([() => socketCommands()])]));
  const sleepers: { readonly atUs: number; readonly wake: () => void }[] = [];
  const time: InstanceTime = {
    clock,
    drive: () => undefined,
    kick: () => undefined,
    awaiting: (work) => work,
    stop: () => undefined,
    sleepUs: (us, signal) =>
      new Promise((resolve) => {
        const sleeper = {
          atUs: clock.monotonicUs() + us,
          wake() {
            const at = sleepers.indexOf(sleeper);
            if (at >= 0) sleepers.splice(at, 1);
            resolve();
          },
        };
        sleepers.push(sleeper);
        if (signal?.aborted === true) sleeper.wake();
        signal?.addEventListener('abort', sleeper.wake);
      }),
  };
  const transport = new InMemoryTransport(server, time, { uid, gid: uid, pid: 1, netAdmin: uid === 0 }, namespace.id);
  const out = { stdout: '', stderr: '' };
  const port = (name: 'stdout' | 'stderr') => ({
    isTerminal: false,
    columns: 80,
    write(text: string | Uint8Array) {
      out[name] += typeof text === 'string' ? text : new TextDecoder().decode(text);
    },
  });
  const handlers = new Map<Signal, () => void>();
  const io: CommandIo = {
    stdin: {
      isTerminal: false,
      async *chunks() {
        yield* [];
      },
    },
    stdout: port('stdout'),
    stderr: port('stderr'),
    files: {
      read: async () => {
        if (options.hosts === undefined) throw new NetError(ENOENT);
        return new TextEncoder().encode(options.hosts);
      },
      chunks: () => Promise.reject(new NetError(ENOENT)) as never,
      write: () => Promise.reject(new NetError(ENOENT)),
      list: async () => [],
    },
    processes: { uid, spawn: () => Promise.reject(new NetError(ENOENT)) },
    signal: new AbortController().signal,
    onSignal(name, handler) {
      handlers.set(name, handler);
      return () => handlers.delete(name);
    },
    sleepUs: time.sleepUs,
    nowUs: () => clock.wallUs(),
  };
  for (const [atMs, signal] of options.signals ?? []) void time.sleepUs(atMs * 1000).then(() => handlers.get(signal)?.());
  let status: number | undefined;
  let failure: unknown;
  command(
    line.split(' ').filter((word) => word !== ''),
    io,
    { variables: {}, transport: async () => transport },
  ).then(
    (result) => {
      status = result;
    },
    (error: unknown) => {
      failure = error;
    },
  );
  for (let rounds = 0; status === undefined && failure === undefined; rounds++) {
    if (rounds > 100_000) throw new Error('ping does not end');
    for (let turn = 0; turn < 6; turn++) {
      world.settle();
      await new Promise(setImmediate);
    }
    if (status !== undefined || failure !== undefined) break;
    const next = Math.min(stack.nextDeadlineUs(), ...sleepers.map((sleeper) => sleeper.atUs));
    if (next === Number.POSITIVE_INFINITY) throw new Error('nothing left to wait for');
    clock.moveTo(next);
    for (const sleeper of [...sleepers]) if (sleeper.atUs <= clock.monotonicUs()) sleeper.wake();
  }
  if (failure !== undefined) throw failure;
  return { status: status!, ...out };
}
