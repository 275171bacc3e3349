import { Request } from '../../../netlink/genl/ethtool/constants.js';
import { moduleEepromMessage } from '../../../netlink/genl/ethtool/messages.js';
import type { EthtoolNetlink } from '../netlink.js';

/** The two I2C addresses that modules answer at, of seven bits: A0h and A2h of the standards. */
export const I2C_LOW = 0x50;
export const I2C_HIGH = 0x51;
/** Bytes of the lower memory, and of each page. */
export const PAGE = 128;

/** What is read of a module at once: it must not reach over the end of a half. */
export interface Portion {
  readonly offset: number;
  readonly length: number;
  readonly page?: number;
  readonly bank?: number;
  readonly i2cAddress?: number;
}

/** A module's memory, read over netlink half by half. Throws Refused. */
export class ModuleMemory {
  readonly #netlink: EthtoolNetlink;

  constructor(netlink: EthtoolNetlink) {
    this.#netlink = netlink;
  }

  async read({ offset, length, page = 0, bank = 0, i2cAddress = I2C_LOW }: Portion): Promise<Uint8Array> {
    const attributes = { length, offset, page, bank, i2cAddress };
    const [answer] = await this.#netlink.get(moduleEepromMessage, Request.MODULE_EEPROM_GET, { attributes });
    return answer?.values.data ?? new Uint8Array();
  }

  /** The lower memory and, behind it, a page: bytes have the numbers that the standards give them. */
  async withLower(lower: Uint8Array, page: number, bank = 0, i2cAddress = I2C_LOW): Promise<Uint8Array> {
    const whole = new Uint8Array(2 * PAGE);
    whole.set(lower.subarray(0, PAGE));
    whole.set((await this.read({ offset: PAGE, length: PAGE, page, bank, i2cAddress })).subarray(0, PAGE), PAGE);
    return whole;
  }
}
