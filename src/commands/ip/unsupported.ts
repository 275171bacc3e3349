import { failure } from '../shared/failure.js';
import type { IpObject } from './object.js';

/** An object of iproute2 that this version does not have: as on a kernel that lacks its module, and a line that says so. */
export function unsupported(name: string): IpObject {
  const refuse = async (): Promise<number> => {
    throw failure(`RTNETLINK answers: Operation not supported\ntapstack: "ip ${name}" is not there yet`, 2);
  };
  return {
    name,
    summary: 'not there yet',
    usage: `Usage: ip ${name} is not there yet`,
    description: [],
    withoutVerb: refuse,
    anyWord: true,
    verbs: [],
  };
}
