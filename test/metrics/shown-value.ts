/** One number of what Prometheus is shown. */

/** Undefined: it is not there. `name` is with its labels, as it is shown. */
export function valueOf(text: string, name: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.slice(name.length + 1))
}
