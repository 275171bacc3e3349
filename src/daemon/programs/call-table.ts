import type { CaptureRule } from '../../host/seccomp-filter.js';
import type { SystemCall } from '../../host/system-calls.js';
import type { ProgramCall } from './program-call.js';
import type { Supervisor } from './supervisor.js';

/** What one system call of captured programs means: when it is handed over, and what is done then. */
export interface CallDescriptor {
  readonly name: SystemCall;
  readonly when: CaptureRule;
  /** Answers the call, at once or later. Throws NetError: its errno is the answer. Left out: the filter answers. */
  readonly handle?: (call: ProgramCall, supervisor: Supervisor) => void;
}
