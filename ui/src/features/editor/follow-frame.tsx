import { UnstyledButton } from '@mantine/core';
import { X } from 'lucide-react';
import { useEffect } from 'react';
import { useFocusAfter } from '../../components/use-focus-after';
import { inkOn } from '../../lib/colors';
import { TEXTS } from '../../lib/texts';
import { useReadable } from '../../lib/use-readable';
import type { PresentPerson } from '../../sync/presence';
import type { Room } from '../../sync/room';
import { changesMode } from './vim-mode';
import './follow-frame.css';

/** FollowFrame is the frame around the editor while it follows another person. */
export function FollowFrame({ room }: { room: Room }) {
  const { following } = room;
  const id = useReadable(following);
  const people = useReadable(room.people);
  const person = people.find((one) => one.id === id && !one.self);
  const gone = id !== null && !person;

  useEffect(() => {
    if (gone) following.stop();
  }, [gone, following]);
  useEffect(() => {
    if (id === null) return undefined;
    const stop = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !changesMode(event)) following.stop();
    };
    // In the capture phase, because the tooltip of the button that was just pressed handles Escape
    // too.
    window.addEventListener('keydown', stop, { capture: true });
    return () => window.removeEventListener('keydown', stop, { capture: true });
  }, [id, following]);

  return (
    <>
      <span role="status" className="visually-hidden">
        {person ? TEXTS.editor.following(person.name) : ''}
      </span>
      {person && <Frame person={person} onStop={() => following.stop()} />}
    </>
  );
}

function Frame({ person, onStop }: { person: PresentPerson; onStop: () => void }) {
  const frame = useFocusAfter<HTMLDivElement>();
  return (
    <div
      ref={frame}
      className="follow-frame"
      style={{ '--person': person.color, '--person-ink': inkOn(person.color) } as React.CSSProperties}
    >
      <UnstyledButton
        className="follow-pill"
        aria-label={`${TEXTS.editor.following(person.name)}. ${TEXTS.editor.followingStop}`}
        onClick={onStop}
      >
        <span className="follow-name">{TEXTS.editor.following(person.name)}</span>
        <kbd>Esc</kbd>
        <X size={13} aria-hidden="true" />
      </UnstyledButton>
    </div>
  );
}
