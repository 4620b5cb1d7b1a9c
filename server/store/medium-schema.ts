/** The tables of media (schema.ts). */

import type { DeviceId } from '../address/identifiers.ts'
import type { MediumId } from '../contract/medium.ts'
import type { JsonText } from './json-text.ts'
import type { Medium } from './media-port.ts'

export interface MediumSchema {
  media: {
    id: MediumId
    created_at_ms: number
    /** What was settled when it was made. */
    definition: JsonText<MediumDefinition>
    description: string
    /** Octets of Variables.dat, base64. */
    variables: string
    revoked_at_ms: number | null
    revoked_by: string | null
    published_until_ms: number | null
  }
  medium_uses: {
    medium_id: MediumId
    lane: string
    device_id: DeviceId | null
    machine_name: string
    ip_address: string
    /** Of the agent that was heard last. */
    identity_key: string
    first_at_ms: number
    last_at_ms: number
    starts: number
  }
}

export type MediumDefinition = Omit<Medium, 'id' | 'createdAtMs' | 'description' | 'revoked' | 'publishedUntilMs'>
