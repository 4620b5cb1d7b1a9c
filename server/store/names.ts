/** How names of site objects are compared: case-blind, and blind to how a letter with marks was typed. */

export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase().trim()
}
