import type { geneveOption, TunnelOptionAttributes } from '../../../netlink/rtnl/encap.js';
import type { AttributesOf } from '../../../netlink/attributes.js';
import { invalidArgument } from '../../shared/failure.js';
import { parseU16, parseU32, parseU8 } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';

/** "0102:80:11223344[,...]": class, type and data of Geneve's options. iproute2: lwtunnel_parse_geneve_opts() */
export function parseGeneve(text: string): TunnelOptionAttributes {
  return { geneve: text.split(',').map((option) => parseGeneveOption(option, text)) };
}

function parseGeneveOption(option: string, whole: string): AttributesOf<typeof geneveOption> {
  const wrong = () => invalidArgument('"geneve_opts" value is invalid\n', whole);
  const [optionClass, type, data, ...more] = option.split(':');
  const parsedClass = optionClass === undefined || optionClass === '' ? undefined : parseU16(optionClass);
  const parsedType = type === undefined || type === '' ? undefined : parseU8(type);
  if (parsedClass === null || parsedType === null || more.length > 0) throw wrong();
  const bytes = data === undefined || data === '' ? undefined : hexBytes(data);
  if (bytes === null) throw wrong();
  return {
    ...(parsedClass === undefined ? {} : { class: parsedClass }),
    ...(parsedType === undefined ? {} : { type: parsedType }),
    ...(bytes === undefined ? {} : { data: bytes }),
  };
}

function hexBytes(text: string): Uint8Array | null {
  if (!/^([0-9a-fA-F]{2})+$/.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** The group policy. */
export function parseVxlan(text: string): TunnelOptionAttributes {
  const gbp = parseU32(text);
  if (gbp === null) throw invalidArgument('"vxlan_opts" value is invalid\n', text);
  return { vxlan: { gbp } };
}

/** "VERSION:INDEX:DIRECTION:HWID", of which a part may be empty. */
export function parseErspan(text: string): TunnelOptionAttributes {
  const parts = text.split(':');
  const part = (index: number, parse: (text: string) => number | null): number | undefined => {
    const given = parts[index];
    if (given === undefined || given === '') return undefined;
    const value = parse(given);
    if (value === null) throw invalidArgument('"erspan_opts" value is invalid\n', text);
    return value;
  };
  const [ver, index, dir, hwid] = [part(0, parseU8), part(1, parseU32), part(2, parseU8), part(3, parseU8)];
  return {
    erspan: {
      ...(ver === undefined ? {} : { ver }),
      ...(index === undefined ? {} : { index }),
      ...(dir === undefined ? {} : { dir }),
      ...(hwid === undefined ? {} : { hwid }),
    },
  };
}

/** On a line of their own. iproute2: lwtunnel_print_opts() */
export function printOptions({ out }: IpContext, { geneve, vxlan, erspan }: TunnelOptionAttributes): void {
  const open = (key: string) => {
    out.newLine();
    out.openArray(key, `\t${key} `);
  };
  if (geneve !== undefined) {
    open('geneve_opts');
    for (const [index, option] of geneve.entries()) {
      const data = [...(option.data ?? [])].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      out.openObject();
      out.text(index === 0 ? '' : ',');
      out.field('class', option.class ?? 0, `${option.class ?? 0}:`);
      out.field('type', option.type ?? 0, `${option.type ?? 0}:`);
      out.field('data', data, data);
      out.closeObject();
    }
    out.closeArray(' ');
  }
  if (vxlan !== undefined) {
    open('vxlan_opts');
    out.openObject();
    out.field('gbp', vxlan.gbp ?? 0, `${vxlan.gbp ?? 0}`);
    out.closeObject();
    out.closeArray(' ');
  }
  if (erspan !== undefined) {
    const { ver = 0, index = 0, dir = 0, hwid = 0 } = erspan;
    open('erspan_opts');
    out.openObject();
    out.field('ver', ver, `${ver}:`);
    out.field('index', index, `${index}:`);
    out.field('dir', dir, `${dir}:`);
    out.field('hwid', hwid, `${hwid}`);
    out.closeObject();
    out.closeArray(' ');
  }
}
