import { Expectation } from '../expectations.js';
import { IPS_NAT_MASK } from '../layout.js';
import { Tuple } from '../tuple.js';
import type { ConntrackHelper, HelpedPacket } from './helper.js';

const ALL_ONES = 0xffff_ffff;
const other = new Tuple();

/**
 * What a helper announces: a connection from the far end (the one that the packet goes to) to `port` at `destination`, from any port.
 * Linux: nf_ct_expect_init()
 */
export function expectFrom(packet: HelpedPacket, helper: ConntrackHelper, destination: Uint32Array, port: number): Expectation {
  const { conntrack, id, direction } = packet;
  const { table, namespace } = conntrack;
  table.readTuple(id, 1 - direction, other);
  const expectation = new Expectation();
  const { tuple, mask } = expectation;
  tuple.family = other.family;
  tuple.protocol = helper.protocol;
  mask.family = other.family;
  mask.protocol = helper.protocol;
  for (let i = 0; i < 4; i++) {
    tuple.source[i] = other.source[i]!;
    tuple.destination[i] = destination[i]!;
    if (i === 0 || other.family !== 2) mask.source[i] = ALL_ONES;
  }
  tuple.setPorts(0, port);
  expectation.master = id;
  expectation.helper = helper.name;
  expectation.expiresUs = namespace.stack.nowUs + helper.timeout * 1_000_000;
  return expectation;
}

export const isTranslated = ({ conntrack, id }: HelpedPacket): boolean => (conntrack.table.status(id) & IPS_NAT_MASK) !== 0;

/** How many ports behind the wanted one are tried, as Linux does (NF_CT_EXPECT_MAX_CNT). */
const TRIES = 128;

/** The expected connection is translated as its master is: a port is taken that no other waits at; 0: none. Linux: nf_nat_exp_find_port() */
export function followMaster(packet: HelpedPacket, helper: ConntrackHelper, expectation: Expectation): number {
  const { tuple } = expectation;
  expectation.savedPort = tuple.destinationPort;
  expectation.direction = 1 - packet.direction;
  expectation.followsMaster = true;
  const { expectations } = packet.conntrack;
  for (let i = 0, port = expectation.savedPort; i < TRIES && port !== 0; i++, port = 1024 + ((port + 1) % 64_512)) {
    tuple.setPorts(0, port);
    if (expectations.add(expectation, helper.expects) === 0) return port;
  }
  return 0;
}
