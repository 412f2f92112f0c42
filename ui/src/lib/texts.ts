import { beside } from './texts/beside';
import { connection } from './texts/connection';
import { editor } from './texts/editor';
import { files } from './texts/files';
import { lobby } from './texts/lobby';
import { people } from './texts/people';
import { problems } from './texts/problems';
import { room } from './texts/room';
import { run } from './texts/run';
import { session } from './texts/session';
import { settings } from './texts/settings';
import { share } from './texts/share';
import { tests } from './texts/tests';

/**
 * Every text that a person reads, in one place: to be kept in one voice, and to be translated. One
 * file for each part of the product, in texts/.
 */
export const TEXTS = {
  appName: 'Parley',
  lobby,
  problems,
  room,
  editor,
  files,
  settings,
  connection,
  people,
  beside,
  session,
  share,
  tests,
  run,
} as const;
