import { Tabs } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ended } from '../../lib/texts/ended';
import classes from './ended-page.module.css';

/** EndedFile is one file as it was at the end. */
export interface EndedFile {
  id: string;
  name: string;
  language: string;
  text: string;
}

export interface EndedFilesProps {
  files: readonly EndedFile[];
  /** Draws the code of one file. */
  render: (file: EndedFile) => ReactNode;
}

/** EndedFiles shows the code that was written, file by file. */
export function EndedFiles({ files, render }: EndedFilesProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const file = files.find(({ id }) => id === chosen) ?? files[0];
  if (!file) return null;
  return (
    <Tabs className={classes.files} value={file.id} onChange={setChosen} keepMounted={false}>
      <Tabs.List aria-label={ended.files} className={classes.fileTabs}>
        {files.map(({ id, name }) => (
          <Tabs.Tab key={id} value={id}>
            {name}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={file.id} className={classes.code}>
        {file.text === '' ? <p className={classes.empty}>{ended.emptyFile}</p> : render(file)}
      </Tabs.Panel>
    </Tabs>
  );
}
