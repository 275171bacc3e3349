import { type Bits, bitsOf, hasBit } from '../../netlink/genl/ethtool/bitset.js';
import { DUPLEX_FULL, DUPLEX_HALF } from '../../netlink/genl/ethtool/constants.js';
import { linkModeNames } from '../../netlink/genl/ethtool/strings.js';

export interface LinkModeOf {
  readonly index: number;
  /** Mb/s */
  readonly speed: number;
  readonly duplex: number;
}

/** Speed and duplex are in the name: "1000baseT/Full". What has none (a port, pause) is no mode. */
const modes: readonly LinkModeOf[] = linkModeNames.flatMap((name, index) => {
  const [, speed, , duplex] = /^([0-9]+)base([^/]*)\/(Half|Full)$/.exec(name) ?? [];
  return speed === undefined ? [] : [{ index, speed: Number(speed), duplex: duplex === 'Full' ? DUPLEX_FULL : DUPLEX_HALF }];
});

/** The modes among `bits` that have a speed. */
export const modesOf = (bits: Bits): LinkModeOf[] => modes.filter(({ index }) => hasBit(bits, index));

/** A set of link modes by their names. */
export const linkModes = (...names: readonly string[]): Bits =>
  bitsOf(
    linkModeNames.length,
    names.map((name) => linkModeNames.indexOf(name)),
  );
