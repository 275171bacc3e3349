import type { ConntrackSettings } from '../../net/netfilter/conntrack/settings.js';
import { concerns, type Sysctl, type SysctlGroup } from './sysctl.js';
import { integer, NOT_NEGATIVE, readOnly, setting, SWITCH } from './values.js';

const DIRECTORY = 'net/netfilter';
/** Seconds of TCP's states, by their numbers. */
const tcpStates = ['', 'syn_sent', 'syn_recv', 'established', 'fin_wait', 'close_wait', 'last_ack', 'time_wait', 'close'];
const SECONDS = { min: 0, max: 0x7fff_ffff };
/** Seconds of SCTP's and DCCP's states, by their numbers. */
const sctpStates = [
  '', 'closed', 'cookie_wait', 'cookie_echoed', 'established', 'shutdown_sent', 'shutdown_recd', 'shutdown_ack_sent', 'heartbeat_sent',
]; // biome-ignore format: a table
const dccpStates = ['', 'request', 'respond', 'partopen', 'open', 'closereq', 'closing', 'timewait'];

/** Whether other namespaces than the first write to the kernel's log. */
export const netfilterLogSysctls: SysctlGroup = function* (namespace, below) {
  if (!concerns(DIRECTORY, below) || namespace !== namespace.stack.initial) return;
  yield setting(`${DIRECTORY}/nf_log_all_netns`, namespace.nfTables.logs, 'allNamespaces', {});
};

/** /proc/sys/net/netfilter/nf_conntrack_*: there once something has wanted connections, as on a host that loads the module then. */
export const conntrackSysctls: SysctlGroup = function* (namespace, below) {
  if (!concerns(DIRECTORY, below) || !namespace.conntrack.table.loaded) return;
  const { conntrack } = namespace;
  const { settings } = conntrack;
  const file = (name: string, key: Parameters<typeof setting<ConntrackSettings>>[2], limits = {}): Sysctl =>
    setting(`${DIRECTORY}/nf_conntrack_${name}`, settings, key, limits);
  const { settings: flows } = namespace.nfTables.flows;
  yield setting(`${DIRECTORY}/nf_flowtable_tcp_timeout`, flows, 'tcpTimeout', SECONDS);
  yield setting(`${DIRECTORY}/nf_flowtable_udp_timeout`, flows, 'udpTimeout', SECONDS);
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
  yield* timeouts('tcp', tcpStates, settings.tcpTimeouts);
  yield* timeouts('sctp', sctpStates, settings.sctpTimeouts);
  yield* timeouts('dccp', dccpStates, settings.dccpTimeouts);
  yield file('dccp_loose', 'dccpLoose', SWITCH);
  yield readOnly(`${DIRECTORY}/nf_conntrack_count`, () => String(conntrack.count));
  const first = namespace === namespace.stack.initial;
  // What is one for all namespaces is shown to all, and changed by the first.
  const max = file('max', 'max', NOT_NEGATIVE);
  yield first ? max : readOnly(max.path, max.read);
  yield readOnly(`${DIRECTORY}/nf_conntrack_buckets`, () => '8192');
};

/** A protocol's timeouts, one a state that has a name. */
function* timeouts(protocol: string, states: readonly string[], seconds: number[]): Iterable<Sysctl> {
  for (const [state, name] of states.entries())
    if (name !== '')
      yield integer(
        `${DIRECTORY}/nf_conntrack_${protocol}_timeout_${name}`,
        () => seconds[state]!,
        (value) => {
          seconds[state] = value;
        },
        SECONDS,
      );
}
