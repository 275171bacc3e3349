import { EAGAIN } from '../../base/errno.js';
import { InetSocket } from '../../net/core/inet-socket.js';
import { MSG_DONTWAIT } from '../../net/core/socket.js';
import { type Descriptor, SocketDescriptor } from './descriptors.js';
import type { Attempt, Machine, Outcome } from './machine.js';

export type Direction = 'receive' | 'send';

/** Whether a call on it waits. */
export const blocks = (descriptor: Descriptor, flags: number): boolean => !descriptor.nonblocking && (flags & MSG_DONTWAIT) === 0;

/** When SO_RCVTIMEO or SO_SNDTIMEO ends a call that begins now. */
export function deadline(machine: Machine, descriptor: Descriptor, direction: Direction): number {
  if (!(descriptor instanceof SocketDescriptor) || !(descriptor.socket instanceof InetSocket)) return Number.POSITIVE_INFINITY;
  const { receiveTimeoutMs, sendTimeoutMs } = descriptor.socket;
  const ms = direction === 'receive' ? receiveTimeoutMs : sendTimeoutMs;
  return ms === 0 ? Number.POSITIVE_INFINITY : machine.nowUs + Math.max(0, ms) * 1000;
}

/**
 * A call that is tried until `step` says something else than -EAGAIN, or is out of time, or does not wait. `late`: the errno at the
 * end of its time. `check`: what of the result is not as expected.
 */
export function waiting(
  machine: Machine,
  descriptor: Descriptor,
  flags: number,
  direction: Direction,
  step: () => number,
  options: { readonly late?: number; readonly check?: (value: number) => string | null } = {},
): Attempt {
  const deadlineUs = deadline(machine, descriptor, direction);
  const waits = blocks(descriptor, flags);
  return {
    deadlineUs,
    try(): Outcome | null {
      const value = step();
      if (value !== -EAGAIN || !waits) return { value, problem: options.check?.(value) ?? null };
      return machine.nowUs >= deadlineUs ? { value: -(options.late ?? EAGAIN) } : null;
    },
  };
}
