/**
 * Which extra kernel arguments a boot image may carry (security B08). An allow-list: names that steer hardware and
 * consoles, and parameters of modules. What decides which program runs first (`init`, `rdinit`, `initrd`), and what
 * the server itself says (`reveille.…`, `BOOTIF`), is not on it. Values hold no space, quote or control character.
 */

export const kernelArgumentCharactersMax = 256
export const kernelArgumentsMax = 32

/** What is wrong with an argument, for the administrator who wrote it; undefined when it may be used. */
export function kernelArgumentFault(argument: string): string | undefined {
  if (argument.length > kernelArgumentCharactersMax) return `is longer than ${kernelArgumentCharactersMax} characters`
  const shape = /^([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)?)(?:=([A-Za-z0-9_.,:;/@%+=~-]*))?$/.exec(argument)
  const name = shape?.[1]
  if (name === undefined) return 'is not of the form key or key=value with plain characters'
  if (allowedNames.has(name)) return undefined
  const [module, parameter] = name.split('.')
  if (parameter === undefined) return `${name} is not an argument that may be set`
  return module !== undefined && reservedModules.has(module.replaceAll('-', '_').toLowerCase())
    ? `${name} is set by the server itself`
    : undefined
}

/** The arguments that may be used. They were checked when stored; this is the last door before a script. */
export function allowedKernelArguments(args: readonly string[]): readonly string[] {
  return args.filter((argument) => kernelArgumentFault(argument) === undefined).slice(0, kernelArgumentsMax)
}

/** `reveille.` belongs to the agent; `rd.` and `systemd.` steer what an init runs. */
const reservedModules: ReadonlySet<string> = new Set(['reveille', 'rd', 'systemd', 'init', 'rdinit'])

/** Names of the kernel's own parameters (Documentation/admin-guide/kernel-parameters.txt) that help a machine start. */
const allowedNames: ReadonlySet<string> = new Set(
  `acpi acpi_backlight acpi_enforce_resources acpi_osi acpi_rev_override amd_iommu apic apm biosdevname clocksource
  console consoleblank crashkernel debug dis_ucode_ldr earlycon earlyprintk edd efi fbcon hpet idle ignore_loglevel
  intel_idle.max_cstate intel_iommu intel_pstate iommu irqpoll lapic libata.force log_buf_len loglevel maxcpus mce mem
  memmap mitigations net.ifnames nmi_watchdog noacpi noapic noefi nohpet nolapic nomodeset nopti nosmt nosplash nox2apic
  nvme_core.default_ps_max_latency_us panic pci pcie_aspm pcie_ports plymouth.enable pnpacpi processor.max_cstate
  quiet random.trust_cpu reboot rootdelay splash swiotlb tsc usbcore.autosuspend vga video`
    .split(/\s+/)
    .filter((name) => name !== ''),
)
