import type { Command } from '../../client/command.js';
import { ipvsadm } from '../ipvsadm/ipvsadm.js';

const USAGE = 'ipvsadm-save: Script to save the IPVS table to stdout.\n   With the -n option, prints out the table in numeric format.\n';

/** `ipvsadm-save`: writes the table of virtual services as commands. */
export const command: Command = async (argv, io, env) => {
  if (argv[0] === '-h') {
    await io.stderr.write(USAGE);
    return 0;
  }
  return ipvsadm(argv[0] === '-n' ? ['-S', '-n'] : ['-S'], io, env);
};
