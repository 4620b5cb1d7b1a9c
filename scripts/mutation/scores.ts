/** The scores of a run over mutants, file by file, as text. */

export interface JudgedMutant {
  readonly file: string
  /** Stryker's word: Killed, Timeout, Survived, NoCoverage, Ignored, RuntimeError, CompileError, Pending. */
  readonly status: string
}

/** Files with their noticed and unnoticed mutants, the worst first, and the whole at the end. */
export function printScores(mutants: readonly JudgedMutant[]): string {
  const files = Map.groupBy(mutants, ({ file }) => file)
  const rows = [...files].map(([file, own]) => ({ ...scoreOf(own), file }))
  const sorted = rows.toSorted((first, second) => first.score - second.score || first.file.localeCompare(second.file))
  return [...sorted, { ...scoreOf(mutants), file: 'all' }].map(printRow).join('\n')
}

/** The engine is the part that everything rests on; 84.1 % were noticed when this bound was drawn (server/README.md). */
const scoreMin = 80

/** Why a run over the whole engine is no success, or undefined. A run over single files proves nothing about the whole. */
export function whyTooLow(mutants: readonly JudgedMutant[]): string | undefined {
  const { score, noticed, unnoticed } = scoreOf(mutants)
  if (noticed + unnoticed === 0) return 'No change was made, so nothing is known.'
  if (score >= scoreMin) return undefined
  return `Only ${(Math.floor(score * 10) / 10).toFixed(1)} % of the changes were noticed; ${scoreMin} % are wanted.`
}

interface Score {
  readonly score: number
  readonly noticed: number
  readonly endless: number
  readonly unnoticed: number
  readonly unreached: number
  readonly ignored: number
}

function scoreOf(mutants: readonly JudgedMutant[]): Score {
  const count = (status: string): number => mutants.filter((mutant) => mutant.status === status).length
  const endless = count('Timeout')
  const noticed = count('Killed') + endless
  const unreached = count('NoCoverage')
  const unnoticed = count('Survived') + unreached
  const score = noticed + unnoticed === 0 ? 100 : (100 * noticed) / (noticed + unnoticed)
  return { score, noticed, endless, unnoticed, unreached, ignored: count('Ignored') }
}

function printRow({
  file,
  score,
  noticed,
  endless,
  unnoticed,
  unreached,
  ignored,
}: Score & { readonly file: string }): string {
  return `${score.toFixed(1).padStart(6)} %  ${file}: ${noticed} noticed (${endless} by an endless loop), ${unnoticed} not (${unreached} never reached), ${ignored} left out`
}
