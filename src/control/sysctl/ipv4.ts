import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import { ipv4Routes } from '../../net/ipv4/routes.js';
import type { Ipv4Settings } from '../../net/ipv4/settings.js';
import { concerns, type Sysctl, type SysctlGroup } from './sysctl.js';
import { integer, integers, JIFFY_MS, MILLISECONDS, NOT_NEGATIVE, POSITIVE, SECONDS, SWITCH, setting, U8, ULONG } from './values.js';

/** /proc/sys/net/ipv4 but for conf, neigh and tcp_*: settings of a namespace. */
export const ipv4Sysctls: SysctlGroup = (namespace, below) => {
  if (!concerns('net/ipv4', below)) return [];
  const { settings } = namespace.ipv4;
  const routes = ipv4Routes(namespace);
  const { fib } = routes;
  return [
    ...(namespace === namespace.stack.initial ? inTheFirst(namespace) : []),
    setting('net/ipv4/ip_default_ttl', settings, 'ipDefaultTtl', { min: 1, max: 255 }),
    setting('net/ipv4/fwmark_reflect', settings, 'fwmarkReflect', U8),
    setting('net/ipv4/nexthop_compat_mode', settings, 'nexthopCompatMode', SWITCH),
    setting('net/ipv4/ip_no_pmtu_disc', settings, 'ipNoPmtuDisc', U8),
    setting('net/ipv4/ip_forward_use_pmtu', settings, 'ipForwardUsePmtu', U8),
    setting('net/ipv4/ip_forward_update_priority', settings, 'ipForwardUpdatePriority', SWITCH),
    setting('net/ipv4/ip_nonlocal_bind', settings, 'ipNonlocalBind', U8),
    setting('net/ipv4/udp_l3mdev_accept', settings, 'udpL3mdevAccept', SWITCH),
    setting('net/ipv4/udp_rmem_min', settings, 'udpRmemMin', POSITIVE),
    setting('net/ipv4/udp_wmem_min', settings, 'udpWmemMin', POSITIVE),
    setting('net/ipv4/raw_l3mdev_accept', settings, 'rawL3mdevAccept', SWITCH),
    localPortRange(settings),
    reservedPorts(settings),
    setting('net/ipv4/ip_autobind_reuse', settings, 'autobindReuse', SWITCH),
    unprivilegedPortStart(settings),
    pingGroupRange(settings),

    setting('net/ipv4/icmp_echo_ignore_all', settings, 'icmpEchoIgnoreAll', SWITCH),
    setting('net/ipv4/icmp_echo_ignore_broadcasts', settings, 'icmpEchoIgnoreBroadcasts', SWITCH),
    setting('net/ipv4/icmp_echo_enable_probe', settings, 'icmpEchoEnableProbe', SWITCH),
    setting('net/ipv4/icmp_ignore_bogus_error_responses', settings, 'icmpIgnoreBogusErrorResponses', SWITCH),
    setting('net/ipv4/icmp_errors_use_inbound_ifaddr', settings, 'icmpErrorsUseInboundIfaddr', SWITCH),
    setting('net/ipv4/icmp_ratelimit', settings, 'icmpRatelimit', MILLISECONDS),
    setting('net/ipv4/icmp_ratemask', settings, 'icmpRatemask'),
    setting('net/ipv4/icmp_msgs_per_sec', settings, 'icmpMsgsPerSec', NOT_NEGATIVE),
    setting('net/ipv4/icmp_msgs_burst', settings, 'icmpMsgsBurst', NOT_NEGATIVE),

    setting('net/ipv4/ipfrag_high_thresh', settings, 'ipfragHighThresh', { ...ULONG, min: settings.ipfragLowThresh }),
    setting('net/ipv4/ipfrag_low_thresh', settings, 'ipfragLowThresh', { min: 0, max: settings.ipfragHighThresh }),
    setting('net/ipv4/ipfrag_time', settings, 'ipfragTimeS', SECONDS),
    setting('net/ipv4/ipfrag_max_dist', settings, 'ipfragMaxDist', NOT_NEGATIVE),

    setting('net/ipv4/route/min_adv_mss', settings, 'routeMinAdvMss'),
    setting('net/ipv4/route/min_pmtu', settings, 'minPmtu', { min: 68 }),
    setting('net/ipv4/route/mtu_expires', settings, 'mtuExpiresS', SECONDS),
    { path: 'net/ipv4/route/flush', writeOnly: true, read: () => '', write: () => fib.flushCache() },

    // Whoever sends by one of several ways must choose again.
    setting('net/ipv4/fib_multipath_hash_policy', routes, 'multipathHashPolicy', { min: 0, max: 3 }),
    setting('net/ipv4/fib_multipath_hash_fields', routes, 'multipathHashFields', { min: 1, max: 0xfff }),
    setting('net/ipv4/fib_multipath_use_neigh', routes, 'multipathUseNeighbour', SWITCH),

    setting('net/ipv4/igmp_link_local_mcast_reports', settings, 'igmpLinkLocalMcastReports', U8),
    setting('net/ipv4/igmp_max_memberships', settings, 'igmpMaxMemberships'),
    setting('net/ipv4/igmp_max_msf', settings, 'igmpMaxMsf'),
    setting('net/ipv4/igmp_qrv', settings, 'igmpQrv', POSITIVE),
  ];
};

/** One for all namespaces, and shown in the first. */
function inTheFirst(namespace: Namespace): readonly Sysctl[] {
  const { settings } = namespace.ipv4;
  return [
    setting('net/ipv4/inet_peer_threshold', namespace.stack.settings, 'inetPeerThreshold'),
    setting('net/ipv4/inet_peer_minttl', namespace.stack.settings, 'inetPeerMinttl', SECONDS),
    setting('net/ipv4/inet_peer_maxttl', namespace.stack.settings, 'inetPeerMaxttl', SECONDS),
    setting('net/ipv4/route/redirect_number', settings, 'redirectNumber'),
    setting('net/ipv4/route/redirect_load', settings, 'redirectLoad', { unit: JIFFY_MS }),
    setting('net/ipv4/route/redirect_silence', settings, 'redirectSilence', { unit: JIFFY_MS }),
    setting('net/ipv4/route/error_cost', settings, 'errorCost', { unit: JIFFY_MS }),
    setting('net/ipv4/route/error_burst', settings, 'errorBurst', { unit: JIFFY_MS }),
  ];
}

// Linux: ipv4_local_port_range()
function localPortRange(settings: Ipv4Settings): Sysctl {
  return integers(
    'net/ipv4/ip_local_port_range',
    () => [settings.localPortFirst, settings.localPortLast],
    ([first = 0, last = 0]) => {
      settings.localPortFirst = first;
      settings.localPortLast = last;
    },
    { min: 1, max: 65_535, check: ([first = 0, last = 0]) => last >= first && first >= settings.ipUnprivilegedPortStart },
  );
}

// Linux: ipv4_privileged_ports()
function unprivilegedPortStart(settings: Ipv4Settings): Sysctl {
  return integer(
    'net/ipv4/ip_unprivileged_port_start',
    () => settings.ipUnprivilegedPortStart,
    (port) => {
      if (port > settings.localPortFirst) fail(EINVAL);
      settings.ipUnprivilegedPortStart = port;
    },
    { min: 0, max: 65_535 },
  );
}

/** Nobody, "1 0", where the range is empty. Linux: ipv4_ping_group_range() */
function pingGroupRange(settings: Ipv4Settings): Sysctl {
  return integers(
    'net/ipv4/ping_group_range',
    () => [settings.pingGroupFirst, settings.pingGroupLast],
    ([first = 0, last = 0]) => {
      settings.pingGroupFirst = last < first ? 1 : first;
      settings.pingGroupLast = last < first ? 0 : last;
    },
    { min: 0 },
  );
}

/** A list of ports and ranges, "8080,9000-9100"; what is written replaces all. Linux: proc_do_large_bitmap() */
function reservedPorts(settings: Ipv4Settings): Sysctl {
  return {
    path: 'net/ipv4/ip_local_reserved_ports',
    read() {
      const ports = [...settings.reservedPorts].sort((a, b) => a - b);
      const ranges: string[] = [];
      for (let i = 0; i < ports.length; ) {
        let end = i;
        while (ports[end + 1] === (ports[end] ?? 0) + 1) end++;
        ranges.push(end === i ? `${ports[i]}` : `${ports[i]}-${ports[end]}`);
        i = end + 1;
      }
      return ranges.join(',');
    },
    write(text) {
      const ports = new Set<number>();
      for (const range of text.trim().split(',')) {
        if (range === '') continue;
        const match = /^([0-9]+)(?:-([0-9]+))?$/.exec(range);
        const first = Number(match?.[1]);
        const last = Number(match?.[2] ?? match?.[1]);
        if (match === null || last < first || last > 65_535) fail(EINVAL);
        for (let port = first; port <= last; port++) ports.add(port);
      }
      settings.reservedPorts.clear();
      for (const port of ports) settings.reservedPorts.add(port);
    },
  };
}
