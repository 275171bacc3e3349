import { EBADF, EINVAL, ENOENT, EOPNOTSUPP, EPERM } from '../base/errno.js';
import { ClientError } from '../client/client-error.js';
import type { Namespace } from '../net/core/namespace.js';
import type { ControlRequest } from './control-requests.js';
import type { HostedInstance } from './hosted-instance.js';
import type { Supervisor } from './programs/supervisor.js';

export interface CaptureRequestsOptions {
  readonly instance: HostedInstance;
  readonly supervisor: Supervisor | null;
}

/**
 * What a launcher asks for its program: the filter that it puts over itself, then that the daemon takes the listener over that comes
 * along with the request. Inside a captured program, where there is a listener already, it asks to be in another namespace.
 */
export function captureRequests({ instance, supervisor }: CaptureRequestsOptions): readonly [string, ControlRequest][] {
  const needed = (): Supervisor => {
    if (supervisor === null) throw new ClientError(EOPNOTSUPP, 'the daemon runs without koffi');
    return supervisor;
  };
  return [
    [
      'capture-filter',
      (argument, session) => {
        const { cookie, ownUsers } = (argument ?? {}) as { readonly cookie?: unknown; readonly ownUsers?: unknown };
        if (!Number.isSafeInteger(cookie)) throw new ClientError(EINVAL, 'a filter needs a cookie');
        const { families } = needed();
        // In a user namespace that this user makes, the daemon has all rights.
        if (ownUsers !== true && !families.access.mayRead(session.credentials.pid))
          throw new ClientError(EPERM, 'the daemon may not read the memory of programs (Yama, kernel.yama.ptrace_scope)');
        return Buffer.from(families.filter(cookie as number)).toString('base64');
      },
    ],
    [
      'capture',
      (argument, session) => {
        const namespace = namespaceIn(instance, argument);
        const fd = session.takeDescriptor();
        if (fd < 0) throw new ClientError(EBADF, 'no listener came along');
        needed().families.adopt(fd, needed(), namespace, makesWall(argument));
        needed().place(session.credentials.pid, namespace);
      },
    ],
    [
      'capture-tag',
      (argument, session) => {
        const supervisor = needed();
        supervisor.walls ||= makesWall(argument);
        supervisor.place(processIn(argument) ?? session.credentials.pid, namespaceIn(instance, argument));
      },
    ],
  ];
}

/** What the launcher starts first makes a network namespace of the host. */
const makesWall = (argument: unknown) => (argument as { readonly walls?: unknown } | null)?.walls === true;

/** A process for which the command worker asks; undefined: the one that asks. */
function processIn(argument: unknown): number | undefined {
  const { pid } = (typeof argument === 'object' && argument !== null ? argument : {}) as { readonly pid?: unknown };
  if (pid !== undefined && !(Number.isSafeInteger(pid) && (pid as number) > 0)) throw new ClientError(EINVAL, 'a process is a number');
  return pid as number | undefined;
}

/** By id or by name; left out: the initial one. */
function namespaceIn(instance: HostedInstance, argument: unknown): Namespace {
  const { namespace } = (typeof argument === 'object' && argument !== null ? argument : {}) as { readonly namespace?: unknown };
  if (namespace !== undefined && typeof namespace !== 'string' && typeof namespace !== 'number')
    throw new ClientError(EINVAL, 'a namespace is a name or an id');
  const found = instance.resolveNamespace(namespace);
  if (found === undefined) throw new ClientError(ENOENT, `there is no namespace "${namespace}"`);
  return found;
}
