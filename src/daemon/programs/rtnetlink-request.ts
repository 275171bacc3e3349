import { EIO } from '../../base/errno.js';
import type { NetlinkSocket } from '../../control/netlink-socket.js';
import type { Namespace } from '../../net/core/namespace.js';
import { NETLINK_ROUTE, NLMSG_ERROR } from '../../netlink/constants.js';
import { MessageWriter } from '../../netlink/writer.js';
import type { ProgramCall } from './program-call.js';
import type { Workbench } from './workbench.js';

/**
 * Sends one rtnetlink message for a program that asked by an ioctl: 0 or a negative errno. `build` writes it, with NLM_F_ACK among
 * its flags.
 */
export function rtnetlinkRequest(
  bench: Workbench,
  call: ProgramCall,
  namespace: Namespace,
  build: (writer: MessageWriter) => void,
): number {
  const writer = new MessageWriter();
  writer.reset();
  build(writer);
  const socket = bench.netlink.open({ protocol: NETLINK_ROUTE, namespace: namespace.id, credentials: bench.credentialsOf(call.tid) });
  try {
    socket.send(writer.take());
    return acknowledgement(socket);
  } finally {
    socket.close();
  }
}

/** struct nlmsgerr: 0 error, s32, behind the nlmsghdr of 16 bytes. */
function acknowledgement(socket: NetlinkSocket): number {
  for (let bytes = socket.receive(); bytes !== null; bytes = socket.receive()) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (view.getUint16(4, true) === NLMSG_ERROR) return view.getInt32(16, true);
  }
  return -EIO;
}
