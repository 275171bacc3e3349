import type { Command } from '../../client/command.js';
import { ipvsadm } from '../ipvsadm/ipvsadm.js';

const USAGE = 'ipvsadm-save: Script to save the IPVS table to stdout.\n   With the -n option, prints out the table in numeric format.\n';

/** `ipvsadm-save`: writes the table of virtual services as commands. */
export const command: Command = async (argv, io, env) => {
  const [option] = argv;
  if (option === undefined || option === '-n') return ipvsadm(['-S', ...argv.slice(0, 1)], io, env);
  await io.stderr.write(USAGE);
  return option === '-h' ? 0 : 1;
};
