import { EINVAL, ENOENT, EOVERFLOW } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import { concerns, type Sysctl, type SysctlGroup } from './sysctl.js';
import { type IntegerLimits, MILLISECONDS, NOT_NEGATIVE, POSITIVE, parseIntegers, SECONDS, SWITCH, U8, U32 } from './values.js';

/** What a file takes: limits of a number, or a function that gives the text as it is kept, of the new one and that before; it throws a NetError. */
type Rule = (IntegerLimits & { readonly multipleOf?: number }) | ((text: string, before: string) => string) | 'read-only';

/**
 * A file that keeps what is written, with Linux's default and limits, though nothing acts on it: name below net/, default, rule. Without
 * a rule any int will do.
 */
type Kept = readonly [path: string, initial: number | string, rule?: Rule];

interface KeptPart {
  /** What will act on it, or why there is nothing to act; tapstack-sysctl(7) says the same. */
  readonly acts: string;
  /** Every namespace has its own, or the first one alone, or all but the first. */
  readonly namespaces: 'each' | 'initial' | 'others';
  readonly files: readonly Kept[];
}

const ANY = {};
const TABLES = 'nowhere: the tables of connections grow as they must, and no protocol above TCP comes with the kernel';
const UP_TO_2 = { min: 0, max: 2 };

/** A bit mask of the CPUs there are: one. Linux: bitmap_parse() */
const cpuBitmap: Rule = (text) => (/^[01]$/.test(text) ? text : fail(EOVERFLOW));
const powerOfTwo: Rule = (text) => {
  const [value = 0] = parseIntegers(text, 1);
  return value === 0 || (value & (value - 1)) !== 0 ? fail(EINVAL) : String(value);
};
const toPowerOfTwo: Rule = (text) => {
  const [value = 0] = parseIntegers(text, 1);
  if (value < 0 || value > 1 << 30) fail(EINVAL);
  return value === 0 ? '0' : String(2 ** Math.ceil(Math.log2(value)));
};
/** Loggers come with netfilter; only the name of none is known. */
const logger: Rule = (text) => (text === 'NONE' ? text : fail(ENOENT));
const logFiles: readonly Kept[] = Array.from({ length: 11 }, (_, family) => [`netfilter/nf_log/${family}`, 'NONE', logger] as const);

/** All that is kept and does nothing, by what will act on it. */
export const keptSysctls: readonly KeptPart[] = [
  {
    acts: 'where packets wait in a queue below the socket; here they leave at once, as they do on Linux over veth',
    namespaces: 'each',
    files: [
      ['ipv4/tcp_autocorking', 1, SWITCH],
      ['ipv4/tcp_limit_output_bytes', 1_048_576, ANY],
    ],
  },
  { acts: TABLES, namespaces: 'each', files: [['ipv4/tcp_child_ehash_entries', 0, { min: 0, max: 1 << 24 }]] },
  {
    acts: TABLES,
    namespaces: 'initial',
    files: [
      ['ipv4/tcp_available_ulp', 'mptcp', 'read-only'],
      ['ipv4/tcp_ehash_entries', 8192, 'read-only'],
    ],
  },
  { acts: 'nowhere: Linux has them without a use', namespaces: 'each', files: [['ipv4/tcp_fack', 0, U8]] },
  { acts: 'nowhere: Linux has them without a use', namespaces: 'initial', files: [['ipv4/tcp_low_latency', 0, ANY]] },
  // Below 0: the table is that of the first namespace.
  { acts: TABLES, namespaces: 'others', files: [['ipv4/tcp_ehash_entries', -8192, 'read-only']] },
  {
    acts: 'with multipath TCP',
    namespaces: 'each',
    files: [
      ['mptcp/add_addr_timeout', 120, SECONDS],
      ['mptcp/allow_join_initial_addr_port', 1, SWITCH],
      ['mptcp/checksum_enabled', 0, SWITCH],
      ['mptcp/enabled', 1, SWITCH],
      ['mptcp/pm_type', 0, SWITCH],
      ['mptcp/stale_loss_cnt', 4, U32],
    ],
  },
  { acts: 'with netfilter', namespaces: 'each', files: logFiles },
  {
    acts: 'with IPsec',
    namespaces: 'each',
    files: [
      ['core/xfrm_acq_expires', 30, ANY],
      ['core/xfrm_aevent_etime', 10, U32],
      ['core/xfrm_aevent_rseqth', 2, U32],
      ['core/xfrm_larval_drop', 1, ANY],
      ['ipv4/xfrm4_gc_thresh', 32_768, ANY],
      ['ipv6/xfrm6_gc_thresh', 32_768, ANY],
    ],
  },
  {
    acts: 'with segment routing and in-situ OAM',
    namespaces: 'each',
    files: [
      ['ipv6/ioam6_id', 16_777_215, { min: 0, max: 16_777_215 }],
      ['ipv6/ioam6_id_wide', '72057594037927935', ulongText(2n ** 56n - 1n)],
      ['ipv6/seg6_flowlabel', 0, ANY],
    ],
  },
  {
    acts: 'with packet labels (CIPSO, CALIPSO)',
    namespaces: 'initial',
    files: [
      ['ipv4/cipso_cache_bucket_size', 10, ANY],
      ['ipv4/cipso_cache_enable', 1, ANY],
      ['ipv4/cipso_rbm_optfmt', 0, ANY],
      ['ipv4/cipso_rbm_strictvalid', 1, ANY],
      ['ipv6/calipso_cache_bucket_size', 10, ANY],
      ['ipv6/calipso_cache_enable', 1, ANY],
    ],
  },
  {
    acts: 'with classic BPF compiled to machine code, which is not how it is compiled here',
    namespaces: 'initial',
    files: [
      ['core/bpf_jit_enable', 1, UP_TO_2],
      ['core/bpf_jit_harden', 0, UP_TO_2],
      ['core/bpf_jit_kallsyms', 1, SWITCH],
      ['core/bpf_jit_limit', 528_482_304, { min: 1, max: 528_482_304 }],
    ],
  },
  {
    acts: 'on several processors, interrupts and time stamps, of which this stack has none',
    namespaces: 'initial',
    files: [
      ['core/busy_poll', 0, NOT_NEGATIVE],
      ['core/busy_read', 0, NOT_NEGATIVE],
      ['core/dev_weight', 64, POSITIVE],
      ['core/dev_weight_rx_bias', 1, POSITIVE],
      ['core/dev_weight_tx_bias', 1, POSITIVE],
      ['core/flow_limit_cpu_bitmap', '0', cpuBitmap],
      ['core/flow_limit_table_len', 4096, powerOfTwo],
      ['core/gro_normal_batch', 8, POSITIVE],
      ['core/high_order_alloc_disable', 0, SWITCH],
      ['core/max_skb_frags', 17, { min: 1, max: 17 }],
      ['core/netdev_budget_usecs', 8000, { min: 4000 }],
      ['core/netdev_rss_key', Array.from({ length: 52 }, () => '00').join(':'), 'read-only'],
      ['core/netdev_tstamp_prequeue', 1, ANY],
      ['core/netdev_unregister_timeout_secs', 10, { min: 1, max: 3600 }],
      ['core/rps_sock_flow_entries', 0, toPowerOfTwo],
      ['core/skb_defer_max', 64, NOT_NEGATIVE],
      ['core/warnings', 0, ANY],
    ],
  },
  {
    acts: 'nowhere: only drivers that put routes into hardware change the flags which it tells of',
    namespaces: 'each',
    files: [
      ['ipv4/fib_notify_on_flag_change', 0, UP_TO_2],
      ['ipv6/fib_notify_on_flag_change', 0, UP_TO_2],
    ],
  },
  {
    acts: 'nowhere: a socket is looked for once in any case, behind the route; what it is found by is the same',
    namespaces: 'each',
    files: [
      ['ipv4/ip_early_demux', 1, U8],
      ['ipv4/tcp_early_demux', 1, U8],
      ['ipv4/udp_early_demux', 1, U8],
    ],
  },
  {
    acts: 'not yet: a connection under way that takes the new address of a dialled line',
    namespaces: 'each',
    files: [['ipv4/ip_dynaddr', 0, U8]],
  },
  {
    acts: 'nowhere: sending over UDP is bounded by the socket alone, in Linux too',
    namespaces: 'each',
    files: [['ipv4/udp_wmem_min', 4096, POSITIVE]],
  },
  {
    acts: 'nowhere: what it tuned has gone from Linux itself, or only its memory management has it',
    namespaces: 'initial',
    files: [
      ['ipv4/fib_sync_mem', 524_288, { min: 65_536, max: 67_108_864 }],
      ['ipv4/ipfrag_secret_interval', 0, SECONDS],
      ['ipv4/route/gc_elasticity', 8, ANY],
      ['ipv4/route/gc_interval', 60, SECONDS],
      ['ipv4/route/gc_min_interval', 0, SECONDS],
      ['ipv4/route/gc_min_interval_ms', 500, MILLISECONDS],
      ['ipv4/route/gc_thresh', -1, ANY],
      ['ipv4/route/gc_timeout', 300, SECONDS],
      ['ipv4/route/max_size', 2_147_483_647, ANY],
      ['ipv6/ip6frag_secret_interval', 0, SECONDS],
    ],
  },
];

function ulongText(most: bigint): (text: string) => string {
  return (text) => {
    const word = /^\s*(0x[0-9a-f]+|[0-9]+)(?=\s|$)/i.exec(text)?.[1] ?? fail(EINVAL);
    const value = BigInt(/^0[0-7]+$/.test(word) ? `0o${word.slice(1)}` : word);
    return value > most ? fail(EINVAL) : String(value);
  };
}

/** Files over a field of their own, declared with those that act, which nothing reads yet either. */
export const keptFields: readonly { readonly acts: string; readonly files: readonly string[] }[] = [
  {
    acts: 'nowhere: Linux has them without a use',
    files: [
      'ipv4/conf/*/bootp_relay',
      'ipv4/conf/*/tag',
      'ipv4/neigh/*/anycast_delay',
      'ipv4/neigh/default/gc_interval',
      'ipv6/neigh/*/anycast_delay',
      'ipv6/neigh/default/gc_interval',
    ],
  },
  { acts: 'with IPsec', files: ['ipv4/conf/*/disable_policy', 'ipv4/conf/*/disable_xfrm', 'ipv6/conf/*/disable_policy'] },
  {
    acts: 'with segment routing and in-situ OAM',
    files: [
      'ipv6/conf/*/ioam6_enabled',
      'ipv6/conf/*/ioam6_id',
      'ipv6/conf/*/ioam6_id_wide',
      'ipv6/conf/*/rpl_seg_enabled',
      'ipv6/conf/*/seg6_enabled',
      'ipv6/conf/*/seg6_require_hmac',
    ],
  },
];

/** What was written, by namespace; a file that nobody wrote to has its default. */
const written = new WeakMap<Namespace, Map<string, string>>();

/** Files that hold what is written to them, and no more. */
export const keptGroup: SysctlGroup = function* (namespace, below) {
  for (const { namespaces, files } of keptSysctls) {
    if (namespaces !== 'each' && (namespaces === 'initial') !== (namespace === namespace.stack.initial)) continue;
    for (const [name, initial, rule = ANY] of files) {
      const path = `net/${name}`;
      if (concerns(path, below)) yield kept(namespace, path, initial, rule);
    }
  }
};

function kept(namespace: Namespace, path: string, initial: number | string, rule: Rule): Sysctl {
  const read = () => written.get(namespace)?.get(path) ?? String(initial);
  if (rule === 'read-only') return { path, read };
  return {
    path,
    read,
    write: (text) => keep(namespace, path, typeof rule === 'function' ? rule(text.trim(), read()) : numberOf(text, rule)),
  };
}

function numberOf(
  text: string,
  { min = -0x8000_0000, max = 0x7fff_ffff, multipleOf = 1 }: Exclude<Rule, string | ((text: string, before: string) => string)>,
): string {
  const [value = 0] = parseIntegers(text, 1);
  return value < min || value > max ? fail(EINVAL) : String(Math.ceil(value / multipleOf) * multipleOf);
}

function keep(namespace: Namespace, path: string, text: string): void {
  let values = written.get(namespace);
  if (values === undefined) {
    values = new Map();
    written.set(namespace, values);
  }
  values.set(path, text);
}
