import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { Answer, Request } from '../../../netlink/genl/ethtool/constants.js';
import { ETH_MODULE_SFF_8472 } from '../../../netlink/genl/ethtool/ioctl.js';
import { moduleEepromMessage } from '../../../netlink/genl/ethtool/messages.js';
import { type EthtoolObject, unsupported } from './object.js';

/** ETH_MODULE_EEPROM_PAGE_LEN: the lower memory is as long as a page. */
const PAGE = 128;
/** The second address that an SFP answers at; its bytes lie behind those of the first. */
const I2C_HIGH = 0x51;

/** Bytes of a plug-in module, by page and I2C address, out of memory that lies in one piece. Linux: eeprom_fallback() */
export const moduleEeprom: EthtoolObject<typeof moduleEepromMessage.attributes.shape> = {
  schema: moduleEepromMessage,
  get: Request.MODULE_EEPROM_GET,
  reply: Answer.MODULE_EEPROM_GET_REPLY,
  admin: true,
  // Linux: eeprom_parse_request()
  parse({ attributes, offsetOf }) {
    const { offset, length, page, i2cAddress } = attributes;
    if (offset === undefined || length === undefined || page === undefined || i2cAddress === undefined) return fail(EINVAL);
    if (page !== 0 && offset < PAGE) fail(EINVAL, 'reading from lower half page is allowed for page 0 only', offsetOf('page'));
    if (offset < PAGE && offset + length > PAGE) fail(EINVAL, 'reading cross half page boundary is illegal', offsetOf('length'));
    if (offset + length > 2 * PAGE) fail(EINVAL, 'reading cross page boundary is illegal', offsetOf('length'));
  },
  describe(device, _flags, attributes) {
    const { type, memory } = device.ethtool.moduleEeprom?.(device) ?? unsupported();
    const { offset = 0, length = 0, page = 0, i2cAddress } = attributes ?? {};
    const start = offset + page * PAGE + (type === ETH_MODULE_SFF_8472 && i2cAddress === I2C_HIGH ? 2 * PAGE : 0);
    if (start >= memory.length) fail(EINVAL);
    return { data: memory.slice(start, start + length) };
  },
};
