import { EACCES, EBUSY, EINVAL, ENODEV, ENOENT, ENXIO, EPERM } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { type Libc, O_CLOEXEC, O_NONBLOCK, O_RDWR, SOCK_CLOEXEC } from './libc.js';
import { insideNamespace } from './netns.js';

const CLONE_DEVICE = '/dev/net/tun';

// linux/if_tun.h, linux/sockios.h
const TUNSETIFF = 0x400454ca;
const TUNSETOFFLOAD = 0x400454d0;
const TUNSETVNETHDRSZ = 0x400454d8;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
const SIOCGIFMTU = 0x8921;
const IFNAMSIZ = 16;
/** struct ifreq: the name, then a union of 24 bytes. */
const IFREQ = 40;

// TUN_F_*: what the kernel may leave undone in frames that it hands us.
export const TUN_F_CSUM = 1;
export const TUN_F_TSO4 = 2;
export const TUN_F_TSO6 = 4;
export const TUN_F_TSO_ECN = 8;

/** struct virtio_net_hdr_mrg_rxbuf, before every frame both ways. */
export const VNET_HEADER = 12;

/** What hinders a TAP, as one line that says what to do. */
export class TapError extends NetError {
  constructor(errno: number, text: string) {
    super(errno);
    this.message = text;
  }
}

/** An open TAP of the host: frames behind a virtio-net header, never blocking. */
export class Tap {
  readonly name: string;
  readonly fd: number;
  readonly #libc: Libc;
  readonly #netns: string | null;

  /** Opens the TAP `name`, or makes it, in the network namespace at path `netns` (null: the own one). Throws TapError. */
  static open(libc: Libc, name: string, netns: string | null): Tap {
    if (name === '' || name.length >= IFNAMSIZ || !/^[\x21-\x7e]+$/.test(name) || name.includes('/'))
      throw new TapError(EINVAL, `"${name}" is no name for a TAP: 1 to ${IFNAMSIZ - 1} characters without spaces and "/"`);
    if (netns === null) return new Tap(libc, name, netns);
    try {
      return insideNamespace(libc, netns, () => new Tap(libc, name, netns));
    } catch (error) {
      if (error instanceof TapError || !(error instanceof NetError)) throw error;
      throw namespaceError(error.errno, name, netns);
    }
  }

  private constructor(libc: Libc, name: string, netns: string | null) {
    this.#libc = libc;
    this.#netns = netns;
    this.name = name;
    this.fd = libc.open(CLONE_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
    if (this.fd < 0) throw openError(libc.errno(), name);
    try {
      const request = ifreq(name);
      new DataView(request.buffer).setUint16(IFNAMSIZ, IFF_TAP | IFF_NO_PI | IFF_VNET_HDR, true);
      if (libc.ioctl(this.fd, TUNSETIFF, request) < 0) throw attachError(libc.errno(), name);
      if (libc.ioctl(this.fd, TUNSETVNETHDRSZ, Uint8Array.of(VNET_HEADER, 0, 0, 0)) < 0 || libc.ioctlValue(this.fd, TUNSETOFFLOAD, 0) < 0)
        throw new TapError(libc.errno(), `TAP "${name}": the kernel does not know virtio-net headers of ${VNET_HEADER} bytes`);
    } catch (error) {
      libc.close(this.fd);
      throw error;
    }
  }

  /** The MTU that the host has set: frames may be so long, their header not counted. */
  mtu(): number {
    const read = () => {
      const socket = this.#libc.socket(1, 2 | SOCK_CLOEXEC, 0);
      const request = ifreq(this.name);
      const result = this.#libc.ioctl(socket, SIOCGIFMTU, request);
      this.#libc.close(socket);
      return result < 0 ? 1500 : new DataView(request.buffer).getInt32(IFNAMSIZ, true);
    };
    return this.#netns === null ? read() : insideNamespace(this.#libc, this.#netns, read);
  }

  /** TUN_F_*. False: this kernel does not know one of them. */
  setOffloads(offloads: number): boolean {
    return this.#libc.ioctlValue(this.fd, TUNSETOFFLOAD, offloads) >= 0;
  }

  /** read(2) and write(2) at raw addresses; negative errno on failure. */
  readAt(address: number, size: number): number {
    const count = this.#libc.readAt(this.fd, address, size);
    return count < 0 ? -this.#libc.errno() : count;
  }

  writeAt(address: number, size: number): number {
    const count = this.#libc.writeAt(this.fd, address, size);
    return count < 0 ? -this.#libc.errno() : count;
  }

  /** writev(2) of struct iovec at a raw address; negative errno on failure. */
  writevAt(address: number, count: number): number {
    const written = this.#libc.writevAt(this.fd, address, count);
    return written < 0 ? -this.#libc.errno() : written;
  }

  close(): void {
    this.#libc.close(this.fd);
  }
}

function ifreq(name: string): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(IFREQ);
  request.set(new TextEncoder().encode(name));
  return request;
}

function openError(errno: number, name: string): TapError {
  if (errno === ENOENT || errno === ENODEV || errno === ENXIO)
    return new TapError(
      errno,
      `TAP "${name}": this machine has no ${CLONE_DEVICE}: modprobe tun, or give the container --device ${CLONE_DEVICE}`,
    );
  if (errno === EACCES || errno === EPERM)
    return new TapError(errno, `TAP "${name}": no permission to open ${CLONE_DEVICE}: run as root, or chmod 0666 ${CLONE_DEVICE}`);
  return new TapError(errno, `TAP "${name}": ${CLONE_DEVICE}: ${new NetError(errno).message}`);
}

function attachError(errno: number, name: string): TapError {
  if (errno === EPERM || errno === EACCES)
    return new TapError(
      errno,
      `TAP "${name}": no permission: run as root, or let root make it for you: ip tuntap add dev ${name} mode tap user ${process.geteuid?.() ?? 0} vnet_hdr`,
    );
  if (errno === EBUSY)
    return new TapError(errno, `TAP "${name}": the name is taken: another program has this TAP open; end it or use another name`);
  if (errno === EINVAL)
    return new TapError(
      errno,
      `TAP "${name}": the name is taken by a device that is no TAP, or by one of several queues; use another name`,
    );
  return new TapError(errno, `TAP "${name}": ${new NetError(errno).message}`);
}

function namespaceError(errno: number, name: string, netns: string): TapError {
  if (errno === ENOENT) return new TapError(errno, `TAP "${name}": there is no network namespace ${netns}: ip netns add makes one`);
  if (errno === EINVAL) return new TapError(errno, `TAP "${name}": ${netns} is no network namespace`);
  if (errno === EPERM || errno === EACCES) return new TapError(errno, `TAP "${name}": no permission to enter ${netns}: run as root`);
  return new TapError(errno, `TAP "${name}": ${netns}: ${new NetError(errno).message}`);
}
