import type { Api } from '../../lib/api';
import type { SavedSession } from '../../lib/saved-sessions';

/** downloadSession saves the zip of a session, as the browser saves any file. */
export async function downloadSession(api: Api, { id, token }: SavedSession): Promise<void> {
  saveZip(id, await api.exportSession(id, token));
}

/** saveZip saves the zip of a session that is here already. */
export function saveZip(id: string, zip: Blob): void {
  const url = URL.createObjectURL(zip);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = `parley-${id}.zip`;
  anchor.click();
  // By then the browser holds the file itself.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
