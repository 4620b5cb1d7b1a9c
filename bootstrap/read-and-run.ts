/**
 * How an interpreter is started that gets its text on standard input, where no list of processes shows it (A08). The text
 * finds an empty standard input, as it would behind `sh -c`, no positional parameters, and itself in no variable. Without
 * `cat` nothing runs, and the command fails.
 */

import type { RunCommandLine } from '../server/sequence/step-types/run-command-line.ts'

const inShell = `reveille_line=$(cat) || exit
set -- "$reveille_line"
unset reveille_line
exec </dev/null
eval "shift; $1"`

/** The argument after `-c`. */
export const readAndRun = {
  sh: inShell,
  bash: inShell,
  python3: `import os, sys
code = compile(sys.stdin.read(), "<command line>", "exec")
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
exec(code, {"__name__": "__main__"})`,
} as const satisfies Record<RunCommandLine['shell'], string>
