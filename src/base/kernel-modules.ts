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

/** What has to be loaded for a module that is not yet, itself last. */
export function missingFor(module: KernelModule, loaded: ReadonlySet<string>): readonly KernelModule[] {
  const missing: KernelModule[] = [];
  const visit = (one: KernelModule): void => {
    if (loaded.has(one.name) || missing.includes(one)) return;
    for (const need of one.needs) {
      const other = findModule(need);
      if (other !== undefined && !missing.some(({ name }) => name === other.name)) visit(other);
    }
    missing.push(one);
  };
  visit(module);
  return missing;
}

/** Loads a module with what it needs. */
export function loadModule(name: string, loaded: Set<string>): void {
  const module = findModule(name);
  if (module !== undefined) for (const { name: missing } of missingFor(module, loaded)) loaded.add(missing);
}

/** Loaded modules that need this one. */
export const usersOf = (name: string, loaded: ReadonlySet<string>): readonly string[] =>
  [...loaded].filter((other) => findModule(other)?.needs.includes(name) === true);
