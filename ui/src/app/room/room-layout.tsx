import type { ReactNode } from 'react';
import { Group, Panel, Separator, useDefaultLayout } from 'react-resizable-panels';
import { TEXTS } from '../../lib/texts';
import classes from './room-layout.module.css';

export interface RoomLayoutProps {
  top: ReactNode;
  /** Between the bar and the rest: what everybody must see now. */
  notice?: ReactNode;
  /**
   * The column at the left of the editor, with problem, notes and people. On a narrow screen it
   * covers the editor. undefined or false: no column.
   */
  side?: ReactNode;
  /** Whether the screen is wide enough for columns. */
  wide: boolean;
  /** The navigation at the bottom of a narrow screen. */
  nav?: ReactNode;
  /** The files, above the editor. */
  tabs?: ReactNode;
  editor: ReactNode;
  output: ReactNode;
  status: ReactNode;
  children?: ReactNode;
}

/**
 * RoomLayout divides the screen into slots; the division is remembered in this browser, for each
 * shape of screen.
 */
export function RoomLayout({ top, notice, status, nav, children, side, wide, ...parts }: RoomLayoutProps) {
  const slots = { ...parts, side: wide ? side : undefined };
  const shape = wide ? 'wide' : 'narrow';
  return (
    <div className={classes.room}>
      <div>
        {top}
        {notice}
      </div>
      <main className={classes.main} aria-label={TEXTS.room.mainArea} tabIndex={-1}>
        <Split key={shape} shape={shape} wide={wide} {...slots} />
        {!wide && side && <div className={classes.sheet}>{side}</div>}
      </main>
      {wide ? status : nav}
      {children}
    </div>
  );
}

type Slots = Pick<RoomLayoutProps, 'side' | 'tabs' | 'editor' | 'output'>;

function Split({ shape, wide, side, tabs, editor, output }: Slots & { shape: string; wide: boolean }) {
  const panelIds = side ? ['side', 'editor', 'output'] : ['editor', 'output'];
  const layout = useDefaultLayout({ id: `parley:layout:${shape}`, panelIds });
  return (
    <Group orientation={wide ? 'horizontal' : 'vertical'} className={classes.group} {...layout}>
      {side && (
        <>
          <Panel id="side" defaultSize={wide ? '24%' : '30%'} minSize={wide ? '240px' : '96px'}>
            {side}
          </Panel>
          <Separator className={classes.separator} data-wide={wide} aria-label={TEXTS.room.sideSeparator} />
        </>
      )}
      <Panel
        id="editor"
        defaultSize={side ? '46%' : wide ? '64%' : '62%'}
        minSize={wide ? '320px' : '140px'}
        className={classes.editorPanel}
      >
        {tabs}
        <div className={classes.editor}>{editor}</div>
      </Panel>
      <Separator className={classes.separator} data-wide={wide} aria-label={TEXTS.room.layoutSeparator} />
      <Panel id="output" minSize={wide ? '240px' : '96px'}>
        {output}
      </Panel>
    </Group>
  );
}
