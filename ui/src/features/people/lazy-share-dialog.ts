import { lazyDialog } from '../../components/lazy-dialog';

/** ShareDialog, loaded when the page is calm. */
export const LazyShareDialog = lazyDialog(async () => (await import('./share-dialog')).ShareDialog);
