import { ActionIcon, Menu } from '@mantine/core';
import { Bookmark, Download, EllipsisVertical, LogOut, MoonStar, PencilLine, Square } from 'lucide-react';
import { useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { LazyConfirm } from '../../../components/lazy-confirm';
import { lazyDialog } from '../../../components/lazy-dialog';
import { TEXTS } from '../../../lib/texts';
import type { Leading } from '../use-leading';
import type { Remembering } from '../use-remembering';

export interface SessionMenuProps {
  title: string;
  leading: Leading | null;
  /** Missing where there is nothing to download. */
  download: (() => Promise<void>) | null;
  remembering: Pick<Remembering, 'mark' | 'quiet'>;
}

const FailureDialog = lazyDialog(
  async () => (await import('../../../components/failure-dialog')).FailureDialog,
);
const RenameDialog = lazyDialog(async () => (await import('./rename-dialog')).RenameDialog);

const T = TEXTS.session;

/** SessionMenu holds the actions on the session as a whole, which are rarely needed. */
export function SessionMenu({ title, leading, download, remembering }: SessionMenuProps) {
  const [dialog, setDialog] = useState<'rename' | 'end' | 'failed' | null>(null);
  const [failure, setFailure] = useState<unknown>();
  const button = useRef<HTMLButtonElement>(null);
  const navigate = useNavigate();
  const close = () => setDialog(null);
  const attempt = (act: () => Promise<void>) => () =>
    void act().catch((error: unknown) => {
      setFailure(error);
      setDialog('failed');
    });
  return (
    <>
      <Menu position="bottom-end" width={220} shadow="xl" withinPortal>
        <Menu.Target>
          <ActionIcon ref={button} variant="subtle" color="gray" size={30} aria-label={T.menu}>
            <EllipsisVertical size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {remembering.mark && (
            <Menu.Item
              leftSection={<Bookmark size={15} />}
              rightSection={<kbd>{T.markKeys}</kbd>}
              onClick={remembering.mark}
            >
              {T.mark}
            </Menu.Item>
          )}
          {remembering.quiet && (
            <Menu.Item leftSection={<MoonStar size={15} />} onClick={attempt(remembering.quiet)}>
              {T.quiet}
            </Menu.Item>
          )}
          {leading && (
            <Menu.Item leftSection={<PencilLine size={15} />} onClick={() => setDialog('rename')}>
              {T.rename}
            </Menu.Item>
          )}
          {download && (
            <Menu.Item leftSection={<Download size={15} />} onClick={attempt(download)}>
              {T.download}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<LogOut size={15} />} onClick={() => void navigate('/')}>
            {T.leave}
          </Menu.Item>
          {leading && <Menu.Divider />}
          {leading && (
            <Menu.Item color="red" leftSection={<Square size={15} />} onClick={() => setDialog('end')}>
              {T.end}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <FailureDialog opened={dialog === 'failed'} failure={failure} onClose={close} returnTo={button} />
      {leading && (
        <>
          <LazyConfirm
            opened={dialog === 'end'}
            title={T.endTitle}
            lead={T.endLead}
            confirm={T.endConfirm}
            onConfirm={leading.end}
            onClose={close}
            returnTo={button}
          />
          <RenameDialog
            opened={dialog === 'rename'}
            title={title}
            onRename={leading.rename}
            onClose={close}
            returnTo={button}
          />
        </>
      )}
    </>
  );
}
