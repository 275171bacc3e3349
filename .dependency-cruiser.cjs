// The arrows of the house: base <- wire, bpf, netlink <- net <- drivers <- control <- instance <- daemon,
// and commands -> client -> netlink, base. A folder may import itself and what stands behind it here.
const mayImport = {
  base: [],
  wire: ['base'],
  bpf: ['base'],
  netlink: ['base', 'wire'],
  net: ['base', 'wire', 'bpf', 'netlink'],
  drivers: ['base', 'wire', 'bpf', 'netlink', 'net'],
  control: ['base', 'wire', 'bpf', 'netlink', 'net', 'drivers'],
  instance: ['base', 'wire', 'bpf', 'netlink', 'net', 'drivers', 'control', 'client'],
  host: ['base', 'wire', 'netlink'],
  client: ['base', 'netlink', 'host'],
  commands: ['base', 'wire', 'bpf', 'netlink', 'client'],
};
const pure = ['base', 'wire', 'bpf', 'netlink', 'net', 'drivers', 'control', 'instance', 'commands'];

module.exports = {
  forbidden: [
    ...Object.entries(mayImport).map(([folder, allowed]) => ({
      name: `arrows-of-${folder}`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: '^src/', pathNot: `^src/(${[folder, ...allowed].join('|')})/` },
    })),
    {
      name: 'pure-code-imports-no-node-module',
      comment: 'clock, random source, frames, files and terminals are handed in',
      severity: 'error',
      from: { path: `^src/(${pure.join('|')})/` },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: '\\.d\\.ts$' }, to: {} },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
  },
};
