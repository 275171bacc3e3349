import { parentPort, workerData } from 'node:worker_threads';
import { NetError } from '../base/net-error.js';
import { HostClock } from '../host/clock.js';
import { EpollLoop } from '../host/epoll-loop.js';
import type { EventLoop, LoopWork } from '../host/event-loop.js';
import { loadLibc } from '../host/libc.js';
import { NodeLoop } from '../host/node-loop.js';
import { blockSignals } from '../host/signal-mask.js';
import { NestedInstances } from './nested-instances.js';
import { Resident } from './resident.js';
import { STOP, type ThreadData, type ThreadMessage } from './thread-messages.js';

/**
 * The one thread that owns TAPs, stack, timers and bus. While its loop runs it hears nothing but descriptors: the main thread
 * stops it by a flag and the eventfd.
 */
async function main(data: ThreadData, tell: (message: ThreadMessage) => void): Promise<void> {
  const libc = await loadLibc();
  // A signal while a program is given a descriptor (SeccompListener.addDescriptor) would have its socket() return 0.
  if (libc !== null) blockSignals(libc);
  const flags = new Int32Array(data.flags);
  const stopIfTold = () => {
    if (Atomics.load(flags, STOP) === 1) loop.stop();
  };
  const loop: EventLoop = libc === null || data.wakeFd < 0 ? new NodeLoop() : new EpollLoop(libc, data.wakeFd, stopIfTold);
  parentPort?.on('message', stopIfTold);

  const clock = new HostClock();
  const nested = new NestedInstances({ loop, libc, clock, tell });
  let own: Resident;
  try {
    own = new Resident({
      loop,
      libc,
      clock,
      data,
      nest: nested.nest,
      stop: () => loop.stop(),
      tell,
    });
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    tell({ type: 'failed', text: error.message });
    parentPort?.close();
    return;
  }
  const work: LoopWork = {
    clock,
    poll: () => {
      let more = own.poll();
      for (const resident of nested.residents) more = resident.poll() || more;
      return more;
    },
    nextDeadlineUs: () => {
      let deadline = own.nextDeadlineUs();
      for (const resident of nested.residents) deadline = Math.min(deadline, resident.nextDeadlineUs());
      return deadline;
    },
  };
  tell({ type: 'ready' });
  stopIfTold();
  try {
    await loop.run(work);
  } finally {
    nested.close();
    own.close();
    parentPort?.close();
  }
}

await main(workerData as ThreadData, (message) => parentPort?.postMessage(message));
