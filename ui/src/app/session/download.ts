import type { Api } from '../../lib/api';
import type { SavedSession } from '../../lib/saved-sessions';
import { saveFile } from './save-file';

/** downloadSession saves the zip of a session. */
export async function downloadSession(api: Api, { id, token }: SavedSession): Promise<void> {
  saveFile(await api.exportSession(id, token), `parley-${id}.zip`);
}
