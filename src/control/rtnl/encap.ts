import { EINVAL, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Encapsulation } from '../../net/core/lwtunnel.js';
import {
  TUNNEL_ERSPAN_OPT,
  TUNNEL_GENEVE_OPT,
  TUNNEL_OPTIONS_PRESENT,
  TUNNEL_VXLAN_OPT,
  TunnelMetadata,
  type TunnelOptions,
} from '../../net/core/tunnel-metadata.js';
import {
  type Ip6EncapAttributes,
  type IpEncapAttributes,
  ip6Encap,
  ipEncap,
  LWTUNNEL_ENCAP_IP,
  LWTUNNEL_ENCAP_IP6,
  LWTUNNEL_ENCAP_MAX,
  LWTUNNEL_ENCAP_NONE,
  type TunnelOptionAttributes,
} from '../../netlink/rtnl/encap.js';
import { Deferred } from '../../netlink/schema.js';
import { ipv4Bytes, ipv4Number } from './ipv4.js';
import { in6, in6Bytes } from './ipv6/in6.js';

/** One kind of encapsulation of routes: how messages say it (struct lwtunnel_encap_ops). */
interface EncapKind {
  /** LWTUNNEL_ENCAP_* */
  readonly type: number;
  /** What RTA_ENCAP says. Throws EINVAL. */
  parse(encap: Deferred): TunnelMetadata;
  describe(metadata: TunnelMetadata): Deferred;
}

const ID_BYTES = 8;

function idBytes({ id, idHigh }: TunnelMetadata): Uint8Array {
  const bytes = new Uint8Array(ID_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, idHigh);
  view.setUint32(4, id);
  return bytes;
}

function common({ id, flags, opts }: Pick<IpEncapAttributes, 'id' | 'flags' | 'opts'>): TunnelMetadata {
  const metadata = new TunnelMetadata();
  metadata.transmit = true;
  if (id !== undefined) {
    const view = new DataView(id.buffer, id.byteOffset, ID_BYTES);
    metadata.idHigh = view.getUint32(0);
    metadata.id = view.getUint32(4);
  }
  metadata.options = opts === undefined ? null : optionsOf(opts);
  metadata.flags = ((flags ?? 0) & ~TUNNEL_OPTIONS_PRESENT) | (metadata.options === null ? 0 : OPTION_FLAG[metadata.options.kind]);
  return metadata;
}

const OPTION_FLAG = { geneve: TUNNEL_GENEVE_OPT, vxlan: TUNNEL_VXLAN_OPT, erspan: TUNNEL_ERSPAN_OPT };

// Linux: ip_tun_parse_opts()
function optionsOf({ geneve, vxlan, erspan }: TunnelOptionAttributes): TunnelOptions | null {
  if ([geneve, vxlan, erspan].filter((given) => given !== undefined).length > 1) fail(EINVAL);
  if (geneve !== undefined) {
    const options = geneve.map((option) => {
      const { class: optionClass = fail(EINVAL), type = fail(EINVAL), data = fail(EINVAL) } = option;
      return data.length === 0 || data.length % 4 !== 0 ? fail(EINVAL) : { class: optionClass, type, data };
    });
    return { kind: 'geneve', options };
  }
  if (vxlan !== undefined) return { kind: 'vxlan', gbp: vxlan.gbp ?? fail(EINVAL) };
  if (erspan === undefined) return null;
  const { ver = fail(EINVAL), index, dir, hwid } = erspan;
  if (ver === 1) return { kind: 'erspan', version: 1, index: index ?? fail(EINVAL), direction: 0, hardwareId: 0 };
  if (ver !== 2) fail(EINVAL);
  return { kind: 'erspan', version: 2, index: 0, direction: dir ?? fail(EINVAL), hardwareId: hwid ?? fail(EINVAL) };
}

// Linux: ip_tun_fill_encap_opts()
function describeOptions(options: TunnelOptions): TunnelOptionAttributes {
  if (options.kind === 'geneve') return { geneve: options.options };
  if (options.kind === 'vxlan') return { vxlan: { gbp: options.gbp } };
  const { version, index, direction, hardwareId } = options;
  return { erspan: version === 1 ? { ver: 1, index } : { ver: version, dir: direction, hwid: hardwareId } };
}

const described = ({ options }: TunnelMetadata) => (options === null ? {} : { opts: describeOptions(options) });

// Linux: ip_tun_lwt_ops
const ipKind: EncapKind = {
  type: LWTUNNEL_ENCAP_IP,
  parse(encap) {
    const values: IpEncapAttributes = encap.parse(ipEncap);
    const metadata = common(values);
    if (values.dst !== undefined) metadata.destination = ipv4Number(values.dst);
    if (values.src !== undefined) metadata.source = ipv4Number(values.src);
    metadata.tos = values.tos ?? 0;
    metadata.ttl = values.ttl ?? 0;
    return metadata;
  },
  describe: (metadata) =>
    Deferred.of(ipEncap, {
      id: idBytes(metadata),
      dst: ipv4Bytes(metadata.destination),
      src: ipv4Bytes(metadata.source),
      tos: metadata.tos,
      ttl: metadata.ttl,
      flags: metadata.flags,
      ...described(metadata),
    }),
};

const ANY6 = new Uint8Array(16);

// Linux: ip6_tun_lwt_ops
const ip6Kind: EncapKind = {
  type: LWTUNNEL_ENCAP_IP6,
  parse(encap) {
    const values: Ip6EncapAttributes = encap.parse(ip6Encap);
    const metadata = common(values);
    metadata.destination6 = in6(values.dst ?? ANY6);
    metadata.source6 = in6(values.src ?? ANY6);
    metadata.tos = values.tc ?? 0;
    metadata.ttl = values.hoplimit ?? 0;
    return metadata;
  },
  describe: (metadata) =>
    Deferred.of(ip6Encap, {
      id: idBytes(metadata),
      dst: in6Bytes(metadata.destination6!),
      src: in6Bytes(metadata.source6!),
      tc: metadata.tos,
      hoplimit: metadata.ttl,
      flags: metadata.flags,
      ...described(metadata),
    }),
};

const kinds: readonly EncapKind[] = [ipKind, ip6Kind];

/**
 * What RTA_ENCAP_TYPE and RTA_ENCAP ask for; null: nothing. EINVAL, EOPNOTSUPP for kinds whose module is not there.
 * Linux: lwtunnel_valid_encap_type(), lwtunnel_build_state()
 */
export function encapsulationOf({
  encapType,
  encap,
}: {
  readonly encapType?: number | undefined;
  readonly encap?: Deferred | undefined;
}): Encapsulation | null {
  const kind = encapType === undefined ? undefined : kindOf(encapType);
  if (encap === undefined) return null;
  if (kind === undefined) fail(EINVAL, 'LWT encap type not specified');
  return { type: kind.type, metadata: kind.parse(encap) };
}

function kindOf(type: number): EncapKind {
  if (type === LWTUNNEL_ENCAP_NONE || type > LWTUNNEL_ENCAP_MAX) fail(EINVAL, 'Unknown lwt encapsulation type');
  return kinds.find((kind) => kind.type === type) ?? fail(EOPNOTSUPP, 'lwt encapsulation type not supported');
}

/** RTA_ENCAP and RTA_ENCAP_TYPE of a route or a nexthop object. Linux: lwtunnel_fill_encap() */
export function describeEncapsulation(encapsulation: Encapsulation | null): { readonly encap?: Deferred; readonly encapType?: number } {
  if (encapsulation === null) return {};
  const { type, metadata } = encapsulation;
  return { encap: kindOf(type).describe(metadata), encapType: type };
}
