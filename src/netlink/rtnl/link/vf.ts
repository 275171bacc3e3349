import { type AttributeCodec, type AttributesOf, attributes, list, nest, plain, struct } from '../../attributes.js';

const ADDRESS_ROOM = 32;

/** struct ifla_vf_mac: the number of the function, then 32 bytes that begin with the address. */
const vfMac: AttributeCodec<{ readonly vf: number; readonly address: Uint8Array }> = {
  type: 1,
  read: (source, start, end) => ({
    vf: end - start < 4 ? 0 : source.view.getUint32(start, true),
    address: source.bytes.slice(Math.min(start + 4, end), end),
  }),
  write(writer, { vf, address }) {
    writer.u32(vf);
    writer.raw(address.subarray(0, ADDRESS_ROOM));
    writer.zeros(ADDRESS_ROOM - Math.min(address.length, ADDRESS_ROOM));
  },
};

const setting = { vf: 'u32', setting: 'u32' } as const;
const guid = { vf: 'u32', pad: 'pad32', low: 'u32', high: 'u32' } as const;

/** IFLA_VF_INFO: IFLA_VF_*, what is set of one virtual function of a NIC; linux/if_link.h. */
export const vfInfo = attributes('IFLA_VF', {
  mac: vfMac,
  vlan: struct(2, { vf: 'u32', vlan: 'u32', qos: 'u32' }),
  txRate: struct(3, { vf: 'u32', rate: 'u32' }),
  spoofCheck: struct(4, setting),
  linkState: struct(5, { vf: 'u32', linkState: 'u32' }),
  rate: struct(6, { vf: 'u32', min: 'u32', max: 'u32' }),
  rssQuery: struct(7, setting),
  trust: struct(9, setting),
  nodeGuid: struct(10, guid),
  portGuid: struct(11, guid),
});
export type VfInfo = AttributesOf<typeof vfInfo>;

/** IFLA_VFINFO_LIST */
export const vfInfoList: AttributeCodec<readonly VfInfo[]> = plain(list(22, plain(nest(1, vfInfo))));
