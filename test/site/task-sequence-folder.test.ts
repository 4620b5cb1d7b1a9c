/** Where a folder may stand: no circles, and not too deep. */

import test from 'ava'
import type { TaskSequenceFolderId } from '../../server/address/identifiers.ts'
import { folderDepthMax, type TaskSequenceFolder, whyNotThere } from '../../server/site/task-sequence-folder.ts'

const folder = (id: number, parent?: number): TaskSequenceFolder => ({
  id: String(id) as TaskSequenceFolderId,
  name: `Folder ${id}`,
  ...(parent === undefined ? {} : { parentId: String(parent) as TaskSequenceFolderId }),
  revision: 1,
})
/** 1 is in the root, 2 in 1, 3 in 2 … */
const chain = (length: number) =>
  Array.from({ length }, (_, index) => folder(index + 1, index === 0 ? undefined : index))

test('S1-099: a folder stands in the root or in another folder that is there', (t) => {
  t.is(whyNotThere([], folder(1)), undefined)
  t.is(whyNotThere(chain(1), folder(2, 1)), undefined)
  t.regex(whyNotThere(chain(1), folder(2, 7)) ?? '', /folder 7 does not exist/)
})

test('S1-099: a folder is never in itself, however far down', (t) => {
  const three = chain(3)
  t.regex(whyNotThere(three, folder(1, 1)) ?? '', /into itself/)
  t.regex(whyNotThere(three, folder(1, 2)) ?? '', /into itself/)
  t.regex(whyNotThere(three, folder(1, 3)) ?? '', /into itself/)
  t.is(whyNotThere(three, folder(3, 1)), undefined)
  t.is(whyNotThere(three, folder(2)), undefined)
})

test('a folder and all below it have room', (t) => {
  t.is(whyNotThere(chain(folderDepthMax - 1), folder(99, folderDepthMax - 1)), undefined)
  t.regex(whyNotThere(chain(folderDepthMax), folder(99, folderDepthMax)) ?? '', /at most 10 deep/)
  const withTwoBelow = [...chain(folderDepthMax - 2), folder(50), folder(51, 50), folder(52, 51)]
  t.is(whyNotThere(withTwoBelow, folder(50, folderDepthMax - 3)), undefined)
  t.regex(whyNotThere(withTwoBelow, folder(50, folderDepthMax - 2)) ?? '', /at most 10 deep/)
})
