import { EINTR } from '../../src/base/errno.js';
import { VirtualClock } from '../../src/base/clock.js';
import { NetError } from '../../src/base/net-error.js';
import { SeededRandom } from '../../src/base/random.js';
import type { NetlinkConnection, Transport } from '../../src/client/transport.js';
import { controller } from '../../src/control/genl/controller.js';
import { genericNetlink } from '../../src/control/genl/generic-netlink.js';
import { NamespaceNames } from '../../src/control/namespace-names.js';
import { NetlinkServer } from '../../src/control/netlink-kernel.js';
import type { Credentials } from '../../src/control/netlink-socket.js';
import { type TapstackCommands, tapstackFamily } from '../../src/control/tapstack/family.js';
import { Stack } from '../../src/net/core/stack.js';

const root: Credentials = { uid: 0, gid: 0, pid: 100, netAdmin: true };

/** A stack without protocols, and generic netlink with some of our family's commands, reached inside the process. */
export function netlinkStack(groups: readonly TapstackCommands[]): {
  readonly stack: Stack;
  readonly server: NetlinkServer;
  transport(credentials?: Partial<Credentials>): Transport;
} {
  const stack = new Stack({ clock: new VirtualClock(), random: new SeededRandom(1), modules: [], linkKinds: [] }, (skb) =>
    stack.consume(skb),
  );
  const server = new NetlinkServer(stack, new NamespaceNames(stack));
  server.register(genericNetlink(server, [controller, tapstackFamily(groups)]));
  let scheduled = false;
  stack.onWork = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      while (stack.poll());
    });
  };
  return {
    stack,
    server,
    transport: (credentials = {}) => ({
      target: 'stack',
      open: (protocol, options) => {
        const socket = server.open({ protocol, namespace: options?.namespace, credentials: { ...root, ...credentials } });
        return Promise.resolve(connectionOf(socket));
      },
    }),
  };
}

function connectionOf(socket: ReturnType<NetlinkServer['open']>): NetlinkConnection {
  let wake: (() => void) | null = null;
  socket.onReadable = () => wake?.();
  return {
    portId: socket.portId,
    send: async (datagram) => socket.send(datagram),
    async receive(signal) {
      for (;;) {
        const datagram = socket.receive();
        if (datagram !== null) return datagram;
        if (signal?.aborted === true) throw new NetError(EINTR);
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal?.addEventListener('abort', () => resolve());
        });
      }
    },
    setOption: async (option, value) => socket.setOption(option, value),
    setReceiveBuffer: async (bytes) => socket.setReceiveBuffer(bytes, true),
    close: () => socket.close(),
  };
}
