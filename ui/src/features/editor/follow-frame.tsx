import { UnstyledButton } from '@mantine/core';
import { X } from 'lucide-react';
import { useEffect } from 'react';
import { inkOn } from '../../lib/colors';
import { TEXTS } from '../../lib/texts';
import { useReadable } from '../../lib/use-readable';
import type { Room } from '../../sync/room';
import './follow-frame.css';

/** FollowFrame is drawn around the editor while it shows what another person looks at. */
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
    const stop = (event: KeyboardEvent) => event.key === 'Escape' && following.stop();
    window.addEventListener('keydown', stop);
    return () => window.removeEventListener('keydown', stop);
  }, [id, following]);

  return (
    <>
      <span role="status" className="visually-hidden">
        {person ? TEXTS.editor.following(person.name) : ''}
      </span>
      {person && (
        <div
          className="follow-frame"
          style={{ '--person': person.color, '--person-ink': inkOn(person.color) } as React.CSSProperties}
        >
          <UnstyledButton
            className="follow-pill"
            aria-label={`${TEXTS.editor.following(person.name)}. ${TEXTS.editor.followingStop}`}
            onClick={() => following.stop()}
          >
            <span className="follow-name">{TEXTS.editor.following(person.name)}</span>
            <kbd>Esc</kbd>
            <X size={13} aria-hidden="true" />
          </UnstyledButton>
        </div>
      )}
    </>
  );
}
