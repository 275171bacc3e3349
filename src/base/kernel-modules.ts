import { builtInModules, moduleAliases, moduleFolders, moduleNeeds, moduleSizes } from './kernel-module-table.js';

/** What modules there are: the stack says which are loaded, commands ask what could be. */
export interface KernelModule {
  /** As `lsmod` shows it, with underscores. */
  readonly name: string;
  /** Below the folder of the kernel's modules. */
  readonly path: string;
  readonly needs: readonly string[];
  /** Bytes. */
  readonly size: number;
}

export const KERNEL_RELEASE = '6.1.0-56-amd64';
export const MODULE_FOLDER = `/lib/modules/${KERNEL_RELEASE}`;
const DEFAULT_SIZE = 16_384;

const underscored = (name: string): string => name.replaceAll('-', '_');
let paths: Map<string, string> | null = null;

function pathOf(name: string): string | undefined {
  if (paths === null) {
    paths = new Map();
    for (const [folder, names] of Object.entries(moduleFolders))
      for (const file of names.split(' ')) paths.set(underscored(file), `kernel/${folder}/${file}.ko`);
  }
  return paths.get(name);
}

/** The module of that name or alias, dashes and underscores being one. */
export function findModule(wanted: string): KernelModule | undefined {
  const name = underscored(moduleAliases[wanted] ?? wanted);
  const path = pathOf(name);
  if (path === undefined) return undefined;
  const needs = moduleNeeds.find(([names]) => names.test(name))?.[1].split(' ') ?? [];
  return { name, path, needs: needs.filter((other) => other !== name), size: moduleSizes[name] ?? DEFAULT_SIZE };
}

/** The module that has such an alias. */
export const moduleFor = (alias: string): string | undefined => moduleAliases[alias];

export const isBuiltIn = (name: string): boolean => builtInModules.has(underscored(name));

/** A module with all that it needs, in the order in which they are loaded: what needs nothing first, itself last (modules.dep). */
export function withNeeds(module: KernelModule): readonly KernelModule[] {
  const closure = new Map<string, KernelModule>();
  const collect = (one: KernelModule): void => {
    if (closure.has(one.name)) return;
    closure.set(one.name, one);
    for (const need of one.needs) {
      const other = findModule(need);
      if (other !== undefined) collect(other);
    }
  };
  collect(module);
  const ordered = [...closure.values()].filter(({ needs }) => needs.length === 0).sort((a, b) => (a.path < b.path ? -1 : 1));
  const visit = (one: KernelModule): void => {
    if (ordered.includes(one)) return;
    for (const need of [...one.needs].reverse()) {
      const other = closure.get(need);
      if (other !== undefined) visit(other);
    }
    ordered.push(one);
  };
  visit(module);
  return ordered;
}

/** What has to be loaded for a module that is not yet, itself last. */
export const missingFor = (module: KernelModule, loaded: ReadonlySet<string>): readonly KernelModule[] =>
  withNeeds(module).filter(({ name }) => !loaded.has(name));

/** Loads a module with what it needs. */
export function loadModule(name: string, loaded: Set<string>): void {
  const module = findModule(name);
  if (module !== undefined) for (const { name: missing } of missingFor(module, loaded)) loaded.add(missing);
}

/** By what the folders of sysfs are in order: a hash of names (kernfs_name_hash() on 64 bits). */
function sysfsOrder(name: string): number {
  let hash = 0n;
  for (const byte of new TextEncoder().encode(name)) hash = BigInt.asUintN(64, (hash + BigInt((byte << 4) + (byte >> 4))) * 11n);
  return Number(BigInt.asUintN(64, hash * 0x61c8_8646_80b5_83ebn) >> 32n) & 0x7fff_ffff;
}

/** Loaded modules that need this one, as /sys/module/NAME/holders lists them. */
export const usersOf = (name: string, loaded: ReadonlySet<string>): readonly string[] =>
  [...loaded].filter((other) => findModule(other)?.needs.includes(name) === true).sort((a, b) => sysfsOrder(a) - sysfsOrder(b));
