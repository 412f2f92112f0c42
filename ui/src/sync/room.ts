import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { Person } from '../lib/api';
import { ActiveFile } from './active-file';
import { watchActivity } from './activity';
import { MAIN_FILE, SharedFiles } from './files';
import { Following } from './following';
import { watchNetwork } from './network-watch';
import { boundNestedTypes } from './nested-types';
import { PeopleRecord } from './people-record';
import { PresentPeople, tellQuiet } from './presence';
import { RoomConnection } from './room-connection';
import { RunAuthors } from './run-authors';
import { SharedRuns } from './runs';
import { SharedTests } from './tests';

boundNestedTypes();

export interface RoomOptions {
  sessionId: string;
  participant: Person;
  token: string | null;
  /** The page's address; the socket goes to the same host. */
  location?: Pick<Location, 'protocol' | 'host'>;
}

/**
 * Room is this browser's side of one session: the document, the people, and the connection that
 * keeps both in step. Its maker has to dispose of it.
 */
export class Room {
  readonly doc = new Y.Doc();
  readonly awareness = new Awareness(this.doc);
  readonly people: PresentPeople;
  readonly files: SharedFiles;
  /** The file that this browser shows. */
  readonly active: ActiveFile;
  readonly following = new Following();
  readonly runs: SharedRuns;
  readonly authors: RunAuthors;
  readonly tests: SharedTests;
  readonly connection: RoomConnection;
  #self: Person;
  readonly #stopWatching: () => void;
  readonly #stopActivity: () => void;

  constructor({ sessionId, participant, token, location = window.location }: RoomOptions) {
    this.#self = participant;
    const { id, name, color, role } = participant;
    this.awareness.setLocalState({ user: { id, name, color, role }, file: MAIN_FILE, selection: null });
    this.people = new PresentPeople(this.awareness, id, new PeopleRecord(participant, token === null));
    this.files = new SharedFiles(this.doc);
    this.active = new ActiveFile(this.doc, this.awareness, this.files);
    this.runs = new SharedRuns(this.doc);
    this.authors = new RunAuthors(this.awareness, id, sessionId);
    this.tests = new SharedTests(this.doc);
    this.connection = new RoomConnection({
      url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/sessions`,
      room: encodeURIComponent(sessionId),
      token,
      doc: this.doc,
      awareness: this.awareness,
    });
    this.#stopWatching = watchNetwork(this.connection);
    this.#stopActivity = watchActivity(this.awareness);
  }

  get self(): Person {
    return this.#self;
  }

  /** became changes this person's name, colour or role. */
  became(person: Person): void {
    const { id, name, color, role } = person;
    this.#self = person;
    this.awareness.setLocalStateField('user', { id, name, color, role });
  }

  /** changedRecord makes the others ask the server for the record of the session. */
  changedRecord(): void {
    tellQuiet(this.awareness);
  }

  dispose(): void {
    this.#stopWatching();
    this.#stopActivity();
    this.connection.dispose();
    this.people.dispose();
    this.active.dispose();
    this.files.dispose();
    this.runs.dispose();
    this.authors.dispose();
    this.tests.dispose();
    this.awareness.destroy();
    this.doc.destroy();
  }
}
