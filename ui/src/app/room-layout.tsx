import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Group, Panel, Separator, useDefaultLayout } from 'react-resizable-panels';
import { TEXTS } from '../lib/texts';
import classes from './room-layout.module.css';

export interface RoomLayoutProps {
  top: ReactNode;
  editor: ReactNode;
  side: ReactNode;
  status: ReactNode;
  children?: ReactNode;
}

/** Below this the output stands under the editor. */
const WIDE = '(min-width: 820px)';

/** RoomLayout divides the screen; the division is remembered in this browser, for each shape of screen. */
export function RoomLayout({ top, editor, side, status, children }: RoomLayoutProps) {
  const wide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });
  return (
    <div className={classes.room}>
      {top}
      <main className={classes.main} aria-label={TEXTS.room.mainArea}>
        <Split key={wide ? 'wide' : 'narrow'} wide={wide} editor={editor} side={side} />
      </main>
      {status}
      {children}
    </div>
  );
}

function Split({ wide, editor, side }: { wide: boolean; editor: ReactNode; side: ReactNode }) {
  const id = wide ? 'parley:layout:wide' : 'parley:layout:narrow';
  const layout = useDefaultLayout({ id, panelIds: ['editor', 'output'] });
  return (
    <Group orientation={wide ? 'horizontal' : 'vertical'} className={classes.group} {...layout}>
      <Panel
        id="editor"
        defaultSize={wide ? '64%' : '62%'}
        minSize={wide ? '320px' : '140px'}
        className={classes.editor}
      >
        {editor}
      </Panel>
      <Separator className={classes.separator} data-wide={wide} aria-label={TEXTS.room.layoutSeparator} />
      <Panel id="output" minSize={wide ? '240px' : '96px'}>
        {side}
      </Panel>
    </Group>
  );
}
