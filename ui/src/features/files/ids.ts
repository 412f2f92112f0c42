/** Id of the element that shows the file of the chosen tab. */
export const FILE_PANEL = 'file-panel';

export function tabId(fileId: string): string {
  return `file-tab-${fileId}`;
}
