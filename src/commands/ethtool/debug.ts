import type { NetlinkConnection, Transport } from '../../client/transport.js';
import { NLMSG_DONE, NLMSG_ERROR } from '../../netlink/constants.js';
import { Answer, Request } from '../../netlink/genl/ethtool/constants.js';
import { GENL_ID_CTRL } from '../../netlink/genl/genl.js';
import { type NetlinkMessage, parseMessages, payloadStart } from '../../netlink/message.js';
import type { EthtoolContext } from './context.js';

// Bits of --debug.
const DEBUG_NL_MESSAGES = 1 << 1;
const DEBUG_NL_DUMP_SENT = 1 << 2;
const DEBUG_NL_DUMP_RECEIVED = 1 << 3;

const nameOf = (table: Readonly<Record<string, number>>, command: number) => {
  const name = Object.keys(table).find((key) => table[key] === command);
  return name === undefined ? `unknown ${command}` : `ETHTOOL_MSG_${name}`;
};

function lineOf(message: NetlinkMessage, outgoing: boolean): string {
  const { type, start, end, bytes } = message;
  const front = `    msg length ${end - start} `;
  if (type === NLMSG_ERROR) return `${front}error errno=${message.view.getInt32(payloadStart(message), true)}\n`;
  if (type === NLMSG_DONE) return `${front}done\n`;
  if (type === GENL_ID_CTRL) return `${front}genl-ctrl\n`;
  // "ethool" is how the real tool spells it.
  return `${front}ethool ${nameOf(outgoing ? Request : Answer, bytes[payloadStart(message)]!)}\n`;
}

/** Sixteen bytes a line. */
function hexOf(datagram: Uint8Array): string {
  let text = '';
  for (let at = 0; at < datagram.length; at += 16) {
    const bytes = [...datagram.subarray(at, at + 16)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    text += `    ${at.toString(16).padStart(4, '0')}  ${bytes}\n`;
  }
  return text;
}

/** A transport that tells of what goes through it, as --debug asks. */
export function tracedTransport(transport: Transport, context: EthtoolContext): Transport {
  const { debug } = context.flags;
  const tell = (way: 'sending' | 'received', datagram: Uint8Array) => {
    const dumped = (debug & (way === 'sending' ? DEBUG_NL_DUMP_SENT : DEBUG_NL_DUMP_RECEIVED)) !== 0;
    if ((debug & DEBUG_NL_MESSAGES) !== 0 || dumped) context.print(`${way} genetlink packet (${datagram.length} bytes):\n`);
    if ((debug & DEBUG_NL_MESSAGES) !== 0) for (const message of parseMessages(datagram)) context.print(lineOf(message, way === 'sending'));
    if (dumped) context.print(hexOf(datagram));
  };
  const traced = (connection: NetlinkConnection): NetlinkConnection => ({
    portId: connection.portId,
    send(datagram) {
      tell('sending', datagram);
      return connection.send(datagram);
    },
    async receive(signal) {
      const datagram = await connection.receive(signal);
      tell('received', datagram);
      return datagram;
    },
    setOption: (option, value) => connection.setOption(option, value),
    setReceiveBuffer: (bytes) => connection.setReceiveBuffer(bytes),
    close: () => connection.close(),
  });
  return { ...transport, open: async (protocol, options) => traced(await transport.open(protocol, options)) };
}
