import type { IpvsProtocol } from '../protocol.js';
import { sctp } from './sctp.js';
import { tcp } from './tcp.js';
import { udp } from './udp.js';

/** The protocols whose connections are balanced; a new one is one file and one line here. */
const protocols: readonly IpvsProtocol[] = [tcp, udp, sctp];

const byNumber: readonly (IpvsProtocol | null)[] = Array.from(
  { length: 256 },
  (_, number) => protocols.find(({ protocol }) => protocol === number) ?? null,
);

export const protocolOf = (number: number): IpvsProtocol | null => byNumber[number]!;
export const ipvsProtocols = protocols;
