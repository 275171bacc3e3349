import { CommandFailure } from '../shared/failure.js';

export const PROGRAM = 'conntrack v1.4.7 (conntrack-tools)';

/** PARAMETER_PROBLEM: what was written cannot be. */
export const usageProblem = (text: string) =>
  new CommandFailure(2, `${PROGRAM}: ${text}\nTry \`conntrack -h' or 'conntrack --help' for more information.\n`);

/** OTHER_PROBLEM: what was asked for cannot be done. */
export const problem = (text: string) => new CommandFailure(1, `${PROGRAM}: ${text}\n`);
