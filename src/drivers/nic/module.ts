import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { ETH_MODULE_SFF_8079, ETH_MODULE_SFF_8436, ETH_MODULE_SFF_8472, ETH_MODULE_SFF_8636 } from '../../netlink/genl/ethtool/ioctl.js';
import type { ModuleEeprom } from '../../net/core/ethtool-ops.js';

/** The lower memory, and each page behind it. */
const PAGE = 128;
/** The lower memory and 256 pages. */
const MOST = 257 * PAGE;

/** SFF-8024 table 4-1: these have two I2C addresses instead of pages. */
const SFP = [0x01, 0x02, 0x03, 0x0b];
const QSFP = [0x0c, 0x0d];

/**
 * A module out of the bytes of its memory, as `ethtool -m DEVNAME raw on` writes them: of an SFP what lies at its two addresses, of others
 * lower memory and page after page. EINVAL: it is no such memory.
 */
export function moduleOf(memory: Uint8Array): ModuleEeprom {
  if (memory.length < 2 * PAGE || memory.length > MOST || memory.length % PAGE !== 0)
    fail(EINVAL, `a module has ${2 * PAGE} to ${MOST} bytes, ${PAGE} a page, not ${memory.length}`);
  const identifier = memory[0]!;
  if (SFP.includes(identifier)) {
    if (memory.length !== 2 * PAGE && memory.length !== 4 * PAGE)
      fail(EINVAL, `an SFP has ${2 * PAGE} or ${4 * PAGE} bytes, not ${memory.length}`);
    return { type: memory.length === 2 * PAGE ? ETH_MODULE_SFF_8079 : ETH_MODULE_SFF_8472, memory };
  }
  return { type: QSFP.includes(identifier) ? ETH_MODULE_SFF_8436 : ETH_MODULE_SFF_8636, memory };
}
