import { EINVAL, ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { Stack } from '../../net/core/stack.js';
import type { Tcp } from '../../net/tcp/tcp.js';
import type { TcpSettings } from '../../net/tcp/settings.js';
import { concerns, type Sysctl, type SysctlGroup } from './sysctl.js';
import { integers, longs, MILLISECONDS, NOT_NEGATIVE, POSITIVE, readOnly, SECONDS, SWITCH, setting, U32, U8, ULONG } from './values.js';

/** /proc/sys/net/ipv4/tcp_*; `settingsOf` finds a namespace's TCP. */
export const tcpSysctls =
  (settingsOf: (namespace: Namespace) => TcpSettings): SysctlGroup =>
  (namespace, below) => {
    if (!concerns('net/ipv4', below)) return [];
    const tcp = settingsOf(namespace);
    return [
      setting('net/ipv4/tcp_abort_on_overflow', tcp, 'abortOnOverflow', U8),
      setting('net/ipv4/tcp_adv_win_scale', tcp, 'advWinScale', { min: -31, max: 31 }),
      setting('net/ipv4/tcp_app_win', tcp, 'appWin', { min: 0, max: 31 }),
      setting('net/ipv4/tcp_base_mss', tcp, 'baseMss'),
      setting('net/ipv4/tcp_challenge_ack_limit', tcp, 'challengeAckLimit'),
      setting('net/ipv4/tcp_comp_sack_delay_ns', tcp, 'compSackDelayNs', ULONG),
      setting('net/ipv4/tcp_comp_sack_nr', tcp, 'compSackNr', U8),
      setting('net/ipv4/tcp_comp_sack_slack_ns', tcp, 'compSackSlackNs', ULONG),
      setting('net/ipv4/tcp_dsack', tcp, 'dsack', U8),
      setting('net/ipv4/tcp_early_retrans', tcp, 'earlyRetrans', { min: 0, max: 4 }),
      setting('net/ipv4/tcp_ecn', tcp, 'ecn', { min: 0, max: 2 }),
      setting('net/ipv4/tcp_ecn_fallback', tcp, 'ecnFallback', SWITCH),
      setting('net/ipv4/tcp_fastopen', tcp, 'fastopen'),
      fastopenBlackholeTimeout(namespace.tcp),
      setting('net/ipv4/tcp_fin_timeout', tcp, 'finTimeout', SECONDS),
      setting('net/ipv4/tcp_frto', tcp, 'frto', U8),
      setting('net/ipv4/tcp_fwmark_accept', tcp, 'fwmarkAccept', U8),
      setting('net/ipv4/tcp_invalid_ratelimit', tcp, 'invalidRatelimit', MILLISECONDS),
      setting('net/ipv4/tcp_keepalive_intvl', tcp, 'keepaliveIntvl', SECONDS),
      setting('net/ipv4/tcp_keepalive_probes', tcp, 'keepaliveProbes', U8),
      setting('net/ipv4/tcp_keepalive_time', tcp, 'keepaliveTime', SECONDS),
      setting('net/ipv4/tcp_l3mdev_accept', tcp, 'l3mdevAccept', SWITCH),
      ...(namespace === namespace.stack.initial ? ofAllNamespaces(namespace.stack, tcp) : []),
      setting('net/ipv4/tcp_max_reordering', tcp, 'maxReordering', POSITIVE),
      setting('net/ipv4/tcp_max_syn_backlog', tcp, 'maxSynBacklog'),
      setting('net/ipv4/tcp_max_tw_buckets', tcp, 'maxTwBuckets'),
      setting('net/ipv4/tcp_migrate_req', tcp, 'migrateReq', SWITCH),
      setting('net/ipv4/tcp_min_rtt_wlen', tcp, 'minRttWlen', { min: 0, max: 86_400 }),
      setting('net/ipv4/tcp_min_snd_mss', tcp, 'minSndMss', { min: 48, max: 65_535 }),
      setting('net/ipv4/tcp_min_tso_segs', tcp, 'minTsoSegs', { min: 1, max: 255 }),
      setting('net/ipv4/tcp_moderate_rcvbuf', tcp, 'moderateRcvbuf', SWITCH),
      setting('net/ipv4/tcp_mtu_probe_floor', tcp, 'mtuProbeFloor', { min: 48, max: 65_535 }),
      setting('net/ipv4/tcp_mtu_probing', tcp, 'mtuProbing', U8),
      setting('net/ipv4/tcp_probe_interval', tcp, 'probeInterval', U32),
      setting('net/ipv4/tcp_probe_threshold', tcp, 'probeThreshold'),
      setting('net/ipv4/tcp_no_metrics_save', tcp, 'noMetricsSave', U8),
      setting('net/ipv4/tcp_no_ssthresh_metrics_save', tcp, 'noSsthreshMetricsSave', SWITCH),
      setting('net/ipv4/tcp_notsent_lowat', tcp, 'notsentLowat', U32),
      setting('net/ipv4/tcp_orphan_retries', tcp, 'orphanRetries', U8),
      setting('net/ipv4/tcp_pacing_ca_ratio', tcp, 'pacingCaRatio', { min: 0, max: 1000 }),
      setting('net/ipv4/tcp_pacing_ss_ratio', tcp, 'pacingSsRatio', { min: 0, max: 1000 }),
      setting('net/ipv4/tcp_recovery', tcp, 'recovery', U8),
      setting('net/ipv4/tcp_reflect_tos', tcp, 'reflectTos', SWITCH),
      setting('net/ipv4/tcp_reordering', tcp, 'reordering', { min: 1, max: 300 }),
      setting('net/ipv4/tcp_retrans_collapse', tcp, 'retransCollapse', U8),
      setting('net/ipv4/tcp_retries1', tcp, 'retries1', U8),
      setting('net/ipv4/tcp_retries2', tcp, 'retries2', U8),
      setting('net/ipv4/tcp_rfc1337', tcp, 'rfc1337', U8),
      memory('net/ipv4/tcp_rmem', tcp.rmem, 4096),
      setting('net/ipv4/tcp_syncookies', tcp, 'syncookies', U8),
      setting('net/ipv4/tcp_thin_linear_timeouts', tcp, 'thinLinearTimeouts', U8),
      setting('net/ipv4/tcp_tso_rtt_log', tcp, 'tsoRttLog', U8),
      setting('net/ipv4/tcp_tso_win_divisor', tcp, 'tsoWinDivisor', U8),
      memory('net/ipv4/tcp_wmem', tcp.wmem, 1),
      setting('net/ipv4/tcp_sack', tcp, 'sack', U8),
      setting('net/ipv4/tcp_shrink_window', tcp, 'shrinkWindow', SWITCH),
      setting('net/ipv4/tcp_slow_start_after_idle', tcp, 'slowStartAfterIdle', U8),
      setting('net/ipv4/tcp_stdurg', tcp, 'stdurg', U8),
      setting('net/ipv4/tcp_syn_retries', tcp, 'synRetries', { min: 1, max: 127 }),
      setting('net/ipv4/tcp_synack_retries', tcp, 'synackRetries', U8),
      setting('net/ipv4/tcp_timestamps', tcp, 'timestamps', U8),
      setting('net/ipv4/tcp_tw_reuse', tcp, 'twReuse', { min: 0, max: 2 }),
      setting('net/ipv4/tcp_window_scaling', tcp, 'windowScaling', U8),
      setting('net/ipv4/tcp_workaround_signed_windows', tcp, 'workaroundSignedWindows', U8),
      fastopenKey(tcp),
      congestionControl(namespace.tcp),
      allowedCongestionControl(namespace.tcp),
      readOnly('net/ipv4/tcp_available_congestion_control', () =>
        namespace.tcp
          .availableCongestion()
          .map(({ name }) => name)
          .join(' '),
      ),
    ];
  };

/** Linux: ipv4_table, which only the first namespace shows. */
const ofAllNamespaces = (stack: Stack, tcp: TcpSettings): Sysctl[] => [
  setting('net/ipv4/tcp_max_orphans', tcp, 'maxOrphans'),
  longs('net/ipv4/tcp_mem', stack.tcpMemory.limits),
  longs('net/ipv4/udp_mem', stack.udpMemory.limits),
];

// Linux: proc_tcp_fastopen_key(): four words a key, one or two keys; one that was made by chance is shown, too.
function fastopenKey(tcp: TcpSettings): Sysctl {
  const shown = (key: Uint32Array) => [...key].map((word) => word.toString(16).padStart(8, '0')).join('-');
  return {
    path: 'net/ipv4/tcp_fastopen_key',
    read: () => (tcp.fastopenKeys ?? [new Uint32Array(4)]).map(shown).join(','),
    write(text) {
      const keys = text.trim().split(',');
      if (keys.length > 2 || !keys.every((key) => /^([0-9a-f]{1,8}-){3}[0-9a-f]{1,8}$/i.test(key))) fail(EINVAL);
      tcp.fastopenKeys = keys.map((key) => Uint32Array.from(key.split('-'), (word) => Number.parseInt(word, 16)));
    },
  };
}

/** Whoever sets it wants to try again at once. Linux: proc_tfo_blackhole_detect_timeout() */
function fastopenBlackholeTimeout({ settings, fastOpenPause }: Tcp): Sysctl {
  const file = setting('net/ipv4/tcp_fastopen_blackhole_timeout_sec', settings, 'fastopenBlackholeTimeout', NOT_NEGATIVE);
  return {
    ...file,
    write(text) {
      file.write?.(text);
      fastOpenPause.times = 0;
    },
  };
}

const memory = (path: string, fields: [number, number, number], min: number): Sysctl =>
  integers(
    path,
    () => fields,
    (values) => {
      fields.splice(0, values.length, ...values);
    },
    { min },
  );

// Linux: proc_tcp_congestion_control(), tcp_set_default_congestion_control()
function congestionControl(tcp: Tcp): Sysctl {
  return {
    path: 'net/ipv4/tcp_congestion_control',
    read: () => tcp.settings.congestionControl,
    write(text) {
      const name = text.trim().split(/\s/, 1)[0] ?? '';
      if (tcp.findCongestion(name, true) === undefined) fail(ENOENT);
      tcp.settings.congestionControl = name;
    },
  };
}

// Linux: proc_allowed_congestion_control(), tcp_set_allowed_congestion_control(): all names or none.
function allowedCongestionControl(tcp: Tcp): Sysctl {
  return {
    path: 'net/ipv4/tcp_allowed_congestion_control',
    read: () => tcp.settings.allowedCongestionControl.join(' '),
    write(text) {
      const names = text.split(/\s+/).filter((name) => name !== '');
      const available = tcp.availableCongestion().map(({ name }) => name);
      if (names.some((name) => !available.includes(name))) fail(ENOENT);
      tcp.settings.allowedCongestionControl = available.filter((name) => names.includes(name));
    },
  };
}
