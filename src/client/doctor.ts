import { spawn } from 'node:child_process';
import { accessSync, existsSync, constants as fs, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { NetError } from '../base/net-error.js';
import { filterSelf } from '../host/capture-self.js';
import { type Libc, loadLibc } from '../host/libc.js';
import { PinnedMemory } from '../host/pinned-memory.js';
import { mayTakeDescriptors, ProcessAccess } from '../host/process-access.js';
import { seccompFilter } from '../host/seccomp-filter.js';
import { auditArchitecture } from '../host/system-calls.js';
import type { Finding } from './instance-port.js';
import { checkRuntimeFolder, runtimeFolder } from './paths.js';
import { packageRoot } from './start-daemon.js';
import { mayMakeWall } from './wall.js';

const OWN_COMMANDS = 'our own commands work, other programs see an empty network';

const good = (what: string, text: string): Finding => ({ what, state: 'ok', text });
const limited = (what: string, text: string): Finding => ({ what, state: 'limited', text });
const bad = (what: string, text: string): Finding => ({ what, state: 'no', text });

/** What this machine lets programs of an instance do, and what it does not: one line each, with the cause and what still works. */
export async function examine(variables: NodeJS.ProcessEnv): Promise<readonly Finding[]> {
  const libc = await loadLibc();
  const findings = [runtime(variables), walls(variables)];
  if (libc === null) findings.push(bad('programs', `koffi does not load here: ${OWN_COMMANDS}`));
  else findings.push(...(await captured(libc)));
  findings.push(
    limited(
      'setuid',
      'programs of an instance gain nothing by setuid (no_new_privs): sudo and su refuse, others go on as who started them',
    ),
    taps(),
    native(),
  );
  return findings;
}

function runtime(variables: NodeJS.ProcessEnv): Finding {
  const uid = process.geteuid!();
  const folder = runtimeFolder(variables, uid);
  try {
    checkRuntimeFolder(folder, uid);
    return good('runtime', `${folder} holds the instances`);
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    return bad('runtime', `${error.message}; no instance can start until then`);
  }
}

function walls(variables: NodeJS.ProcessEnv): Finding {
  if (mayMakeWall()) return good('wall', 'programs stand in an empty network namespace of the host, with an /etc of their own');
  const apparmor =
    settingOf('kernel/apparmor_restrict_unprivileged_userns') === '1' ? ' (kernel.apparmor_restrict_unprivileged_userns is 1)' : '';
  const rest =
    variables['TAPSTACK_CAPTURE'] === 'off'
      ? 'programs see the network of the host'
      : "captured programs are on the stack all the same, /etc is the host's";
  return limited('wall', `unshare() is refused here${apparmor}: ${rest}`);
}

async function captured(libc: Libc): Promise<Finding[]> {
  if (auditArchitecture() === undefined) return [bad('programs', `programs of ${process.arch} cannot be captured: ${OWN_COMMANDS}`)];
  const access = new ProcessAccess(libc, new PinnedMemory(libc, 1 << 12));
  try {
    const reading = await mayReadMemory(access);
    if (reading !== null) return [bad('programs', `${reading}: ${OWN_COMMANDS}`)];
    const takes = mayTakeDescriptors(access, libc)
      ? good('descriptors', 'pidfd_getfd() is allowed')
      : limited(
          'descriptors',
          'pidfd_getfd() is refused (seccomp of a container): a socket that was never connected is not noticed to be closed; all else works',
        );
    return [filter(libc), takes];
  } finally {
    access.close();
  }
}

/** Puts a filter that lets all pass over this process. */
function filter(libc: Libc): Finding {
  try {
    const listener = filterSelf(libc, seccompFilter([], 1));
    if (listener === null) return good('programs', 'this is a program of an instance itself, and an instance in it holds its own');
    libc.close(listener);
    return good('programs', "sockets of programs are the stack's (seccomp user notification)");
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    const cause = ['EINVAL', 'ENOSYS'].includes(error.code)
      ? `this kernel (${release()}) has no seccomp user notification, Linux 5.9 has`
      : 'seccomp() is refused here';
    return bad('programs', `${cause}: ${OWN_COMMANDS}`);
  }
}

/** Tries it on a child, which is to a launcher what programs are to the daemon at best; null: it may. */
async function mayReadMemory(access: ProcessAccess): Promise<string | null> {
  const child = spawn('sleep', ['10'], { stdio: 'ignore' });
  try {
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    if (!access.mayRead(child.pid!)) return 'process_vm_readv() is refused here';
    const scope = settingOf('kernel/yama/ptrace_scope');
    // The daemon is no ancestor of programs: it needs CAP_SYS_PTRACE over them, which their own user namespace gives it.
    if (scope !== null && scope !== '0' && !holdsPtrace() && !(process.geteuid!() !== 0 && mayMakeWall()))
      return `Yama (kernel.yama.ptrace_scope is ${scope}) lets the daemon not read the memory of programs`;
    return null;
  } finally {
    child.kill('SIGKILL');
  }
}

const CAP_SYS_PTRACE = 19;

function holdsPtrace(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> BigInt(CAP_SYS_PTRACE)) & 1n) === 1n;
}

function settingOf(path: string): string | null {
  try {
    return readFileSync(`/proc/sys/${path}`, 'latin1').trim();
  } catch {
    // The kernel is built without it.
    return null;
  }
}

function taps(): Finding {
  try {
    accessSync('/dev/net/tun', fs.R_OK | fs.W_OK);
    return good('NICs', '/dev/net/tun of the host is there: --nic NAME,tap=HOSTTAP leads out (it wants CAP_NET_ADMIN)');
  } catch {
    return limited('NICs', 'there is no /dev/net/tun of the host for this user: NICs have no wire that leads out');
  }
}

function native(): Finding {
  return existsSync(join(packageRoot(), 'native', 'bin'))
    ? good('commands', 'the native client answers commands from a warm worker')
    : limited('commands', 'the native client is not built (npm install builds it where there is a C compiler): Node runs each command');
}
