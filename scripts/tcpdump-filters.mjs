// Generated filter expressions through the tcpdump of this machine and through tcpdump-lite, in this process: instructions, and texts of errors.
// `node scripts/tcpdump-filters.mjs [EXPRESSIONS] [SEED]`; what differs is shown.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const temporary = mkdtempSync(join(tmpdir(), 'filters-'));
const outfile = join(temporary, 'run.mjs');
await build({
  stdin: {
    contents: "export { tcpdump } from './test/support/tcpdump-files.js'; export { Random } from './test/support/mutate-packets.js';",
    resolveDir: process.cwd(),
  },
  bundle: true,
  format: 'esm',
  platform: 'node',
  outfile,
  logLevel: 'error',
});
const { tcpdump, Random } = await import(outfile);
rmSync(temporary, { recursive: true });
const count = Number(process.argv[2] ?? 500);
const r = new Random(Number(process.argv[3] ?? 1));
const of = (...l) => r.of(l);
const hosts = ['10.0.0.1', '192.168.1.0', '1.2.3.4', '255.255.255.255', '0.0.0.0', 'fe80::1', '2001:db8::5', '::1'];
const nets = [
  '10',
  '10.1',
  '10.1.2',
  '192.168.0.0/16',
  '10.0.0.0/8',
  '1.2.3.0/24',
  'net4',
  '2001:db8::/32',
  'fe80::/10',
  '10.0.0.0 mask 255.0.0.0',
  '1.2.3.4/32',
  '0.0.0.0/0',
  '10.1.1.1/24',
];
const macs = ['00:11:22:33:44:55', 'ff:ff:ff:ff:ff:ff', '1:2:3:4:5:6', '00-11-22-33-44-55'];
const dir = () => of('', '', 'src ', 'dst ', 'src or dst ', 'src and dst ');
const protos = [
  'ip',
  'ip6',
  'arp',
  'rarp',
  'tcp',
  'udp',
  'icmp',
  'icmp6',
  'sctp',
  'igmp',
  'pim',
  'vrrp',
  'carp',
  'ah',
  'esp',
  'igrp',
  'stp',
  'iso',
  'clnp',
  'esis',
  'isis',
  'ipx',
  'netbeui',
  'aarp',
  'atalk',
  'decnet',
  'lat',
  'moprc',
  'mopdl',
  'l1',
  'l2',
  'iih',
  'lsp',
  'snp',
  'csnp',
  'psnp',
  'sca',
];
function num() {
  return of(
    '0',
    '1',
    '2',
    '6',
    '17',
    '0x10',
    '255',
    '1500',
    '0x0800',
    '65535',
    '0xffffffff',
    '010',
    'tcp-syn',
    'icmp-echo',
    'tcp-ack|tcp-syn',
    'icmp6-echo',
    'tcpflags',
    'icmptype',
  );
}
function acc() {
  return of(
    'ip',
    'tcp',
    'udp',
    'ether',
    'icmp',
    'ip6',
    'icmp6',
    'arp',
    'sctp',
    'link',
    'rarp',
    'igmp',
    'wlan',
    'radio',
    'ppp',
    'fddi',
    'tr',
    'slip',
    'vrrp',
    'pim',
    'igrp',
    'carp',
  );
}
function arith(d) {
  switch (d <= 0 ? r.below(2) : r.below(8)) {
    case 0:
      return num();
    case 1:
      return `${acc()}[${of('0', '1', '2', '4', '6', '8', '9', '12', '13', '16', '20', '33', 'tcpflags', 'icmptype', '-1', '0:2', '4:4', '2:1', '6:2', '0:3' + '')}]`;
    case 2:
    case 3:
      return `${arith(d - 1)} ${of('+', '-', '*', '/', '&', '|', '^', '<<', '>>', '%')} ${arith(d - 1)}`;
    case 4:
      return `(${arith(d - 1)})`;
    case 5:
      return 'len';
    case 6:
      return `-${arith(d - 1)}`;
    default:
      return `${acc()}[${arith(d - 1)}${of('', ':1', ':2', ':4')}]`;
  }
}
const rel = () => of('=', '==', '!=', '>', '<', '>=', '<=');
function prim(d) {
  switch (r.below(30)) {
    case 0:
      return `${of('', 'ip ', 'ip6 ', 'arp ', 'rarp ')}${dir()}host ${of(...hosts)}`;
    case 1:
      return `${of('', 'ip ', 'ip6 ')}${dir()}net ${of(...nets)}`;
    case 2:
      return `${of('', 'tcp ', 'udp ', 'sctp ')}${dir()}port ${of('80', '53', '22', 'http', 'domain', '65535', '0', 'ssh')}`;
    case 3:
      return `${of('', 'tcp ', 'udp ', 'sctp ')}${dir()}portrange ${of('1-1024', '80-90', '100-50', '80', '0-65535')}`;
    case 4:
      return `ether ${of('', 'src ', 'dst ', 'host ', 'src or dst ', 'src host ')}${of(...macs)}`;
    case 5:
      return `ether proto ${of('0x0800', 'ip', '0x86dd', 'arp', '\\arp', '\\ip6', '5', '0x600', '1500', 'stp', '\\stp', 'iso', '\\iso', 'aarp', 'ipx', 'netbeui', '\\netbeui', '0x8100')}`;
    case 6:
      return `${of('ip', 'ip6')} proto ${of('6', '17', '\\tcp', '\\udp', '\\icmp', '89', '0', '255', '\\sctp')}`;
    case 7:
      return `${of('', 'ip ', 'ip6 ', 'ether ', 'link ')}${of('broadcast', 'multicast')}`;
    case 8:
      return of(...protos);
    case 9:
      return `vlan${of('', ' 1', ' 100', ' 4095', ' 0')}${d > 0 ? ` and ${expr(d - 1)}` : ''}`;
    case 10:
      return `mpls${of('', ' 1000', ' 16')}${d > 0 ? ` and ${expr(d - 1)}` : ''}`;
    case 11:
      return `${of('pppoed', 'pppoes', 'pppoes 7', 'geneve', 'geneve 5')}${d > 0 ? ` and ${expr(d - 1)}` : ''}`;
    case 12:
      return `${of('less', 'greater')} ${of('64', '1500', '0')}`;
    case 13:
      return `${of('ip', 'ip6', '')} protochain ${of('6', '\\tcp', '17')}`.trim();
    case 14:
    case 15:
    case 16:
    case 17:
    case 18:
      return `${arith(2)} ${rel()} ${arith(2)}`;
    case 19:
      return `gateway ${of('10.0.0.1', 'localhost')}`;
    case 20:
      return `${of('inbound', 'outbound')}`;
    case 21:
      return of('ifname eth0', 'rnr 0', 'action pass', 'reason match', 'on eth0', 'rulenum 3', 'subrulenum 1', 'srnr 2', 'ruleset x');
    case 22:
      return `wlan ${of('host', 'addr1', 'addr2', 'addr3', 'addr4', 'ra', 'ta', 'src', 'dst')} ${of(...macs)}`;
    case 23:
      return `type ${of('mgt', 'ctl', 'data', 'mgt subtype beacon', 'data subtype qos-data', '0', 'ctl subtype ack', 'bogus')}`;
    case 24:
      return `${of('subtype beacon', 'subtype 8', 'dir fromds', 'dir tods', 'dir 1', 'dir nods')}`;
    case 25:
      return `${of('lane', 'llc', 'oamf4s', 'metac', 'bcc', 'sc', 'ilmic', 'connectmsg', 'vpi 1', 'vci 33', 'llc s', 'llc i', 'llc u', 'llc rr', 'llc xid', 'fisu', 'lssu', 'lsu', 'msu', 'sio 3', 'opc 100', 'dpc 5', 'sls 2', 'hopc 1', 'hsio 2', 'hdpc 3', 'hsls 4')}`;
    case 26:
      return `host ${of('10.0.0.1 or 10.0.0.2', '10.0.0.1 and not 1.1.1.1', '10.0.0.1 || 10.0.0.2')}`;
    case 27:
      return `port ${of('80 or 443', '(80 or 443)')}`;
    case 28:
      return `(${expr(d - 1)})`;
    default:
      return `${of('tcp[tcpflags] & (tcp-syn|tcp-fin) != 0', 'icmp[icmptype] != icmp-echo and icmp[icmptype] != icmp-echoreply', 'ip[2:2] > 576', 'ether[0] & 1 != 0', 'tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420', 'ip[6:2] & 0x1fff = 0', 'ip6[40] = 1', 'udp[8:2]=5')}`;
  }
}
function expr(d) {
  switch (d <= 0 ? 0 : r.below(6)) {
    case 0:
    case 1:
      return prim(d - 1);
    case 2:
      return `${expr(d - 1)} and ${expr(d - 1)}`;
    case 3:
      return `${expr(d - 1)} or ${expr(d - 1)}`;
    case 4:
      return `not ${prim(d - 1)}`;
    default:
      return `(${expr(d - 1)}) and not (${expr(d - 1)})`;
  }
}
const dlts = [
  'EN10MB',
  'EN10MB',
  'EN10MB',
  'EN10MB',
  'RAW',
  'NULL',
  'LINUX_SLL',
  'LINUX_SLL2',
  'PPP',
  'IEEE802_11',
  'IEEE802_11_RADIO',
  'FDDI',
  'IEEE802',
  'ATM_RFC1483',
  'SLIP',
  'LOOP',
  'PPP_SERIAL',
  'PPP_ETHER',
  'C_HDLC',
  'FRELAY',
  'PFLOG',
  'SUNATM',
  'ARCNET',
  'IP_OVER_FC',
  'MTP2',
  'MTP2_WITH_PHDR',
  'PRISM_HEADER',
  'NETANALYZER',
  'IPV4',
  'IPV6',
  'LTALK',
  'JUNIPER_ETHER',
  'JUNIPER_PPP',
  'JUNIPER_ATM1',
  'JUNIPER_MLPPP',
  'PPI',
  'IEEE802_11_RADIO_AVS',
  'ENC',
  'SYMANTEC_FIREWALL',
  'BACNET_MS_TP',
  'RDS',
  'APPLE_IP_OVER_IEEE1394',
  'DOCSIS',
  'USER0',
  'ERF',
  'NFLOG',
  'USB_LINUX',
  'INFINIBAND',
];
let bad = 0;
const kinds = new Map();
for (let i = 0; i < count; i++) {
  const dlt = r.of(dlts);
  let e = expr(3);
  if (e.startsWith('-')) e = `(${e})`;
  const argv = ['-n', ...(r.below(4) === 0 ? ['-O'] : []), of('-d', '-d', '-d', '-dd', '-ddd'), '-y', dlt, e];
  const real = spawnSync('tcpdump', argv, { encoding: 'latin1', timeout: 5000 });
  const ours = await tcpdump(argv);
  const clean = (t) => t.replace(/^(tcpdump|tcpdump-lite): /gm, '');
  if (real.status === ours.status && real.stdout === ours.stdout && clean(real.stderr) === clean(ours.stderr)) continue;
  bad++;
  const kind = real.status !== ours.status ? 'status' : real.stdout !== ours.stdout ? 'code' : 'stderr';
  kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const shown = ({ status, stdout, stderr }) =>
    `${status} ${status !== 0 || kind === 'stderr' ? JSON.stringify(clean(stderr)) : `${stdout.split('\n').length} lines`}`;
  const line = argv.map((word) => (word.includes(' ') ? `'${word}'` : word)).join(' ');
  console.log(`## ${kind} ${line}\n  want ${shown(real)}\n  have ${shown(ours)}`);
}
console.log(`${count - bad} of ${count} alike`, [...kinds]);
