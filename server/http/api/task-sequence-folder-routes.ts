/** `/task-sequence-folders`: the folders that task sequences stand in. */

import { z } from 'zod'
import { folderNameCharactersMax, type TaskSequenceFolder } from '../../site/task-sequence-folder.ts'
import type { Store } from '../../store/ports.ts'
import { label, taskSequenceFolderId } from './fields.ts'
import { objectRoutes } from './object-routes.ts'
import type { ApiRoute } from './route.ts'

const folderDraft = z
  .strictObject({
    name: label(folderNameCharactersMax).min(1),
    parentId: taskSequenceFolderId.exactOptional().meta({ description: 'Absent: it stands in the root' }),
  })
  .meta({ id: 'TaskSequenceFolderDraft' })

const folderView = z
  .object({ id: z.string(), name: z.string(), parentId: z.string().optional(), revision: z.number().int() })
  .meta({ id: 'TaskSequenceFolder' })

export function taskSequenceFolderRoutes({ taskSequenceFolders }: Store): readonly ApiRoute[] {
  return objectRoutes({
    path: 'task-sequence-folders',
    noun: 'folder of task sequences',
    objects: taskSequenceFolders,
    id: taskSequenceFolderId,
    draft: folderDraft,
    view: folderView,
    show: (folder: TaskSequenceFolder) => folder,
    complete: async (sent) => sent,
  })
}
