import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { concerns, type Sysctl, type SysctlGroup } from './sysctl.js';
import { MILLISECONDS, POSITIVE, parseIntegers, SECONDS, SWITCH, setting, U8, ULONG } from './values.js';

/** /proc/sys/net/ipv6 but for conf and neigh: settings of a namespace. */
export const ipv6Sysctls: SysctlGroup = (namespace, below) => {
  if (!concerns('net/ipv6', below)) return [];
  const { settings, fib } = namespace.ipv6;
  const at = (name: string) => `net/ipv6/${name}`;
  return [
    // One for all namespaces, and shown in the first.
    ...(namespace === namespace.stack.initial
      ? [setting(at('mld_max_msf'), settings, 'mldMaxMsf'), setting(at('mld_qrv'), settings, 'mldQrv', POSITIVE)]
      : []),
    { path: at('route/flush'), writeOnly: true, read: () => '', write: (text) => flush(text, fib) },
    setting(at('anycast_src_echo_reply'), settings, 'anycastSrcEchoReply', U8),
    setting(at('auto_flowlabels'), settings, 'autoFlowlabels', { min: 0, max: 3 }),
    setting(at('bindv6only'), settings, 'bindv6only', U8),
    setting(at('fib_multipath_hash_fields'), settings, 'fibMultipathHashFields', { min: 1, max: 0xfff }),
    setting(at('fib_multipath_hash_policy'), settings, 'fibMultipathHashPolicy', { min: 0, max: 3 }),
    setting(at('flowlabel_consistency'), settings, 'flowlabelConsistency', U8),
    setting(at('flowlabel_reflect'), settings, 'flowlabelReflect', { min: 0, max: 7 }),
    setting(at('flowlabel_state_ranges'), settings, 'flowlabelStateRanges', U8),
    setting(at('fwmark_reflect'), settings, 'fwmarkReflect', U8),
    setting(at('icmp/echo_ignore_all'), settings, 'icmpEchoIgnoreAll', U8),
    setting(at('icmp/echo_ignore_anycast'), settings, 'icmpEchoIgnoreAnycast', U8),
    setting(at('icmp/echo_ignore_multicast'), settings, 'icmpEchoIgnoreMulticast', U8),
    setting(at('icmp/ratelimit'), settings, 'icmpRatelimit', MILLISECONDS),
    bitmap(at('icmp/ratemask'), settings.icmpRatemask),
    setting(at('idgen_delay'), settings, 'idgenDelay', SECONDS),
    setting(at('idgen_retries'), settings, 'idgenRetries'),
    setting(at('ip6frag_high_thresh'), settings, 'ip6fragHighThresh', { ...ULONG, min: settings.ip6fragLowThresh }),
    setting(at('ip6frag_low_thresh'), settings, 'ip6fragLowThresh', { min: 0, max: settings.ip6fragHighThresh }),
    setting(at('ip6frag_time'), settings, 'ip6fragTime', SECONDS),
    setting(at('ip_nonlocal_bind'), settings, 'ipNonlocalBind', U8),
    setting(at('max_dst_opts_length'), settings, 'maxDstOptsLength'),
    setting(at('max_dst_opts_number'), settings, 'maxDstOptsNumber'),
    setting(at('max_hbh_length'), settings, 'maxHbhLength'),
    setting(at('max_hbh_opts_number'), settings, 'maxHbhOptsNumber'),
    setting(at('route/min_adv_mss'), settings, 'routeMinAdvMss'),
    setting(at('route/gc_elasticity'), settings, 'routeGcElasticity'),
    setting(at('route/gc_min_interval'), settings, 'routeGcMinInterval', { ...SECONDS, unit: 1000 }),
    setting(at('route/gc_min_interval_ms'), settings, 'routeGcMinInterval', MILLISECONDS),
    setting(at('route/gc_thresh'), settings, 'routeGcThresh'),
    setting(at('route/gc_timeout'), settings, 'routeGcTimeout', SECONDS),
    setting(at('route/max_size'), settings, 'routeMaxSize'),
    setting(at('route/gc_interval'), settings, 'routeGcInterval', SECONDS),
    setting(at('route/mtu_expires'), settings, 'routeMtuExpires', SECONDS),
    setting(at('route/skip_notify_on_dev_down'), settings, 'routeSkipNotifyOnDevDown', SWITCH),
  ];
};

/** Any number will do. Linux: ipv6_sysctl_rtcache_flush() */
function flush(text: string, fib: { flushCache(): void }): void {
  parseIntegers(text, 1);
  fib.flushCache();
}

/** Numbers and ranges, "0-1,3-127"; what is written replaces all. Linux: proc_do_large_bitmap() */
function bitmap(path: string, words: Uint32Array): Sysctl {
  const bits = words.length * 32;
  const has = (bit: number) => bit < bits && ((words[bit >>> 5]! >>> (bit & 31)) & 1) !== 0;
  return {
    path,
    read() {
      const ranges: string[] = [];
      for (let bit = 0; bit < bits; bit++) {
        if (!has(bit)) continue;
        let end = bit;
        while (has(end + 1)) end++;
        ranges.push(end === bit ? `${bit}` : `${bit}-${end}`);
        bit = end;
      }
      return ranges.join(',');
    },
    write(text) {
      const next = new Uint32Array(words.length);
      for (const range of text.trim().split(',')) {
        if (range === '') continue;
        const match = /^([0-9]+)(?:-([0-9]+))?$/.exec(range);
        const first = Number(match?.[1]);
        const last = Number(match?.[2] ?? match?.[1]);
        if (match === null || last < first || last >= bits) fail(EINVAL);
        for (let bit = first; bit <= last; bit++) next[bit >>> 5]! |= 1 << (bit & 31);
      }
      words.set(next);
    },
  };
}
