import { ActionIcon, Tooltip } from '@mantine/core';
import { Settings } from 'lucide-react';
import { useRef, useState } from 'react';
import { lazily } from '../../components/lazily';
import { TEXTS } from '../../lib/texts';

const { Component: SettingsDialog, preload } = lazily(
  async () => (await import('./settings-dialog')).SettingsDialog,
);

/** SettingsButton opens the settings; they are loaded when they are wanted. */
export function SettingsButton() {
  const [state, setState] = useState<'never' | 'open' | 'closed'>('never');
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Tooltip label={TEXTS.settings.title} withArrow openDelay={300}>
        <ActionIcon
          ref={button}
          variant="subtle"
          color="gray"
          size={32}
          aria-label={TEXTS.settings.title}
          aria-haspopup="dialog"
          onPointerEnter={preload}
          onClick={() => setState('open')}
        >
          <Settings size={17} aria-hidden="true" />
        </ActionIcon>
      </Tooltip>
      {state !== 'never' && (
        <SettingsDialog opened={state === 'open'} onClose={() => setState('closed')} returnTo={button} />
      )}
    </>
  );
}
