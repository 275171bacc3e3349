import { errnoName, strerror } from './errno.js';

/**
 * What control code throws: an errno, and what Linux would put into the extended ACK. It becomes an
 * NLMSG_ERROR once, at the netlink edge, or a socket call's error. The data path never throws it.
 */
export class NetError extends Error {
  /** Positive errno. */
  readonly errno: number;
  /** Text of NLMSGERR_ATTR_MSG, where Linux sends one. */
  readonly extack: string | undefined;
  /** Offset of the offending attribute from the start of the request's nlmsghdr (NLMSGERR_ATTR_OFFS), where known. */
  readonly offset: number | undefined;

  constructor(errno: number, extack?: string, offset?: number) {
    super(extack === undefined ? strerror(errno) : `${strerror(errno)}: ${extack}`);
    this.name = 'NetError';
    this.errno = errno;
    this.extack = extack;
    this.offset = offset;
  }

  /** As Node's own errors have it: "ENOENT". */
  get code(): string {
    return errnoName(this.errno);
  }
}

/** For use in expressions: `request.lower ?? fail(ENODEV)`. */
export function fail(errno: number, extack?: string, offset?: number): never {
  throw new NetError(errno, extack, offset);
}
