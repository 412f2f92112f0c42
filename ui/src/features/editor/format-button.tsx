import { ActionIcon, Tooltip } from '@mantine/core';
import { WandSparkles } from 'lucide-react';
import { languageLabel } from '../../lib/languages';
import { TEXTS } from '../../lib/texts';
import { canFormat } from './formatting';

/** FormatButton formats the shown file. Where the language has no formatter, the button says so. */
export function FormatButton({ language, onFormat }: { language: string; onFormat: (() => void) | null }) {
  const able = canFormat(language);
  const hint = able ? TEXTS.editor.formatHint : TEXTS.editor.formatMissing(languageLabel(language));
  return (
    <Tooltip label={hint} withArrow openDelay={200} events={{ hover: true, focus: true, touch: true }}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={28}
        aria-label={able ? TEXTS.editor.format : hint}
        // Not disabled: a disabled button cannot tell why.
        aria-disabled={!able || !onFormat}
        data-disabled={!able || undefined}
        onClick={() => able && onFormat?.()}
      >
        <WandSparkles size={15} aria-hidden="true" />
      </ActionIcon>
    </Tooltip>
  );
}
