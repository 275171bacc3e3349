import type { IpvsProtocol } from '../protocol.js';
import { tcp } from './tcp.js';
import { udp } from './udp.js';

/** The protocols whose connections are balanced. SCTP's services are kept; its packets pass as if there were none. */
const protocols: readonly IpvsProtocol[] = [tcp, udp];

const byNumber: readonly (IpvsProtocol | null)[] = Array.from(
  { length: 256 },
  (_, number) => protocols.find(({ protocol }) => protocol === number) ?? null,
);

export const protocolOf = (number: number): IpvsProtocol | null => byNumber[number]!;
export const ipvsProtocols = protocols;
