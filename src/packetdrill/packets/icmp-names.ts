import * as icmp from '../../wire/icmp.js';
import * as icmp6 from '../../wire/icmpv6.js';

interface IcmpType {
  readonly type: number;
  readonly codes?: Readonly<Record<string, number>>;
}

const v4: Readonly<Record<string, IcmpType>> = {
  echo_reply: { type: icmp.ECHO_REPLY },
  unreachable: {
    type: icmp.DEST_UNREACH,
    codes: {
      net_unreachable: icmp.NET_UNREACH,
      host_unreachable: icmp.HOST_UNREACH,
      protocol_unreachable: icmp.PROTOCOL_UNREACH,
      port_unreachable: icmp.PORT_UNREACH,
      frag_needed: icmp.FRAG_NEEDED,
      source_route_failed: icmp.SR_FAILED,
      net_unknown: icmp.NET_UNKNOWN,
      host_unknown: icmp.HOST_UNKNOWN,
      source_host_isolated: icmp.HOST_ISOLATED,
      net_prohibited: icmp.NET_ANO,
      host_prohibited: icmp.HOST_ANO,
      net_unreachable_for_tos: icmp.NET_UNR_TOS,
      host_unreachable_for_tos: icmp.HOST_UNR_TOS,
      packet_filtered: icmp.PKT_FILTERED,
      precedence_violation: icmp.PREC_VIOLATION,
      precedence_cutoff: icmp.PREC_CUTOFF,
    },
  },
  source_quench: { type: icmp.SOURCE_QUENCH },
  redirect: { type: icmp.REDIRECT },
  echo_request: { type: icmp.ECHO },
  time_exceeded: { type: icmp.TIME_EXCEEDED },
  parameter_problem: { type: icmp.PARAMETER_PROBLEM },
  timestamp_request: { type: icmp.TIMESTAMP },
  timestamp_reply: { type: icmp.TIMESTAMP_REPLY },
  information_request: { type: icmp.INFO_REQUEST },
  information_reply: { type: icmp.INFO_REPLY },
  address_mask_request: { type: icmp.ADDRESS },
  address_mask_reply: { type: icmp.ADDRESS_REPLY },
};

const v6: Readonly<Record<string, IcmpType>> = {
  unreachable: {
    type: icmp6.DEST_UNREACH,
    codes: {
      net_unreachable: icmp6.NOROUTE,
      no_route: icmp6.NOROUTE,
      admin_prohibited: icmp6.ADM_PROHIBITED,
      not_neighbour: icmp6.NOT_NEIGHBOUR,
      address_unreachable: icmp6.ADDR_UNREACH,
      port_unreachable: icmp6.PORT_UNREACH,
    },
  },
  packet_too_big: { type: icmp6.PACKET_TOO_BIG },
  time_exceeded: {
    type: icmp6.TIME_EXCEEDED,
    codes: { exceeded_hop_limit: icmp6.EXCEEDED_HOPLIMIT, exceeded_frag_time: icmp6.EXCEEDED_REASSEMBLY },
  },
  parameter_problem: {
    type: icmp6.PARAMETER_PROBLEM,
    codes: { header_field: icmp6.HEADER_FIELD, unknown_next_header: icmp6.UNKNOWN_NEXT_HEADER, unknown_option: icmp6.UNKNOWN_OPTION },
  },
  echo_request: { type: icmp6.ECHO_REQUEST },
  echo_reply: { type: icmp6.ECHO_REPLY },
};

/** Type and code of names, or of `type_N` and `code_N`; a text that says what is wrong. */
export function icmpNumbers(ipv6: boolean, typeName: string, codeName: string | null): { type: number; code: number } | string {
  const known = (ipv6 ? v6 : v4)[typeName];
  const type = known?.type ?? numbered(typeName, 'type');
  if (type === null) return `bad ICMP type ${typeName}`;
  if (codeName === null) return { type, code: 0 };
  const code = known?.codes?.[codeName] ?? numbered(codeName, 'code');
  return code === null ? `bad ICMP code ${codeName}` : { type, code };
}

function numbered(name: string, prefix: string): number | null {
  const found = new RegExp(`^${prefix}_(\\d+)$`).exec(name);
  return found !== null && Number(found[1]) <= 255 ? Number(found[1]) : null;
}

/** "unreachable port_unreachable" */
export function icmpText(ipv6: boolean, type: number, code: number): string {
  const entry = Object.entries(ipv6 ? v6 : v4).find(([, known]) => known.type === type);
  const name = entry?.[0] ?? `type_${type}`;
  const codes = Object.entries(entry?.[1].codes ?? {});
  return codes.length === 0 && code === 0 ? name : `${name} ${codes.find(([, number]) => number === code)?.[0] ?? `code_${code}`}`;
}
