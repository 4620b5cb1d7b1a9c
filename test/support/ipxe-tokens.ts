/**
 * Reads an iPXE script the way iPXE's own shell does (its exec.c and script.c), written apart from the printer so that
 * the two can disagree: lines, backslash joins, labels, words at white space, `#` comments, `||` and `&&`.
 */

export interface IpxeCommand {
  readonly words: readonly string[]
  /** What follows the command on its line. */
  readonly operator: '||' | '&&' | 'end'
}

export interface IpxeScriptReading {
  readonly commands: readonly IpxeCommand[]
  readonly labels: readonly string[]
}

export function readIpxeScript(script: string): IpxeScriptReading {
  const commands: IpxeCommand[] = []
  const labels: string[] = []
  for (const line of script.replaceAll(/\\\r?\n/g, '').split('\n')) {
    if (/^\s*:/.test(line)) labels.push(line.trim().slice(1))
    else commands.push(...readLine(line))
  }
  return { commands, labels }
}

function readLine(line: string): readonly IpxeCommand[] {
  const commands: IpxeCommand[] = []
  let words: string[] = []
  for (const word of line.split(/[\s\0]+/u).filter((text) => text !== '')) {
    if (word.startsWith('#')) break
    if (word === '||' || word === '&&') {
      commands.push({ words, operator: word })
      words = []
    } else {
      words.push(word)
    }
  }
  if (words.length > 0) commands.push({ words, operator: 'end' })
  return commands
}

/** Names of commands and operators only: what a script does, whatever the texts in it. */
export function outline(script: string): string {
  const { commands, labels } = readIpxeScript(script)
  const steps = commands.map(({ words, operator }) => `${words[0] ?? ''} ${operator}`)
  return [...steps, ...labels].join('\n')
}
