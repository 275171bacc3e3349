import { Tuple } from '../tuple.js';
import type { ConntrackHelper, HelpedPacket } from './helper.js';
import { expectFrom, isTranslated } from './expect.js';

const UDP_HEADER = 8;
const READ = 1;
const WRITE = 2;
const reply = new Tuple();
const original = new Tuple();

/** TFTP, RFC 1350: who is asked answers from another port. Linux: nf_conntrack_tftp.c */
export const tftp: ConntrackHelper = {
  name: 'tftp',
  protocol: 17,
  timeout: 300,
  expects: 1,
  help(packet: HelpedPacket): boolean {
    const { skb, at, conntrack, id } = packet;
    if (at + UDP_HEADER + 2 > skb.tail) return true;
    const operation = skb.view.getUint16(at + UDP_HEADER);
    if (operation !== READ && operation !== WRITE) return true;
    conntrack.table.readTuple(id, 1, reply);
    conntrack.table.readTuple(id, 0, original);
    const expectation = expectFrom({ ...packet, direction: 0 }, tftp, reply.destination, reply.destinationPort);
    if (isTranslated(packet)) {
      expectation.savedPort = original.sourcePort;
      expectation.direction = 1;
      expectation.followsMaster = true;
    }
    return conntrack.expectations.add(expectation, tftp.expects) === 0;
  },
};
