import { Button } from '@mantine/core';
import { FileArchive, FolderOpen } from 'lucide-react';
import { useRef, useState, type DragEvent } from 'react';
import { Logo } from '../../components/logo';
import { replay } from '../../lib/texts/replay';
import classes from './drop-page.module.css';

const T = replay.drop;

export interface DropPageProps {
  /** From 0 to 1 while a file is read. */
  busy: number | null;
  /** Why the last file was not opened. */
  failure: string | null;
  onFile: (file: File) => void;
}

/** DropPage takes an exported interview from this device. */
export function DropPage({ busy, failure, onFile }: DropPageProps) {
  const field = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (files: FileList | null) => {
    const file = files?.[0];
    if (file) onFile(file);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  const hover = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  return (
    <div className={classes.page} onDragOver={hover} onDragLeave={() => setOver(false)} onDrop={drop}>
      <header className={classes.header}>
        <Logo />
      </header>
      <main className={classes.main}>
        <h1 className={classes.title}>{T.title}</h1>
        <p className={classes.lead}>{T.lead}</p>
        <div className={classes.zone} data-over={over || undefined}>
          <FileArchive size={30} aria-hidden="true" />
          <p className={classes.zoneText}>{busy === null ? T.zone : T.busy(Math.round(busy * 100))}</p>
          <Button
            leftSection={<FolderOpen size={16} />}
            loading={busy !== null}
            onClick={() => field.current?.click()}
          >
            {T.choose}
          </Button>
          <input
            ref={field}
            type="file"
            accept=".zip,application/zip"
            className="visually-hidden"
            aria-label={T.choose}
            tabIndex={-1}
            onChange={(event) => {
              take(event.currentTarget.files);
              event.currentTarget.value = '';
            }}
          />
        </div>
        {failure && (
          <p role="alert" className={classes.failure}>
            {failure}
          </p>
        )}
        <p className={classes.hint}>{T.offline}</p>
      </main>
    </div>
  );
}
