// What stands before an address in a filter.

/** A keyword of a protocol; '': none was given. */
export type Protocol = string;
export type Direction = '' | 'src' | 'dst' | 'or' | 'and' | 'addr1' | 'addr2' | 'addr3' | 'addr4' | 'ra' | 'ta';
/** '': none was given; 'undefined': there is nothing that could have given one. */
export type AddressKind = '' | 'host' | 'net' | 'port' | 'portrange' | 'gateway' | 'proto' | 'protochain' | 'undefined';

export interface Qualifiers {
  readonly protocol: Protocol;
  readonly direction: Direction;
  readonly kind: AddressKind;
}

export const unqualified: Qualifiers = { protocol: 'undefined', direction: '', kind: 'undefined' };

/** Both ways where no direction, or "src or dst", was given; one of both for the others. */
export const isEither = (direction: Direction) => direction === '' || direction === 'or';

const addressWords: Readonly<Record<string, string>> = {
  addr1: "'addr1' and 'address1' are",
  addr2: "'addr2' and 'address2' are",
  addr3: "'addr3' and 'address3' are",
  addr4: "'addr4' and 'address4' are",
  ra: "'ra' is",
  ta: "'ta' is",
};

/** The error for a direction that only 802.11 knows; `rest` follows "is" or "are", with % for "a valid qualifier" or "valid qualifiers". */
export const wlanOnly = (direction: Direction, rest: string): string => {
  const words = addressWords[direction] ?? '';
  return `${words} ${rest.replace('%', words.endsWith('are') ? 'not valid qualifiers' : 'not a valid qualifier')}`;
};
