import { ARPHRD_PIMREG, IFF_NOARP } from '../../../netlink/rtnl/constants.js';
import { NetDevice } from '../device.js';
import type { PacketBuffer } from '../packet-buffer.js';
import type { Stack } from '../stack.js';

/** An Ethernet frame's payload without the headers that a register message needs: IP and PIM's. */
const ETHERNET_DATA = 1500;

/** pimreg, pim6reg: what is sent by it goes to the daemon of its table, whole. */
export class RegisterDevice extends NetDevice {
  readonly #report: (skb: PacketBuffer) => void;

  /** `report` tells the daemon; the packet stays here. `overhead` in bytes. */
  constructor(stack: Stack, name: string, overhead: number, report: (skb: PacketBuffer) => void) {
    super(stack, name);
    this.type = ARPHRD_PIMREG;
    this.mtu = ETHERNET_DATA - overhead;
    this.flags |= IFF_NOARP;
    this.hardHeaderBytes = 0;
    this.address = new Uint8Array(0);
    this.broadcast = new Uint8Array(0);
    this.noQueue = true;
    this.netnsLocal = true;
    this.#report = report;
  }

  // Linux: reg_vif_get_iflink()
  override get iflink(): number {
    return 0;
  }

  // Linux: reg_vif_xmit()
  transmit(skb: PacketBuffer): void {
    this.statistics.txBytes += skb.length;
    this.statistics.txPackets++;
    this.#report(skb);
    this.stack.consume(skb);
  }

  createHeader(): void {
    // It has none.
  }

  parseHeader(): void {
    // Nor do packets come in by a wire.
  }
}
