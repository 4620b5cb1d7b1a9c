/**
 * Boot files as netascii texts, converted once and shared by all transfers: the length must be known before the first
 * block, so a whole text is in memory, and clients that ask again and again must not make more of them (security C10).
 * The text that was not asked for the longest goes first.
 */

import { netasciiBytesMax, toNetascii } from '../tftp/netascii.ts'
import type { BootFile } from './boot-file-source.ts'

/** At worst 8 MiB: conversion doubles a text of line feeds. */
const textsMax = 64

export class NetasciiTexts {
  readonly #texts = new Map<string, Promise<Uint8Array>>()

  /** Closes the file. Undefined: too large to be a text. */
  async convert(file: BootFile): Promise<BootFile | undefined> {
    try {
      if (file.bytes > netasciiBytesMax) return undefined
      const text = await this.#textOf(file)
      return {
        bytes: text.length,
        version: `${file.version} netascii`,
        read: (offset, length) => text.subarray(offset, offset + length),
        close: () => undefined,
      }
    } finally {
      file.close()
    }
  }

  async #textOf(file: BootFile): Promise<Uint8Array> {
    const text = this.#texts.get(file.version) ?? readText(file)
    this.#texts.delete(file.version)
    this.#texts.set(file.version, text)
    const oldest = this.#texts.keys().next()
    if (this.#texts.size > textsMax && !oldest.done) this.#texts.delete(oldest.value)
    try {
      return await text
    } catch (error) {
      this.#texts.delete(file.version)
      throw error
    }
  }
}

async function readText(file: BootFile): Promise<Uint8Array> {
  return toNetascii(await file.read(0, file.bytes))
}
