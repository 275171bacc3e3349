import { EAFNOSUPPORT, EPERM, EPROTONOSUPPORT, ESOCKTNOSUPPORT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import { SOCK_RAW, type Socket } from '../../net/core/socket.js';
import { AF_PACKET } from '../../netlink/constants.js';
import type { Credentials } from '../netlink-socket.js';

/** Linux: inet_create(), which goes through inetsw[type]. Throws EAFNOSUPPORT, ESOCKTNOSUPPORT, EPROTONOSUPPORT, EPERM, EACCES. */
export function createSocket(namespace: Namespace, family: number, type: number, protocol: number, credentials: Credentials): Socket {
  const ofFamily = namespace.sockets.families.filter((entry) => entry.family === family);
  if (ofFamily.length === 0) fail(EAFNOSUPPORT);
  const ofType = ofFamily.filter((entry) => entry.type === type);
  if (ofType.length === 0) fail(ESOCKTNOSUPPORT);
  const found = ofType.find(
    (entry) =>
      (protocol === 0 && (entry.anyProtocol !== true || family === AF_PACKET)) ||
      entry.protocol === protocol ||
      (protocol !== 0 && entry.anyProtocol === true),
  );
  if (found === undefined) return fail(EPROTONOSUPPORT);
  if ((type === SOCK_RAW || family === AF_PACKET) && !credentials.netAdmin) fail(EPERM);
  const socket = found.create(namespace, protocol === 0 ? found.protocol : protocol, credentials.uid, credentials.netAdmin);
  return typeof socket === 'number' ? fail(-socket) : socket;
}
