import type { Deferred } from '../../../../netlink/schema.js';
import type { Cursor } from '../../../shared/cursor.js';
import type { IpContext } from '../../context.js';

/** What `ip link` knows of one kind of device: its own words behind `type KIND`, and how its details are shown. */
export interface LinkKindPart {
  readonly kind: string;
  /** What such a device is, and its words, for the man page; absent: the page says nothing of it. */
  readonly summary?: string;
  readonly words?: readonly { readonly word: string; readonly value?: string; readonly text?: string }[];
  /** What `ip link help KIND` prints. */
  readonly usage?: string;
  /**
   * Reads the words behind `type KIND`; gives IFLA_INFO_DATA. `creating`: a device is made, not changed (`ifindex`). Absent: the kind has no
   * words of its own, and those that are there are passed over.
   */
  readonly parse?: (context: IpContext, cursor: Cursor, creating: boolean, ifindex: number) => Promise<Deferred>;
  /** Parse even where no word follows: the kind says itself what is missing. */
  readonly parseEmpty?: boolean;
  /** Looks up the names that `print` shows. */
  readonly prepare?: (context: IpContext, data: Deferred | undefined) => Promise<void>;
  /** Prints IFLA_INFO_DATA for -details. Absent: nothing of it is shown. */
  readonly print?: (context: IpContext, data: Deferred | undefined) => void;
}
