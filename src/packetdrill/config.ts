import { formatIpv4, ipv4Bytes, ipv4PrefixLength, parseIpv4 } from '../wire/ipv4-address.js';
import { formatIpv6, parseIpv6 } from '../wire/ipv6-address.js';

export type IpVersion = 'ipv4' | 'ipv4-mapped-ipv6' | 'ipv6';

/** An option as the command line or a script's head has it. */
export interface ConfigOption {
  readonly name: string;
  readonly value: string | null;
  /** "file:line" or nothing, for complaints. */
  readonly where: string;
}

/** How a script is run. Addresses are in network order, 4 or 16 bytes. */
export interface Config {
  readonly ipVersion: IpVersion;
  readonly local: Uint8Array;
  readonly localPrefix: number;
  readonly remote: Uint8Array;
  readonly remotePrefix: number;
  readonly bindPort: number;
  readonly connectPort: number;
  readonly mtu: number;
  readonly toleranceUs: number;
  readonly tolerancePercent: number;
  /** Microseconds of one tick of outbound timestamps; 0: they are not checked. */
  readonly timestampTickUs: number;
  /** An inbound echo of a timestamp that was never sent is taken by its distance from the first. */
  readonly scaledEcho: boolean;
  /** One packet of the script is one packet of the stack. */
  readonly strictSegments: boolean;
  readonly nonFatal: ReadonlySet<string>;
  readonly anyIp: boolean;
  readonly dryRun: boolean;
  readonly verbose: boolean;
  readonly initScripts: readonly string[];
  readonly definitions: ReadonlyMap<string, string>;
}

/** A complaint about an option: told as it is, exit status 1. */
export class ConfigError extends Error {}

type Values = Map<string, string>;

/** Options that take a value, as the original's. */
const VALUED = new Set([
  'ip_version',
  'bind_port',
  'code_command',
  'code_format',
  'code_sockopt',
  'connect_port',
  'remote_ip',
  'local_ip',
  'gateway_ip',
  'netmask_ip',
  'speed',
  'mss',
  'mtu',
  'init_scripts',
  'tolerance_usecs',
  'tolerance_percent',
  'tcp_ts_tick_usecs',
  'non_fatal',
  'define',
]);
const FLAGS = new Set(['tcp_ts_ecr_scaled', 'strict_segments', 'dry_run', 'is_anyip', 'send_omit_free', 'debug', 'verbose']);
/** They need another machine or a library of another stack. */
const ELSEWHERE = new Set([
  'wire_client',
  'wire_server',
  'wire_server_ip',
  'wire_server_at',
  'wire_server_port',
  'wire_client_dev',
  'wire_server_dev',
  'so_filename',
  'so_flags',
]);

export const takesValue = (name: string): boolean => VALUED.has(name);
export const isOption = (name: string): boolean => VALUED.has(name) || FLAGS.has(name) || ELSEWHERE.has(name);

/** The configuration that `options`, the later ones stronger, make. Throws ConfigError. */
export function configure(options: readonly ConfigOption[]): Config {
  const values: Values = new Map();
  const definitions = new Map<string, string>();
  for (const { name, value, where } of options) {
    const place = where === '' ? '' : `${where}: `;
    if (ELSEWHERE.has(name)) throw new ConfigError(`${place}--${name}: only the local mode is there`);
    if (!isOption(name)) throw new ConfigError(`${place}unknown option: --${name}`);
    if (VALUED.has(name) && value === null) throw new ConfigError(`${place}option --${name} needs a value`);
    if (name === 'define') define(definitions, value!, place);
    else values.set(name, value ?? '1');
    check(name, value ?? '', place);
  }
  const ipVersion = (values.get('ip_version') ?? 'ipv4') as IpVersion;
  return {
    ipVersion,
    ...addresses(ipVersion, values),
    bindPort: Number(values.get('bind_port') ?? 8080),
    connectPort: Number(values.get('connect_port') ?? 8080),
    mtu: Number(values.get('mtu') ?? 1500),
    toleranceUs: Number(values.get('tolerance_usecs') ?? 4000),
    tolerancePercent: Number(values.get('tolerance_percent') ?? 12.5),
    timestampTickUs: Number(values.get('tcp_ts_tick_usecs') ?? 0),
    scaledEcho: values.has('tcp_ts_ecr_scaled'),
    strictSegments: values.has('strict_segments'),
    nonFatal: new Set((values.get('non_fatal') ?? '').split(/[, ]+/).filter((word) => word !== '')),
    anyIp: values.has('is_anyip'),
    dryRun: values.has('dry_run'),
    verbose: values.has('verbose') || values.has('debug'),
    initScripts: (values.get('init_scripts') ?? '').split(',').filter((path) => path !== ''),
    definitions,
  };
}

function define(definitions: Map<string, string>, text: string, place: string): void {
  const at = text.indexOf('=');
  if (at <= 0) throw new ConfigError(`${place}bad definition of a symbol: ${text}`);
  definitions.set(text.slice(0, at), text.slice(at + 1));
}

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  bind_port: [1, 65_535],
  connect_port: [1, 65_535],
  mss: [1, 65_535],
  mtu: [1, 65_535],
  tolerance_usecs: [0, Number.MAX_SAFE_INTEGER],
  tcp_ts_tick_usecs: [0, 1_000_000],
};

function check(name: string, value: string, place: string): void {
  const bad = (): never => {
    throw new ConfigError(`${place}bad --${name}: ${value}`);
  };
  if (name === 'ip_version' && !['ipv4', 'ipv4-mapped-ipv6', 'ipv6'].includes(value)) bad();
  const range = ranges[name];
  if (range !== undefined && !(/^\d+$/.test(value) && Number(value) >= range[0] && Number(value) <= range[1])) bad();
  if (name === 'tolerance_percent' && !(Number(value) >= 0 && Number(value) <= 100)) bad();
}

type Addresses = Pick<Config, 'local' | 'localPrefix' | 'remote' | 'remotePrefix'>;

/** Private addresses here, such as are kept for documentation there (RFC 5737, RFC 3849). */
function addresses(version: IpVersion, values: Values): Addresses {
  const v6 = version === 'ipv6';
  const [remoteText = '', prefixText] = (values.get('remote_ip') ?? (v6 ? '2001:db8::1/32' : '192.0.2.1/24')).split('/');
  const [localText = ''] = (values.get('local_ip') ?? (v6 ? 'fd3d:fa7b:d17d::36' : '192.168.0.54')).split('/');
  const mask = v6 ? null : parseIpv4(values.get('netmask_ip') ?? '255.255.0.0');
  return {
    local: parse(localText, v6, 'local_ip'),
    localPrefix: mask === null ? 48 : ipv4PrefixLength(mask),
    remote: parse(remoteText, v6, 'remote_ip'),
    remotePrefix: prefixText === undefined ? (v6 ? 128 : 32) : Number(prefixText),
  };
}

function parse(text: string, v6: boolean, name: string): Uint8Array {
  const parsed = v6 ? parseIpv6(text) : parseIpv4(text);
  if (parsed === null) throw new ConfigError(`bad --${name}: ${text}`);
  return typeof parsed === 'number' ? ipv4Bytes(parsed) : parsed;
}

export const formatAddress = (bytes: Uint8Array): string =>
  bytes.length === 4 ? formatIpv4(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)) : formatIpv6(bytes);
