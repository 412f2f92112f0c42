import { lazyDialog } from './lazy-dialog';

/** ConfirmDialog, loaded when the page is calm. */
export const LazyConfirm = lazyDialog(async () => (await import('./confirm-dialog')).ConfirmDialog);
