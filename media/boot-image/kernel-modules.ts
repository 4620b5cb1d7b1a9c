/**
 * Chooses kernel modules and writes the tables by which `modprobe` finds them (modules.dep(5); kmod's depmod).
 * What a module needs, answers to and wants as firmware is in its own `.modinfo` section, so no tool of the
 * image's architecture has to run here. Symbol tables are not written: busybox does not ask for them.
 */

import { elfSection } from './elf.ts'

export interface KernelModule {
  /** Path below `/lib/modules/<release>/`, such as `kernel/fs/ext4/ext4.ko`. */
  readonly path: string
  readonly name: string
  /** Names of the modules it uses directly. */
  readonly depends: readonly string[]
  /** Modules that should be there first, though nothing links to them. */
  readonly softDepends: readonly string[]
  /** Patterns such as `pci:v00001AF4d00001000sv*`. */
  readonly aliases: readonly string[]
  readonly firmware: readonly string[]
}

export function decodeKernelModule(path: string, bytes: Uint8Array): KernelModule {
  const section = elfSection(bytes, '.modinfo') ?? new Uint8Array()
  const pairs = new TextDecoder().decode(section).split('\0')
  const values = (key: string): string[] =>
    pairs.filter((pair) => pair.startsWith(`${key}=`)).map((pair) => pair.slice(key.length + 1))
  return {
    path,
    name: moduleName(path),
    depends: values('depends')
      .flatMap((list) => list.split(','))
      .filter((name) => name !== '')
      .map(canonical),
    softDepends: values('softdep').flatMap(softDependencies),
    aliases: values('alias'),
    firmware: values('firmware'),
  }
}

/** The modules whose path starts with a prefix (and with no excluded one), and all that they need. */
export function selectModules(
  all: readonly KernelModule[],
  selection: { readonly include: readonly string[]; readonly exclude: readonly string[] },
): KernelModule[] {
  const byName = new Map(all.map((module) => [module.name, module]))
  const chosen = new Map<string, KernelModule>()
  const queue = all.filter(
    ({ path }) =>
      selection.include.some((prefix) => path.startsWith(`kernel/${prefix}`)) &&
      !selection.exclude.some((prefix) => path.startsWith(`kernel/${prefix}`)),
  )
  for (let module = queue.pop(); module !== undefined; module = queue.pop()) {
    if (chosen.has(module.name)) continue
    chosen.set(module.name, module)
    for (const name of [...module.depends, ...module.softDepends]) {
      // A dependency that is no file is built into the kernel.
      const needed = byName.get(name)
      if (needed !== undefined) queue.push(needed)
    }
  }
  return [...chosen.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** `modules.dep`: each module and everything it needs; modprobe loads the line from its end to its start. */
export function printModuleDependencies(modules: readonly KernelModule[]): string {
  const byName = new Map(modules.map((module) => [module.name, module]))
  return modules
    .map(
      (module) =>
        `${module.path}:${neededInOrder(module, byName)
          .map(({ path }) => ` ${path}`)
          .join('')}\n`,
    )
    .join('')
}

/** `modules.alias`: from what the kernel says of a device to the module that drives it. */
export function printModuleAliases(modules: readonly KernelModule[]): string {
  return modules.flatMap((module) => module.aliases.map((alias) => `alias ${alias} ${module.name}\n`)).join('')
}

/** Users before what they use: reversed post-order of the walk over dependencies. */
function neededInOrder(module: KernelModule, byName: ReadonlyMap<string, KernelModule>): KernelModule[] {
  const done = new Set<KernelModule>()
  const visit = (current: KernelModule): void => {
    for (const name of current.depends) {
      const needed = byName.get(name)
      if (needed !== undefined && !done.has(needed)) visit(needed)
    }
    done.add(current)
  }
  visit(module)
  done.delete(module)
  return [...done].reverse()
}

/** `pre: crc32c post: other` names modules after each word with a colon. */
function softDependencies(value: string): string[] {
  return value
    .split(/\s+/)
    .filter((word) => word !== '' && !word.endsWith(':'))
    .map(canonical)
}

function moduleName(path: string): string {
  return canonical(path.slice(path.lastIndexOf('/') + 1).replace(/\.ko$/, ''))
}

/** Files are named with either sign, the kernel knows only the underscore. */
function canonical(name: string): string {
  return name.replaceAll('-', '_')
}
