/** Why a made-up machine did not come through: a short reason, which failures are counted by. */

export class LoadError extends Error {
  override readonly name = 'LoadError'
}
