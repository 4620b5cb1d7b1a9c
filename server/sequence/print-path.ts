/** Places in a task sequence document as text, such as `children[1].children[0].action.imageId`. */

import type { NodePath } from './task-sequence.ts'

export function printNodePath(path: NodePath): string {
  return path.map((index) => `children[${index}]`).join('.')
}

/** For people, who count from 1: `2.1` is the first step of the second group. */
export function printPlace(path: NodePath): string {
  return path.map((index) => index + 1).join('.')
}

export function printActionField(path: NodePath, field: string): string {
  return `${printNodePath(path)}.action.${field}`
}

/** Unusual names are quoted and cut, because they came from outside. */
export function printMember(parent: string, name: string): string {
  if (!/^[a-z][a-z0-9]{0,59}$/i.test(name)) return `${parent}[${JSON.stringify(name.slice(0, 60))}]`
  return parent === '' ? name : `${parent}.${name}`
}
