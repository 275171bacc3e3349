// Names of what Juniper's headers of captured frames say: media and encapsulations.
import type { Words } from '../words.js';

const FIRST_MEDIUM = 1;
const FIRST_ENCAPSULATION = 2;

const numbered = (first: number, names: string): Words =>
  Object.fromEntries(
    names
      .split('|')
      .map((name, i) => [first + i, name])
      .filter(([, name]) => name !== '-'),
  );

/** Types of devices; '-' stands where a number has no name. */
export const mediumWords = numbered(
  FIRST_MEDIUM,
  'Ethernet|FDDI|Token-Ring|PPP|Frame-Relay|Cisco-HDLC|SMDS-DXI|ATM-PVC|PPP-CCC|Frame-Relay-CCC|IP-over-IP|GRE|PIM-Encapsulator|' +
    'PIM-Decapsulator|Cisco-HDLC-CCC|VLAN-CCC|Multilink-PPP|Multilink-FR|Multilink|LSI|-|ATM-CCC-Cell-Relay|IPSEC-over-IP|GGSN|-|-|PPP-TCC|' +
    'Frame-Relay-TCC|Cisco-HDLC-TCC|Ethernet-CCC|VPN-Loopback-tunnel|Extended-VLAN-CCC|Ethernet-over-ATM|Monitor|Ethernet-TCC|VLAN-TCC|' +
    'Extended-VLAN-TCC|Controller|Multilink-FR-UNI-NNI|LinkService|VPLS|VLAN-VPLS|Extended-VLAN-VPLS|Logical-tunnel|General-Services|' +
    'Ethernet-VPLS-over-ATM|-|Extended FR-CCC|Extended FR-TCC|Flexible-FrameRelay|-|Flexible-Ethernet-Services|Flow-collection|-|-|PPPoE|' +
    'PPP-Subordinate|-|Dynamic-Flow-Capture|PIC Peer',
);

export const encapsulationWords: Words = {
  ...numbered(
    FIRST_ENCAPSULATION,
    'ATM SNAP|ATM NLPID|ATM VCMUX|ATM LLC|PPP over ATM VCMUX|PPP over ATM LLC|PPP over FUNI|CCC over ATM|FR NLPID|FR SNAP|FR PPP|FR CCC|' +
      'Ethernet|-|-|PPP|C-HDLC|PPP CCC|IPIP|PIM Null|GRE NULL|PPP over GRE|PIMd|C-HDLC CCC|CISCO compatible NLPID|VLAN CCC|MLPPP|MLFR|' +
      'LSI Null|-|ATM CCC Cell Relay|Crypto|GGSN|ATM VCMUX TCC|FR TCC|PPP TCC|C-HDLC TCC|Ethernet CCC|VT|Ethernet over ATM LLC|' +
      'Extended VLAN CCC|ATM SNAP TCC|Monitor|Ethernet TCC|VLAN TCC|Extended VLAN TCC|MFR|VPLS|VLAN VPLS|Extended VLAN VPLS|' +
      'General Services|Ethernet VPLS over ATM LLC|FR CCC|MLPPP over ATM LLC|Ethernet over ATM CCC|LT VLAN|Collector|Aggregator|LAPD|' +
      'PPPoE over ATM LLC|PPPoE over Ethernet|PPPoE',
  ),
  64: '',
  65: 'C-HDLC via dialer',
};

export const extensionWords: Words = numbered(
  1,
  'Device Interface Index|Device Interface Name|Device Media Type|Logical Interface Index|Logical Unit Number|' +
    'Logical Interface Encapsulation|TTP derived Device Media Type|TTP derived Logical Interface Encapsulation',
);

export const securityWords: Words = { 1: 'ESP ENCR-AUTH', 2: 'ESP ENCR-AH AUTH', 3: 'ESP AUTH', 4: 'AH AUTH', 5: 'ESP ENCR' };
