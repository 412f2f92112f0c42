/** Id of the element that shows the file of the chosen tab. */
export const FILE_PANEL = 'file-panel';

export function tabId(fileId: string): string {
  return `file-tab-${fileId}`;
}

/** Selects the tab of the file that is shown. */
export const ACTIVE_TAB = `[role=tab][aria-controls=${FILE_PANEL}][aria-selected=true]`;
