import { randomInt } from 'node:crypto';
import { EACCES, EINVAL, ENOSYS, EOPNOTSUPP, EPERM } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { filterSelf, sendDescriptor } from '../host/capture-self.js';
import { loadLibc } from '../host/libc.js';
import type { BusConnection } from './bus-connection.js';
import { ClientError } from './client-error.js';

/** Set to "off" where programs are to keep the host's sockets (`--no-capture`). */
export const CAPTURE_VARIABLE = 'TAPSTACK_CAPTURE';

export const captures = (variables: Readonly<Record<string, string | undefined>>): boolean => variables[CAPTURE_VARIABLE] !== 'off';

/** Cookies fit beside a call's flags, and exactly into a number. */
const COOKIES = 1 << 20;

/**
 * Puts this process - its main thread, and with it whatever it starts from now on - under the daemon's supervision, in a namespace
 * by id or name. `walls`: what it starts first makes a network namespace of the host, which stays the host's. A line for standard error where that cannot be; null: it is done.
 */
export async function captureSelf(
  connection: BusConnection,
  namespace: string | number | undefined,
  walls: boolean,
): Promise<string | null> {
  const libc = await loadLibc();
  if (libc === null) return refusal('koffi does not load here');
  const argument = { walls, ...(namespace === undefined ? {} : { namespace }) };
  const cookie = randomInt(1, COOKIES);
  try {
    const filter = await connection.request({
      request: 'capture-filter',
      argument: { cookie, ownUsers: walls && process.geteuid?.() !== 0 },
    });
    const listener = filterSelf(libc, Buffer.from(String(filter), 'base64'));
    if (listener === null) await connection.request({ request: 'capture-tag', argument });
    else {
      await connection.request({ request: 'capture', argument }, undefined, (frame) =>
        sendDescriptor(libc, connection.descriptor, frame, listener, cookie),
      );
      libc.close(listener);
    }
    return null;
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    return refusal(reasonOf(error));
  }
}

/** Puts a captured process into a namespace by its id, and with it whatever it starts from now on. */
export async function tagProcess(connection: BusConnection, pid: number, namespace: number | undefined): Promise<void> {
  await connection.request({ request: 'capture-tag', argument: { pid, ...(namespace === undefined ? {} : { namespace }) } });
}

function reasonOf(error: NetError): string {
  switch (error.errno) {
    case EINVAL:
    case ENOSYS:
      return 'this kernel has no seccomp user notification (Linux 5.9 has)';
    case EPERM:
    case EACCES:
      if (error instanceof ClientError) return error.message;
      return 'seccomp() is refused here';
    case EOPNOTSUPP:
      return 'the daemon runs without koffi';
    default:
      return error.message;
  }
}

const refusal = (reason: string) => `tapstack: programs are not captured: ${reason}; our own commands work, others see an empty network\n`;
