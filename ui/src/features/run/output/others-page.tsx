import { Button, UnstyledButton } from '@mantine/core';
import { Eye } from 'lucide-react';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { TEXTS } from '../../../lib/texts';
import type { Run } from '../../../sync/runs';
import { PagePreview } from './page-preview';
import classes from './output-panel.module.css';

/** How often one looks where the focus is, in milliseconds. */
const LOOK_MS = 100;

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
  useEffect(() => (shown && !used ? keepFocusOutOf(place) : undefined), [shown, used]);
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

/**
 * keepFocusOutOf gives the focus back when a frame in there takes it. An inert frame can still call
 * window.focus(). It returns the end of this.
 */
function keepFocusOutOf(place: RefObject<HTMLElement | null>): () => void {
  let last: Element | null = document.activeElement;
  const note = ({ target }: FocusEvent) => {
    if (target instanceof Element && !place.current?.contains(target)) last = target;
  };
  const giveBack = () => {
    if (place.current?.contains(document.activeElement) && last instanceof HTMLElement) last.focus();
  };
  document.addEventListener('focusin', note);
  window.addEventListener('blur', giveBack);
  const watch = setInterval(giveBack, LOOK_MS); // not every browser tells of a blur to a frame
  return () => {
    document.removeEventListener('focusin', note);
    window.removeEventListener('blur', giveBack);
    clearInterval(watch);
  };
}
