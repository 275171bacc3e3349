import { be16, be32, string } from '../../attributes.js';
import { expression, words } from '../expression.js';

export const NFT_LOGLEVEL_WARNING = 4;
export const NFT_LOGLEVEL_AUDIT = 8;

// linux/netfilter/nf_log.h
export const NF_LOG_TCPSEQ = 0x01;
export const NF_LOG_TCPOPT = 0x02;
export const NF_LOG_IPOPT = 0x04;
export const NF_LOG_UID = 0x08;
export const NF_LOG_MACDECODE = 0x20;
export const NF_LOG_MASK = 0x2f;

const flagNames: readonly (readonly [number, string])[] = [
  [NF_LOG_TCPSEQ, 'tcpseq'],
  [NF_LOG_TCPOPT, 'tcpopt'],
  [NF_LOG_IPOPT, 'ipopt'],
  [NF_LOG_UID, 'uid'],
  [NF_LOG_MACDECODE, 'macdecode'],
];

/** [ log prefix hi  level 7 ], [ log group 2 snaplen 33 qthreshold 2 ]: to the kernel's log, or with `group` to nfnetlink_log. */
export const log = expression(
  'log',
  { group: be16(1), prefix: string(2), snaplen: be32(3), qthreshold: be16(4), level: be32(5), flags: be32(6) },
  (e) => {
    const prefix = e.prefix === undefined ? '' : `prefix ${e.prefix}`;
    if (e.group !== undefined) return prefixed(prefix, `group ${e.group} snaplen ${e.snaplen ?? 0} qthreshold ${e.qthreshold ?? 0}`);
    const names = flagNames.filter(([bit]) => ((e.flags ?? 0) & bit) !== 0).map(([, name]) => name);
    return prefixed(prefix, words(e.level !== undefined && `level ${e.level}`, ...names));
  },
);

/** A prefix keeps its trailing space. */
const prefixed = (prefix: string, rest: string) => (prefix === '' || rest === '' ? prefix + rest : `${prefix} ${rest}`);
