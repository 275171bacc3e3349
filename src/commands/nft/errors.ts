import type { Location } from './location.js';

/** One complaint: its text, the place that is underlined with carets, and a second place underlined with tildes. */
export interface Complaint {
  readonly text: string;
  readonly at: Location | null;
  readonly also?: Location | undefined;
}

/** What stops one command: bad syntax, types that do not fit, names that are not there. */
export class NftError extends Error {
  readonly complaint: Complaint;
  /** What was wrong before it, and did not stop the command. */
  earlier: readonly Complaint[] = [];

  constructor(text: string, at: Location | null = null, also?: Location) {
    super(text);
    this.name = 'NftError';
    this.complaint = { text, at, also };
  }
}

export function fail(text: string, at: Location | null = null, also?: Location): never {
  throw new NftError(text, at, also);
}
