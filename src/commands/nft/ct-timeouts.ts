// linux/netfilter/nfnetlink_cttimeout.h: CTA_TIMEOUT_TCP_*, CTA_TIMEOUT_UDP_*, from 1 on; and the kernel's defaults in seconds.
const tcp: readonly (readonly [string, number])[] = [
  ['syn_sent', 120],
  ['syn_recv', 60],
  ['established', 432_000],
  ['fin_wait', 120],
  ['close_wait', 60],
  ['last_ack', 30],
  ['time_wait', 120],
  ['close', 10],
  ['syn_sent2', 120],
  ['retrans', 300],
  ['unack', 300],
];
const udp: readonly (readonly [string, number])[] = [
  ['unreplied', 30],
  ['replied', 120],
];

const statesOf = (protocol: number) => (protocol === 6 ? tcp : protocol === 17 ? udp : []);

/** Names of a protocol's states, in the order of their numbers. */
export const timeoutStates = (protocol: number): readonly string[] => statesOf(protocol).map(([name]) => name);
export const defaultTimeout = (protocol: number, state: string): number | undefined =>
  statesOf(protocol).find(([name]) => name === state)?.[1];
