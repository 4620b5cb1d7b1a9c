/** What the person at the command line can do something about; printed without a stack. */

export class CliError extends Error {
  override readonly name = 'CliError'
}
