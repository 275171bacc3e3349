// ARP, RFC 826, for IPv4 over Ethernet:
//   0 hardware type | 2 protocol type | 4 hardware length | 5 protocol length | 6 operation
//   8 sender hardware | 14 sender protocol | 18 target hardware | 24 target protocol

/** What lies before the addresses. */
export const HEADER = 8;
/** With Ethernet and IPv4 addresses. */
export const PACKET = 28;

// linux/if_arp.h
export const ARPOP_REQUEST = 1;
export const ARPOP_REPLY = 2;

export const hardwareType = (v: DataView, at: number) => v.getUint16(at);
export const protocolType = (v: DataView, at: number) => v.getUint16(at + 2);
export const hardwareLength = (v: DataView, at: number) => v.getUint8(at + 4);
export const protocolLength = (v: DataView, at: number) => v.getUint8(at + 5);
export const operation = (v: DataView, at: number) => v.getUint16(at + 6);
/** Where the sender's hardware address stands. */
export const senderHardware = (at: number) => at + 8;
export const sender = (v: DataView, at: number) => v.getUint32(at + 14);
export const targetHardware = (at: number) => at + 18;
export const target = (v: DataView, at: number) => v.getUint32(at + 24);

/** Writes all but the hardware addresses. */
export function write(v: DataView, at: number, hardware: number, op: number, senderAddress: number, targetAddress: number): void {
  v.setUint16(at, hardware);
  v.setUint16(at + 2, 0x0800);
  v.setUint16(at + 4, 0x0604);
  v.setUint16(at + 6, op);
  v.setUint32(at + 14, senderAddress);
  v.setUint32(at + 24, targetAddress);
}
