import { VlanDevice } from '../../net/8021q/vlan-device.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { ProcNetFolder } from './view.js';

const HEAD = 'VLAN Dev name\t | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\n';
const VLAN_FLAG_REORDER_HDR = 1;

const vlansOf = (namespace: Namespace): VlanDevice[] =>
  [...namespace.devices()].filter((device): device is VlanDevice => device instanceof VlanDevice);

/** Linux: vlandev_seq_show() */
function describe(device: VlanDevice): string {
  device.refreshStatistics();
  const { statistics: s, lower, ingress, egressFrom, egressTo } = device;
  const count = (name: string, value: number) => `${name}${String(value).padStart(13)}\n`;
  const pairs = egressFrom.map((from, i) => `${from}:${egressTo[i]} `).join('');
  const reorder = (device.vlanFlags & VLAN_FLAG_REORDER_HDR) !== 0 ? 1 : 0;
  return (
    `${device.name}  VID: ${device.id}\t REORDER_HDR: ${reorder}  dev->priv_flags: 81021\n` +
    count('         total frames received', s.rxPackets) +
    count('          total bytes received', s.rxBytes) +
    count('      Broadcast/Multicast Rcvd', s.multicast) +
    '\n' +
    count('      total frames transmitted', s.txPackets) +
    `       total bytes transmitted ${String(s.txBytes).padStart(10)}\n` +
    `Device: ${lower.name}\n` +
    `INGRESS priority mappings: ${[...ingress]
      .map((to, from) => `${from}:${to}`)
      .join('  ')
      .replace('  7:', ' 7:')}\n` +
    ` EGRESS priority mappings: ${pairs}\n`
  );
}

/** /proc/net/vlan: comes with the first VLAN device, as its module does. */
export const vlan: ProcNetFolder = {
  folder: 'vlan/',
  files: (namespace) => {
    const devices = vlansOf(namespace);
    return devices.length === 0 ? [] : ['config', ...devices.map(({ name }) => name)];
  },
  text(namespace, file) {
    const devices = vlansOf(namespace);
    if (file === 'config' && devices.length > 0)
      return HEAD + devices.map(({ name, id, lower }) => `${name.padEnd(15)}| ${id}  | ${lower.name}\n`).join('');
    const device = devices.find(({ name }) => name === file);
    return device === undefined ? null : describe(device);
  },
};
