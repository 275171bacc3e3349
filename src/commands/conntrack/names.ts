/** Transport protocols that conntrack has names for. */
export const protocolNames: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [47, 'gre'],
  [58, 'icmpv6'],
  [132, 'sctp'],
  [136, 'udplite'],
]);

/** In the order of their numbers (enum tcp_conntrack). */
// biome-ignore format: a table
export const tcpStates = [
  'NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2',
];

// biome-ignore format: a table
export const sctpStates = [
  'NONE', 'CLOSED', 'COOKIE_WAIT', 'COOKIE_ECHOED', 'ESTABLISHED', 'SHUTDOWN_SENT', 'SHUTDOWN_RECD', 'SHUTDOWN_ACK_SENT',
  'HEARTBEAT_SENT', 'HEARTBEAT_ACKED',
];
// biome-ignore format: a table
export const dccpStates = [
  'NONE', 'REQUEST', 'RESPOND', 'PARTOPEN', 'OPEN', 'CLOSEREQ', 'CLOSING', 'TIMEWAIT', 'IGNORE', 'INVALID',
];

interface StateProtocol {
  readonly name: string;
  readonly states: readonly string[];
}
/** Transport protocols whose connections have states. */
export const stateProtocols: ReadonlyMap<number, StateProtocol> = new Map([
  [6, { name: 'TCP', states: tcpStates }],
  [33, { name: 'DCCP', states: dccpStates }],
  [132, { name: 'SCTP', states: sctpStates }],
]);

export function protocolNumber(text: string): number | undefined {
  if (/^[0-9]+$/.test(text)) return Number(text) <= 255 ? Number(text) : undefined;
  for (const [number, name] of protocolNames) if (name === text.toLowerCase()) return number;
  return undefined;
}

export const protocolName = (number: number): string => protocolNames.get(number) ?? 'unknown';
