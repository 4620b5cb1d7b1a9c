/** What keeps a distribution point from starting, as a sentence for its administrator. */

export class DistributionPointError extends Error {
  override readonly name = 'DistributionPointError'
}
