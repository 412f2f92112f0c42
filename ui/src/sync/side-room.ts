import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { Person } from '../lib/api';
import { PeopleRecord } from './people-record';
import { PresentPeople } from './presence';
import { RoomConnection } from './room-connection';
import { boundNestedTypes } from './nested-types';
import { watchNetwork } from './network-watch';

boundNestedTypes();

export interface SideRoomOptions {
  sessionId: string;
  /** Which document of the session: the lobby, or the interviewers' notes. */
  name: 'lobby' | 'notes';
  participant: Person;
  token: string | null;
  /** The page's address; the socket goes to the same host. */
  location?: Pick<Location, 'protocol' | 'host'>;
}

/**
 * SideRoom is a document beside the session's main one, with its own connection. Nothing of it
 * passes through the main document, and the server admits only people with a right to it.
 */
export class SideRoom {
  readonly doc = new Y.Doc();
  readonly awareness = new Awareness(this.doc);
  readonly people: PresentPeople;
  readonly connection: RoomConnection;
  readonly self: Person;
  readonly #stopWatching: () => void;

  constructor({ sessionId, name, participant, token, location = window.location }: SideRoomOptions) {
    this.self = participant;
    const { id, name: who, color, role } = participant;
    this.awareness.setLocalState({ user: { id, name: who, color, role } });
    this.people = new PresentPeople(this.awareness, id, new PeopleRecord(participant, token === null));
    this.connection = new RoomConnection({
      url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/sessions`,
      room: `${encodeURIComponent(sessionId)}/${name}`,
      token,
      doc: this.doc,
      awareness: this.awareness,
    });
    this.#stopWatching = watchNetwork(this.connection);
  }

  /** The interviewers' notes; empty in the lobby. */
  get text(): Y.Text {
    return this.doc.getText('notes');
  }

  dispose(): void {
    this.#stopWatching();
    this.connection.dispose();
    this.people.dispose();
    this.awareness.destroy();
    this.doc.destroy();
  }
}
