import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { NetError } from '../base/net-error.js';
import { HostClock, HostRandom } from '../host/clock.js';
import { EpollLoop } from '../host/epoll-loop.js';
import type { EventLoop, LoopWork } from '../host/event-loop.js';
import { type Libc, loadLibc } from '../host/libc.js';
import { NodeLoop } from '../host/node-loop.js';
import { BusServer } from './bus-server.js';
import { instanceRequests } from './instance-requests.js';
import { Idleness } from './idleness.js';
import { type HostedInstance, hostInstance } from './hosted-instance.js';
import { callTable } from './programs/registry.js';
import { Supervisor } from './programs/supervisor.js';
import { Workbench } from './programs/workbench.js';
import { NicBoard } from './nic-board.js';
import { STOP, type ThreadData, type ThreadMessage } from './thread-messages.js';

/**
 * The one thread that owns TAPs, stack, timers and bus. While its loop runs it hears nothing but descriptors: the main thread
 * stops it by a flag and the eventfd.
 */
async function main(data: ThreadData, tell: (message: ThreadMessage) => void): Promise<void> {
  const libc = await loadLibc();
  const flags = new Int32Array(data.flags);
  const stopIfTold = () => {
    if (Atomics.load(flags, STOP) === 1) loop.stop();
  };
  const loop: EventLoop = libc === null || data.wakeFd < 0 ? new NodeLoop() : new EpollLoop(libc, data.wakeFd, stopIfTold);
  parentPort?.on('message', stopIfTold);

  const clock = new HostClock();
  const instance = hostInstance({ clock, random: new HostRandom() });
  const { stack } = instance;
  // The daemon's standard error is the instance's log.
  stack.log.onLine = (line) => {
    writeSync(2, `${line}\n`);
  };
  const supervisor = loop instanceof EpollLoop && libc !== null ? superviseOn(libc, loop, instance, data.ownerUid) : null;
  const nics = new NicBoard(instance, loop, libc);
  try {
    for (const nic of data.nics) nics.add(nic);
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    tell({ type: 'failed', text: error.message });
    nics.close();
    parentPort?.close();
    return;
  }

  const idleness = new Idleness({ clock, seconds: data.idleSeconds, isEmpty: () => isEmpty(), ended: () => loop.stop() });
  const server: BusServer = new BusServer({
    loop,
    kernel: instance.netlink,
    ownerUid: data.ownerUid,
    version: data.version,
    entering: () => stack.refreshClock(),
    control: instanceRequests({
      data,
      instance,
      nics,
      clients: () => server.clients,
      stop: () => loop.stop(),
      supervisor,
      marks: (paths) => tell({ type: 'marks', paths }),
    }),
  });
  /** Nobody is connected, and it holds nothing but lo, or was meant for one launcher alone. */
  const isEmpty = () =>
    server.clients === 0 &&
    (supervisor?.families ?? 0) === 0 &&
    (data.private || (stack.namespaces.size === 1 && stack.initial.devicesByIndex.size <= 1));

  const work: LoopWork = {
    clock,
    poll: () => {
      const more = stack.poll();
      idleness.look();
      return more;
    },
    nextDeadlineUs: () => Math.min(stack.nextDeadlineUs(), idleness.deadlineUs),
  };
  const listener = loop.listen(data.socket, (stream) => server.accept(stream));
  tell({ type: 'ready' });
  stopIfTold();
  try {
    await loop.run(work);
  } finally {
    listener.close();
    server.close();
    supervisor?.close();
    nics.close();
    parentPort?.close();
  }
}

function superviseOn(libc: Libc, loop: EpollLoop, { stack, names, netlink }: HostedInstance, ownerUid: number): Supervisor {
  return new Supervisor(new Workbench({ libc, loop, stack, names, netlink, ownerUid }), callTable);
}

await main(workerData as ThreadData, (message) => parentPort?.postMessage(message));
