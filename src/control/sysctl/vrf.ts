import { EBUSY } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { vrfLoaded, vrfNamespace } from '../../drivers/vrf/namespace.js';
import type { SysctlGroup } from './sysctl.js';
import { integer } from './values.js';

/** /proc/sys/net/vrf: there as long as the module is, which the first VRF loads. */
export const vrfSysctls: SysctlGroup = (namespace) => {
  const { stack } = namespace;
  if (!vrfLoaded(stack) && !stack.modules.has('vrf')) return [];
  const vrfs = vrfNamespace(namespace);
  return [
    integer(
      'net/vrf/strict_mode',
      () => (vrfs.strict ? 1 : 0),
      (value) => vrfs.setStrict(value !== 0, () => fail(EBUSY)),
      { min: 0, max: 1 },
    ),
  ];
};
