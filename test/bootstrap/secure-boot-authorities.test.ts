/** Names of whom firmware trusts, from signature databases as firmware keeps them, whole and damaged. */

import { Buffer } from 'node:buffer'
import * as fc from 'fast-check'
import test from 'ava'
import { certificatesIn, readSecureBootAuthorities } from '../../bootstrap/secure-boot-authorities.ts'
import { makeTree } from './make-tree.ts'

/** Made for this test, with the names below. */
const certificates = [
  'MIIBhTCCATegAwIBAgIUE713OqVTGQZX2NeXDWaeO3Xy1qswBQYDK2VwMDcxCzAJBgNVBAYTAlhYMQ0wCwYDVQQKDARUZXN0MRkwFwYDVQQDDBBUZXN0IEF1dGhvcml0eSBBMCAXDTI2MTEyMzE2NDYyOVoYDzIxMjYxMDMwMTY0NjI5WjA3MQswCQYDVQQGEwJYWDENMAsGA1UECgwEVGVzdDEZMBcGA1UEAwwQVGVzdCBBdXRob3JpdHkgQTAqMAUGAytlcAMhADt1+C3H1FNuNmt7Q6U6nmY9saFEPvyLfIs5lslQhYX9o1MwUTAdBgNVHQ4EFgQU/b69i2greWCmivkJMhmn66b2e1gwHwYDVR0jBBgwFoAU/b69i2greWCmivkJMhmn66b2e1gwDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQC4h9i/jEFcG9WXEeoOop8Mya3fxReLH4crF/to3/K5ZP2ZegYEYcuKmeP54wUMA0xhJJ+Gz+8I0R3h7q+GDp8K',
  'MIIBhTCCATegAwIBAgIUYTUd2Krpew6MJ1NtKm9QaR0xUo0wBQYDK2VwMDcxCzAJBgNVBAYTAlhYMQ0wCwYDVQQKDARUZXN0MRkwFwYDVQQDDBBUZXN0IEF1dGhvcml0eSBCMCAXDTI2MTEyMzE2NDYyOVoYDzIxMjYxMDMwMTY0NjI5WjA3MQswCQYDVQQGEwJYWDENMAsGA1UECgwEVGVzdDEZMBcGA1UEAwwQVGVzdCBBdXRob3JpdHkgQjAqMAUGAytlcAMhALvAxEF4qMQOLj4fybpCAIPtorBfs3hEs85wCAosWjOEo1MwUTAdBgNVHQ4EFgQU1lOvWSkCzNu0tEcfJM/CuHRg8vEwHwYDVR0jBBgwFoAU1lOvWSkCzNu0tEcfJM/CuHRg8vEwDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQAObP+bImjmTT2YlK/6MJdvm57/FV3iG78wu7B7BgYFo29HrBwkwDRGaYXJ0D3P2DJS74sCzg435Fj1D4RB/lEN',
].map((text) => Buffer.from(text, 'base64'))

const x509 = Buffer.from('a159c0a5e494a74a87b5ab155c2bf072', 'hex')
const sha256Hash = Buffer.from('2616c4c14c509240aca941f936934328', 'hex')
const owner = Buffer.alloc(16, 7)

function list(type: Buffer, signatures: readonly Buffer[], header = Buffer.alloc(0)): Buffer {
  const size = 16 + (signatures[0]?.length ?? 0)
  const sizes = Buffer.alloc(12)
  sizes.writeUInt32LE(28 + header.length + size * signatures.length, 0)
  sizes.writeUInt32LE(header.length, 4)
  sizes.writeUInt32LE(size, 8)
  return Buffer.concat([type, sizes, header, ...signatures.map((octets) => Buffer.concat([owner, octets]))])
}

const database = Buffer.concat([
  list(sha256Hash, [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]),
  ...certificates.map((der) => list(x509, [der])),
])

const variable = 'sys/firmware/efi/efivars/db-d719b2cb-3d3a-4596-a3bc-dad00e67656f'
const attributes = Buffer.of(0x27, 0, 0, 0)

test('the certificates in the signature database are named, hashes between them are not', async (t) => {
  const root = await makeTree(t, { [variable]: Buffer.concat([attributes, database]) })
  t.deepEqual(await readSecureBootAuthorities(root), ['Test Authority A', 'Test Authority B'])
  const nothing = await makeTree(t, { 'sys/class/dmi/id/sys_vendor': 'QEMU' })
  t.deepEqual(await readSecureBootAuthorities(nothing), [])
})

test('lists with a header, and several certificates of one size in one list, are read', (t) => {
  const [one, other] = certificates
  if (one === undefined || other === undefined) return t.fail('there are two')
  t.deepEqual(certificatesIn(list(x509, [one, other], Buffer.alloc(9))), [one, other])
  return undefined
})

test('a damaged database, cut off or changed anywhere, ends and names no more than it has', async (t) => {
  const change = fc.tuple(fc.nat(database.length - 1), fc.nat(255), fc.nat(database.length))
  fc.assert(
    fc.property(change, ([at, value, length]) => {
      const damaged = Buffer.from(database)
      damaged[at] = value
      const found = certificatesIn(damaged.subarray(0, length))
      return found.every((der) => der.length > 0) && found.length <= length
    }),
  )
  const root = await makeTree(t, { [variable]: Buffer.concat([attributes, list(x509, [Buffer.alloc(300, 0x30)])]) })
  t.deepEqual(await readSecureBootAuthorities(root), [], 'what is no certificate has no name')
})
