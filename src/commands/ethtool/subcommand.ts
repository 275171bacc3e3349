import type { EthtoolContext } from './context.js';

/**
 * One thing that ethtool does. The table of all of them feeds the parser, the usage text, the man page and the completions.
 * The functions give the exit status.
 */
export interface SubCommand {
  /** '-s', '--change'; none: what ethtool does of a device's name alone. */
  readonly options: readonly string[];
  /** As the usage has it. */
  readonly summary: string;
  /** Its words, as the usage lists them, line by line. */
  readonly parameters?: string;
  /** The parameters stand on the line of the summary. */
  readonly joined?: boolean;
  /** It is about no device. */
  readonly noDevice?: boolean;
  /** It knows JSON. */
  readonly json?: boolean;
  /** Speaks netlink. */
  netlink?(context: EthtoolContext): Promise<number>;
  /** False: with these words it goes by ioctl after all. */
  speaksNetlink?(words: readonly string[]): boolean;
  /** Speaks by ioctl: of no netlink message, or where `netlink` is not there. */
  ioctl?(context: EthtoolContext): Promise<number>;
}

/** Leaves with "bad command line argument(s)". */
export class BadArguments extends Error {}

export const badArguments = (): never => {
  throw new BadArguments();
};
