/**
 * How long is waited and how much is kept: all times and bounds of the client.
 *
 * They stand in a file that imports nothing, because only from there a bundler puts the numbers where they are used.
 */

/** Longer than any of the server's own deadlines, so that its 503 arrives and not our impatience. */
export const answerTimeoutMs = 15_000;
/** A stream whose head takes longer is held up on the way. */
export const headTimeoutMs = 10_000;
/** A server writes `retry:` with the head; without a byte by then, something on the way holds the stream up. */
export const firstByteMs = 6000;
/** A stream is dead after this many heartbeats of silence. */
export const silentHeartbeats = 2.5;
/** After this many it may be: whoever comes back does not wait for it any longer. */
export const lateHeartbeats = 1.5;
/** How often silence is looked for; also how late a laptop's wake is noticed. */
export const lookMs = 3000;
/** A stream that breaks within this time was of no use. */
export const usefulAfterMs = 5000;

export const pollWaitSeconds = 20;
/** A poll that takes longer may be dead. */
export const livelyPollMs = 25_000;
/** After how long of polling the stream is tried again; doubled each time it is in vain. */
export const firstTrialMs = 60_000;
export const lastTrialMs = 900_000;

/** The longest wait between two tries is doubled from here with each failure, … */
export const firstBackoffMs = 1000;
/** … up to here. */
export const lastBackoffMs = 30_000;
/** Whatever a server asks for, nobody waits longer; beyond 2^31 timers would fire at once. */
export const longestSleepMs = 3_600_000;

/** How long another tab may need to get a new session's cookie after the old one has ended. */
export const otherTabMs = 1000;
/** Clients send what they have within this time after the store has come back. */
export const storeBackMs = 2000;
/** How often a name is asked for again that was one's own before. */
export const nameInUseTries = 5;
/** Sessions created by the client itself, in a row, without one working: then it is not chance. */
export const maxFutileSessions = 3;

/** More than this many unsent messages are refused: nobody is reading them. */
export const maxOutbox = 50;
/** If more than this many events wait for a loop, all of them become a gap. */
export const maxWaiting = 10_000;
/** A line or an event longer than this is no chat room. A roster of 2,000 takes 300 kB. */
export const maxBufferedChars = 8_388_608;
/** A longer body, in characters, does not outlive the page: of what does, browsers take no more than 64 KiB. */
export const maxKeptAlive = 20_000;
/** How many events are asked for at once; the most a server gives. */
export const pageSize = 1000;
