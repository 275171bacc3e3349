import type { PlainReference } from '../reference.js';
import { modinfoOptions } from '../modinfo/options.js';
import { letterReferences } from '../shared/getopt.js';
import { modprobeOptions } from '../modprobe/options.js';

const base = { options: [], examples: [] } as const;
const OF_A_STACK =
  'All that a stack has is there from the beginning: to load a module changes what lsmod(8) and /proc show, and which schedulers of IPVS there are.';

/** Manual pages of the commands about kernel modules. */
export const kmodReferences: readonly PlainReference[] = [
  {
    ...base,
    name: 'modprobe',
    summary: 'load and unload kernel modules',
    synopsis: ['[ OPTIONS ] MODULE [ PARAMETER ... ]', '-a MODULE ...', '-r MODULE ...'],
    description: [OF_A_STACK, 'Known are the modules for networks of Debian 12; another is an error, as on a host.'],
    options: letterReferences(modprobeOptions),
    examples: [['modprobe -a ip_vs ip_vs_rr', 'IPVS with one of its schedulers']],
  },
  { ...base, name: 'rmmod', summary: 'unload kernel modules', synopsis: ['MODULE ...'], description: [OF_A_STACK] },
  {
    ...base,
    name: 'lsmod',
    summary: 'list loaded kernel modules',
    synopsis: [''],
    description: ['Lists names, sizes, and which others use a module.'],
  },
  {
    ...base,
    name: 'modinfo',
    summary: 'show what is known of a kernel module',
    synopsis: ['[ -F FIELD | -n ] MODULE ...'],
    description: ['Shows where a module lies on a host and what it needs.'],
    options: letterReferences(modinfoOptions),
  },
];
