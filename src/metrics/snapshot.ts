/**
 * The server as it is at one moment, by one walk over rooms, sessions and streams: some 0.5 µs for each of them, so that
 * asking often must not cost more than asking once a second.
 */

import type { StoreFigures } from '../core/store.ts';
import { RoomLabels } from './room-labels.ts';
import type { MetricSources } from './sources.ts';

/** Of a room, or of all those without figures of their own. */
export interface RoomFigures {
  pull: number;
  push: number;
  roster: number;
  memberStreams: number;
  feedStreams: number;
  events: number;
  bytes: number;
}

export interface Snapshot {
  readonly takenAt: number;
  readonly byRoom: ReadonlyMap<string, RoomFigures>;
  readonly rooms: number;
  readonly sessions: { readonly pull: number; readonly push: number; readonly reserved: number };
  readonly polls: number;
  readonly streams: ReturnType<MetricSources['streams']['survey']>;
  readonly store: StoreFigures | undefined;
  readonly openDescriptors: number | undefined;
}

const freshMs = 1_000;

export class Snapshots {
  readonly #sources: MetricSources;
  readonly #labels: RoomLabels;
  #latest: Snapshot | undefined;

  constructor(sources: MetricSources) {
    this.#sources = sources;
    this.#labels = new RoomLabels(sources.rooms.configured);
  }

  /** The latest, if it is no older than a second, or a new one. */
  async take(): Promise<Snapshot> {
    const openDescriptors = this.#isFresh() ? undefined : await this.#sources.openDescriptors();
    if (!this.#latest || !this.#isFresh()) this.#latest = this.#look(openDescriptors);
    return this.#latest;
  }

  #isFresh(): boolean {
    return this.#latest !== undefined && this.#sources.clock.monotonic() - this.#latest.takenAt < freshMs;
  }

  #look(openDescriptors: number | undefined): Snapshot {
    const { clock, rooms, registry, streams, store } = this.#sources;
    const loaded = rooms.loaded();
    this.#labels.update(new Map(loaded.map(({ name, log }) => [name, log.roster.size])));
    const byRoom = new Map<string, RoomFigures>();
    for (const name of this.#labels.named) byRoom.set(name, noFigures());
    const figuresOf = (room: string): RoomFigures => {
      const label = this.#labels.of(room);
      const figures = byRoom.get(label) ?? noFigures();
      byRoom.set(label, figures);
      return figures;
    };
    for (const { name, log } of loaded) {
      const figures = figuresOf(name);
      figures.roster += log.roster.size;
      figures.events += log.length;
      figures.bytes += log.bytes;
    }
    const sessions = { pull: 0, push: 0, reserved: 0 };
    for (const { room, delivery, isJoined } of registry.sessions()) {
      sessions[isJoined ? delivery : 'reserved'] += 1;
      if (isJoined) figuresOf(room)[delivery] += 1;
    }
    const survey = streams.survey();
    for (const [room, { members, feed }] of survey.byRoom) {
      const figures = figuresOf(room);
      figures.memberStreams += members;
      figures.feedStreams += feed;
    }
    return {
      takenAt: clock.monotonic(),
      byRoom,
      rooms: loaded.length,
      sessions,
      polls: streams.polls,
      streams: survey,
      store: store.figures?.(),
      openDescriptors,
    };
  }
}

function noFigures(): RoomFigures {
  return { pull: 0, push: 0, roster: 0, memberStreams: 0, feedStreams: 0, events: 0, bytes: 0 };
}
