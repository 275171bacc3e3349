import { CommanderError } from 'commander';
import { NetError } from '../../base/net-error.js';
import { ProgramError } from '../../client/client-error.js';
import type { Command } from '../../client/command.js';
import { type Outcome, tapstackProgram } from './program.js';

/** Instances: started, ended, looked at, given NICs; programs run in them. */
export const command: Command = async (argv, io, env) => {
  const outcome: Outcome = { status: 0, writes: [] };
  try {
    await tapstackProgram(io, env, outcome).parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) outcome.status = error.exitCode;
    else if (error instanceof NetError) {
      await io.stderr.write(`tapstack: ${error.message}\n`);
      outcome.status = error instanceof ProgramError ? error.status : 1;
    } else throw error;
  }
  await Promise.all(outcome.writes);
  return outcome.status;
};
