import { Button, UnstyledButton } from '@mantine/core';
import { Eye } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { TEXTS } from '../../../lib/texts';
import type { Run } from '../../../sync/runs';
import { PagePreview } from './page-preview';
import classes from './output-panel.module.css';

/** What a page of others says is for the browser that ran it. */
const ignore = () => undefined;

/**
 * OthersPage shows the page of a run of somebody else when this person asks for it. The page is
 * inert until it is pressed, and again once the focus is elsewhere: it cannot take the keyboard.
 */
export function OthersPage({ run }: { run: Run }) {
  const [shown, setShown] = useState(false);
  const [used, setUsed] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!used) return undefined;
    place.current?.querySelector('iframe')?.focus();
    const rest = ({ target }: Event) => {
      if (target instanceof Node && place.current?.contains(target)) return;
      setUsed(false);
    };
    document.addEventListener('focusin', rest);
    document.addEventListener('pointerdown', rest);
    return () => {
      document.removeEventListener('focusin', rest);
      document.removeEventListener('pointerdown', rest);
    };
  }, [used]);
  if (!shown) {
    return (
      <div className={classes.askPage}>
        <span>{TEXTS.run.showPageLead}</span>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<Eye size={14} />}
          onClick={() => setShown(true)}
        >
          {TEXTS.run.showPage}
        </Button>
      </div>
    );
  }
  return (
    <div ref={place} className={classes.othersPage}>
      <div inert={!used} className={classes.othersFrame}>
        <PagePreview run={run} onPage={ignore} />
      </div>
      {!used && (
        <UnstyledButton
          className={classes.usePage}
          aria-label={TEXTS.run.usePage}
          title={TEXTS.run.usePage}
          onClick={() => setUsed(true)}
        />
      )}
    </div>
  );
}
