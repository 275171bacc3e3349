// ISAKMP's and IKE's numbers (RFC 2407 to 2409, RFC 7296) as tcpdump words them.
import type { Words } from '../words.js';

const list = (first: number, names: readonly string[]): Words => Object.fromEntries(names.map((name, i) => [first + i, name]));

export const exchangeWords: Words = {
  ...list(0, ['none', 'base', 'ident', 'auth', 'agg', 'inf']),
  ...list(32, ['oakley-quick', 'oakley-newgroup', 'ikev2_init', 'ikev2_auth', 'child_sa', 'inf2']),
};
export const payloadWords: Words = {
  ...list(0, ['none', 'sa', 'p', 't', 'ke', 'id', 'cert', 'cr', 'hash', 'sig', 'nonce', 'n', 'd', 'vid']),
  ...Object.fromEntries(Array.from({ length: 19 }, (_, i) => [14 + i, `pay${14 + i}`])),
  ...list(33, [
    'v2sa',
    'v2ke',
    'v2IDi',
    'v2IDr',
    'v2cert',
    'v2cr',
    'v2auth',
    'v2nonce',
    'v2n',
    'v2d',
    'v2vid',
    'v2TSi',
    'v2TSr',
    'v2e',
    'v2cp',
    'v2eap',
  ]),
};
export const protocolWords: Words = { 1: 'isakmp', 2: 'ipsec-ah', 3: 'ipsec-esp', 4: 'ipcomp' };
export const idWords: Words = list(1, [
  'IPv4',
  'FQDN',
  'user FQDN',
  'IPv4net',
  'IPv6',
  'IPv6net',
  'IPv4range',
  'IPv6range',
  'ASN1 DN',
  'ASN1 GN',
  'keyid',
]);
export const certificateWords: Words = list(0, [
  'none',
  'pkcs7',
  'pgp',
  'dns',
  'x509sign',
  'x509ke',
  'kerberos',
  'crl',
  'arl',
  'spki',
  'x509attr',
]);
export const notifyWords: Words = {
  ...list(1, [
    'INVALID-PAYLOAD-TYPE',
    'DOI-NOT-SUPPORTED',
    'SITUATION-NOT-SUPPORTED',
    'INVALID-COOKIE',
    'INVALID-MAJOR-VERSION',
    'INVALID-MINOR-VERSION',
    'INVALID-EXCHANGE-TYPE',
    'INVALID-FLAGS',
    'INVALID-MESSAGE-ID',
    'INVALID-PROTOCOL-ID',
    'INVALID-SPI',
    'INVALID-TRANSFORM-ID',
    'ATTRIBUTES-NOT-SUPPORTED',
    'NO-PROPOSAL-CHOSEN',
    'BAD-PROPOSAL-SYNTAX',
    'PAYLOAD-MALFORMED',
    'INVALID-KEY-INFORMATION',
    'INVALID-ID-INFORMATION',
    'INVALID-CERT-ENCODING',
    'INVALID-CERTIFICATE',
    'CERT-TYPE-UNSUPPORTED',
    'INVALID-CERT-AUTHORITY',
    'INVALID-HASH-INFORMATION',
    'AUTHENTICATION-FAILED',
    'INVALID-SIGNATURE',
    'ADDRESS-NOTIFICATION',
    'NOTIFY-SA-LIFETIME',
    'CERTIFICATE-UNAVAILABLE',
    'UNSUPPORTED-EXCHANGE-TYPE',
    'UNEQUAL-PAYLOAD-LENGTHS',
  ]),
  8192: 'RESERVED',
  24576: 'RESPONDER-LIFETIME',
  24577: 'REPLAY-STATUS',
  24578: 'INITIAL-CONTACT',
};

/** An attribute's name, and the words of its values. */
export interface AttributeWords {
  readonly name: string;
  readonly values?: Words;
}
const lifetime: Words = { 1: 'sec', 2: 'kb' };
const groups: Words = {
  1: 'modp768',
  2: 'modp1024',
  3: 'EC2N 2^155',
  4: 'EC2N 2^185',
  5: 'modp1536',
  ...list(6, [
    'iana-grp06',
    'iana-grp07',
    'iana-grp08',
    'iana-grp09',
    'iana-grp10',
    'iana-grp11',
    'iana-grp12',
    'iana-grp13',
    'modp2048',
    'modp3072',
    'modp4096',
    'modp6144',
    'modp8192',
  ]),
};

export const ikeAttributes: Readonly<Record<number, AttributeWords>> = {
  1: { name: 'enc', values: list(1, ['1des', 'idea', 'blowfish', 'rc5', '3des', 'cast', 'aes']) },
  2: { name: 'hash', values: list(1, ['md5', 'sha1', 'tiger', 'sha2-256', 'sha2-384', 'sha2-512']) },
  3: { name: 'auth', values: list(1, ['preshared', 'dss', 'rsa sig', 'rsa enc', 'rsa enc revised']) },
  4: { name: 'group desc', values: groups },
  5: { name: 'group type', values: list(1, ['MODP', 'ECP', 'EC2N']) },
  6: { name: 'group prime' },
  7: { name: 'group gen1' },
  8: { name: 'group gen2' },
  9: { name: 'group curve A' },
  10: { name: 'group curve B' },
  11: { name: 'lifetype', values: lifetime },
  12: { name: 'lifeduration' },
  13: { name: 'prf' },
  14: { name: 'keylen' },
  15: { name: 'field' },
  16: { name: 'order' },
};
export const ipsecAttributes: Readonly<Record<number, AttributeWords>> = {
  1: { name: 'lifetype', values: lifetime },
  2: { name: 'life' },
  3: { name: 'group desc', values: groups },
  4: { name: 'enc mode', values: { 1: 'tunnel', 2: 'transport' } },
  5: { name: 'auth', values: list(1, ['hmac-md5', 'hmac-sha1', '1des-mac', 'keyed']) },
  6: { name: 'keylen' },
  7: { name: 'rounds' },
  8: { name: 'dictsize' },
  9: { name: 'privalg' },
};
export const transformWords: Readonly<Record<number, Words>> = {
  1: { 1: 'ike' },
  2: list(1, ['(reserved)', 'md5', 'sha', '1des', 'sha2-256', 'sha2-384', 'sha2-512']),
  3: list(1, ['1des-iv64', '1des', '3des', 'rc5', 'idea', 'cast', 'blowfish', '3idea', '1des-iv32', 'rc4', 'null', 'aes']),
  4: list(1, ['oui', 'deflate', 'lzs']),
};
/** Transforms of IKEv2: types, and what each has. */
export const transformTypes: Words = { 1: 'encr', 2: 'prf', 3: 'integ', 4: 'dh', 5: 'esn' };
export const transforms2: Readonly<Record<number, Words>> = {
  1: list(1, ['1des-iv64', '1des', '3des', 'rc5', 'idea', 'cast', 'blowfish', '3idea', '1des-iv32', 'rc4', 'null', 'aes', 'aes-ctr']),
  2: list(1, ['hmac-md5', 'hmac-sha', 'hamc-tiger', 'aes128_xcbc']),
  3: list(1, ['hmac-md5', 'hmac-sha', 'dec-mac', 'kpdk-md5', 'aes-xcbc']),
  4: { 1: 'dh1', 2: 'modp1024', 5: 'modp1536', 14: 'modp2048', 15: 'modp3072', 16: 'modp4096', 17: 'modp6144', 18: 'modp8192' },
  5: { 0: 'no', 1: 'yes' },
};
export const notify2Words: Words = {
  16388: 'nat_detection_source_ip',
  16389: 'nat_detection_destination_ip',
  16390: 'cookie',
  16391: 'use_transport_mode',
  16384: 'initial_contact',
  16385: 'set_window_size',
  16386: 'additional_ts_possible',
  16387: 'ipcomp_supported',
  16392: 'http_cert_lookup_supported',
  16393: 'rekey_sa',
  16394: 'tfc_padding_not_supported',
  16395: 'non_first_fragment_also',
  1: 'unsupported_critical_payload',
  4: 'invalid_ike_spi',
  5: 'invalid_major_version',
  7: 'invalid_syntax',
  9: 'invalid_message_id',
  11: 'invalid_spi',
  14: 'no_protocol_chosen',
  17: 'invalid_ke_payload',
  24: 'authentication_failed',
  34: 'single_pair_required',
  35: 'no_additional_sas',
  36: 'internal_address_failure',
  37: 'failed:cp_required',
  41: 'invalid_selectors',
};
