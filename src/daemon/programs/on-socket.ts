import type { ProgramCall } from './program-call.js';
import type { ProgramSocket } from './program-socket.js';
import type { Supervisor } from './supervisor.js';

/** A call whose first argument is a descriptor: what is no socket of ours (a file, a Unix socket, nothing) is the kernel's. */
export const onSocket =
  (handle: (socket: ProgramSocket, call: ProgramCall, supervisor: Supervisor) => void) =>
  (call: ProgramCall, supervisor: Supervisor): void => {
    const socket = supervisor.socketOf(call, call.ints[0]!);
    // A signal that came while it was settled has the program call once more.
    if (call.done) return;
    if (socket === undefined) call.proceed();
    else handle(socket, call, supervisor);
  };
