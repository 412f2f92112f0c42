import { ActionIcon, Tooltip } from '@mantine/core';
import { Settings } from 'lucide-react';
import { Suspense, lazy, useState } from 'react';
import { TEXTS } from '../../lib/texts';

const SettingsDialog = lazy(() =>
  import('./settings-dialog').then((module) => ({ default: module.SettingsDialog })),
);

/** SettingsButton opens the settings; they are loaded when they are wanted. */
export function SettingsButton() {
  const [state, setState] = useState<'never' | 'open' | 'closed'>('never');
  return (
    <>
      <Tooltip label={TEXTS.settings.title} withArrow openDelay={300}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={32}
          aria-label={TEXTS.settings.title}
          aria-haspopup="dialog"
          onClick={() => setState('open')}
        >
          <Settings size={17} aria-hidden="true" />
        </ActionIcon>
      </Tooltip>
      {state !== 'never' && (
        <Suspense fallback={null}>
          <SettingsDialog opened={state === 'open'} onClose={() => setState('closed')} />
        </Suspense>
      )}
    </>
  );
}
