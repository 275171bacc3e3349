import type { ConntrackSettings } from '../../net/netfilter/conntrack/settings.js';
import { concerns, type Sysctl, type SysctlGroup } from './sysctl.js';
import { integer, NOT_NEGATIVE, readOnly, setting, SWITCH } from './values.js';

const DIRECTORY = 'net/netfilter';
/** Seconds of TCP's states, by their numbers. */
const tcpStates = ['', 'syn_sent', 'syn_recv', 'established', 'fin_wait', 'close_wait', 'last_ack', 'time_wait', 'close'];
const SECONDS = { min: 0, max: 0x7fff_ffff };
/** Of protocols that are tracked as any other: kept. */
const kept: readonly (readonly [name: string, initial: number])[] = [
  ['dccp_loose', 1],
  ['dccp_timeout_closereq', 64],
  ['dccp_timeout_closing', 64],
  ['dccp_timeout_open', 43_200],
  ['dccp_timeout_partopen', 480],
  ['dccp_timeout_request', 240],
  ['dccp_timeout_respond', 480],
  ['dccp_timeout_timewait', 240],
  ['sctp_timeout_closed', 10],
  ['sctp_timeout_cookie_echoed', 3],
  ['sctp_timeout_cookie_wait', 3],
  ['sctp_timeout_established', 210],
  ['sctp_timeout_heartbeat_sent', 30],
  ['sctp_timeout_shutdown_ack_sent', 3],
  ['sctp_timeout_shutdown_recd', 3],
  ['sctp_timeout_shutdown_sent', 3],
];

/** /proc/sys/net/netfilter/nf_conntrack_*: there once something has wanted connections, as on a host that loads the module then. */
export const conntrackSysctls: SysctlGroup = function* (namespace, below) {
  if (!concerns(DIRECTORY, below) || !namespace.conntrack.table.loaded) return;
  const { conntrack } = namespace;
  const { settings } = conntrack;
  const file = (name: string, key: Parameters<typeof setting<ConntrackSettings>>[2], limits = {}): Sysctl =>
    setting(`${DIRECTORY}/nf_conntrack_${name}`, settings, key, limits);
  yield file('acct', 'acct', SWITCH);
  yield file('checksum', 'checksum', SWITCH);
  yield file('events', 'events', { min: 0, max: 2 });
  yield file('timestamp', 'timestamp', SWITCH);
  yield file('log_invalid', 'logInvalid', { min: 0, max: 255 });
  yield file('expect_max', 'expectMax', NOT_NEGATIVE);
  yield file('generic_timeout', 'genericTimeout', SECONDS);
  yield file('icmp_timeout', 'icmpTimeout', SECONDS);
  yield file('icmpv6_timeout', 'icmpv6Timeout', SECONDS);
  yield file('udp_timeout', 'udpTimeout', SECONDS);
  yield file('udp_timeout_stream', 'udpTimeoutStream', SECONDS);
  yield file('gre_timeout', 'greTimeout', SECONDS);
  yield file('gre_timeout_stream', 'greTimeoutStream', SECONDS);
  yield file('tcp_be_liberal', 'tcpBeLiberal', SWITCH);
  yield file('tcp_loose', 'tcpLoose', SWITCH);
  yield file('tcp_ignore_invalid_rst', 'tcpIgnoreInvalidRst', SWITCH);
  yield file('tcp_max_retrans', 'tcpMaxRetrans', { min: 0, max: 255 });
  yield file('tcp_timeout_max_retrans', 'tcpTimeoutMaxRetrans', SECONDS);
  yield file('tcp_timeout_unacknowledged', 'tcpTimeoutUnacknowledged', SECONDS);
  for (const [state, name] of tcpStates.entries())
    if (name !== '')
      yield integer(
        `${DIRECTORY}/nf_conntrack_tcp_timeout_${name}`,
        () => settings.tcpTimeouts[state]!,
        (value) => {
          settings.tcpTimeouts[state] = value;
        },
        SECONDS,
      );
  for (const [name] of kept) yield keptFile(settings, name);
  yield readOnly(`${DIRECTORY}/nf_conntrack_count`, () => String(conntrack.count));
  const first = namespace === namespace.stack.initial;
  // What is one for all namespaces is shown to all, and changed by the first.
  const max = file('max', 'max', NOT_NEGATIVE);
  yield first ? max : readOnly(max.path, max.read);
  yield readOnly(`${DIRECTORY}/nf_conntrack_buckets`, () => '8192');
};

function keptFile(settings: ConntrackSettings, name: string): Sysctl {
  return integer(
    `${DIRECTORY}/nf_conntrack_${name}`,
    () => settings.kept.get(name) ?? kept.find(([known]) => known === name)![1],
    (value) => {
      settings.kept.set(name, value);
    },
    SECONDS,
  );
}
