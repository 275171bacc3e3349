import { EINVAL, ENOENT, EPERM } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { CallDescriptor } from './call-table.js';
import type { ProgramCall } from './program-call.js';
import type { Supervisor } from './supervisor.js';

// linux/sched.h
const CLONE_NEWNS = 0x0002_0000;
const CLONE_NEWNET = 0x4000_0000;
// linux/mount.h
const MS_BIND = 0x1000;
/** MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED. */
const PROPAGATION = 0x1e_0000;

const FOLDER = '/run/netns';

/**
 * Network namespaces of programs are the stack's: unshare() and setns() change the caller's tag, and the mounts by which iproute2
 * names namespaces give names. The folder /run/netns in front of a program holds a file a name (NamespaceFiles), which the kernel
 * opens, lists and unlinks by itself.
 */
export const namespaceCalls: readonly CallDescriptor[] = [
  { name: 'unshare', when: { anyOf: [{ argument: 0, anyBit: CLONE_NEWNS | CLONE_NEWNET }] }, handle: unshare },
  {
    name: 'clone',
    when: { anyOf: [{ argument: 0, anyBit: CLONE_NEWNET }] },
    handle: (call, supervisor) => clone(call, supervisor, call.ints[0]!),
  },
  { name: 'clone3', when: 'always', handle: clone3 },
  { name: 'setns', when: 'always', handle: setns },
  { name: 'mount', when: 'always', handle: mount },
  { name: 'umount2', when: 'always', handle: unmount },
];

function unshare(call: ProgramCall, supervisor: Supervisor): void {
  const flags = call.ints[0]!;
  if ((flags & CLONE_NEWNET) === 0) return mountNamespace(call, supervisor);
  // The wall's own is the host's: a second wall behind ours.
  if (supervisor.takeWall(call)) return call.proceed();
  if (!mayMakeNamespaces(call, supervisor, flags)) return call.fail(EPERM);
  const { bench } = supervisor;
  const namespace = bench.stack.createNamespace(supervisor.namespaceOf(call));
  supervisor.enter(call, namespace);
  // What else it wants is the kernel's; a network namespace of the host that comes along is empty and out of use.
  if ((flags & ~CLONE_NEWNET) === 0) call.ok();
  else call.proceed();
}

/** The kernel makes the child, and a namespace of the host for it, which is empty and out of use, if it lets the caller. */
function clone(call: ProgramCall, supervisor: Supervisor, flags: number): void {
  if ((flags & CLONE_NEWNET) !== 0 && mayMakeNamespaces(call, supervisor, flags))
    supervisor.bear(call, supervisor.bench.stack.createNamespace(supervisor.namespaceOf(call)));
  call.proceed();
}

/** struct clone_args: u64 flags first. */
function clone3(call: ProgramCall, supervisor: Supervisor): void {
  const { io } = supervisor.bench;
  clone(call, supervisor, call.read(call.args[0]!, 8, io.address) ? io.view.getInt32(0, true) : 0);
}

/** Who lacks the capability for it gets none from the kernel, and needs none: what iproute2 mounts there is answered by us. */
function mountNamespace(call: ProgramCall, supervisor: Supervisor): void {
  if (call.ints[0] !== CLONE_NEWNS || supervisor.bench.access.mayMount(call.tid)) call.proceed();
  else call.ok();
}

/** CAP_SYS_ADMIN, or the instance's owner; with a user namespace (CLONE_NEWUSER) anybody. */
function mayMakeNamespaces(call: ProgramCall, supervisor: Supervisor, flags: number): boolean {
  return (flags & 0x1000_0000) !== 0 || supervisor.bench.credentialsOf(call.tid).netAdmin;
}

/** setns(2): a file of /run/netns by its inode; /proc/self/ns/net, which the program opened earlier, is where it came from. */
function setns(call: ProgramCall, supervisor: Supervisor): void {
  const type = call.ints[1]!;
  const namespace = supervisor.namespaceBehind(call, call.ints[0]!);
  if (namespace === undefined) return call.proceed();
  const isProcess = supervisor.isPidfd(call, call.ints[0]!);
  // Of a process, several namespaces can be asked for: the others are the kernel's affair.
  if (isProcess ? (type & CLONE_NEWNET) === 0 : type !== 0 && type !== CLONE_NEWNET) return isProcess ? call.proceed() : call.fail(EINVAL);
  if (!supervisor.bench.credentialsOf(call.tid).netAdmin) return call.fail(EPERM);
  supervisor.enter(call, namespace);
  if (isProcess && type !== CLONE_NEWNET) call.proceed();
  else call.ok();
}

function mount(call: ProgramCall, supervisor: Supervisor): void {
  const target = supervisor.pathAt(call, call.args[1]!);
  const flags = call.ints[3]!;
  const name = nameOf(target);
  if (name === '') {
    // iproute2 makes the folder a mount of its own that is shared: it is one.
    if ((flags & PROPAGATION) !== 0 || supervisor.pathAt(call, call.args[0]!) === target) call.ok();
    else call.proceed();
  } else if (name !== null && (flags & MS_BIND) !== 0) {
    nameNamespace(call, supervisor, name, supervisor.pathAt(call, call.args[0]!) ?? '');
  } else if (supervisor.bench.access.mayMount(call.tid)) call.proceed();
  // Before it starts a program in a namespace iproute2 shows it a /sys of that namespace, and the files of /etc/netns/NAME.
  else if (target === '/' || target === '/sys' || target?.startsWith('/etc/')) call.ok();
  else call.proceed();
}

/** A name for the namespace that `source` stands for. */
function nameNamespace(call: ProgramCall, supervisor: Supervisor, name: string, source: string): void {
  const { names } = supervisor.bench;
  if (!supervisor.bench.credentialsOf(call.tid).netAdmin) return call.fail(EPERM);
  const [, other] = /^(?:\/var)?\/run\/netns\/([^/]+)$/.exec(source) ?? [];
  const [, pid] = /^\/proc\/(?:(\d+)|self|thread-self)\/ns\/net$/.exec(source) ?? [undefined, undefined];
  const [, fd] = /^\/proc\/(?:\d+|self|thread-self)\/fd\/(\d+)$/.exec(source) ?? [];
  let namespace: Namespace | undefined;
  if (other !== undefined) namespace = names.resolve(other);
  else if (pid !== undefined) namespace = names.ofProcess(Number(pid));
  else if (fd !== undefined) namespace = supervisor.namespaceOfFile(call.tid, Number(fd));
  else if (source.startsWith('/proc/')) namespace = supervisor.namespaceOf(call);
  if (namespace === undefined) return call.fail(ENOENT);
  try {
    names.attach(name, namespace);
    call.ok();
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    call.fail(error.errno);
  }
}

/** umount2(2): a name goes; its file is unlinked by whoever unmounts it. */
function unmount(call: ProgramCall, supervisor: Supervisor): void {
  const target = supervisor.pathAt(call, call.args[0]!);
  const name = nameOf(target);
  if (name !== null && name !== '') {
    const { names } = supervisor.bench;
    if (names.resolve(name) === undefined) return call.fail(EINVAL);
    if (!supervisor.bench.credentialsOf(call.tid).netAdmin) return call.fail(EPERM);
    supervisor.files?.keepFile(name);
    names.remove(name);
    call.ok();
  } else if (target === '/sys' && !supervisor.bench.access.mayMount(call.tid)) call.ok();
  else call.proceed();
}

/** The name of a namespace that a path stands for; '': the folder itself; null: neither. */
function nameOf(path: string | null): string | null {
  const plain = path?.replace(/^\/var\/run\//, '/run/').replace(/\/$/, '');
  if (plain === FOLDER) return '';
  return plain?.startsWith(`${FOLDER}/`) ? plain.slice(FOLDER.length + 1) : null;
}
