import { readFileSync, statSync } from 'node:fs';
import { EADDRNOTAVAIL, EEXIST, EINVAL, ENODEV, ENOENT, EOPNOTSUPP } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { ClientError } from '../client/client-error.js';
import type { NicSpecification, NicStatus } from '../client/instance-port.js';
import type { EventLoop } from '../host/event-loop.js';
import type { Libc } from '../host/libc.js';
import { Tap, TapError } from '../host/tap.js';
import type { NetDevice } from '../net/core/device.js';
import type { ModuleEeprom } from '../net/core/ethtool-ops.js';
import { moduleOf } from '../drivers/nic/module.js';
import type { FramePort } from '../net/core/frame-port.js';
import { formatMac, parseMac } from '../wire/mac-address.js';
import type { HostedInstance } from './hosted-instance.js';
import { type Faults, FaultyPort, parseFaults } from '../drivers/faults.js';
import { SinkPort } from '../drivers/sink-port.js';
import { TapPort } from './tap-port.js';

interface Nic {
  readonly device: NetDevice;
  readonly port: FramePort;
  readonly specification: NicSpecification;
}

/** The NICs of an instance: devices whose wire leads out of it. */
export class NicBoard {
  readonly #instance: HostedInstance;
  readonly #loop: EventLoop;
  readonly #libc: Libc | null;
  readonly #nics = new Map<string, Nic>();
  #made = 0;

  constructor(instance: HostedInstance, loop: EventLoop, libc: Libc | null) {
    this.#instance = instance;
    this.#loop = loop;
    this.#libc = libc;
  }

  get size(): number {
    return this.#nics.size;
  }

  /** Throws ClientError: one line. */
  add(specification: NicSpecification): NicStatus {
    const { name } = specification;
    if (this.#instance.stack.initial.deviceByName(name) !== undefined) throw new ClientError(EEXIST, `there is a device "${name}" already`);
    const mac = this.#macOf(specification);
    const module = specification.module === undefined ? null : readModule(specification.module);
    const port = this.#portOf(specification);
    let device: NetDevice;
    try {
      device = this.#instance.plugNic(name, mac, port, module);
    } catch (error) {
      port.close();
      if (!(error instanceof NetError)) throw error;
      throw new ClientError(error.errno, `NIC "${name}": ${error.extack ?? error.message}`);
    }
    this.#made++;
    const nic = { device, port, specification };
    this.#nics.set(name, nic);
    return statusOf(nic);
  }

  delete(name: string): void {
    const found = [...this.#nics].find(([key, nic]) => nic.device.name === name || (key === name && !nic.device.registered));
    if (found === undefined) throw new ClientError(ENODEV, `there is no NIC "${name}"`);
    const [key, nic] = found;
    this.#nics.delete(key);
    if (nic.device.registered) this.#instance.unplugNic(nic.device);
    nic.port.close();
  }

  list(): NicStatus[] {
    return [...this.#nics.values()].map(statusOf);
  }

  close(): void {
    for (const nic of this.#nics.values()) nic.port.close();
    this.#nics.clear();
  }

  /** 52:54:00:12:34:56 for the first, counted up from there. */
  #macOf(specification: NicSpecification): Uint8Array {
    if (specification.mac === undefined) {
      const last = 0x123456 + this.#made;
      return Uint8Array.of(0x52, 0x54, 0x00, (last >>> 16) & 0xff, (last >>> 8) & 0xff, last & 0xff);
    }
    const mac = parseMac(specification.mac);
    if (mac === null) throw new ClientError(EINVAL, `"${specification.mac}" is not a MAC address`);
    if ((mac[0]! & 1) !== 0 || mac.every((byte) => byte === 0))
      throw new ClientError(EADDRNOTAVAIL, `"${specification.mac}" is not the MAC address of one device`);
    return mac;
  }

  #portOf(specification: NicSpecification): FramePort {
    const faults = specification.faults === undefined ? null : faultsOf(specification.faults);
    const port = this.#wireOf(specification);
    return faults === null ? port : new FaultyPort(this.#instance.stack, port, faults);
  }

  #wireOf({ tap, netns }: NicSpecification): FramePort {
    const { stack } = this.#instance;
    if (tap === undefined) return new SinkPort(stack);
    if (this.#libc === null || this.#loop.frames === null)
      throw new ClientError(EOPNOTSUPP, `TAP "${tap}": koffi does not load on this machine, and TAPs need it`);
    return new TapPort(this.#libc, openTap(this.#libc, tap, netns ?? null), stack, this.#loop.frames);
  }
}

function faultsOf(text: string): Faults {
  try {
    return parseFaults(text);
  } catch (error) {
    if (error instanceof NetError) throw new ClientError(error.errno, error.extack ?? error.message);
    throw error;
  }
}

function readModule(path: string): ModuleEeprom {
  let memory: Uint8Array;
  try {
    if (!statSync(path).isFile()) throw new ClientError(EINVAL, `module "${path}" is no file`);
    memory = new Uint8Array(readFileSync(path));
  } catch (error) {
    if (error instanceof ClientError) throw error;
    throw new ClientError(ENOENT, `module "${path}" cannot be read: ${(error as Error).message}`);
  }
  try {
    return moduleOf(memory);
  } catch (error) {
    if (error instanceof NetError) throw new ClientError(error.errno, `module "${path}": ${error.extack ?? error.message}`);
    throw error;
  }
}

function openTap(libc: Libc, name: string, netns: string | null): Tap {
  try {
    return Tap.open(libc, name, netns);
  } catch (error) {
    if (error instanceof TapError) throw new ClientError(error.errno, error.message);
    throw error;
  }
}

function statusOf({ device, specification }: Nic): NicStatus {
  const { rxPackets, rxBytes, txPackets, txBytes } = device.statistics;
  return {
    name: device.name,
    mac: formatMac(device.address),
    tap: specification.tap ?? null,
    netns: specification.netns ?? null,
    rxPackets,
    rxBytes,
    txPackets,
    txBytes,
  };
}
